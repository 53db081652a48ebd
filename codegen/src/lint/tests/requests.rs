//! Rules about what is sent: bodies, ids, choices, and the words by which errors are told apart.

use crate::lint;
use crate::openapi::Spec;
use crate::tests::{edited, with_request};

/// (what to replace, by what, the pointer of the finding, a part of its message, a part of its cure)
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    let whole = with_request();
    lint(&Spec::parse("s.yaml", &whole).unwrap()).unwrap();
    for (old, new, pointer, message, cure) in cases {
        assert!(whole.contains(old), "{old}");
        let error = lint(&Spec::parse("s.yaml", &whole.replacen(old, new, 1)).unwrap()).unwrap_err();
        let is_it = |f: &crate::Finding| f.pointer == *pointer && f.message.contains(message) && f.cure.contains(cure);
        let hit = error.findings().iter().any(|finding| is_it(finding) && finding.place.is_some());
        assert!(hit, "{old:?} -> {new:?}: no finding `{message}` at {pointer} in\n{error}");
    }
}

#[test]
fn about_bodies() {
    let body = "/paths/~1thing/post/requestBody";
    check(&[
        ("requestBody: { required: true, ", "requestBody: { ", body, "may be left out", "required: true"),
        ("schema: { $ref: '#/components/schemas/Order' }", "schema: { type: string }", body, "names no object", "$ref"),
        (
            "application/json: { schema: { $ref: '#/components/schemas/Order' } } }",
            "text/plain: {} }",
            body,
            "text/plain",
            "by hand",
        ),
        (
            "required: [kind, colour, note]",
            "required: [kind, hue]",
            "/components/schemas/Order/required/1",
            "no property `hue`",
            "correct",
        ),
        (
            "maxLength: 20",
            "pattern: '^a+b$'",
            "/components/schemas/Order/properties/note",
            "pattern of what is sent",
            "character class",
        ),
        (
            "        note: { type: string,",
            "        clone: { type: string, x-evidence: sample, description: N. }\n        note: { type: string,",
            "/components/schemas/Order/properties/clone",
            "name of a method",
            "by hand",
        ),
        (
            "x-echoed-by: name, ",
            "x-echoed-by: title, ",
            "/components/schemas/Order/properties/thing_id",
            "no field `title`",
            "success response",
        ),
        (
            "oneOf: [{ type: integer }, { type: string }]",
            "oneOf: [{ type: integer }, { type: boolean }]",
            "/components/schemas/Order/properties/pin",
            "alternatives",
            "oneOf",
        ),
        (
            "description: An order.",
            "description: An order.\n      x-means: lost",
            "/components/schemas/Order/x-means",
            "wrong value",
            "not_found",
        ),
        (
            "x-exactly-one-of: [ThingRef]",
            "x-exactly-one-of: [OtherRef]",
            "/components/schemas/Order/x-exactly-one-of/0",
            "no choice `OtherRef`",
            "at the root",
        ),
        (
            "x-exactly-one-of: [ThingRef]",
            "x-exactly-one-of: 7",
            "/components/schemas/Order/x-exactly-one-of",
            "wrong value",
            "a list of names",
        ),
        (
            "required: [kind, colour, note]",
            "required: [kind, colour, note, thing_id]",
            "/components/schemas/Order/x-exactly-one-of",
            "that may be left out",
            "do not require",
        ),
        (
            "      description: A thing.\n",
            "      description: A thing.\n      x-exactly-one-of: [ThingRef]\n",
            "/components/schemas/Thing/x-exactly-one-of",
            "not only sent",
            "of a request only",
        ),
    ]);
}

#[test]
fn about_ids_and_choices() {
    check(&[
        (
            "maxLength: 9, pattern: '^[a-z]+$' }",
            "maxLength: 9 }",
            "/components/schemas/ThingId",
            "cannot be an id",
            "pattern",
        ),
        (
            "{ type: integer, format: int64, description: A number.",
            "{ type: number, description: A number.",
            "/components/schemas/ThingNumber",
            "cannot be an id",
            "type: integer",
        ),
        ("description: An id., ", "", "/components/schemas/ThingId", "no description", "description"),
        (
            "{ field: thing_id, type: ThingId,",
            "{ field: thing_id, type: Thing,",
            "/x-exactly-one-of/ThingRef/of/0",
            "no choice of an id",
            "x-id: true",
        ),
        ("    description: Which thing.\n", "", "/x-exactly-one-of/ThingRef", "this is no choice", "two or more"),
        ("  ThingRef:\n", "  Thing:\n", "/x-exactly-one-of/Thing", "cannot be the name of a type", "upper camel case"),
        (
            "        thing_number: { allOf: [{ $ref: '#/components/schemas/ThingNumber' }]",
            "        thing_number: { allOf: [{ $ref: '#/components/schemas/ThingId' }]",
            "/components/schemas/Order/x-exactly-one-of",
            "needs a `thing_number`",
            "`$ref` to `ThingNumber`",
        ),
    ]);
}

#[test]
fn about_names_that_tell_of_people() {
    for name in ["care_of", "answer", "dob", "street", "house", "full_name", "photo", "pincode"] {
        let text = edited(
            "type: { type: string, description: Its type.",
            &format!("{name}: {{ type: integer, description: Its type."),
        );
        let error = lint(&Spec::parse("s.yaml", &text).unwrap()).unwrap_err().to_string();
        assert!(error.contains(&format!("`{name}` sounds like what must not be printed")), "{error}");
    }
}

#[test]
fn all_that_is_wrong_with_the_examples_is_told_at_once() {
    let text = edited("value: { type: t, code: gone_away }", "value: { type: t, code: lost }, x-means: gone");
    let text = text.replace("summary: It is gone., ", "");
    let error = lint(&Spec::parse("s.yaml", &text).unwrap()).unwrap_err().to_string();
    for found in ["no summary", "`lost` is not a known error code", "`x-means` has a wrong value"] {
        assert!(error.contains(found), "{found} in {error}");
    }
}
