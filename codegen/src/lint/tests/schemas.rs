//! Rules about schemas, enums, the lifecycle and constants.

use super::check;

#[test]
fn about_schemas_and_properties() {
    let name = "/components/schemas/Thing/properties/name";
    let tags = "/components/schemas/Thing/properties/tags";
    check(&[
        (
            "x-rust-name: State",
            "x-rust-name: state",
            "/components/schemas/ThingCondition",
            "cannot be the name of a type",
            "upper camel case",
        ),
        (
            "x-rust-name: State",
            "x-rust-name: KYCState",
            "/components/schemas/ThingCondition",
            "cannot be the name of a type",
            "PanDetails",
        ),
        (
            "x-rust-name: State",
            "x-rust-name: Phase",
            "/components/schemas/ThingCondition",
            "cannot be the name of a type",
            "x-rust-name",
        ),
        (
            "x-rust-name: State",
            "x-rust-name: Thing",
            "/components/schemas/ThingCondition",
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
        ("description: Its name., ", "", name, "`description` is missing", "one sentence"),
        ("name: { type: string,", "name: { type: string, format: hostname,", name, "format `hostname`", "timestamp"),
        ("name: { type: string,", "name: { type: integer, format: uint8,", name, "format `uint8`", "int64"),
        ("name: { type: string,", "name: { type: text,", name, "no type `text`", "use string"),
        ("name: { type: string,", "name: { type: [string],", name, "the type is not text", "nullable"),
        ("name: { type: string,", "name: { nullable: true,", name, "`nullable` without", "type too"),
        (
            "name: { type: string,",
            "name: { anyOf: [{ $ref: \"#/components/schemas/Failure\" }, { type: string }],",
            name,
            "alternatives",
            "widest",
        ),
        ("name: { type: string,", "name: { oneOf: [],", name, "alternatives", "widest"),
        ("name: { type: string,", "name: { allOf: [{}, {}],", name, "`allOf` is for wrapping", "components/schemas"),
        (", items: { type: string }", "", tags, "a list without `items`", "describe the items"),
        (
            "items: { type: string }",
            "items: { items: { items: { items: { items: { items: { items: { items: {} } } } } } } }",
            "/components/schemas/Thing/properties/tags/items/items/items/items/items/items/items/items",
            "more than 8 nested schemas",
            "components/schemas",
        ),
        (
            "items: { type: string }",
            "items: { type: string, enum: [a] }",
            "/components/schemas/ThingTagsItem",
            "this enum is closed",
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
            "an enum without a name",
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
fn about_enums() {
    let state = "/components/schemas/ThingCondition";
    check(&[
        ("enum: [ON, OFF]", "enum: []", state, "the enum has no values", "list the known values"),
        ("      enum: [ON, OFF]\n", "", state, "the enum has no values", "list the known values"),
        (
            "anyOf: [{ $ref: \"#/components/schemas/ThingCondition\" }, { type: string }]",
            "allOf: [{ $ref: \"#/components/schemas/ThingCondition\" }]",
            "/components/schemas/Thing/properties/state",
            "other tools that read this file would reject",
            "{ type: string }]",
        ),
        (
            "anyOf: [{ $ref: \"#/components/schemas/ThingCondition\" }, { type: string }]",
            "anyOf: [{ $ref: \"#/components/schemas/ThingCondition\" }, { type: string, maxLength: 9 }]",
            "/components/schemas/Thing/properties/state",
            "alternatives",
            "widest",
        ),
        ("      x-open-enum: true\n", "", state, "this enum is closed", "x-open-enum: true"),
        ("enum: [ON, OFF]", "enum: [ON, 1]", "/components/schemas/ThingCondition/enum/1", "not text", "quotes"),
        (
            "enum: [ON, OFF]",
            "enum: [ON, OFF, Off]",
            "/components/schemas/ThingCondition/enum/2",
            "would both be `Off`",
            "x-enum-varnames",
        ),
        (
            "enum: [ON, OFF]",
            "enum: [ON, OFF, UNKNOWN]",
            "/components/schemas/ThingCondition/enum/2",
            "cannot be the name",
            "x-enum-varnames",
        ),
        (
            "enum: [ON, OFF]",
            "enum: [ON, OFF]\n      x-enum-varnames: [Running]",
            "/components/schemas/ThingCondition/x-enum-varnames",
            "the number of names",
            "in the same order",
        ),
        (
            ", OFF: It is off.",
            "",
            "/components/schemas/ThingCondition/x-enumDescriptions",
            "`OFF` has no description",
            "OFF: <one sentence>",
        ),
        (
            "OFF: It is off.",
            "OFF: It is off., GONE: Gone.",
            "/components/schemas/ThingCondition/x-enumDescriptions/GONE",
            "not a value",
            "remove the entry",
        ),
        (
            "name: { type: string, ",
            "name: { type: string, enum: [a], ",
            "/components/schemas/ThingName",
            "this enum is closed",
            "x-open-enum",
        ),
        (
            "name: { type: string, ",
            "name: { type: string, x-absent-is-unknown: true, ",
            "/components/schemas/Thing/properties/name",
            "is for open enums only",
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
            "`summary` is missing",
            "summary:",
        ),
    ]);
}

#[test]
fn about_the_lifecycle() {
    check(&[
        ("status: ThingCondition", "status: Thing", "/x-lifecycle", "its two enums", "two open enums"),
        ("  unknown_advice: Wait.\n", "", "/x-lifecycle", "`unknown_advice` is missing", "without a row"),
        (
            "phases: [{ name: early",
            "phases: [{ name: 2nd",
            "/x-lifecycle/phases/0",
            "`2nd` cannot be the name",
            "a unique word",
        ),
        (
            "phases: [{ name: early",
            "phases: [{ name: unknown",
            "/x-lifecycle/phases/0",
            "`unknown` cannot",
            "a unique word",
        ),
        ("actors: [{ name: you", "actors: [{ name: self", "/x-lifecycle/actors/0", "`self` cannot", "a unique word"),
        (
            "actors: [",
            "actors: [{ name: you, description: Y. }, ",
            "/x-lifecycle/actors/1",
            "`you` cannot",
            "a unique word",
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
        ("sub_status: Detail\n", "sub_status: Detail\n  event: Thing\n", "/x-lifecycle", "its events", "an open enum"),
        ("final: false, ", "final: false, event: LEFT, ", "/x-lifecycle", "its events", "an open enum"),
        (
            "rows:\n    - { status: ON, ",
            "event: Detail\n  rows:\n    - { status: ON, event: UP, ",
            "/x-lifecycle/rows/0",
            "`event` of this row",
            "LEFT, RIGHT",
        ),
        ("final: false, ", "", "/x-lifecycle/rows/0", "lacks `final`", "final: true"),
        ("final: false, ", "final: true, outcome: lost, ", "/x-lifecycle/rows/0", "`outcome` of this row", "abandoned"),
        (
            "final: false, ",
            "final: false, outcome: rejected, ",
            "/x-lifecycle/rows/0",
            "an `outcome` and is not final",
            "remove",
        ),
        (
            "final: false, ",
            "final: true, outcome: passed, ",
            "/x-lifecycle/rows/0",
            "passes without being documented",
            "remove `outcome`",
        ),
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
fn about_constants_that_differ() {
    let second = "
  /zother:
    get:
      operationId: getOther
      summary: Another.
      parameters:
        - { name: x-mark, in: header, description: W., x-transport: true, x-evidence: sample, schema: { type: string, default: '2' } }
      responses:
        '200': { description: H., content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }
components:\n";
    check(&[(
        "\ncomponents:\n",
        second,
        "/x-webhooks/thingEvent/post/parameters/0",
        "this differs from #/paths/~1zother/get/parameters/0, and both would be `DEFAULT_X_MARK`",
        "the same",
    )]);
}
