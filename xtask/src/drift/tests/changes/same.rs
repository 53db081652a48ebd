//! Edits without a change in meaning. They must raise no alarm.

use super::*;

#[test]
fn edits_without_meaning_raise_no_alarm() {
    let owner = "        owner: { $ref: \"#/components/schemas/Owner\" }\n";
    let inlined =
        "        owner: { type: object, description: Inline., properties: { user_name: { type: string } } }\n";
    let wrapped = "        owner: { allOf: [{ $ref: \"#/components/schemas/Owner\" }], description: Wrapped. }\n";
    let split = "        owner: { allOf: [{ type: object }, { properties: { user_name: { type: string } } }] }\n";
    let anchored = "        owner: &owner { type: object, properties: { user_name: { type: string } } }\n";
    let merged = "        owner: { type: object, properties: { <<: { user_name: { type: string } } } }\n";
    let swapped = "        note: { type: string, nullable: true, description: A note. }\n        link: { type: string, description: Its link. }\n";
    let note = "        note: { type: string, nullable: true, description: A note. }\n";
    let described_twice = format!(
        "{SIGNATURE}        - {{ name: X-Client-Id, in: header, required: true, schema: {{ type: string }} }}\n"
    );
    let same: &[&[(&str, &str)]] = &[
        &[],
        &[(owner, inlined)],
        &[(owner, wrapped)],
        &[(owner, split)],
        &[(owner, anchored)],
        &[
            ("code: { type: string, description: A code. }", "code: &text { type: string, description: A code. }"),
            ("type: { type: string, description: A family. }", "type: *text"),
        ],
        &[(owner, merged)],
        &[(FIELD, ""), (note, swapped)],
        &[("description: Its link.", "description: Entirely other words.")],
        &[("Gets a thing.", "Fetches one.")],
        &[(", example: 7", ", example: 8")],
        &[("tags: [things]", "tags: [others]")],
        &[("[OPEN, CLOSED]", "[CLOSED, OPEN]")],
        &[("X-Request-Id", "x-request-id")],
        &[("operationId: getThing", "operationId: readThing")],
        &[
            ("note: { type: string, nullable: true", "note: { type: [string, \"null\"]"),
            ("openapi: 3.0.3", "openapi: 3.1.0"),
        ],
        &[("note: { type: string, nullable: true", "note: { type: [null, string]")],
        &[("note: { type: string, nullable: true,", "note: { oneOf: [{ type: string }, { type: \"null\" }],")],
        &[("note: { type: string, nullable: true,", "note: { anyOf: [{ type: string }, { nullable: true }],")],
        &[("\"https://api.h.example/v\"", "\"https://api.h.example/v/\"")],
        &[
            ("      security: [{ ClientId: [], ClientSecret: [] }]\n", ""),
            ("      security: [{ ClientId: [], ClientSecret: [] }]\n", ""),
            ("tags: [{", "security: [{ ClientSecret: [], ClientId: [] }]\ntags: [{"),
        ],
        &[("name: x-signature", "name: X-Signature")],
        &[("required: [id]", "additionalProperties: true\n      required: [id]")],
        &[("link: { type: string,", "link: {\ttype: string,")],
        &[("maxLength: 50", "maxLength: 50.0")],
        &[("{ type: string, enum: [A, B]", "{ type: string, minLength: 0, uniqueItems: false, enum: [A, B]")],
        &[("id: { type: integer,", "id: { type: integer, exclusiveMinimum: false,")],
        &[(
            SIGNATURE,
            &format!(
                "{SIGNATURE}        - {{ name: Content-Type, in: header, required: true, schema: {{ type: string }} }}\n"
            ),
        )],
        // An authentication header that is described twice, or as a parameter.
        &[(SIGNATURE, &described_twice)],
        &[
            ("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientSecret: [] }]"),
            ("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientSecret: [], ClientId: [] }]"),
            (SIGNATURE, &described_twice),
        ],
        &[
            (
                "[{ ClientId: [], ClientSecret: [] }]",
                "[{ ClientId: [], ClientSecret: [] }, { ClientId: [], Again: [] }]",
            ),
            (
                "  securitySchemes:\n",
                "  securitySchemes:\n    Again: { type: apiKey, in: header, name: X-Client-Secret }\n",
            ),
        ],
    ];
    check_same(&[], same);
}

/// The same API in two versions of OpenAPI and by two authors.
#[test]
fn equivalent_notations_raise_no_alarm() {
    let id = "id: { type: integer, format: int64,";
    let link = "link: { type: string,";
    let note = "note: { type: string, nullable: true,";
    let state = "state: { type: string, enum: [OPEN, CLOSED],";
    let tags = "items: { type: string }";
    let base: &[(&str, &str)] = &[
        (id, "id: { type: integer, format: int64, minimum: 5, exclusiveMinimum: true,"),
        (link, "link: { type: string, format: byte,"),
        ("maxLength: 20", "maxLength: 20, format: binary"),
    ];
    check_same(
        base,
        &[
            // Cases that a reviewer found.
            &[("minimum: 5, exclusiveMinimum: true", "exclusiveMinimum: 5")],
            &[("format: byte", "contentEncoding: base64")],
            &[(note, "note: { readOnly: true, type: string, nullable: true,")],
            &[("name: { type: string,", "name: { writeOnly: true, type: string,")],
            &[("https://api.h.example/v", "https://API.h.example/v")],
            // Further cases.
            &[("minimum: 5, exclusiveMinimum: true", "minimum: 6")],
            &[("minimum: 5, exclusiveMinimum: true", "minimum: 5.5")],
            &[("minimum: 5, exclusiveMinimum: true", "minimum: 2, exclusiveMinimum: 5")],
            &[("format: byte", "format: byte, contentEncoding: BASE64")],
            &[("format: binary", "contentMediaType: application/octet-stream")],
            &[(state, "state: { anyOf: [{ const: OPEN, type: string }, { const: CLOSED, type: string }],")],
            &[(state, "state: { oneOf: [{ const: OPEN }, { const: CLOSED }],")],
            &[(state, "state: { enum: [CLOSED, OPEN],")],
            &[("tags: { type: array,", "tags: {")],
            &[(state, "state: { type: string, oneOf: [{ enum: [CLOSED] }, { const: OPEN }],")],
            &[(note, "note: { oneOf: [{ type: string }, { type: null }],")],
            &[(note, "note: { anyOf: [{ type: string }, { const: null }],")],
            &[(note, "note: { anyOf: [{ type: string }, { type: [string] }, { type: \"null\" }],")],
            &[("required: [id]", "additionalProperties: { description: Anything. }\n      required: [id]")],
            &[(
                "required: [id]",
                "unevaluatedProperties: true\n      patternProperties: {}\n      propertyNames: {}\n      required: [id]",
            )],
            &[("required: [id]", "dependentRequired: {}\n      if: true\n      anyOf: []\n      required: [id]")],
            &[(
                "required: [id]",
                "title: A thing\n      $comment: Words.\n      xml: { name: thing }\n      x-anything: 7\n      required: [id]",
            )],
            &[(tags, "items: { type: string, title: Tag, examples: [a] }")],
            &[(
                "tags: { type: array, description: Its tags., ",
                "tags: { type: array, unevaluatedItems: true, description: Its tags., ",
            )],
            &[("description: Found.\n", "description: Found.\n          links: { next: { operationId: getThing } }\n")],
            &[(
                "            application/json:\n              schema: { $ref",
                "            \"Application/JSON; charset=utf-8\":\n              schema: { $ref",
            )],
            &[(
                "      operationId: getThing\n",
                "      operationId: getThing\n      externalDocs: { url: x }\n      x-codeSamples: [{ lang: shell }]\n",
            )],
            &[(
                "openapi: 3.0.3",
                "openapi: 3.1.0\njsonSchemaDialect: https://spec.openapis.org/oas/3.1/dialect/base\nexternalDocs: { url: x }",
            )],
            &[(
                "- { name: kind, in: query,",
                "- { name: kind, in: query, style: form, explode: false, allowEmptyValue: false, examples: {},",
            )],
            &[(
                "- $ref: \"#/components/parameters/Version\"",
                "- { $ref: \"#/components/parameters/Version\", summary: Words., description: Other words. }",
            )],
        ],
    );
    // An empty tuple, and unrestricted items.
    check_same(
        &[(", items: { type: string }", "")],
        &[
            &[("tags: { type: array", "tags: { type: array, items: {}")],
            &[("tags: { type: array", "tags: { type: array, items: true, prefixItems: []")],
        ],
    );
    // A reference with a URL-encoded name.
    let spaced = &[("    Owner:\n", "    Own er:\n"), ("schemas/Owner\"", "schemas/Own%20er\"")];
    check_same(&[], &[spaced]);
}

/// An info string may have an operation's full URL.
#[test]
fn an_address_in_the_info_string_names_an_operation() {
    for info in [
        "get https://api.h.example/v/thing",
        "GET HTTPS://API.H.EXAMPLE/v/thing/",
        "openapi.yaml get https://h.example/thing {3}",
    ] {
        let text = page(&edited(&[("    post:\n", "    delete:\n")])).replace("````yaml", &format!("````yaml {info}"));
        let report = against_page(&known(), "page.md", &text);
        assert_eq!((report.exit_code(), report.failure.as_deref()), (0, None), "{info}: {}", report.text());
    }
    let other = page(FIXTURE).replace("````yaml", "````yaml get https://api.h.example/v/other");
    assert!(against_page(&known(), "page.md", &other).failure.unwrap().contains("does not describe it"));
}
