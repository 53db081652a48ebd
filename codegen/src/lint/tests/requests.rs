//! Rules about requests: bodies, ids, choices, and the meanings of errors.

use crate::lint;
use crate::openapi::Spec;
use crate::tests::{edited, with_request};

/// (old text, new text, the pointer of the finding, a part of its message, a part of its help)
type Case<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

pub(super) fn check(cases: &[Case<'_>]) {
    let whole = with_request();
    lint(&Spec::parse("s.yaml", &whole).unwrap()).unwrap();
    for (old, new, pointer, message, help) in cases {
        assert!(whole.contains(old), "{old}");
        let error = lint(&Spec::parse("s.yaml", &whole.replacen(old, new, 1)).unwrap()).unwrap_err();
        let is_it = |f: &crate::Finding| f.pointer == *pointer && f.message.contains(message) && f.help.contains(help);
        let hit = error.findings().iter().any(|finding| is_it(finding) && finding.place.is_some());
        assert!(hit, "{old:?} -> {new:?}: no finding `{message}` at {pointer} in\n{error}");
    }
}

#[test]
fn about_bodies() {
    let body = "/paths/~1thing/post/requestBody";
    check(&[
        ("requestBody: { required: true, ", "requestBody: { ", body, "is not required", "required: true"),
        (
            "schema: { $ref: '#/components/schemas/Order' }",
            "schema: { type: string }",
            body,
            "not a named object",
            "$ref",
        ),
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
            "/components/schemas/Order/properties/note/pattern",
            "`pattern` would not be checked",
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
            "{ required: [thing_number] }] }]",
            "{ required: [note] }] }]",
            "/components/schemas/Order/x-exactly-one-of",
            "other tools that read this file would send both or none",
            "allOf: [{oneOf:[{required:[thing_id]},{required:[thing_number]}]}]",
        ),
        (
            "      x-exactly-one-of: [ThingRef]\n",
            "",
            "/components/schemas/Order",
            "this shape cannot be a named schema",
            "objects with `properties`",
        ),
        (
            "required: [kind, colour, note]",
            "required: [kind, colour, note, thing_id]",
            "/components/schemas/Order/x-exactly-one-of",
            "needs an optional",
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
        ("description: An id., ", "", "/components/schemas/ThingId", "`description` is missing", "one sentence"),
        (
            "{ field: thing_id, type: ThingId,",
            "{ field: thing_id, type: Thing,",
            "/x-exactly-one-of/ThingRef/of/0",
            "not a choice of an id",
            "x-id: true",
        ),
        ("    description: Which thing.\n", "", "/x-exactly-one-of/ThingRef", "this is not a choice", "two or more"),
        ("  ThingRef:\n", "  thing:\n", "/x-exactly-one-of/thing", "cannot be the name of a type", "upper camel case"),
        (
            "x-id: true, minLength: 1",
            "x-id: true, minLength: 5",
            "/components/schemas/ThingId",
            "be an id",
            "minLength: 1",
        ),
        (
            "        thing_number: { allOf: [{ $ref: '#/components/schemas/ThingNumber' }]",
            "        thing_number: { allOf: [{ $ref: '#/components/schemas/ThingId' }]",
            "/components/schemas/Order/x-exactly-one-of",
            "needs an optional `thing_number`",
            "`$ref` to `ThingNumber`",
        ),
    ]);
}

#[test]
fn about_names_of_personal_data() {
    for name in [
        "care_of",
        "answer",
        "dob",
        "street",
        "house",
        "full_name",
        "photo",
        "pincode",
        "password",
        "passport_no",
        "voter_id",
        "otp",
        "signature",
        "latitude",
        "longitude",
        "ifsc",
        "spouse",
        "customer_ref",
        "identifier",
    ] {
        let text = edited(
            "type: { type: string, description: Its type.",
            &format!("{name}: {{ type: integer, description: Its type."),
        );
        let error = lint(&Spec::parse("s.yaml", &text).unwrap()).unwrap_err().to_string();
        assert!(error.contains(&format!("`{name}` may be personal data or a secret")), "{error}");
    }
}

#[test]
fn a_time_and_an_enum_may_be_personal_data_and_a_record_is_checked_by_field() {
    let is_reported = |text: &str, name: &str| {
        let error = lint(&Spec::parse("s.yaml", text).unwrap()).err().map(|error| error.to_string());
        error.is_some_and(|error| error.contains(&format!("`{name}` may be personal data or a secret")))
    };
    for format in ["date", "date-time", "timestamp"] {
        let born =
            edited("when: { type: string, format: timestamp,", &format!("dob: {{ type: string, format: {format},"));
        assert!(is_reported(&born, "dob"), "{format}");
        assert!(!is_reported(&born.replace("dob: {", "dob: { x-sensitive: true,"), "dob"), "{format}");
    }
    let gender = edited("        state:\n", "        gender:\n");
    assert!(is_reported(&gender, "gender"));
    assert!(!is_reported(&gender.replace("gender:\n", "gender:\n          x-sensitive: true\n"), "gender"));
    let whole = with_request().replace("x-sensitive: true\n          x-evidence", "x-evidence");
    assert!(!is_reported(&whole.replace("parcels:", "addresses:"), "addresses"), "its items are records");
    assert!(!is_reported(&whole.replace("thing_id:", "customer:"), "customer"), "ids have their own mark");
}

#[test]
fn a_schema_with_properties_must_be_an_object() {
    let parcel = "properties: { name: { type: string, description: N., x-evidence: sample } }";
    let named = |old: &str, new: String, schema: &str| {
        let at = format!("/components/schemas/{schema}");
        check(&[
            (old, &new, &at, "this shape cannot be a named schema", "objects"),
            (old, &new, &format!("{at}/properties/name"), "`name` may be", "x-sensitive"),
        ]);
    };
    named("when: { type: string, format: timestamp,", format!("when: {{ {parcel},"), "ThingWhen");
    named("items: { type: string }", format!("items: {{ {parcel} }}"), "ThingTagsItem");
    named("note: { type: string, maxLength: 20,", format!("note: {{ {parcel},"), "OrderNote");
    named("schema: { $ref: '#/components/schemas/Order' }", format!("schema: {{ {parcel} }}"), "MakeThingRequest");
    let argument = "schema: { type: string, minLength: 1, maxLength: 9, pattern: \"^[a-z]+$\", default: abc }";
    let at = "/paths/~1thing/get/parameters/1";
    check(&[(argument, &format!("schema: {{ {parcel} }}"), at, "an object without a name", "type: object")]);
}

#[test]
fn all_problems_of_the_examples_are_reported_at_once() {
    let text = edited("value: { type: t, code: gone_away }", "value: { type: t, code: lost }, x-means: gone");
    let text = text.replace("summary: It is gone., ", "");
    let error = lint(&Spec::parse("s.yaml", &text).unwrap()).unwrap_err().to_string();
    for found in ["`summary` is missing", "`lost` is not a known error code", "`x-means` has a wrong value"] {
        assert!(error.contains(found), "{found} in {error}");
    }
}
