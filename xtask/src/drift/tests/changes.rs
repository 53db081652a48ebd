//! The table: a page that differs from the spec in one way, and the one change that it must give.

use super::*;

/// What is edited on the page, and what it must give: "rule class step place", several with a bar between.
type Case<'a> = (&'a [(&'a str, &'a str)], &'a str);

/// Compares the page of one operation. (A schema that two share would have each change told twice.)
fn check(operation: &str, cases: &[Case<'_>]) {
    for (edits, expected) in cases {
        let text = page(&edited(edits)).replace("````yaml", &format!("````yaml {operation}"));
        let report = against_page(&known(), "page.md", &text);
        let line = |c: &Change| format!("{} {} {} {}", c.rule, c.class, c.step, c.difference.place);
        let mut found: Vec<_> = report.changes.iter().map(line).collect();
        let mut expected: Vec<_> = expected.split('|').collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!((report.exit_code(), found), (1, expected.iter().map(ToString::to_string).collect()), "{edits:?}");
        for change in &report.changes {
            assert!(!change.edit.is_empty() && report.lines.contains_key(&change.difference.pointer), "{change:?}");
        }
    }
}

const FIELD: &str = "        link: { type: string, description: Its link. }\n";
const SIGNATURE: &str =
    "        - { name: x-signature, in: header, description: A proof., schema: { type: string } }\n";
const KIND: &str = "        - { name: kind, in: query,";
const NAME: &str = "                name: { type: string, maxLength: 20, description: A name. }\n";

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

#[test]
fn changes_of_parameters() {
    check(
        "get /thing",
        &[
            (
                &[(
                    SIGNATURE,
                    "        - { name: x-signature, in: header, required: true, schema: { type: string } }\n",
                )],
                "request-became-required breaking major header x-signature",
            ),
            (&[(SIGNATURE, "")], "parameter-removed breaking major header x-signature"),
            (
                &[(
                    SIGNATURE,
                    "        - { name: x-tenant, in: header, required: true, schema: { type: string } }\n        - { name: x-signature, in: header, schema: { type: string } }\n",
                )],
                "parameter-added-required breaking major header x-tenant",
            ),
            (
                &[(
                    SIGNATURE,
                    "        - { name: x-tenant, in: header, schema: { type: string } }\n        - { name: x-signature, in: header, schema: { type: string } }\n",
                )],
                "parameter-added-optional compatible minor header x-tenant",
            ),
            (&[("name: x-signature", "name: x-signatures")], "parameter-renamed breaking major header x-signature"),
            (
                &[("default: \"2024-12-01\"", "default: \"2025-11-01\"")],
                "request-default-changed risky minor header x-api-version",
            ),
            (&[(", default: \"2024-12-01\"", "")], "request-default-changed risky minor header x-api-version"),
            (
                &[(
                    KIND,
                    "        - { name: page, in: query, schema: { type: integer } }\n        - { name: kind, in: query,",
                )],
                "parameter-added-optional compatible minor query page",
            ),
            (&[(KIND, "        - { name: kind, in: path,")], "parameter-moved breaking major query kind"),
            (
                &[("          required: true\n          description: Which.", "          description: Which.")],
                "request-became-optional compatible patch query thing_id",
            ),
            (
                &[("{ type: string, minLength: 1", "{ type: integer, minLength: 1")],
                "request-type-changed breaking major query thing_id",
            ),
            (
                &[("{ type: string, minLength: 1", "{ type: string, format: uuid, minLength: 1")],
                "request-format-changed risky minor query thing_id",
            ),
            (&[("maxLength: 50", "maxLength: 40")], "request-limit-tightened breaking major query thing_id"),
            (&[("maxLength: 50", "maxLength: 60")], "request-limit-loosened compatible patch query thing_id"),
            (&[("minLength: 1", "minLength: 2")], "request-limit-tightened breaking major query thing_id"),
            (&[("minLength: 1, ", "")], "request-limit-loosened compatible patch query thing_id"),
            (&[("^[a-z]+$", "^[a-z0-9]+$")], "request-pattern-changed risky minor query thing_id"),
            (&[("enum: [A, B]", "enum: [A, B, C]")], "request-value-added compatible minor query kind"),
            (&[("enum: [A, B]", "enum: [A]")], "request-value-removed breaking major query kind"),
            (&[(", enum: [A, B]", "")], "request-enum-dropped compatible patch query kind"),
            (
                &[(
                    "        - { name: kind, in: query, description: Of which kind., schema: { type: string, enum: [A, B] } }\n",
                    "",
                )],
                "parameter-removed breaking major query kind",
            ),
            (
                &[("- { name: kind, in: query, description", "- { name: kind, in: path, required: true, description")],
                "parameter-moved breaking major query kind",
            ),
            (
                &[(
                    "description: A proof., schema: { type: string",
                    "description: A proof., schema: { type: string, pattern: \"^a$\"",
                )],
                "request-limit-tightened breaking major header x-signature",
            ),
            (
                &[("- { name: kind, in: query, description", "- { name: kind, in: header, description")],
                "parameter-moved breaking major query kind",
            ),
            (
                &[("      parameters:\n", "      deprecated: true\n      parameters:\n")],
                "deprecated risky minor deprecated",
            ),
            (
                &[("description: A proof., schema", "description: A proof., deprecated: true, schema")],
                "deprecated risky minor header x-signature",
            ),
        ],
    );
}

#[test]
fn changes_of_request_bodies() {
    check(
        "post /thing",
        &[
            (
                &[(
                    NAME,
                    "                name: { type: string, maxLength: 20 }\n                size: { type: integer }\n",
                )],
                "request-field-added-optional compatible minor request application/json: size",
            ),
            (
                &[
                    (
                        NAME,
                        "                name: { type: string, maxLength: 20 }\n                size: { type: integer }\n",
                    ),
                    ("required: [name]", "required: [name, size]"),
                ],
                "request-field-added-required breaking major request application/json: size",
            ),
            (
                &[("                colour: {", "                colours: {")],
                "request-field-renamed breaking major request application/json: colour",
            ),
            (
                &[("required: [name]", "required: [name, colour]")],
                "request-became-required breaking major request application/json: colour",
            ),
            (
                &[("nullable: true, description: A colour", "description: A colour")],
                "request-no-longer-nullable breaking major request application/json: colour",
            ),
            (
                &[("name: { type: string, maxLength: 20", "name: { type: string, nullable: true, maxLength: 20")],
                "request-became-nullable compatible patch request application/json: name",
            ),
            (&[("[RED, BLUE]", "[RED]")], "request-value-removed breaking major request application/json: colour"),
            (
                &[("        required: true\n        content:", "        content:")],
                "request-became-optional compatible patch request application/json",
            ),
            (
                &[("                colour: {", "                tint: { type: integer }\n                colour: {")],
                "request-field-added-optional compatible minor request application/json: tint",
            ),
            (
                &[(
                    "                colour: { type: string, enum: [RED, BLUE], nullable: true, description: A colour. }\n",
                    "",
                )],
                "request-field-removed breaking major request application/json: colour",
            ),
            (
                &[("maxLength: 20", "maxLength: 10")],
                "request-limit-tightened breaking major request application/json: name",
            ),
            (&[(", maxLength: 20", "")], "request-limit-loosened compatible patch request application/json: name"),
            (
                &[("[RED, BLUE]", "[RED, BLUE, GREEN]")],
                "request-value-added compatible minor request application/json: colour",
            ),
            (
                &[(
                    "          application/json:\n            schema:\n              type: object\n              required: [name]",
                    "          multipart/form-data:\n            schema:\n              type: object\n              required: [name]",
                )],
                "request-body-removed breaking major request application/json|request-body-added-required breaking major request multipart/form-data",
            ),
            (
                &[(
                    "              required: [name]\n",
                    "              required: [name]\n              additionalProperties: false\n",
                )],
                "request-closed risky minor request application/json: .",
            ),
        ],
    );
}

#[test]
fn changes_of_access() {
    let replaced = "auth-removed risky minor auth header x-client-id|auth-added breaking major auth";
    check(
        "get /thing",
        &[
            (&[("name: x-client-id", "name: x-customer")], &format!("{replaced} header x-customer")),
            (&[("name: x-client-id", "name: x-client-ids")], "auth-renamed breaking major auth header x-client-id"),
            (
                &[("in: header, name: x-client-id", "in: query, name: x-client-id")],
                &format!("{replaced} query x-client-id"),
            ),
            (
                &[(
                    "ClientId: { type: apiKey, in: header, name: x-client-id }",
                    "ClientId: { type: http, scheme: bearer }",
                )],
                &format!("{replaced} http bearer"),
            ),
            (
                &[("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientSecret: [] }]")],
                "auth-removed risky minor auth header x-client-id",
            ),
            (
                &[("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientId: [] }, { ClientSecret: [] }]")],
                "auth-became-optional risky minor auth header x-client-id|auth-became-optional risky minor auth header x-client-secret",
            ),
            (
                &[("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientId: [], ClientSecret: [] }, {}]")],
                "auth-became-optional risky minor auth header x-client-id|auth-became-optional risky minor auth header x-client-secret",
            ),
            (
                &[("https://api.h.example/v", "https://api2.h.example/v")],
                "server-changed breaking major server https://api.h.example/v",
            ),
            (
                &[("  - { url: \"https://api.h.example/v\", description: Live. }\n", "")],
                "server-removed breaking major server https://api.h.example/v",
            ),
            (
                &[("servers:\n", "servers:\n  - { url: \"https://eu.elsewhere.example\" }\n")],
                "server-added compatible patch server https://eu.elsewhere.example",
            ),
        ],
    );
    // A header that proves who calls and one that may be left out are two things, either way about.
    let signed = "[{ ClientId: [], ClientSecret: [], Proof: [] }]";
    let proof = "  securitySchemes:\n    Proof: { type: apiKey, in: header, name: x-signature }\n";
    let schemes = "  securitySchemes:\n";
    check(
        "get /thing",
        &[
            (
                &[("[{ ClientId: [], ClientSecret: [] }]", signed), (schemes, proof), (SIGNATURE, "")],
                "auth-added breaking major auth header x-signature|parameter-removed breaking major header x-signature",
            ),
            (
                &[
                    ("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientSecret: [] }]"),
                    (
                        SIGNATURE,
                        &format!(
                            "{SIGNATURE}        - {{ name: x-client-id, in: header, schema: {{ type: string }} }}\n"
                        ),
                    ),
                ],
                "auth-removed risky minor auth header x-client-id|parameter-added-optional compatible minor header x-client-id",
            ),
        ],
    );
    // Alternatives that go are the other way about.
    let either = edited(&[("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientId: [] }, { ClientSecret: [] }]")]);
    let known = Known::only(&Spec::parse("either.yaml", &either).unwrap());
    let report = against_page(&known, "page.md", &page(FIXTURE).replace("````yaml", "````yaml get /thing"));
    assert!(report.changes.iter().all(|change| change.rule == "auth-became-required"), "{}", report.text(false));
    assert_eq!(report.changes.len(), 2);
}

#[test]
fn changes_in_combined_schemas() {
    let thing = "application/json:\n              schema: { $ref: \"#/components/schemas/Thing\" }";
    let combined = |schema: &str| format!("application/json:\n              schema: {{ {schema} }}");
    let thing_ref = "{ $ref: \"#/components/schemas/Thing\" }";
    let number = "{ type: object, required: [id], properties: { link: { type: integer } } }";
    let changed = "response-type-changed breaking major 200 application/json: link";
    let owner = "owner: { $ref: \"#/components/schemas/Owner\" }";
    check(
        "get /thing",
        &[
            (&[(thing, &combined(&format!("oneOf: [{thing_ref}, {number}]")))], changed),
            (&[(thing, &combined(&format!("oneOf: [{number}, {thing_ref}]")))], changed),
            (&[(thing, &combined(&format!("anyOf: [{number}, {thing_ref}]")))], changed),
            (
                &[(
                    thing,
                    &combined(&format!("allOf: [{thing_ref}, {{ properties: {{ link: {{ maxLength: 4 }} }} }}]")),
                )],
                "response-limit-changed compatible patch 200 application/json: link",
            ),
            (
                &[(
                    thing,
                    &combined(&format!("allOf: [{{ properties: {{ link: {{ maxLength: 4 }} }} }}, {thing_ref}]")),
                )],
                "response-limit-changed compatible patch 200 application/json: link",
            ),
            (
                &[("note: { type: string", "note: { oneOf: [{ type: string }, {}]")],
                "response-type-changed breaking major 200 application/json: note",
            ),
            (
                &[(owner, "owner: { $ref: \"#/components/schemas/Owner\", deprecated: true }")],
                "deprecated risky minor 200 application/json: owner",
            ),
            (
                &[(owner, "owner: { $ref: \"#/components/schemas/Owner\", nullable: true }")],
                "response-became-nullable compatible patch 200 application/json: owner",
            ),
            (
                &[("required: [id]", "required: [id, ghost]")],
                "response-field-added compatible minor 200 application/json: ghost",
            ),
        ],
    );
    // Of several limits and values, those that hold together.
    let both = |key: &str| {
        let limits = format!("link: {{ type: string, allOf: [{{ {key} }}, {{ maxLength: 9, enum: [B, C] }}]");
        let report = against_page(
            &known(),
            "p",
            &page(&edited(&[("link: { type: string", &limits)])).replace("````yaml", "````yaml get /thing"),
        );
        report.changes.iter().map(|change| change.difference.after.clone().unwrap().to_string()).collect::<Vec<_>>()
    };
    assert_eq!(both("maxLength: 4, enum: [A, B]"), ["[\"B\"]", "4"]);
}

#[test]
fn schemas_that_multiply_are_refused_in_no_time() {
    let chain: String = (0..40).map(|n| format!("    A{n}: {{ allOf: [{{ $ref: '#/components/schemas/A{m}' }}, {{ $ref: '#/components/schemas/A{m}' }}] }}\n", m = n + 1)).collect();
    let schemas = format!("  schemas:\n{chain}    A40: {{ type: string }}\n");
    let document =
        edited(&[("  schemas:\n", &schemas), ("link: { type: string", "link: { $ref: '#/components/schemas/A0'")]);
    let start = std::time::Instant::now();
    let failure = against(&document).failure.unwrap();
    assert!(failure.contains("multiplies without end"), "{failure}");
    assert!(start.elapsed() < std::time::Duration::from_secs(20));
}

#[test]
fn what_goes_is_judged_as_what_goes() {
    let old = |edits: &[(&str, &str)]| Known::only(&Spec::parse("old.yaml", &edited(edits)).unwrap());
    let today = page(FIXTURE).replace("````yaml", "````yaml get /thing");
    for (edit, expected) in [
        (("      parameters:\n", "      deprecated: true\n      parameters:\n"), "no-longer-deprecated"),
        (("description: A proof., schema", "description: A proof., deprecated: true, schema"), "no-longer-deprecated"),
        (
            (
                "description: A proof., schema: { type: string",
                "description: A proof., schema: { type: string, pattern: \"^a$\"",
            ),
            "request-limit-loosened",
        ),
        (("name: kind, in: query", "name: kind, in: query, deprecated: true"), "no-longer-deprecated"),
    ] {
        let report = against_page(&old(&[edit]), "page.md", &today);
        let rules: Vec<_> = report.changes.iter().map(|change| change.rule).collect();
        assert_eq!(rules, [expected], "{edit:?}");
    }
}

#[test]
fn what_means_nothing_raises_no_alarm() {
    let owner = "        owner: { $ref: \"#/components/schemas/Owner\" }\n";
    let inlined =
        "        owner: { type: object, description: Inline., properties: { user_name: { type: string } } }\n";
    let wrapped = "        owner: { allOf: [{ $ref: \"#/components/schemas/Owner\" }], description: Wrapped. }\n";
    let split = "        owner: { allOf: [{ type: object }, { properties: { user_name: { type: string } } }] }\n";
    let anchored = "        owner: &owner { type: object, properties: { user_name: { type: string } } }\n";
    let merged = "        owner: { type: object, properties: { <<: { user_name: { type: string } } } }\n";
    let swapped = "        note: { type: string, nullable: true, description: A note. }\n        link: { type: string, description: Its link. }\n";
    let note = "        note: { type: string, nullable: true, description: A note. }\n";
    let told_twice = format!(
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
        // A header that proves who calls, told twice, or as a parameter instead.
        &[(SIGNATURE, &told_twice)],
        &[
            ("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientSecret: [] }]"),
            ("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientSecret: [], ClientId: [] }]"),
            (SIGNATURE, &told_twice),
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
    for edits in same {
        let document = edited(edits);
        for text in
            [page(&document), document.clone(), page(&document).replace('\n', "\r\n"), format!("\u{feff}{document}")]
        {
            let report = against_page(&known(), "page.md", &text);
            assert_eq!((report.exit_code(), report.failure.as_deref()), (0, None), "{edits:?}: {}", report.text(false));
        }
    }
}
