//! The table of schemas: JSON Schema of draft 4, which OpenAPI 3.0 is near to, to 2020-12, which 3.1 is, and what OpenAPI added.

use super::Form::{Any, Flag, List, Map, Named, Names, Number, NumberOrFlag, Schema, Schemas, Text, Types};
use super::Reading::{Compared, NotUnderstood, Nothing, Plain};
use super::{Form, Reading, Row};

const fn row(keyword: &'static str, form: Form, reading: Reading) -> Row {
    Row { keyword, form, reading }
}

const LIMIT: Reading = Plain;
const BOUND: Reading = Compared("as one limit with its sister, in the form of 3.0 or of 3.1");

pub(super) const SCHEMA: &[Row] = &[
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
    row("maximum", Number, BOUND),
    row("exclusiveMaximum", NumberOrFlag, BOUND),
    row("minimum", Number, BOUND),
    row("exclusiveMinimum", NumberOrFlag, BOUND),
    row("multipleOf", Number, LIMIT),
    row("maxLength", Number, LIMIT),
    row("minLength", Number, LIMIT),
    row("pattern", Text, LIMIT),
    row("maxItems", Number, LIMIT),
    row("minItems", Number, LIMIT),
    row("uniqueItems", Flag, LIMIT),
    row("maxProperties", Number, LIMIT),
    row("minProperties", Number, LIMIT),
    // What it holds.
    row("properties", Named, Compared("field by field")),
    row("required", Names, Compared("an attribute of the field")),
    row("dependentRequired", Map, Compared("an attribute")),
    row("items", Schema, Compared("as a place `[]`")),
    row("additionalProperties", Schema, Compared("as a place `{}`; `false` is the attribute `closed`")),
    row("unevaluatedProperties", Schema, Compared("`false` is the attribute `closed`; a schema is not understood")),
    row("discriminator", Map, Compared("two attributes: the name, and which value means what")),
    // What we cannot judge.
    row("not", Schema, NotUnderstood),
    row("if", Schema, NotUnderstood),
    row("then", Schema, NotUnderstood),
    row("else", Schema, NotUnderstood),
    row("dependentSchemas", Named, NotUnderstood),
    row("dependencies", Any, NotUnderstood),
    row("patternProperties", Named, NotUnderstood),
    row("propertyNames", Schema, NotUnderstood),
    row("prefixItems", Schemas, NotUnderstood),
    row("additionalItems", Schema, NotUnderstood),
    row("unevaluatedItems", Schema, NotUnderstood),
    row("contains", Schema, NotUnderstood),
    row("minContains", Number, NotUnderstood),
    row("maxContains", Number, NotUnderstood),
    row("contentSchema", Schema, NotUnderstood),
    row("$id", Text, NotUnderstood),
    row("id", Text, NotUnderstood),
    row("$dynamicRef", Text, NotUnderstood),
    row("$dynamicAnchor", Text, NotUnderstood),
    row("$recursiveRef", Text, NotUnderstood),
    row("$recursiveAnchor", Any, NotUnderstood),
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
    row("$defs", Map, Nothing("where a `$ref` names it, that is compared")),
    row("definitions", Map, Nothing("where a `$ref` names it, that is compared")),
    row("$anchor", Text, Nothing("a name for `$ref`s; one that uses it is refused")),
];

pub(super) const DISCRIMINATOR: &[Row] = &[
    row("propertyName", Text, Compared("the attribute `discriminator`")),
    row("mapping", Map, Compared("the attribute `mapping`: which value means which schema, by the schema's last name")),
];
