//! The tables: OpenAPI 3.0, the additions of 3.1, and JSON Schema from draft 4 (close to OpenAPI 3.0) to 2020-12 (used by 3.1).

use super::Form::{Any, Flag, List, Map, Named, Names, Number, NumberOrFlag, Schema, Schemas, Text, Types};
use super::Reading::{Compared, NotUnderstood, Nothing, Plain};
use super::{Object, row};

/// Keywords that every object may have.
pub(super) const EVERYWHERE: Object = &[
    row("summary description", Text, Nothing("prose; a change of its signal words is a hint")),
    row("externalDocs", Map, Nothing("a link to prose")),
    row("example examples", Any, Nothing("a sample; the schema describes its value")),
];

pub(crate) const DOCUMENT: Object = &[
    row("openapi", Text, Nothing("3.0 and 3.1 are read as one; other versions are refused")),
    row("info", Map, Nothing("about the document; the API's version is a header")),
    row("jsonSchemaDialect", Text, Nothing("keywords of another dialect are reported one by one")),
    row("servers security", List, Compared),
    row("paths webhooks components", Map, Compared),
    row("tags", List, Nothing("chapters of the documentation")),
];

pub(crate) const SERVER: Object = &[row("url", Text, Compared), row("variables", Map, Compared)];

pub(crate) const SERVER_VARIABLE: Object = &[row("enum", Names, Compared), row("default", Text, Compared)];

pub(crate) const PATH_ITEM: Object = &[
    row("$ref", Text, Compared),
    row("get put post delete options head patch trace", Map, Compared),
    row("servers parameters", List, Compared),
];

pub(crate) const OPERATION: Object = &[
    row("tags", List, Nothing("chapters of the documentation")),
    row("operationId", Text, Nothing("a name for generators; ours differ")),
    row("parameters security servers", List, Compared),
    row("requestBody responses callbacks", Map, Compared),
    row("deprecated", Flag, Plain),
];

pub(crate) const PARAMETER: Object = &[
    row("name in style", Text, Compared),
    row("required explode", Flag, Compared),
    row("deprecated allowEmptyValue allowReserved", Flag, Plain),
    row("schema", Schema, Compared),
    row("content", Map, Compared),
];

pub(crate) const HEADER: Object = &[
    row("required deprecated", Flag, Plain),
    row("allowEmptyValue allowReserved", Flag, Nothing("only the query has it")),
    row("style", Text, Compared),
    row("explode", Flag, Compared),
    row("schema", Schema, Compared),
    row("content", Map, Compared),
];

pub(crate) const REQUEST_BODY: Object = &[row("content", Map, Compared), row("required", Flag, Compared)];

pub(crate) const MEDIA_TYPE: Object = &[row("schema", Schema, Compared), row("encoding", Map, Compared)];

pub(crate) const ENCODING: Object = &[
    row("contentType style", Text, Plain),
    row("explode allowReserved", Flag, Plain),
    row("headers", Map, NotUnderstood),
];

pub(crate) const RESPONSE: Object =
    &[row("headers content", Map, Compared), row("links", Map, Nothing("possible next calls; nothing on the wire"))];

pub(crate) const SECURITY_SCHEME: Object = &[
    row("type name in scheme", Text, Compared),
    row("bearerFormat", Text, Nothing("a hint at the form of a token")),
    row("flows", Map, Compared),
    row("openIdConnectUrl", Text, Plain),
];

pub(crate) const OAUTH_FLOWS: Object = &[row("implicit password clientCredentials authorizationCode", Map, Compared)];

pub(crate) const OAUTH_FLOW: Object =
    &[row("authorizationUrl tokenUrl refreshUrl", Text, Plain), row("scopes", Map, Compared)];

pub(crate) const SCHEMA: Object = &[
    row("$ref format contentEncoding contentMediaType", Text, Compared),
    row("allOf anyOf oneOf", Schemas, Compared),
    row("type", Types, Compared),
    row("nullable readOnly writeOnly", Flag, Compared),
    row("enum", List, Compared),
    row("const", Any, Compared),
    row("default", Any, Plain),
    row("deprecated", Flag, Plain),
    row("maximum minimum", Number, Compared),
    row("exclusiveMaximum exclusiveMinimum", NumberOrFlag, Compared),
    row("multipleOf maxLength minLength maxItems minItems maxProperties minProperties", Number, Plain),
    row("pattern", Text, Plain),
    row("uniqueItems", Flag, Plain),
    row("properties", Named, Compared),
    row("required", Names, Compared),
    row("dependentRequired discriminator", Map, Compared),
    row("items additionalProperties unevaluatedProperties", Schema, Compared),
    row("not if then else propertyNames additionalItems", Schema, NotUnderstood),
    row("unevaluatedItems contains contentSchema", Schema, NotUnderstood),
    row("dependentSchemas patternProperties", Named, NotUnderstood),
    row("dependencies $recursiveAnchor", Any, NotUnderstood),
    row("prefixItems", Schemas, NotUnderstood),
    row("minContains maxContains", Number, NotUnderstood),
    row("$id id $dynamicRef $dynamicAnchor $recursiveRef", Text, NotUnderstood),
    row("$vocabulary", Map, NotUnderstood),
    row("title $comment", Text, Nothing("prose")),
    row("xml", Map, Nothing("how it would look in XML; bodies are JSON")),
    row("$schema", Text, Nothing("keywords of another dialect are reported one by one")),
    row("$defs definitions", Map, Nothing("where a `$ref` names it, that is compared")),
    row("$anchor", Text, Nothing("a name for `$ref`s; one that uses it is refused")),
];

pub(crate) const DISCRIMINATOR: Object = &[row("propertyName", Text, Compared), row("mapping", Map, Compared)];
