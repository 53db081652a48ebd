//! Encodings of values on the wire.

use super::*;

const LIST: &str = "        - { name: kind, in: query, description: Of which kind., schema: { type: array, items: { type: string, enum: [A, B] } } }\n";
const ONE: &str =
    "        - { name: kind, in: query, description: Of which kind., schema: { type: string, enum: [A, B] } }\n";

#[test]
fn how_a_parameter_is_written() {
    let kind = |said: &str| format!("- {{ name: kind, in: query, {said},");
    let edit = |said: &str| [("- { name: kind, in: query,".to_owned(), kind(said))];
    let place = "query kind";
    for (said, expected) in [
        ("style: deepObject", format!("parameter-style-changed breaking major {place}")),
        ("style: pipeDelimited", format!("parameter-style-changed breaking major {place}")),
        ("allowEmptyValue: true", format!("request-limit-loosened compatible minor {place}")),
        ("allowReserved: true", format!("request-limit-loosened compatible minor {place}")),
        (
            "content: { application/json: { schema: { type: string, enum: [A, B] } } }",
            format!("parameter-style-changed breaking major {place}"),
        ),
    ] {
        let edits = edit(said);
        check("get /thing", &[(&[(&edits[0].0, &edits[0].1)], &expected)]);
    }
    let base = &[(ONE, LIST)];
    check_on(
        base,
        "get /thing",
        &[
            (
                &[("in: query, description: Of", "in: query, explode: false, description: Of")],
                "parameter-style-changed breaking major query kind",
            ),
            (
                &[("in: query, description: Of", "in: query, style: spaceDelimited, explode: true, description: Of")],
                "parameter-style-changed breaking major query kind|parameter-style-changed breaking major query kind",
            ),
            (&[("enum: [A, B]", "enum: [A]")], "request-value-removed breaking major query kind: []"),
            (&[("enum: [A, B]", "enum: [A, B, C]")], "request-value-added compatible minor query kind: []"),
            (&[("type: array,", "type: array, maxItems: 2,")], "request-limit-tightened breaking major query kind"),
            (
                &[("items: { type: string", "items: { type: integer")],
                "request-type-changed breaking major query kind: []",
            ),
        ],
    );
    check_same(
        base,
        &[
            &[(
                "in: query, description: Of",
                "in: query, style: form, explode: true, allowReserved: false, description: Of",
            )],
            &[(
                "in: header, description: A proof.",
                "in: header, style: simple, explode: false, description: A proof.",
            )],
        ],
    );
    let object = "schema: { type: object, required: [a], properties: { a: { type: string }, b: { type: string } } }";
    check_on(
        &[
            ("schema: { type: string, enum: [A, B] }", object),
            ("name: kind, in: query,", "name: kind, in: query, allowEmptyValue: true, allowReserved: true,"),
        ],
        "get /thing",
        &[
            (&[("required: [a]", "required: [a, b]")], "request-became-required breaking major query kind: b"),
            (
                &[("b: { type: string }", "c: { type: integer }")],
                "request-field-removed breaking major query kind: b|request-field-added-optional compatible minor query kind: c",
            ),
            (&[("allowEmptyValue: true, ", "")], "request-limit-tightened breaking major query kind"),
            (&[("allowReserved: true, ", "")], "request-limit-tightened breaking major query kind"),
        ],
    );
    // An `in` that no parameter may have.
    check(
        "get /thing",
        &[(
            &[("name: kind, in: query", "name: kind, in: body")],
            "parameter-removed breaking major query kind|parameter-added-optional compatible minor elsewhere body kind",
        )],
    );
}

#[test]
fn how_a_form_is_written() {
    let form = "          multipart/form-data:\n            encoding: { name: { contentType: text/plain } }\n            schema:\n              type: object\n              required: [name]";
    let base = &[(
        "          application/json:\n            schema:\n              type: object\n              required: [name]",
        form,
    )];
    let changed = "request-encoding-changed risky minor request multipart/form-data";
    check_on(
        base,
        "post /thing",
        &[
            (&[("contentType: text/plain", "contentType: image/png")], changed),
            (&[("contentType: text/plain", "contentType: text/plain, style: form")], changed),
            (&[("contentType: text/plain", "contentType: text/plain, explode: false")], changed),
            (&[("            encoding: { name: { contentType: text/plain } }\n", "")], changed),
            (
                &[("contentType: text/plain", "contentType: text/plain, headers: { x: {} }")],
                "not-understood risky minor request multipart/form-data",
            ),
            (
                &[("contentType: text/plain", "contentType: text/plain, frob: 1")],
                "not-understood risky minor request multipart/form-data",
            ),
        ],
    );
    check_same(
        &[],
        &[&[(
            "          application/json:\n            schema:\n              type: object\n              required: [name]",
            "          application/json:\n            encoding: { name: { contentType: text/plain } }\n            schema:\n              type: object\n              required: [name]",
        )]],
    );
}
