//! The tables of OpenAPI's own objects: of 3.0, and what 3.1 added.

use super::Form::{Any, Flag, List, Map, Names, Text};
use super::Reading::{Compared, Flag as WhereTrue, NotUnderstood, Nothing, Plain};
use super::{Form, Object, Reading, row};

const PROSE: Reading = Nothing("words for people; where telling ones come or go, that is a hint");
const SAMPLE: Reading = Nothing("a sample; what it shows is described elsewhere");
const LINKED: Reading = Nothing("a link to words for people");
const SERVERS: Reading = Compared("one place for each URL that users may choose");

pub(crate) const DOCUMENT: Object = &[
    row("openapi", Text, Nothing("3.0 and 3.1 are read as one; other versions are refused")),
    row("info", Map, Nothing("it is about the document; the API's version is a header")),
    row("jsonSchemaDialect", Text, Nothing("keywords of another dialect are told one by one")),
    row("servers", List, SERVERS),
    row("paths", Map, Compared("operation by operation")),
    row("webhooks", Map, Compared("as what the API sends, by name")),
    row("components", Map, Compared("where a `$ref` or a requirement of security names it; the rest has no effect")),
    row("security", List, Compared("where an operation has none of its own")),
    row("tags", List, Nothing("chapters of the documentation")),
    row("externalDocs", Map, LINKED),
];

pub(crate) const SERVER: Object = &[
    row("url", Text, Compared("without capitals in its host, the usual port and a slash at its end")),
    row("description", Text, PROSE),
    row("variables", Map, Compared("one URL for each value of a variable that lists its values")),
];

pub(crate) const SERVER_VARIABLE: Object = &[
    row("enum", Names, Compared("one URL for each value")),
    row("default", Text, Compared("as the URL that is taken unless a user chooses")),
    row("description", Text, PROSE),
];

pub(crate) const PATH_ITEM: Object = &[
    row("$ref", Text, Compared("followed")),
    row("summary description", Text, PROSE),
    row("get put post delete options head patch trace", Map, Compared("as an operation")),
    row("servers", List, SERVERS),
    row("parameters", List, Compared("as those of each operation, which go before them")),
];

pub(crate) const OPERATION: Object = &[
    row("tags", List, Nothing("chapters of the documentation")),
    row("summary description", Text, PROSE),
    row("externalDocs", Map, LINKED),
    row("operationId", Text, Nothing("a name for generators; ours are our own")),
    row("parameters", List, Compared("by where they stand and their name")),
    row("requestBody", Map, Compared("by media type, then field by field")),
    row("responses", Map, Compared("by status, then by media type, then field by field")),
    row("callbacks", Map, Compared("as what the API sends, by name")),
    row("deprecated", Flag, Compared("a place of its own")),
    row("security", List, Compared("one place for each thing that proves who calls")),
    row("servers", List, SERVERS),
];

pub(crate) const PARAMETER: Object = &[
    row("name", Text, Compared("the place; in a header, without capitals")),
    row("in", Text, Compared("the place")),
    row("description", Text, PROSE),
    row("required", Flag, Compared("an attribute")),
    row("deprecated allowEmptyValue allowReserved", Flag, WhereTrue),
    row("style", Text, Compared("where it is not the usual one of its place")),
    row("explode", Flag, Compared("where it is not what its style means anyway")),
    row("schema", Form::Schema, Compared("as a schema")),
    row("content", Map, Compared("as a schema, with its media type")),
    row("example examples", Any, SAMPLE),
];

pub(crate) const HEADER: Object = &[
    row("description", Text, PROSE),
    row("required deprecated", Flag, WhereTrue),
    row("allowEmptyValue allowReserved", Flag, Nothing("only the query has it")),
    row("style", Text, Compared("where it is not `simple`, which is the only one that a header may have")),
    row("explode", Flag, Compared("where it is not what its style means anyway")),
    row("schema", Form::Schema, Compared("as a schema")),
    row("content", Map, Compared("as a schema, with its media type")),
    row("example examples", Any, SAMPLE),
];

pub(crate) const REQUEST_BODY: Object = &[
    row("description", Text, PROSE),
    row("content", Map, Compared("by media type, without its `charset`")),
    row("required", Flag, Compared("an attribute")),
];

pub(crate) const MEDIA_TYPE: Object = &[
    row("schema", Form::Schema, Compared("as a schema")),
    row("encoding", Map, Compared("one attribute for each keyword of a field")),
    row("example examples", Any, SAMPLE),
];

pub(crate) const ENCODING: Object = &[
    row("contentType style", Text, Plain),
    row("explode allowReserved", Flag, Plain),
    row("headers", Map, NotUnderstood),
];

pub(crate) const RESPONSE: Object = &[
    row("description", Text, PROSE),
    row("headers", Map, Compared("by name, without capitals; `Content-Type` has no effect by OpenAPI")),
    row("content", Map, Compared("by media type, without its `charset`")),
    row("links", Map, Nothing("what one might call next; nothing of it is on the wire")),
];

pub(crate) const SECURITY_SCHEME: Object = &[
    row("type", Text, Compared("an attribute, and the place")),
    row("description", Text, PROSE),
    row("name", Text, Compared("the place; in a header, without capitals")),
    row("in scheme", Text, Compared("the place")),
    row("bearerFormat", Text, Nothing("a hint at what a token looks like inside")),
    row("flows", Map, Compared("one attribute for each keyword of a flow")),
    row("openIdConnectUrl", Text, Plain),
];

pub(crate) const OAUTH_FLOWS: Object =
    &[row("implicit password clientCredentials authorizationCode", Map, Compared("keyword by keyword"))];

pub(crate) const OAUTH_FLOW: Object = &[
    row("authorizationUrl tokenUrl refreshUrl", Text, Plain),
    row("scopes", Map, Compared("the names; their sentences are for people")),
];
