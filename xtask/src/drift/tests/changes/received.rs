//! Requests and headers that the API sends: headers, callbacks, webhooks.

use super::*;

#[test]
fn changes_of_headers_of_answers() {
    let header = "X-Request-Id: { description: Which exchange., schema: { type: string } }";
    let place = "200 header x-request-id";
    check(
        "get /thing",
        &[
            (
                &[("X-Request-Id: {", "X-Request-Id: { required: true,")],
                &format!("response-header-became-required compatible patch {place}"),
            ),
            (&[("X-Request-Id: {", "X-Request-Id: { deprecated: true,")], &format!("deprecated risky minor {place}")),
            (
                &[(header, "X-Request-Id: { content: { application/json: { schema: { type: string } } } }")],
                &format!("response-header-style-changed risky minor {place}"),
            ),
            (
                &[(header, "X-Request-Id: { schema: { type: integer } }")],
                &format!("response-header-type-changed risky minor {place}"),
            ),
            (
                &[(header, "X-Request-Id: { schema: { type: string, not: { const: A } } }")],
                "not-understood risky minor 200 header x-request-id: <not>",
            ),
        ],
    );
    check_on(
        &[(header, "X-Request-Id: { required: true, schema: { type: array, items: { type: string } } }")],
        "get /thing",
        &[
            (
                &[("required: true, schema: { type: array", "schema: { type: array")],
                &format!("response-header-became-optional risky minor {place}"),
            ),
            (
                &[("X-Request-Id: {", "X-Request-Id: { explode: true,")],
                &format!("response-header-style-changed risky minor {place}"),
            ),
            (
                &[("items: { type: string } } } }", "items: { type: integer } } } }")],
                "response-type-changed breaking major 200 header x-request-id: []",
            ),
        ],
    );
    check_same(
        &[],
        &[&[(
            header,
            "Content-Type: { required: true, schema: { type: string } }, X-Request-Id: { style: simple, explode: true, required: false, schema: { type: string } }",
        )]],
    );
}

const DONE: &str = "      callbacks:
        done:
          \"{$request.body#/url}\":
            post:
              parameters: [{ name: X-Proof, in: header, required: true, schema: { type: string } }]
              requestBody: { content: { application/json: { schema: { type: object, properties: { result: { type: string, enum: [GOOD, BAD] } } } } } }
              responses: { \"200\": { description: Taken. } }
";
const MADE: &str = "      operationId: makeThing\n";

#[test]
fn changes_of_callbacks() {
    let with = format!("{MADE}{DONE}");
    check("post /thing", &[(&[(MADE, &with)], "callback-added compatible minor callback done")]);
    let field = "callback done application/json: result";
    check_on(
        &[(MADE, &with)],
        "post /thing",
        &[
            (&[(DONE, "")], "callback-removed breaking major callback done"),
            (
                &[("result: { type: string", "result: { type: integer")],
                &format!("response-type-changed breaking major {field}"),
            ),
            (&[("[GOOD, BAD]", "[GOOD, BAD, UGLY]")], &format!("response-value-added compatible minor {field}")),
            (
                &[("properties: { result: {", "properties: { more: { type: string }, result: {")],
                "response-field-added compatible minor callback done application/json: more",
            ),
            (
                &[("result: { type: string", "result: { writeOnly: true, type: string")],
                &format!("response-field-removed breaking major {field}"),
            ),
            (&[("#/url}", "#/callback_url}")], "callback-url-changed risky minor callback done"),
            (&[("            post:\n", "            put:\n")], "webhook-method-changed breaking major callback done"),
            (&[("responses: { \"200\"", "responses: { \"204\"")], "webhook-answer-changed risky minor callback done"),
            (
                &[("name: X-Proof, in: header, required: true", "name: X-Proof, in: header")],
                "response-header-became-optional risky minor callback done header x-proof",
            ),
            (
                &[(
                    "parameters: [{ name: X-Proof, in: header, required: true, schema: { type: string } }]",
                    "parameters: []",
                )],
                "response-header-removed risky minor callback done header x-proof",
            ),
            (
                &[("            post:\n", "            post:\n              security: [{ ClientId: [] }]\n")],
                "not-understood risky minor callback done",
            ),
            (
                &[("            post:\n", "            post:\n              deprecated: true\n")],
                "deprecated risky minor callback done",
            ),
        ],
    );
    check_same(
        &[(MADE, &with)],
        &[&[(
            "            post:\n",
            "            summary: Words.\n            post:\n              operationId: done\n              tags: [a]\n",
        )]],
    );
}

#[test]
fn changes_of_webhooks() {
    let hook = DONE
        .replace("      callbacks:\n        done:\n          \"{$request.body#/url}\":\n", "webhooks:\n  done:\n")
        .replace("            post:", "    post:")
        .replace("              ", "      ");
    let base = edited(&[("components:\n", &format!("{hook}components:\n"))]);
    let known = Known::only(&Spec::parse("base.yaml", &base).unwrap());
    for (old, new, expected) in [
        (
            "result: { type: string",
            "result: { type: integer",
            "response-type-changed received application/json: result",
        ),
        (
            "required: true, schema: { type: string } }]",
            "schema: { type: string } }]",
            "response-header-became-optional received header x-proof",
        ),
        (
            "in: header, required: true, schema: { type: string } }]",
            "in: query, required: true, schema: { type: string } }]",
            "response-header-added received query X-Proof|response-header-removed received header x-proof",
        ),
        ("    post:\n      parameters", "    put:\n      parameters", "webhook-method-changed operation"),
        (
            "responses: { \"200\": { description: Taken",
            "responses: { \"202\": { description: Taken",
            "webhook-answer-changed operation",
        ),
        (
            "properties: { result: {",
            "not: { required: [a] }, properties: { result: {",
            "not-understood received application/json: <not>",
        ),
    ] {
        let report = against_page(&known, "all.yaml", &edited_from(&base, &[(old, new)]));
        let mut found: Vec<_> =
            report.changes.iter().map(|c| format!("{} {}", c.rule.name, c.difference.place)).collect();
        found.sort_unstable();
        assert_eq!(found.join("|"), expected, "{old}");
    }
}
