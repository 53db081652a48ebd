//! The table of schemas: JSON Schema of draft 4, which OpenAPI 3.0 is near to, to 2020-12, which 3.1 is, and what OpenAPI added.

use super::Form::{Any, Flag, List, Map, Named, Names, Number, NumberOrFlag, Schema, Schemas, Text, Types};
use super::Reading::{Compared, NotUnderstood, Nothing, Plain};
use super::{Object, Reading, row};

const LIMIT: Reading = Plain;
const BOUND: Reading = Compared("as one limit with its sister, in the form of 3.0 or of 3.1");

pub(crate) const SCHEMA: Object = &[
    // What others say.
    row("$ref", Text, Compared("followed; what stands beside it counts, as 3.1 has it")),
    row("allOf", Schemas, Compared("everything that its parts say")),
    row("anyOf", Schemas, Compared("what at least one says, and what only some say as an attribute")),
    row("oneOf", Schemas, Compared("as `anyOf`")),
    // What it is.
    row("type", Types, Compared("an attribute; `null` is `nullable`")),
    row("nullable", Flag, Compared("an attribute")),
    row("enum", List, Compared("value by value, in any order")),
    row("const", Any, Compared("an `enum` of one value")),
    row("format", Text, Compared("an attribute")),
    row("contentEncoding", Text, Compared("an attribute; `base64` is `format: byte`")),
    row("contentMediaType", Text, Compared("an attribute; `application/octet-stream` is `format: binary`")),
    row("default", Any, Plain),
    row("deprecated", Flag, Reading::Flag),
    row("readOnly", Flag, Compared("a field that is none of a request; in an answer it means nothing")),
    row("writeOnly", Flag, Compared("a field that is none of an answer; in a request it means nothing")),
    // What it may be.
    row("maximum minimum", Number, BOUND),
    row("exclusiveMaximum exclusiveMinimum", NumberOrFlag, BOUND),
    row("multipleOf maxLength minLength maxItems minItems maxProperties minProperties", Number, LIMIT),
    row("pattern", Text, LIMIT),
    row("uniqueItems", Flag, LIMIT),
    // What it holds.
    row("properties", Named, Compared("field by field")),
    row("required", Names, Compared("an attribute of the field")),
    row("dependentRequired", Map, Compared("an attribute")),
    row("items", Schema, Compared("as a place `[]`")),
    row("additionalProperties", Schema, Compared("as a place `{}`; `false` is the attribute `closed`")),
    row("unevaluatedProperties", Schema, Compared("`false` is the attribute `closed`; a schema is not understood")),
    row("discriminator", Map, Compared("two attributes: the name, and which value means what")),
    // What we cannot judge.
    row(
        "not if then else propertyNames additionalItems unevaluatedItems contains contentSchema",
        Schema,
        NotUnderstood,
    ),
    row("dependentSchemas patternProperties", Named, NotUnderstood),
    row("dependencies $recursiveAnchor", Any, NotUnderstood),
    row("prefixItems", Schemas, NotUnderstood),
    row("minContains maxContains", Number, NotUnderstood),
    row("$id id $dynamicRef $dynamicAnchor $recursiveRef", Text, NotUnderstood),
    row("$vocabulary", Map, NotUnderstood),
    // What is not on the wire.
    row("title", Text, Nothing("a name for people")),
    row("description", Text, Nothing("words for people; where telling ones come or go, that is a hint")),
    row("$comment", Text, Nothing("words for authors")),
    row("example", Any, Nothing("a sample")),
    row("examples", Any, Nothing("samples")),
    row("externalDocs", Map, Nothing("a link to words for people")),
    row("xml", Map, Nothing("how it would look in XML; bodies are JSON")),
    row("$schema", Text, Nothing("keywords of another dialect are told one by one")),
    row("$defs definitions", Map, Nothing("where a `$ref` names it, that is compared")),
    row("$anchor", Text, Nothing("a name for `$ref`s; one that uses it is refused")),
];

pub(crate) const DISCRIMINATOR: Object = &[
    row("propertyName", Text, Compared("the attribute `discriminator`")),
    row("mapping", Map, Compared("the attribute `mapping`: which value means which schema, by the schema's last name")),
];
