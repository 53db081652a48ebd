//! Rules about limits and required fields of sent schemas, and about names in Rust.

use super::requests::check;
use crate::lint;
use crate::openapi::Spec;
use crate::tests::{edited, with_request};

fn is_clean(text: &str) {
    lint(&Spec::parse("s.yaml", text).unwrap()).unwrap();
}

#[test]
fn about_limits_that_are_not_checked() {
    let n = "n: { type: integer, minimum: 1,";
    let note = "note: { type: string, maxLength: 20,";
    let item = "/components/schemas/OrderParcelsItem/properties/n";
    let at = |key: &str| format!("/components/schemas/Order/{key}");
    for (old, new, pointer) in [
        (n, "n: { type: number, minimum: 1,", format!("{item}/minimum")),
        (n, "n: { type: integer, minimum: 1.5,", format!("{item}/minimum")),
        (n, "n: { type: integer, multipleOf: 2,", format!("{item}/multipleOf")),
        (n, "n: { type: integer, minimum: 1, exclusiveMinimum: true,", format!("{item}/exclusiveMinimum")),
        (n, "n: { type: integer, maxLength: 2,", format!("{item}/maxLength")),
        (note, "note: { type: string, maximum: 20,", at("properties/note/maximum")),
        (note, "note: { type: string, maxLength: 20.5,", at("properties/note/maxLength")),
        (
            note,
            "note: { type: array, items: { type: array, items: { type: string, pattern: '^a+b$' } },",
            at("properties/note/items/items/pattern"),
        ),
        (
            note,
            "note: { type: object, additionalProperties: { type: number, maximum: 3 },",
            at("properties/note/additionalProperties/maximum"),
        ),
        (note, "note: { type: object, maxProperties: 3,", at("properties/note/maxProperties")),
        (
            "colour: { allOf: [{ $ref: '#/components/schemas/Colour' }],",
            "colour: { maxLength: 3, allOf: [{ $ref: '#/components/schemas/Colour' }],",
            at("properties/colour/maxLength"),
        ),
        ("maxItems: 3", "uniqueItems: true", at("properties/parcels/uniqueItems")),
        ("description: An order.", "description: An order.\n      minProperties: 1", at("minProperties")),
        (
            "maxLength: 9, pattern: \"",
            "exclusiveMaximum: true, pattern: \"",
            "/paths/~1thing/get/parameters/1/schema/exclusiveMaximum".to_owned(),
        ),
    ] {
        check(&[(old, new, &pointer, "would not be checked before sending", "remove it")]);
    }
    // Limits of fields that are only read do not matter.
    is_clean(&with_request().replace("readOnly: true,", "readOnly: true, multipleOf: 3,"));
    is_clean(&edited("number: { type: integer,", "number: { type: integer, multipleOf: 3,"));
}

#[test]
fn about_numbers_that_are_not_checked() {
    let at = "/components/schemas/Order/properties/parcels/x-numbered-by";
    for (old, new) in [
        ("x-numbered-by: n", "x-numbered-by: ordre"),
        ("required: [n], ", ""),
        ("n: { type: integer, minimum: 1,", "n: { type: string,"),
        ("type: array\n          description: Parcels.", "type: string\n          description: Parcels."),
    ] {
        check(&[(old, new, at, "would not be checked", "that each item of the list requires")]);
    }
    is_clean(&with_request().replace("required: [n]", "x-required-when-sent: [n]"));
}

#[test]
fn about_fields_that_cannot_be_set() {
    check(&[
        (
            "required: [kind, colour, note]",
            "required: [kind, made]",
            "/components/schemas/Order/required/1",
            "`made` is `readOnly`",
            "only responses have",
        ),
        (
            "required: [kind, colour, note]",
            "x-required-when-sent: [made]",
            "/components/schemas/Order/x-required-when-sent/0",
            "`made` is `readOnly`",
            "only responses have",
        ),
        (
            "x-exactly-one-of: [ThingRef]",
            "x-not-in-new: [ThingRef]",
            "/components/schemas/Order/x-not-in-new/0",
            "the schema does not have this choice",
            "x-exactly-one-of",
        ),
    ]);
}

#[test]
fn about_arguments_that_cannot_be_compared() {
    let note = "note: { type: string, maxLength: 20,";
    let at = "/components/schemas/Order/properties/note";
    for (type_, field) in [
        ("array, items: { type: string }", "tags"),
        ("string, format: timestamp", "when"),
        ("string", "when"),
        ("boolean", "name"),
        ("object", "name"),
    ] {
        let new = format!("note: {{ type: {type_}, x-echoed-by: {field},");
        check(&[(note, &new, at, &format!("`note` and `{field}` cannot be compared"), "remove")]);
    }
    for (type_, field) in [("integer", "number"), ("string", "state"), ("string, format: uri", "secret")] {
        is_clean(&with_request().replace(note, &format!("note: {{ type: {type_}, x-echoed-by: {field},")));
    }
    // A time needs no `x-echoed-by`.
    let when = edited("name: thing_id", "name: when").replace("          x-echoed-by: name\n", "");
    is_clean(&when.replace(
        "schema: { type: string, minLength: 1, maxLength: 9, pattern: \"^[a-z]+$\", default: abc }",
        "schema: { type: string, format: timestamp }",
    ));
}

#[test]
fn about_names_that_are_taken() {
    let note = "        note: { type: string,";
    for name in ["is_blank", "differsFrom", "new", "thing_ref", "thingRef", "Kind"] {
        let new = format!("        {name}: {{ type: string, x-evidence: sample, description: N. }}\n{note}");
        let at = format!("/components/schemas/Order/properties/{name}");
        // Of two equal names, the later one is reported.
        let at = if name == "Kind" { "/components/schemas/Order/properties/kind" } else { &at };
        check(&[(note, &new, at, "cannot be the name of a method or field", "by hand")]);
    }
    for name in ["answer", "body", "send", "client", "new", "clone", "2nd"] {
        let new = format!("name: {name}\n          in: query");
        let at = "/paths/~1thing/get/parameters/1";
        let message = format!("`{name}` cannot be the name of an argument");
        check(&[("name: thing_id\n          in: query", &new, at, &message, "by hand")]);
    }
    for id in ["call", "request", "jsonBody"] {
        let at = "/paths/~1thing/get/operationId";
        check(&[("operationId: getThing", &format!("operationId: {id}"), at, "name of an operation", "another name")]);
    }
    for name in ["DocumentedError", "LifecycleRow", "String", "Option", "Route"] {
        let new = format!("x-rust-name: {name}");
        check(&[(
            "x-rust-name: State",
            &new,
            "/components/schemas/ThingCondition",
            "name of a type",
            "upper camel case",
        )]);
        let (new, at) = (format!("  {name}:\n"), format!("/x-exactly-one-of/{name}"));
        check(&[("  ThingRef:\n", &new, &at, "cannot be the name of a type", "rename it")]);
    }
    check(&[
        ("  ThingRef:\n", "  State:\n", "/x-exactly-one-of/State", "would both be `State`", "another name"),
        ("  ThingRef:\n", "  Thing:\n", "/x-exactly-one-of/Thing", "would both be `Thing`", "another name"),
    ]);
}
