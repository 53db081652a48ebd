//! Differences that once had the wrong class.

use super::*;

/// One of each form; `compare/schema/shape.rs` has the pairs of limits.
#[test]
fn limits_of_requests_that_allow_more_or_less() {
    let number =
        |limits: &str| format!("kind, in: query, description: Of which kind., schema: {{ type: number, {limits} }}");
    let kind = "kind, in: query, description: Of which kind., schema: { type: string, enum: [A, B] }";
    let loosened = "request-limit-loosened compatible minor query kind";
    let tightened = "request-limit-tightened breaking major query kind";
    for (old, new, expected) in [
        ("maximum: 10", "maximum: 12, exclusiveMaximum: true", loosened),
        ("minimum: 5, exclusiveMinimum: true", "minimum: 5", loosened),
        ("multipleOf: 0.3", "multipleOf: 0.1", loosened),
        ("minimum: 5, maximum: 9", "minimum: 5", loosened),
        ("minimum: 5", "exclusiveMinimum: 5", tightened),
        ("multipleOf: 4", "multipleOf: 6", tightened),
    ] {
        check_on(&[(kind, &number(old))], "get /thing", &[(&[(&number(old), &number(new))], expected)]);
    }
    let list =
        |limits: &str| format!("kind, in: query, description: Of which kind., schema: {{ type: array, {limits} }}");
    for (old, new, expected) in [
        ("uniqueItems: true", "uniqueItems: false", loosened),
        ("uniqueItems: false", "uniqueItems: true", tightened),
        ("maxItems: 3", "maxItems: 4", loosened),
        ("minItems: 1", "minItems: 0", loosened),
    ] {
        check_on(&[(kind, &list(old))], "get /thing", &[(&[(&list(old), &list(new))], expected)]);
    }
    check_on(
        &[(
            "              required: [name]\n",
            "              required: [name]\n              additionalProperties: false\n",
        )],
        "post /thing",
        &[(
            &[("              additionalProperties: false\n", "")],
            "request-opened compatible patch request application/json: .",
        )],
    );
}

#[test]
fn types_of_answers_and_requests_that_get_narrower_or_wider() {
    let note = "note: { type: string, nullable: true, description: A note. }";
    let place = "200 application/json: note";
    let narrowed = format!("response-type-narrowed compatible patch {place}");
    let changed = format!("response-type-changed breaking major {place}");
    let widened = format!("response-type-widened breaking major {place}");
    for (old, new, expected) in [
        ("{ nullable: true }", "{ nullable: true, type: object }", &narrowed),
        ("{}", "{ type: string }", &narrowed),
        ("{ type: [string, integer] }", "{ type: string }", &narrowed),
        ("{ type: number }", "{ type: integer }", &narrowed),
        ("{ oneOf: [{ type: string }, { type: object }] }", "{ type: object }", &narrowed),
        ("{ type: object }", "{}", &widened),
        ("{ type: string }", "{ type: [string, integer] }", &widened),
        ("{ type: integer }", "{ type: number }", &widened),
        ("{ type: [string, integer] }", "{ type: [string, boolean] }", &changed),
    ] {
        let (old, new) = (format!("note: {old}"), format!("note: {new}"));
        check_on(&[(note, &old)], "get /thing", &[(&[(&old, &new)], expected)]);
    }
    // The contents of the new object are part of the change.
    check_on(
        &[(note, "note: { nullable: true }")],
        "get /thing",
        &[(
            &[(
                "note: { nullable: true }",
                "note: { nullable: true, type: object, properties: { ref_id: { type: string } } }",
            )],
            &narrowed,
        )],
    );
    let name = "name: { type: string, maxLength: 20, description: A name. }";
    let place = "request application/json: name";
    for (old, new, expected) in [
        ("{ type: string }", "{ type: [string, integer] }", format!("request-type-widened compatible minor {place}")),
        ("{ type: integer }", "{ type: number }", format!("request-type-widened compatible minor {place}")),
        ("{ type: string }", "{}", format!("request-type-widened compatible minor {place}")),
        ("{}", "{ type: string }", format!("request-type-narrowed breaking major {place}")),
        ("{ type: number }", "{ type: integer }", format!("request-type-narrowed breaking major {place}")),
    ] {
        let (old, new) = (format!("name: {old}"), format!("name: {new}"));
        check_on(&[(name, &old)], "post /thing", &[(&[(&old, &new)], &expected)]);
    }
}

#[test]
fn read_only_and_write_only_fields_have_one_direction() {
    let link = "link: { type: string";
    check(
        "get /thing",
        &[
            (
                &[(link, "link: { writeOnly: true, type: string")],
                "response-field-removed breaking major 200 application/json: link",
            ),
            (
                &[("id: { type: integer", "id: { writeOnly: true, type: integer")],
                "response-field-removed breaking major 200 application/json: id",
            ),
            (
                &[("user_name: {", "user_name: { writeOnly: true,")],
                "response-field-removed breaking major 200 application/json: owner.user_name",
            ),
            (
                &[(
                    "owner: { $ref: \"#/components/schemas/Owner\" }",
                    "owner: { $ref: \"#/components/schemas/Owner\", writeOnly: true }",
                )],
                "response-field-removed breaking major 200 application/json: owner",
            ),
        ],
    );
    let colour = "request application/json: colour";
    check(
        "post /thing",
        &[
            (
                &[("colour: { type: string", "colour: { readOnly: true, type: string")],
                &format!("request-field-removed breaking major {colour}"),
            ),
            (
                &[(
                    "                colour: {",
                    "                made_at: { type: string, readOnly: true }\n                size: { type: integer, writeOnly: true }\n                colour: {",
                )],
                "request-field-added-optional compatible minor request application/json: size",
            ),
        ],
    );
    check_on(
        &[(link, "link: { writeOnly: true, type: string")],
        "get /thing",
        &[(
            &[("link: { writeOnly: true,", "link: {")],
            "response-field-added compatible minor 200 application/json: link",
        )],
    );
}

#[test]
fn an_alternative_body_requires_nothing() {
    let json =
        "          application/json:\n            schema:\n              type: object\n              required: [name]";
    let beside = |media: &str| format!("          {media}:\n            schema: {{ type: object }}\n{json}");
    let content = "        required: true\n        content:\n";
    for media in ["application/x-www-form-urlencoded", "multipart/form-data", "application/xml", "application/json;v=2"]
    {
        let expected = format!("request-media-added compatible patch request {media}");
        check("post /thing", &[(&[(json, &beside(media))], &expected)]);
    }
    check_on(
        &[(json, &beside("multipart/form-data"))],
        "post /thing",
        &[
            (
                &[("          multipart/form-data:\n            schema: { type: object }\n", "")],
                "request-media-removed breaking major request multipart/form-data",
            ),
            (
                &[(
                    &beside("multipart/form-data"),
                    "          text/csv:\n            schema:\n              type: object\n              required: [name]",
                )],
                "request-body-removed breaking major request application/json|request-body-removed breaking major request multipart/form-data|request-body-added-required breaking major request text/csv",
            ),
        ],
    );
    // The page had no request body before.
    let known = &[("      requestBody:\n", "      x-requestBody:\n")];
    check_on(
        known,
        "post /thing",
        &[(
            &[("      x-requestBody:\n", "      requestBody:\n")],
            "request-body-added-required breaking major request application/json",
        )],
    );
    assert!(edited(known).contains(content));
}
