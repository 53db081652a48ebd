//! Contents of responses.

use super::*;

#[test]
fn changes_of_answers() {
    let link = "200 application/json: link";
    let id = "200 application/json: id";
    check(
        "get /thing",
        &[
            (
                &[(FIELD, &format!("{FIELD}        brand_new: {{ type: string }}\n"))],
                "response-field-added compatible minor 200 application/json: brand_new",
            ),
            (
                &[(
                    FIELD,
                    &format!("{FIELD}        deep: {{ type: object, properties: {{ a: {{ type: string }} }} }}\n"),
                )],
                "response-field-added compatible minor 200 application/json: deep",
            ),
            (&[(FIELD, "")], &format!("response-field-removed breaking major {link}")),
            (&[("        link:", "        links:")], &format!("response-field-renamed breaking major {link}")),
            (
                &[("link: { type: string", "link: { type: integer")],
                &format!("response-type-changed breaking major {link}"),
            ),
            (
                &[("link: { type: string", "link: { type: string, format: uri")],
                &format!("response-format-changed risky minor {link}"),
            ),
            (&[("format: int64", "format: int32")], &format!("response-format-changed risky minor {id}")),
            (
                &[("link: { type: string", "link: { type: string, nullable: true")],
                &format!("response-became-nullable compatible patch {link}"),
            ),
            (
                &[("id: { type: integer", "id: { type: integer, nullable: true")],
                &format!("response-required-became-nullable breaking major {id}"),
            ),
            (
                &[("nullable: true, description: A note", "description: A note")],
                "response-no-longer-nullable compatible patch 200 application/json: note",
            ),
            (
                &[("required: [id]", "required: [id, link]")],
                &format!("response-became-required compatible patch {link}"),
            ),
            (&[("      required: [id]\n", "")], &format!("response-became-optional breaking major {id}")),
            (
                &[("[OPEN, CLOSED]", "[OPEN, CLOSED, ON_HOLD]")],
                "response-value-added compatible minor 200 application/json: state",
            ),
            (&[("[OPEN, CLOSED]", "[OPEN]")], "response-value-removed risky minor 200 application/json: state"),
            (
                &[("link: { type: string", "link: { type: string, enum: [A]")],
                &format!("response-enum-introduced compatible minor {link}"),
            ),
            (&[(", enum: [OPEN, CLOSED]", "")], "response-enum-dropped risky minor 200 application/json: state"),
            (
                &[("link: { type: string", "link: { type: string, maxLength: 5")],
                &format!("response-limit-changed compatible patch {link}"),
            ),
            (
                &[("link: { type: string", "link: { type: string, default: x")],
                &format!("response-default-changed compatible patch {link}"),
            ),
            (
                &[("link: { type: string", "link: { type: string, deprecated: true")],
                &format!("deprecated risky minor {link}"),
            ),
            (
                &[("items: { type: string }", "items: { type: integer }")],
                "response-type-changed breaking major 200 application/json: tags[]",
            ),
            (
                &[("        user_name: {", "        userName: {")],
                "response-field-renamed breaking major 200 application/json: owner.user_name",
            ),
            (
                &[("        code: { type: string", "        code: { type: integer")],
                "response-type-changed breaking major 404 application/json: code",
            ),
            (
                &[("        type: { type: string, description: A family. }\n", "")],
                "response-field-removed breaking major 404 application/json: type",
            ),
            (&[("\"404\":", "\"410\":")], "error-added compatible minor 410|error-removed compatible patch 404"),
            (
                &[(
                    "          content: { application/json: { schema: { $ref: \"#/components/schemas/Failure\" } } }\n",
                    "",
                )],
                "error-media-removed risky minor 404 application/json",
            ),
            (
                &[("        \"404\":", "        \"409\": { description: Clash. }\n        \"404\":")],
                "error-added compatible minor 409",
            ),
            (
                &[("        \"404\":", "        \"202\": { description: Later. }\n        \"404\":")],
                "success-added risky minor 202",
            ),
            (
                &[(
                    "            application/json:\n              schema: { $ref: \"#/components/schemas/Thing\" }",
                    "            application/json:\n              schema: { $ref: \"#/components/schemas/Thing\" }\n            text/csv: {}",
                )],
                "response-media-added compatible patch 200 text/csv",
            ),
            (
                &[(
                    "            application/json:\n              schema: { $ref: \"#/components/schemas/Thing\" }",
                    "            application/xml:\n              schema: { $ref: \"#/components/schemas/Thing\" }",
                )],
                "response-media-removed breaking major 200 application/json|response-media-added compatible patch 200 application/xml",
            ),
            (
                &[("X-Request-Id: {", "X-Other: { schema: { type: string } }, X-Request-Id: {")],
                "response-header-added compatible minor 200 header x-other",
            ),
            (
                &[(
                    "          headers: { X-Request-Id: { description: Which exchange., schema: { type: string } } }\n",
                    "",
                )],
                "response-header-removed risky minor 200 header x-request-id",
            ),
        ],
    );
}

/// Error codes appear in samples only; a value of any enum may as well.
#[test]
fn a_value_in_a_sample_only_is_reported() {
    let code = "code: { type: string, description: A code. }";
    let known = [(code, "code: { type: string, enum: [old_one], description: A code. }")];
    let schema = "content: { application/json: { schema: { $ref: \"#/components/schemas/Failure\" } } }";
    let media = |samples: &str| {
        format!(
            "content: {{ application/json: {{ schema: {{ $ref: \"#/components/schemas/Failure\" }}, {samples} }} }}"
        )
    };
    let reported = "response-value-added compatible minor 404 application/json: code";
    let both = "  schemas:\n    Sample: { value: { code: new_one } }\n";
    for samples in [
        "example: { code: new_one, type: t }",
        "examples: { a: { value: { code: old_one } }, b: { value: { code: new_one } } }",
    ] {
        check_on(&known, "get /thing", &[(&[(schema, &media(samples))], reported)]);
    }
    let referred = media("examples: { a: { $ref: '#/components/schemas/Sample' } }");
    check_on(&known, "get /thing", &[(&[(schema, &referred), ("  schemas:\n", both)], reported)]);
    let own = (known[0].1, "code: { type: string, enum: [old_one], description: A code., example: new_one }");
    check_on(&known, "get /thing", &[(&[own], reported)]);
    let whole =
        ("    Failure:\n      type: object\n", "    Failure:\n      type: object\n      example: { code: new_one }\n");
    check_on(&known, "get /thing", &[(&[whole], reported)]);
    check_same(
        &known,
        &[
            &[(schema, &media("example: { code: old_one, type: t, other: [1] }"))],
            // A sample does not show every value, and a sample with a broken reference shows none.
            &[(schema, &media("examples: { a: { $ref: '#/nowhere' }, b: { value: 7 } }"))],
            &[(schema, &media("examples: { a: { value: { code: '' } }, b: { value: { code: <string> } } }"))],
        ],
    );
    // A value in both a list and a sample is one change. Without a list in our spec, a sample is compared with nothing.
    let listed =
        (known[0].1, "code: { type: string, enum: [old_one, new_one], description: A code., example: new_one }");
    check_on(&known, "get /thing", &[(&[listed], reported)]);
    check_same(&[], &[&[(schema, &media("example: { code: new_one }"))]]);
    let tags = "tags: { type: array, description: Its tags., items: { type: string";
    check_on(
        &[(tags, &format!("{tags}, enum: [A]"))],
        "get /thing",
        &[(
            &[("tags: { type: array,", "tags: { type: array, example: [A, B],")],
            "response-value-added compatible minor 200 application/json: tags[]",
        )],
    );
    check(
        "post /thing",
        &[(
            &[("colour: { type: string,", "colour: { type: string, example: GREEN,")],
            "request-value-added compatible minor request application/json: colour",
        )],
    );
}
