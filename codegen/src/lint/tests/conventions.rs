//! Rules about webhooks, conventions and examples.

use super::check;

#[test]
fn about_webhooks() {
    check(&[
        ("    post:\n", "    get:\n", "/x-webhooks/thingEvent/get", "the webhook is a `get`", "under `post:`"),
        ("      summary: A thing moved.\n", "", "/x-webhooks/thingEvent/post", "`summary` is missing", "one sentence"),
        (
            "x-mark, in: header",
            "x-mark, in: query",
            "/x-webhooks/thingEvent/post/parameters/0",
            "not a header",
            "in: header",
        ),
        (
            ", description: Proof.",
            "",
            "/x-webhooks/thingEvent/post/parameters/0",
            "not a header with a description",
            "description",
        ),
        (
            "schemas/Thing\" }\n            examples: { moved",
            "schemas/Code\" }\n            examples: { moved",
            "/x-webhooks/thingEvent/post",
            "no named schema",
            "named object",
        ),
        (
            "            examples: { moved: { x-evidence: sample, value: { name: m } } }\n",
            "",
            "/x-webhooks/thingEvent/post/requestBody",
            "no example",
            "tests send it",
        ),
    ]);
}

#[test]
fn about_conventions() {
    check(&[
        ("      x-idempotent: true\n", "", "/paths/~1thing/get", "whether it is idempotent", "x-idempotent: false"),
        (
            "        state:\n",
            "        condition:\n",
            "/components/schemas/ThingCondition",
            "other tools give the name `ThingCondition` to the values of `condition`",
            "keep its Rust name",
        ),
        ("\"404\": {", "\"204\": {", "/paths/~1thing/get/responses", "documents no error", "error responses"),
        (
            "          x-evidence: sample\n          schema: { type: string, minLength",
            "          schema: { type: string, minLength",
            "/paths/~1thing/get/parameters/1",
            "`x-evidence` is missing",
            "one of documented, seen, sample",
        ),
        (
            "description: Its name., example: n, x-evidence: sample }",
            "description: Its name., example: n }",
            "/components/schemas/Thing/properties/name",
            "`x-evidence` is missing",
            "x-evidence",
        ),
        (
            "description: Which request., x-evidence: inferred, ",
            "description: Which request., ",
            "/components/headers/RequestId",
            "`x-evidence` is missing",
            "x-evidence",
        ),
        (
            "x-request-id: { $ref: \"#/components/headers/RequestId\" }",
            "x-request-id: { description: Which request., schema: { type: string } }",
            "/paths/~1thing/get/responses/200/headers/x-request-id",
            "`x-evidence` is missing",
            "x-evidence",
        ),
        (
            "description: Proof., x-evidence: sample, ",
            "description: Proof., ",
            "/x-webhooks/thingEvent/post/parameters/0",
            "`x-evidence` is missing",
            "x-evidence",
        ),
        (
            "sample: { x-evidence: sample, ",
            "sample: { ",
            "/paths/~1thing/get/responses/200/content/application~1json/examples/sample",
            "`x-evidence` is missing",
            "x-evidence",
        ),
        (
            "summary: It is gone., x-evidence: documented, ",
            "summary: It is gone., ",
            "/components/responses/NotFound/content/application~1json/examples/gone",
            "`x-evidence` is missing",
            "x-evidence",
        ),
        (
            "moved: { x-evidence: sample, ",
            "moved: { ",
            "/x-webhooks/thingEvent/post/requestBody/content/application~1json/examples/moved",
            "`x-evidence` is missing",
            "x-evidence",
        ),
        (
            "        type: { type: string, description: Its type., x-evidence: sample }",
            "        vkyc_link: { type: string, description: Its link., x-evidence: sample }",
            "/components/schemas/Thing/properties/vkyc_link",
            "may be personal data or a secret",
            "x-sensitive: true",
        ),
        (
            "        tags: { type: array, description: Its tags.,",
            "        emails: { type: array, description: Its tags.,",
            "/components/schemas/Thing/properties/emails",
            "may be personal data or a secret",
            "x-sensitive: true",
        ),
    ]);
}

#[cfg(feature = "examples")]
#[test]
fn about_examples_and_defaults() {
    check(&[
        (
            "example: n, ",
            "example: 7, ",
            "/components/schemas/Thing/properties/name/example",
            "does not fit its schema: 7 is not of type",
            "correct the value",
        ),
        (
            "examples: { sample: { x-evidence: sample, value: { name: n } } }",
            "examples: { sample: { x-evidence: sample, value: { name: n, state: ON, number: x } } }",
            "/paths/~1thing/get/responses/200/content/application~1json/examples/sample/value/number",
            "does not fit its schema",
            "seen on the wire",
        ),
        (
            "examples: { sample: { x-evidence: sample, value: { name: n } } }",
            "examples: { sample: { x-evidence: sample, value: { state: SIDEWAYS } } }",
            "/paths/~1thing/get/responses/200/content/application~1json/examples/sample/value/state",
            "does not fit its schema",
            "correct the value",
        ),
        (
            "maxLength: 9, pattern: \"^[a-z]+$\", default: abc",
            "maxLength: 2, pattern: \"^[a-z]+$\", default: abc",
            "/paths/~1thing/get/parameters/1/schema/default",
            "does not fit its schema",
            "correct the value",
        ),
        (
            "examples: { moved: { x-evidence: sample, value: { name: m } } }",
            "examples: { moved: { x-evidence: sample, value: { name: 1 } } }",
            "/x-webhooks/thingEvent/post/requestBody/content/application~1json/examples/moved/value/name",
            "does not fit its schema",
            "correct the value",
        ),
    ]);
}

#[cfg(feature = "examples")]
#[test]
fn all_problems_of_an_example_are_reported_at_once() {
    let text = crate::tests::edited("value: { name: n } } }", "value: { name: 1, number: x, tags: [2] } } }");
    let error = crate::lint(&crate::openapi::Spec::parse("s.yaml", &text).unwrap()).unwrap_err();
    let reported: Vec<_> = error.findings().iter().filter_map(|f| f.pointer.split("/value/").nth(1)).collect();
    assert_eq!(reported, ["name", "number", "tags/0"]);
}

/// The braces of the path are in the pointers of the nodes below it.
#[cfg(feature = "examples")]
#[test]
fn an_example_under_a_path_with_an_argument_is_checked() {
    let text = crate::tests::edited("  /thing:", "  /thing/{thing_id}/part%20:")
        .replace("in: query", "in: path\n          required: true");
    let spec = |text: &str| crate::lint(&crate::openapi::Spec::parse("s.yaml", text).unwrap());
    assert_eq!(spec(&text), Ok(()));
    let error = spec(&text.replace("value: { name: n } } }", "value: { name: 1 } } }")).unwrap_err();
    assert!(error.to_string().contains("does not fit its schema"), "{error}");
}
