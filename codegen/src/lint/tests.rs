//! Each rule, by a spec that breaks it: one edit of the fixture, and the finding that it must give.

use crate::lint::lint;
use crate::read::Spec;
use crate::tests::{FIXTURE, edited};

/// (what to replace, by what, the pointer of the finding, a part of its message, a part of its cure)
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    for (old, new, pointer, message, cure) in cases {
        let spec = Spec::parse("s.yaml", &edited(old, new)).unwrap();
        let error = lint(&spec).unwrap_err();
        let hit = error.findings().iter().any(|finding| {
            finding.pointer == *pointer
                && finding.message.contains(message)
                && finding.cure.contains(cure)
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
        ("title: Small, ", "", "/info", "`info.title` is missing", "add it"),
        ("version: \"2024-12-01\" }\nservers", "version: 2024 }\nservers", "/info", "`info.version`", "in quotes"),
        (
            "version: \"2024-12-01\" }\nservers",
            "version: \"2025-01-01\" }\nservers",
            "/components/parameters/Version",
            "differ",
            "the API version",
        ),
        ("https://h.example/v", "http://h.example/v", "/servers/0", "no plain https URL", "https://"),
        ("https://h.example/v", "https://h.example/v/", "/servers/0", "no plain https URL", "trailing slash"),
        (", x-environment: sandbox", "", "/servers/0", "no environment", "x-environment"),
    ]);
}

#[test]
fn about_references() {
    check(&[
        (
            "schema: { $ref: \"#/components/schemas/Thing\" }",
            "schema: { $ref: \"#/components/schemas/Nothing\" }",
            "/paths/~1thing/get/responses/200/content/application~1json/schema/$ref",
            "nothing stands at `#/components/schemas/Nothing`",
            "add the component",
        ),
        (
            "schema: { $ref: \"#/components/schemas/Thing\" }",
            "schema: { $ref: \"other.yaml#/Thing\" }",
            "/paths/~1thing/get/responses/200/content/application~1json/schema/$ref",
            "only references within this file",
            "copy the component",
        ),
        (
            "RequestId: { description: Which request., schema: { type: string } }",
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
            "one of documented, sample",
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
            "/components/schemas/ThingState/x-rust-name",
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
            "operationId is missing",
            "operationId: <camelCaseName>",
        ),
        ("operationId: getThing", "operationId: 7 things", "/paths/~1thing/get/operationId", "no Rust name", "letters"),
        ("\ncomponents:\n", second, "/paths/~1zother/get/operationId", "is taken by #/paths/~1thing/get", "of its own"),
        ("      summary: Gets a thing.\n", "", "/paths/~1thing/get", "summary is missing", "one sentence"),
        ("  /thing:", "  thing:", "/paths/thing", "does not start with a slash", "/path"),
        ("    get:\n", "    fetch:\n", "/paths/~1thing/fetch", "cannot stand under a path", "get, post"),
        ("    get:\n", "    fetch:\n", "/paths", "there is no operation", "add a path"),
        ("          description: Which.\n", "", "/paths/~1thing/get/parameters/1", "no description", "description:"),
        ("name: thing_id", "name: thing²", "/paths/~1thing/get/parameters/1", "no Rust name", "ASCII"),
        (
            "    get:\n",
            "    parameters: []\n    get:\n",
            "/paths/~1thing/parameters",
            "cannot stand under a path",
            "under those",
        ),
        (
            "        - $ref: \"#/components/parameters/Version\"\n        - name: thing_id\n          in: query\n          description: Which.\n          x-evidence: sample\n          schema: { type: string, minLength: 1, maxLength: 9, pattern: \"^[a-z]+$\", default: abc }\n",
            "        name: thing_id\n",
            "/paths/~1thing/get/parameters",
            "not a list",
            "- ",
        ),
        ("in: query", "in: path", "/paths/~1thing/get/parameters", "`thing_id` is in the path or", "{thing_id}"),
        ("  /thing:", "  /thing/{id}:", "/paths/~1thing~1{id}/get/parameters", "`id` is in the path or", "in: path"),
        ("in: query", "in: cookie", "/paths/~1thing/get/parameters/1", "not supported", "in: query"),
        ("in: query", "in: header", "/paths/~1thing/get/parameters/1", "that nobody sends", "x-transport"),
        ("^[a-z]+$", "^\\\\d+$", "/paths/~1thing/get/parameters/1", "pattern is not understood", "character class"),
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
            "names no schema",
            "JSON body",
        ),
        (
            "        \"200\":\n          description: Here it is.",
            "        \"201\": { description: H., content: { application/json: { schema: { $ref: \"#/components/schemas/Thing\" } } } }\n        \"200\":\n          description: Here it is.",
            "/paths/~1thing/get/responses",
            "2 success bodies",
            "exactly one",
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
fn about_schemas_and_properties() {
    let name = "/components/schemas/Thing/properties/name";
    let tags = "/components/schemas/Thing/properties/tags";
    check(&[
        (
            "x-rust-name: State",
            "x-rust-name: state",
            "/components/schemas/ThingState",
            "cannot be the name of a type",
            "upper camel case",
        ),
        (
            "x-rust-name: State",
            "x-rust-name: KYCState",
            "/components/schemas/ThingState",
            "cannot be the name of a type",
            "PanDetails",
        ),
        (
            "x-rust-name: State",
            "x-rust-name: Phase",
            "/components/schemas/ThingState",
            "cannot be the name of a type",
            "x-rust-name",
        ),
        (
            "x-rust-name: State",
            "x-rust-name: Thing",
            "/components/schemas/ThingState",
            "would both be `Thing`",
            "another",
        ),
        (
            "    Thing:\n      type: object",
            "    Thing:\n      type: array",
            "/components/schemas/Thing",
            "cannot be a named schema",
            "properties",
        ),
        (
            "    Thing:\n      type: object",
            "    Thing:\n      oneOf: []\n      type: object",
            "/components/schemas/Thing",
            "cannot be a named schema",
            "properties",
        ),
        (
            "name: { type: string,",
            "extra: { type: string,",
            "/components/schemas/Thing/properties/extra",
            "unknown fields",
            "another name",
        ),
        ("description: Its name., ", "", name, "no description", "description:"),
        (
            "when: { type: string,",
            "when: { type: string, x-sensitive: true,",
            "/components/schemas/Thing/properties/when",
            "cannot be sensitive",
            "keep one",
        ),
        ("name: { type: string,", "name: { type: string, format: date-time,", name, "format `date-time`", "timestamp"),
        ("name: { type: string,", "name: { type: integer, format: uint8,", name, "format `uint8`", "int64"),
        ("name: { type: string,", "name: { type: text,", name, "no type `text`", "use string"),
        ("name: { type: string,", "name: { type: [string],", name, "the type is not text", "nullable"),
        ("name: { type: string,", "name: { oneOf: [],", name, "alternatives", "widest"),
        ("name: { type: string,", "name: { allOf: [{}, {}],", name, "`allOf` is for wrapping", "components/schemas"),
        (
            "name: { type: string,",
            "name: { type: object, properties: {},",
            name,
            "an object that has no name",
            "refer to it",
        ),
        (", items: { type: string }", "", tags, "a list without `items`", "what the list holds"),
        (
            "items: { type: string }",
            "items: { type: string, enum: [a] }",
            "/components/schemas/Thing/properties/tags/items",
            "an enum that has no name",
            "x-open-enum",
        ),
        (
            "items: { type: string }",
            "items: { type: string, x-sensitive: true }",
            "/components/schemas/Thing/properties/tags/items/x-sensitive",
            "does nothing here",
            "named schema",
        ),
        (
            "pattern: \"^[a-z]+$\",",
            "pattern: \"^[a-z]+$\", enum: [a],",
            "/paths/~1thing/get/parameters/1",
            "an enum that has no name",
            "refer to it",
        ),
        (
            "pattern: \"^[a-z]+$\",",
            "x-sensitive: true,",
            "/paths/~1thing/get/parameters/1",
            "cannot be `x-sensitive`",
            "remove it",
        ),
    ]);
}

#[test]
fn about_facts_that_differ() {
    let second = "
  /zother:
    get:
      operationId: getOther
      summary: Another.
      parameters:
        - { name: thing_id, in: query, description: W., schema: { type: string, maxLength: 8, pattern: '^[a-z]+$' } }
      responses:
        '200': { description: H., content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }
components:\n";
    check(&[(
        "\ncomponents:\n",
        second,
        "/paths/~1zother/get/parameters/0",
        "this differs from #/paths/~1thing/get/parameters/1, and both would be `THING_ID_MAX`",
        "the same",
    )]);
}

#[test]
fn about_enums() {
    let state = "/components/schemas/ThingState";
    check(&[
        ("enum: [ON, OFF]", "enum: []", state, "the enum has no values", "list the known values"),
        ("      enum: [ON, OFF]\n", "", state, "the enum has no values", "list the known values"),
        ("      x-open-enum: true\n", "", state, "this enum is closed", "x-open-enum: true"),
        ("enum: [ON, OFF]", "enum: [ON, 1]", "/components/schemas/ThingState/enum/1", "not text", "quotes"),
        (
            "enum: [ON, OFF]",
            "enum: [ON, OFF, Off]",
            "/components/schemas/ThingState/enum/2",
            "would both be `Off`",
            "x-enum-names",
        ),
        (
            "enum: [ON, OFF]",
            "enum: [ON, OFF, UNKNOWN]",
            "/components/schemas/ThingState/enum/2",
            "cannot be the name",
            "x-enum-names",
        ),
        (
            ", OFF: It is off.",
            "",
            "/components/schemas/ThingState/x-enum-descriptions",
            "`OFF` has no description",
            "OFF: <one sentence>",
        ),
        (
            "OFF: It is off.",
            "OFF: It is off., GONE: Gone.",
            "/components/schemas/ThingState/x-enum-descriptions/GONE",
            "not a value",
            "remove the entry",
        ),
        (
            "name: { type: string, ",
            "name: { type: string, enum: [a], ",
            "/components/schemas/Thing/properties/name",
            "an enum that has no name",
            "components/schemas",
        ),
        (
            "name: { type: string, ",
            "name: { type: string, x-absent-is-unknown: true, ",
            "/components/schemas/Thing/properties/name",
            "on what is no open enum",
            "remove it",
        ),
        (
            "value: { type: t, code: gone_away }",
            "value: { type: t, code: lost }",
            "/components/responses/NotFound/content/application~1json/examples/gone",
            "`lost` is not a known error code",
            "add the code",
        ),
        (
            "value: { type: t, code: gone_away }",
            "value: { type: t }",
            "/components/schemas/Code/enum",
            "no error example has the code `gone_away`",
            "add an example",
        ),
        (
            "summary: It is gone., ",
            "",
            "/components/responses/NotFound/content/application~1json/examples/gone",
            "no summary",
            "summary:",
        ),
    ]);
}

#[test]
fn about_the_lifecycle() {
    check(&[
        ("status: ThingState", "status: Thing", "/x-lifecycle", "which enums", "two open enums"),
        ("  unknown_advice: Wait.\n", "", "/x-lifecycle", "`unknown_advice` is missing", "without a row"),
        (
            "phases: [{ name: early",
            "phases: [{ name: 2nd",
            "/x-lifecycle/phases/0",
            "`2nd` cannot be the name",
            "a word",
        ),
        ("phases: [{ name: early", "phases: [{ name: unknown", "/x-lifecycle/phases/0", "`unknown` cannot", "a word"),
        ("actors: [{ name: you", "actors: [{ name: self", "/x-lifecycle/actors/0", "`self` cannot", "a word"),
        (
            "actors: [",
            "actors: [{ name: you, description: Y. }, ",
            "/x-lifecycle/actors/1",
            "`you` cannot",
            "of its own",
        ),
        ("{ status: ON, phase", "{ status: ONN, phase", "/x-lifecycle/rows/0", "`status` of this row", "ON, OFF"),
        ("sub_status: LEFT", "sub_status: UP", "/x-lifecycle/rows/2", "`sub_status` of this row", "LEFT, RIGHT"),
        (
            "status: ON, phase: early",
            "status: ON, phase: late",
            "/x-lifecycle/rows/0",
            "`phase` of this row",
            "one of early",
        ),
        (
            "{ status: ON, phase: early, actor: you",
            "{ status: ON, phase: early, actor: me",
            "/x-lifecycle/rows/0",
            "`actor` of this row",
            "one of you",
        ),
        ("settled: false, ", "", "/x-lifecycle/rows/0", "lacks `settled`", "settled: true"),
        (
            "evidence: sample }\n    - { status: OFF, phase",
            "evidence: hope }\n    - { status: OFF, phase",
            "/x-lifecycle/rows/0",
            "`evidence`",
            "documented",
        ),
        (
            "{ status: OFF, phase",
            "{ status: ON, phase",
            "/x-lifecycle/rows/1",
            "a second row for the same state",
            "keep one",
        ),
        ("{ status: OFF, phase", "{ status: ON, phase", "/x-lifecycle/rows", "no row for `OFF` alone", "status: OFF"),
    ]);
}

#[test]
fn everything_wrong_is_said_at_once_in_the_order_of_the_file() {
    let text = edited("openapi: 3.0.3", "openapi: 3.1.0")
        .replace("      summary: Gets a thing.\n", "")
        .replace("enum: [ON, OFF]", "enum: []");
    let error = lint(&Spec::parse("dir/s.yaml", &text).unwrap()).unwrap_err();
    let lines: Vec<_> = error.findings().iter().map(|finding| finding.place.unwrap().0).collect();
    assert!(lines.len() >= 3 && lines.is_sorted(), "{error}");
    assert!(
        error.to_string().starts_with("dir/s.yaml:2:10 #/openapi: OpenAPI 3.1.0 is not supported\n    cure: "),
        "{error}"
    );
}

#[test]
fn about_webhooks() {
    check(&[
        ("    post:\n", "    get:\n", "/x-webhooks/thingEvent", "the webhook is [\"get\"]", "under `post:`"),
        ("      summary: A thing moved.\n", "", "/x-webhooks/thingEvent/post", "summary is missing", "one sentence"),
        (
            "x-mark, in: header",
            "x-mark, in: query",
            "/x-webhooks/thingEvent/post/parameters/0",
            "no header",
            "in: header",
        ),
        (
            ", description: Proof.",
            "",
            "/x-webhooks/thingEvent/post/parameters/0",
            "no header with words",
            "description",
        ),
        (
            "schemas/Thing\" }\n            examples: { moved",
            "schemas/Code\" }\n            examples: { moved",
            "/x-webhooks/thingEvent/post",
            "names no schema",
            "named object",
        ),
        (
            "            examples: { moved: { value: { name: m } } }\n",
            "",
            "/x-webhooks/thingEvent/post/requestBody",
            "no example",
            "tests send it",
        ),
    ]);
}

#[test]
fn about_the_house() {
    check(&[
        ("      x-idempotent: true\n", "", "/paths/~1thing/get", "whether it is idempotent", "x-idempotent: false"),
        ("\"404\": {", "\"204\": {", "/paths/~1thing/get/responses", "documents no error", "error responses"),
        (
            "          x-evidence: sample\n          schema: { type: string, minLength",
            "          schema: { type: string, minLength",
            "/paths/~1thing/get/parameters/1",
            "how well it is known",
            "one of documented, sample",
        ),
        (
            "description: Its name., example: n, x-evidence: sample }",
            "description: Its name., example: n }",
            "/components/schemas/Thing/properties/name",
            "how well it is known",
            "x-evidence",
        ),
        (
            "        type: { type: string, description: Its type., x-evidence: sample }",
            "        vkyc_link: { type: string, description: Its link., x-evidence: sample }",
            "/components/schemas/Thing/properties/vkyc_link",
            "sounds like what must not be printed",
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
            "examples: { sample: { value: { name: n } } }",
            "examples: { sample: { value: { name: n, state: ON, number: x } } }",
            "/paths/~1thing/get/responses/200/content/application~1json/examples/sample/value/number",
            "does not fit its schema",
            "seen on the wire",
        ),
        (
            "examples: { sample: { value: { name: n } } }",
            "examples: { sample: { value: { state: SIDEWAYS } } }",
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
            "examples: { moved: { value: { name: m } } }",
            "examples: { moved: { value: { name: 1 } } }",
            "/x-webhooks/thingEvent/post/requestBody/content/application~1json/examples/moved/value/name",
            "does not fit its schema",
            "correct the value",
        ),
    ]);
}
