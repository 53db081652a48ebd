//! Each rule, with a spec that breaks it: one edit of the fixture, and the expected finding.

mod conventions;
mod limits;
mod requests;
mod schemas;

use crate::lint;
use crate::openapi::Spec;
use crate::tests::{FIXTURE, edited};

/// (old text, new text, the pointer of the finding, a part of its message, a part of its help)
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    for (old, new, pointer, message, help) in cases {
        let spec = Spec::parse("s.yaml", &edited(old, new)).unwrap();
        let error = lint(&spec).unwrap_err();
        let hit = error.findings().iter().any(|finding| {
            finding.pointer == *pointer
                && finding.message.contains(message)
                && finding.help.contains(help)
                && finding.place.is_some()
        });
        assert!(hit, "{old:?} -> {new:?}: no finding `{message}` at {pointer} in\n{error}");
    }
}

#[test]
fn the_fixture_is_clean() {
    lint(&Spec::parse("s.yaml", FIXTURE).unwrap()).unwrap();
}

#[test]
fn about_the_document() {
    check(&[
        ("openapi: 3.0.3", "openapi: 3.1.0", "/openapi", "OpenAPI 3.1.0 is not supported", "3.0.3"),
        ("openapi: 3.0.3", "openapi: 3.1", "/openapi", "OpenAPI 3.1 is not supported", "3.0.3"),
        ("openapi: 3.0.3", "swagger: '2.0'", "", "`openapi` is missing", "openapi: 3.0.3"),
        ("title: Small, ", "", "/info", "`title` is missing", "in quotes"),
        (
            "version: \"2024-12-01\" }\nservers",
            "version: 2024 }\nservers",
            "/info",
            "`version` is missing",
            "in quotes",
        ),
        (
            "version: \"2024-12-01\" }\nservers",
            "version: \"2025-01-01\" }\nservers",
            "/components/parameters/Version",
            "differ",
            "the default API version",
        ),
        ("https://h.example/v", "http://h.example/v", "/servers/0", "no plain https URL", "https://"),
        ("https://h.example/v", "https://h.example/v/", "/servers/0", "no plain https URL", "trailing slash"),
        (", x-environment: sandbox", "", "/servers/0", "no environment", "x-environment"),
    ]);
}

#[test]
fn about_keywords_and_security() {
    check(&[
        (
            "minLength: 1, maxLength: 9",
            "minLength: 1, maxLenght: 9",
            "/paths/~1thing/get/parameters/1/schema/maxLenght",
            "`maxLenght` is not a keyword",
            "correct its spelling",
        ),
        (
            "      x-idempotent: true\n",
            "      x-idempotent: true\n      operationID: x\n",
            "/paths/~1thing/get/operationID",
            "`operationID` is not a keyword",
            "begin with `x-`",
        ),
        (
            "type: object\n      description: A thing.",
            "type: object\n      requierd: [name]\n      description: A thing.",
            "/components/schemas/Thing/requierd",
            "`requierd` is not a keyword",
            "remove it",
        ),
        (
            "      x-idempotent: true\n",
            "      x-idempotent: true\n      security: [{ Id: [], Nobody: [] }]\n",
            "/paths/~1thing/get/security/0/Nobody",
            "no security scheme `Nobody`",
            "components/securitySchemes",
        ),
        ("paths:\n", "security: [{ Nobody: [] }]\npaths:\n", "/security/0/Nobody", "no security scheme", "correct"),
    ]);
}

#[test]
fn about_references() {
    check(&[
        (
            "schema: { $ref: \"#/components/schemas/Thing\" }",
            "schema: { $ref: \"#/components/schemas/Nothing\" }",
            "/paths/~1thing/get/responses/200/content/application~1json/schema/$ref",
            "`#/components/schemas/Nothing` leads nowhere",
            "add the component",
        ),
        (
            "schema: { $ref: \"#/components/schemas/Thing\" }",
            "schema: { $ref: \"other.yaml#/Thing\" }",
            "/paths/~1thing/get/responses/200/content/application~1json/schema/$ref",
            "`other.yaml#/Thing` leads to another file",
            "copy the component",
        ),
        (
            "RequestId: { description: Which request., x-evidence: inferred, schema: { type: string } }",
            "RequestId: { $ref: \"#/components/headers/RequestId\" }",
            "/components/headers/RequestId/$ref",
            "leads back to itself",
            "circle",
        ),
    ]);
}

#[test]
fn about_our_own_keys() {
    check(&[
        (
            "example: n, x-evidence: sample",
            "x-evidense: sample",
            "/components/schemas/Thing/properties/name/x-evidense",
            "not known to the generator",
            "known are x-absent-is-unknown",
        ),
        (
            "x-evidence: sample }",
            "x-evidence: rumour }",
            "/components/schemas/Thing/properties/name/x-evidence",
            "wrong value",
            "one of documented, seen, sample",
        ),
        (
            "x-transport: true",
            "x-transport: yes please",
            "/components/parameters/Version/x-transport",
            "wrong value",
            "`true` or `false`",
        ),
        (
            "x-rust-name: State",
            "x-rust-name: not a name",
            "/components/schemas/ThingCondition/x-rust-name",
            "wrong value",
            "Rust identifier",
        ),
    ]);
}

#[test]
fn about_operations() {
    let second = "
  /zother:
    get:
      operationId: get_thing
      summary: Another.
      responses:
        '200': { description: H., content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }
components:\n";
    check(&[
        (
            "      operationId: getThing\n",
            "",
            "/paths/~1thing/get",
            "`operationId` is missing",
            "operationId: <camelCaseName>",
        ),
        ("operationId: getThing", "operationId: 7 things", "/paths/~1thing/get/operationId", "no Rust name", "letters"),
        ("\ncomponents:\n", second, "/paths/~1zother/get/operationId", "would both be `get_thing`", "its own name"),
        ("      summary: Gets a thing.\n", "", "/paths/~1thing/get", "`summary` is missing", "one sentence"),
        ("  /thing:", "  thing:", "/paths/thing", "does not start with a slash", "/path"),
        ("    get:\n", "    fetch:\n", "/paths/~1thing/fetch", "not supported under a path", "get, post"),
        ("    get:\n", "    fetch:\n", "/paths", "there is no operation", "add a path"),
        (
            "          description: Which.\n",
            "",
            "/paths/~1thing/get/parameters/1",
            "`description` is missing",
            "one sentence",
        ),
        ("name: thing_id", "name: thing²", "/paths/~1thing/get/parameters/1", "no Rust name", "ASCII"),
        (
            "    get:\n",
            "    parameters: []\n    get:\n",
            "/paths/~1thing/parameters",
            "not supported under a path",
            "under those",
        ),
        (
            "        - $ref: \"#/components/parameters/Version\"\n        - name: thing_id\n          in: query\n          description: Which.\n          x-echoed-by: name\n          x-evidence: sample\n          schema: { type: string, minLength: 1, maxLength: 9, pattern: \"^[a-z]+$\", default: abc }\n",
            "        name: thing_id\n",
            "/paths/~1thing/get/parameters",
            "not a list",
            "- ",
        ),
        (
            "        - $ref: \"#/components/parameters/Version\"\n",
            "",
            "/paths/~1thing/get",
            "lacks the header `x-api-version`",
            "add `- $ref: \"#/components/parameters/Version\"` under `parameters:`",
        ),
        ("in: query", "in: path", "/paths/~1thing/get/parameters", "`thing_id` is in the path or", "{thing_id}"),
        ("  /thing:", "  /thing/{id}:", "/paths/~1thing~1{id}/get/parameters", "`id` is in the path or", "in: path"),
        ("in: query", "in: cookie", "/paths/~1thing/get/parameters/1", "not supported", "in: query"),
        (
            "in: query",
            "in: header",
            "/paths/~1thing/get/parameters/1",
            "no code sends this header parameter",
            "x-transport",
        ),
        (
            "^[a-z]+$",
            "^\\\\d+$",
            "/paths/~1thing/get/parameters/1/schema/pattern",
            "`pattern` would not be checked",
            "character class",
        ),
        (
            "x-echoed-by: name",
            "x-echoed-by: title",
            "/paths/~1thing/get/parameters/1",
            "the response has no field `title`",
            "remove `x-echoed-by`",
        ),
        (
            "name: thing_id\n          in: query\n          description: Which.\n          x-echoed-by: name",
            "name: secret\n          in: query\n          description: Which.",
            "/paths/~1thing/get/parameters/1",
            "the response repeats the argument `secret`",
            "x-echoed-by: secret",
        ),
        (
            "      responses:\n        \"200\"",
            "      requestBody: { content: { multipart/form-data: {} } }\n      responses:\n        \"200\"",
            "/paths/~1thing/get/requestBody",
            "multipart/form-data",
            "by hand",
        ),
    ]);
}

#[test]
fn about_responses() {
    check(&[
        (
            "\"404\": { $ref: \"#/components/responses/NotFound\" }",
            "\"404\": { $ref: \"#/components/responses/NotFound\" }\n        \"500\": { description: B., content: { application/json: { schema: { $ref: \"#/components/schemas/Thing\" } } } }",
            "/paths/~1thing/get/responses/500",
            "a second error body: `Thing`, not `Failure`",
            "use `Failure` for every error",
        ),
        (
            "\"404\": {",
            "default: {",
            "/paths/~1thing/get/responses/default",
            "`default` is not a status",
            "no `default`",
        ),
        (
            "\"404\": { $ref: \"#/components/responses/NotFound\" }",
            "\"404\": { description: N. }",
            "/paths/~1thing/get/responses/404",
            "no named schema",
            "`type: array` with `items: { $ref: … }`",
        ),
        (
            "schema: { $ref: \"#/components/schemas/Thing\" }",
            "schema: { type: array, items: { type: string } }",
            "/paths/~1thing/get/responses/200",
            "no named schema",
            "JSON body",
        ),
        (
            "schema: { $ref: \"#/components/schemas/Thing\" }",
            "schema: { type: array, items: { $ref: \"#/components/schemas/Code\" } }",
            "/paths/~1thing/get/responses/200",
            "neither an object nor a list of objects",
            "an object with `properties`",
        ),
        (
            "\"404\": { $ref: \"#/components/responses/NotFound\" }",
            "\"404\": { $ref: \"#/components/responses/NotFound\" }\n        \"500\": { description: B., content: { application/json: { schema: { type: array, items: { $ref: \"#/components/schemas/Failure\" } } } } }",
            "/paths/~1thing/get/responses/500",
            "a second error body: a list of `Failure`, not `Failure`",
            "use `Failure` for every error",
        ),
        (
            "        \"200\":\n          description: Here it is.",
            "        \"201\": { description: H., content: { application/json: { schema: { $ref: \"#/components/schemas/Thing\" } } } }\n        \"200\":\n          description: Here it is.",
            "/paths/~1thing/get/responses",
            "2 success bodies",
            "exactly one",
        ),
        (
            "examples: { sample: { x-evidence: sample, value: { name: n } } }",
            "examples: {}",
            "/paths/~1thing/get/responses/200",
            "the success has no example",
            "the sandbox responds with the first",
        ),
        (
            "        message: { type: string, description: Words., x-evidence: sample }\n",
            "",
            "/components/schemas/Failure",
            "lacks message",
            "add the properties",
        ),
    ]);
}

#[test]
fn all_findings_are_reported_at_once_in_the_order_of_the_file() {
    let text = edited("openapi: 3.0.3", "openapi: 3.1.0")
        .replace("      summary: Gets a thing.\n", "")
        .replace("enum: [ON, OFF]", "enum: []");
    let error = lint(&Spec::parse("dir/s.yaml", &text).unwrap()).unwrap_err();
    let lines: Vec<_> = error.findings().iter().map(|finding| finding.place.unwrap().0).collect();
    assert!(lines.len() >= 3 && lines.is_sorted(), "{error}");
    assert!(
        error.to_string().starts_with("dir/s.yaml:2:10 #/openapi: OpenAPI 3.1.0 is not supported\n    help: "),
        "{error}"
    );
}
