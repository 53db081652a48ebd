//! Pages that differ from the spec in one way each: which rule, class, step and exit code that gives, and that what means
//! nothing raises no alarm.

use super::*;

const FIXTURE: &str = include_str!("fixture.yaml");

fn known() -> Known {
    Known::only(&Spec::parse("fixture.yaml", FIXTURE).unwrap())
}

/// The fixture as a page of Mintlify's.
fn page(document: &str) -> String {
    format!("# Things\n\n> Words.\n\n## OpenAPI\n\n````yaml\n{document}````\n")
}

/// The fixture with edits: each replaces what stands there first.
fn edited(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(FIXTURE.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old:?} is not in the fixture");
        text.replacen(old, new, 1)
    })
}

fn against(document: &str) -> Report {
    against_page(&known(), "page.md", &page(document))
}

/// What is edited on the page, and the one change that it must give: rule, class, step, and the place.
type Case = (&'static [(&'static str, &'static str)], &'static str, &'static str, &'static str, &'static str);

fn check(cases: &[Case]) {
    for (edits, rule, class, step, place) in cases {
        let report = against(&edited(edits));
        let found: Vec<_> = report
            .changes
            .iter()
            .map(|c| format!("{} {} {} {}: {}", c.rule, c.class, c.step, c.difference.operation, c.difference.place))
            .collect();
        assert_eq!(found, [format!("{rule} {class} {step} {place}")], "{edits:?}: {:?}", report.failure);
        assert_eq!(report.exit_code(), 1);
        let change = &report.changes[0];
        assert!(!change.edit.is_empty() && !change.difference.pointer.is_empty(), "{edits:?}: {change:?}");
    }
}

const FIELD: &str = "        link: { type: string, description: Its link. }\n";
const SIGNATURE: &str =
    "        - { name: x-signature, in: header, description: A proof., schema: { type: string } }\n";
const KIND: &str = "        - { name: kind, in: query,";
const NAME: &str = "                name: { type: string, maxLength: 20, description: A name. }\n";

#[test]
fn changes_of_answers() {
    let link = "GET /thing: 200 application/json: link";
    // The schema is shared by two operations; the page is of one, so that each change is told once.
    let get_only = |edits: &[(&str, &str)]| {
        let report =
            against_page(&known(), "page.md", &page(&edited(edits)).replace("````yaml", "````yaml get /thing"));
        report
            .changes
            .iter()
            .map(|c| format!("{} {} {} {}: {}", c.rule, c.class, c.step, c.difference.operation, c.difference.place))
            .collect::<Vec<_>>()
    };
    let id = "GET /thing: 200 application/json: id";
    let cases: &[(&[(&str, &str)], &str)] = &[
        (
            &[(FIELD, &format!("{FIELD}        brand_new: {{ type: string }}\n"))],
            "response-field-added compatible minor GET /thing: 200 application/json: brand_new",
        ),
        (
            &[(FIELD, &format!("{FIELD}        deep: {{ type: object, properties: {{ a: {{ type: string }} }} }}\n"))],
            "response-field-added compatible minor GET /thing: 200 application/json: deep",
        ),
        (&[(FIELD, "")], &format!("response-field-removed breaking major {link}")),
        (&[("        link:", "        links:")], &format!("response-field-renamed breaking major {link}")),
        (&[("link: { type: string", "link: { type: integer")], &format!("response-type-changed breaking major {link}")),
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
            "response-no-longer-nullable compatible patch GET /thing: 200 application/json: note",
        ),
        (&[("required: [id]", "required: [id, link]")], &format!("response-became-required compatible patch {link}")),
        (&[("      required: [id]\n", "")], &format!("response-became-optional breaking major {id}")),
        (
            &[("[OPEN, CLOSED]", "[OPEN, CLOSED, ON_HOLD]")],
            "response-value-added compatible minor GET /thing: 200 application/json: state",
        ),
        (&[("[OPEN, CLOSED]", "[OPEN]")], "response-value-removed risky minor GET /thing: 200 application/json: state"),
        (
            &[("link: { type: string", "link: { type: string, enum: [A]")],
            &format!("response-enum-introduced compatible minor {link}"),
        ),
        (
            &[(", enum: [OPEN, CLOSED]", "")],
            "response-enum-dropped risky minor GET /thing: 200 application/json: state",
        ),
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
            "response-type-changed breaking major GET /thing: 200 application/json: tags[]",
        ),
        (
            &[("        user_name: {", "        userName: {")],
            "response-field-renamed breaking major GET /thing: 200 application/json: owner.user_name",
        ),
        (
            &[("        code: { type: string", "        code: { type: integer")],
            "response-type-changed breaking major GET /thing: 404 application/json: code",
        ),
        (
            &[("        type: { type: string, description: A family. }\n", "")],
            "response-field-removed breaking major GET /thing: 404 application/json: type",
        ),
        (
            &[("\"404\":", "\"410\":")],
            "error-added compatible minor GET /thing: 410|error-removed compatible patch GET /thing: 404",
        ),
        (
            &[("        \"404\":", "        \"409\": { description: Clash. }\n        \"404\":")],
            "error-added compatible minor GET /thing: 409",
        ),
        (
            &[("        \"404\":", "        \"202\": { description: Later. }\n        \"404\":")],
            "success-added risky minor GET /thing: 202",
        ),
        (
            &[(
                "            application/json:\n              schema: { $ref: \"#/components/schemas/Thing\" }",
                "            application/json:\n              schema: { $ref: \"#/components/schemas/Thing\" }\n            text/csv: {}",
            )],
            "response-media-added compatible patch GET /thing: 200 text/csv",
        ),
        (
            &[(
                "            application/json:\n              schema: { $ref: \"#/components/schemas/Thing\" }",
                "            application/xml:\n              schema: { $ref: \"#/components/schemas/Thing\" }",
            )],
            "response-media-removed breaking major GET /thing: 200 application/json|response-media-added compatible patch GET /thing: 200 application/xml",
        ),
        (
            &[("X-Request-Id: {", "X-Other: { schema: { type: string } }, X-Request-Id: {")],
            "response-header-added compatible minor GET /thing: 200 header x-other",
        ),
        (
            &[(
                "          headers: { X-Request-Id: { description: Which exchange., schema: { type: string } } }\n",
                "",
            )],
            "response-header-removed risky minor GET /thing: 200 header x-request-id",
        ),
    ];
    for (edits, expected) in cases {
        let mut expected: Vec<_> = expected.split('|').collect();
        let mut found = get_only(edits);
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "{edits:?}");
    }
}

#[test]
fn changes_of_requests() {
    check(&[
        (
            &[(SIGNATURE, "        - { name: x-signature, in: header, required: true, schema: { type: string } }\n")],
            "request-became-required",
            "breaking",
            "major",
            "GET /thing: header x-signature",
        ),
        (&[(SIGNATURE, "")], "parameter-removed", "breaking", "major", "GET /thing: header x-signature"),
        (
            &[(
                SIGNATURE,
                "        - { name: x-tenant, in: header, required: true, schema: { type: string } }\n        - { name: x-signature, in: header, schema: { type: string } }\n",
            )],
            "parameter-added-required",
            "breaking",
            "major",
            "GET /thing: header x-tenant",
        ),
        (
            &[(
                SIGNATURE,
                "        - { name: x-tenant, in: header, schema: { type: string } }\n        - { name: x-signature, in: header, schema: { type: string } }\n",
            )],
            "parameter-added-optional",
            "compatible",
            "minor",
            "GET /thing: header x-tenant",
        ),
        (
            &[("name: x-signature", "name: x-signatures")],
            "parameter-renamed",
            "breaking",
            "major",
            "GET /thing: header x-signature",
        ),
        (
            &[("default: \"2024-12-01\"", "default: \"2025-11-01\"")],
            "request-default-changed",
            "risky",
            "minor",
            "GET /thing: header x-api-version",
        ),
        (
            &[(", default: \"2024-12-01\"", "")],
            "request-default-changed",
            "risky",
            "minor",
            "GET /thing: header x-api-version",
        ),
        (
            &[(
                KIND,
                "        - { name: page, in: query, schema: { type: integer } }\n        - { name: kind, in: query,",
            )],
            "parameter-added-optional",
            "compatible",
            "minor",
            "GET /thing: query page",
        ),
        (
            &[(KIND, "        - { name: kind, in: path,")],
            "parameter-moved",
            "breaking",
            "major",
            "GET /thing: query kind",
        ),
        (
            &[("          required: true\n          description: Which.", "          description: Which.")],
            "request-became-optional",
            "compatible",
            "patch",
            "GET /thing: query thing_id",
        ),
        (
            &[("{ type: string, minLength: 1", "{ type: integer, minLength: 1")],
            "request-type-changed",
            "breaking",
            "major",
            "GET /thing: query thing_id",
        ),
        (
            &[("{ type: string, minLength: 1", "{ type: string, format: uuid, minLength: 1")],
            "request-format-changed",
            "risky",
            "minor",
            "GET /thing: query thing_id",
        ),
        (
            &[("maxLength: 50", "maxLength: 40")],
            "request-limit-tightened",
            "breaking",
            "major",
            "GET /thing: query thing_id",
        ),
        (
            &[("maxLength: 50", "maxLength: 60")],
            "request-limit-loosened",
            "compatible",
            "patch",
            "GET /thing: query thing_id",
        ),
        (
            &[("minLength: 1", "minLength: 2")],
            "request-limit-tightened",
            "breaking",
            "major",
            "GET /thing: query thing_id",
        ),
        (&[("minLength: 1, ", "")], "request-limit-loosened", "compatible", "patch", "GET /thing: query thing_id"),
        (&[("^[a-z]+$", "^[a-z0-9]+$")], "request-pattern-changed", "risky", "minor", "GET /thing: query thing_id"),
        (
            &[("enum: [A, B]", "enum: [A, B, C]")],
            "request-value-added",
            "compatible",
            "minor",
            "GET /thing: query kind",
        ),
        (&[("enum: [A, B]", "enum: [A]")], "request-value-removed", "breaking", "major", "GET /thing: query kind"),
        (&[(", enum: [A, B]", "")], "request-enum-dropped", "compatible", "patch", "GET /thing: query kind"),
        (
            &[(
                NAME,
                "                name: { type: string, maxLength: 20 }\n                size: { type: integer }\n",
            )],
            "request-field-added-optional",
            "compatible",
            "minor",
            "POST /thing: request application/json: size",
        ),
        (
            &[
                (
                    NAME,
                    "                name: { type: string, maxLength: 20 }\n                size: { type: integer }\n",
                ),
                ("required: [name]", "required: [name, size]"),
            ],
            "request-field-added-required",
            "breaking",
            "major",
            "POST /thing: request application/json: size",
        ),
        (
            &[("                colour: {", "                colours: {")],
            "request-field-renamed",
            "breaking",
            "major",
            "POST /thing: request application/json: colour",
        ),
        (
            &[("required: [name]", "required: [name, colour]")],
            "request-became-required",
            "breaking",
            "major",
            "POST /thing: request application/json: colour",
        ),
        (
            &[("nullable: true, description: A colour", "description: A colour")],
            "request-no-longer-nullable",
            "breaking",
            "major",
            "POST /thing: request application/json: colour",
        ),
        (
            &[("name: { type: string, maxLength: 20", "name: { type: string, nullable: true, maxLength: 20")],
            "request-became-nullable",
            "compatible",
            "patch",
            "POST /thing: request application/json: name",
        ),
        (
            &[("[RED, BLUE]", "[RED]")],
            "request-value-removed",
            "breaking",
            "major",
            "POST /thing: request application/json: colour",
        ),
        (
            &[("        required: true\n        content:", "        content:")],
            "request-became-optional",
            "compatible",
            "patch",
            "POST /thing: request application/json",
        ),
    ]);
}

#[test]
fn changes_of_access() {
    for (edits, expected) in [
        (("name: x-client-id", "name: x-customer"), "auth-added breaking major|auth-removed risky minor"),
        (("name: x-client-id", "name: x-client-ids"), "auth-renamed breaking major"),
        (
            ("in: header, name: x-client-id", "in: query, name: x-client-id"),
            "auth-added breaking major|auth-removed risky minor",
        ),
        (
            ("ClientId: { type: apiKey, in: header, name: x-client-id }", "ClientId: { type: http, scheme: bearer }"),
            "auth-added breaking major|auth-removed risky minor",
        ),
        (("[{ ClientId: [], ClientSecret: [] }]", "[{ ClientSecret: [] }]"), "auth-removed risky minor"),
        (
            ("https://api.h.example/v", "https://api2.h.example/v"),
            "server-added compatible patch|server-removed breaking major",
        ),
        (("  - { url: \"https://api.h.example/v\", description: Live. }\n", ""), "server-removed breaking major"),
    ] {
        let text = page(&edited(&[edits])).replace("````yaml", "````yaml get /thing");
        let report = against_page(&known(), "page.md", &text);
        let mut found: Vec<_> = report.changes.iter().map(|c| format!("{} {} {}", c.rule, c.class, c.step)).collect();
        found.sort_unstable();
        assert_eq!(found.join("|"), expected, "{edits:?}");
        assert_eq!(report.exit_code(), 1);
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
    let swapped = "        note: { type: string, nullable: true, description: A note. }\n        link: { type: string, description: Its link. }\n";
    let note = "        note: { type: string, nullable: true, description: A note. }\n";
    let same: &[&[(&str, &str)]] = &[
        &[],
        &[(owner, inlined)],
        &[(owner, wrapped)],
        &[(owner, split)],
        &[(owner, anchored)],
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

#[test]
fn the_spec_equals_its_own_page_and_json() {
    let root = crate::root();
    let text = std::fs::read_to_string(root.join("spec/vkyc.yaml")).unwrap();
    let known = Known::read(&root).unwrap();
    let json = Spec::parse("s", &text).unwrap().root().to_string();
    for text in [text.clone(), page(&text), page(&text).replace("````yaml", "````yaml get /vkyc"), json] {
        let report = against_page(&known, "page.md", &text);
        assert_eq!((report.exit_code(), report.changes.len()), (0, 0), "{}", report.text(false));
    }
}

#[test]
fn the_projects_deviations_explain_every_difference_and_none_is_stale() {
    let report = offline(&Known::read(&crate::root()).unwrap());
    assert_eq!(report.exit_code(), 0, "{}", report.text(false));
    assert!(report.known > 0);
}

#[test]
fn the_field_of_the_contributors_guide_is_one_edit() {
    let guide = std::fs::read_to_string(crate::root().join("CONTRIBUTING.md")).unwrap();
    let block = guide.split("```yaml\n").nth(1).unwrap().split("   ```").next().unwrap();
    let text = std::fs::read_to_string(crate::root().join("spec/vkyc.yaml")).unwrap();
    // Under a name of its own, so that a project which did follow the guide passes too.
    let block = block.replace("kyc_score", "score_of_the_test");
    let place = "        verification_id:\n          type: string\n";
    assert!(text.contains(place));
    let grown = text.replacen(place, &format!("{block}{place}"), 1);
    let spec = Spec::parse("grown.yaml", &grown).unwrap();
    cashfree_vkyc_codegen::lint(&spec).unwrap();

    let mut known = Known::read(&crate::root()).unwrap();
    known.facts = facts::facts(&spec, None).unwrap();
    let report = offline(&known);
    assert_eq!(report.exit_code(), 0, "{}", report.text(false));
    assert!(report.hints.iter().any(|hint| hint.contains("score_of_the_test: not on record")), "{:?}", report.hints);
    let page = std::fs::read_to_string(crate::root().join("xtask/src/drift/rendered-page.md")).unwrap();
    let changes = against_page(&known, "page.md", &page).changes;
    assert_eq!(changes[0].rule, "response-field-removed", "a page of today without it is another matter");
}

#[test]
fn nothing_compared_is_never_the_same() {
    let get = "  /thing:\n    get:";
    for (edits, info, says) in [
        (
            &[("  /thing:\n", "  /thing/status:\n")][..],
            "",
            "`POST /thing/status` is likely our `POST /thing` (path renamed?)",
        ),
        (&[(get, "  /thing:\n    put:"), ("    post:\n", "    patch:\n")], "", "(method changed?)"),
        (&[("schemas/Owner\"", "schemas/Nobody\"")], "", "leads nowhere"),
        (&[("schemas/Owner\"", "schemas/Owner.yaml\"")], "", "leads nowhere"),
        (&[("#/components/schemas/Owner", "other.yaml#/Owner")], "", "another file"),
        (&[("tags: [{ name: things }]", "tags: [{ name: things }]\ntags: []")], "", "duplicated key"),
        (
            &[("    ClientId: { type: apiKey, in: header, name: x-client-id }\n", "")],
            "",
            "`ClientId` is named and not described",
        ),
        (&[], " get /other", "does not hold that"),
        (&[("paths:\n  /thing:", "paths: {}\nx:\n  /thing:")], "", "no operation"),
    ] {
        let text = page(&edited(edits)).replace("````yaml", &format!("````yaml{info}"));
        let report = against_page(&known(), "page.md", &text);
        assert_eq!(report.exit_code(), 2, "{edits:?}: {}", report.text(false));
        let failure = report.failure.unwrap();
        assert!(failure.contains(says), "{failure}");
    }
}

#[test]
fn operations_come_and_go() {
    let report = against(&edited(&[("    post:\n", "    delete:\n")]));
    let found: Vec<_> = report.changes.iter().map(|c| format!("{} {}", c.rule, c.difference.operation)).collect();
    assert_eq!(found, ["operation-removed POST /thing", "operation-added DELETE /thing"]);
    let one = page(&edited(&[("    post:\n", "    delete:\n")])).replace("````yaml", "````yaml get /thing");
    assert_eq!(
        against_page(&known(), "page.md", &one).exit_code(),
        0,
        "a page of one operation says nothing of others"
    );
}

#[test]
fn a_schema_within_itself_ends() {
    let document = edited(&[(
        "        user_name: {",
        "        boss: { $ref: \"#/components/schemas/Owner\" }\n        user_name: {",
    )]);
    let report = against(&document);
    assert!(
        report.changes.iter().all(|change| change.difference.place.ends_with("owner.boss")),
        "{}",
        report.text(false)
    );
    let known = Known::only(&Spec::parse("s", &document).unwrap());
    assert_eq!(against_page(&known, "p", &document).exit_code(), 0);
}

#[test]
fn wording_that_may_mean_something_is_a_hint_and_no_difference() {
    let mut known = known();
    record(&mut known.published, "page.md", &page(FIXTURE)).unwrap();
    let document = edited(&[("description: Its link.", "description: Its link. Null until it is made.")]);
    let report = against_page(&known, "page.md", &page(&document));
    assert_eq!(report.exit_code(), 0);
    assert!(
        report.hints[0].starts_with("GET /thing: 200 application/json: link: the wording now speaks of \"null\""),
        "{:?}",
        report.hints
    );
    assert!(report.text(false).contains("hint") && report.markdown().contains("Worth a look"));
}

#[test]
fn the_record_survives_writing_and_reading_and_holds_no_prose() {
    let mut published = Published::default();
    record(&mut published, "https://h.example/page.md", &page(FIXTURE)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("published.yaml");
    published.write(&file).unwrap();
    let again = Published::read(&file).unwrap();
    assert_eq!(again.text(), published.text());
    assert_eq!(again.pages["GET /thing"].sha256.len(), 64);
    assert!(!published.text().contains("Its link"));
    let known = Known { published: again, ..known() };
    assert_eq!(offline(&known).exit_code(), 0, "what was recorded is what was compared");
}

#[test]
fn a_deviation_explains_exactly_its_difference_and_a_stale_one_is_an_error() {
    let entry = |what: &str, before: &str| {
        format!(
            "deviations:\n  - {{where: 'GET /thing: 200 application/json: link', what: {what}, before: {before}, after: string, why: W., evidence: E.}}\n"
        )
    };
    let with = |yaml: &str| {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), yaml).unwrap();
        let mut known = known();
        known.deviations = deviations(file.path()).unwrap();
        record(
            &mut known.published,
            "p",
            &page(&edited(&[("link: { type: string", "link: { type: integer")]))
                .replace("````yaml", "````yaml get /thing"),
        )
        .unwrap();
        offline(&known)
    };
    assert_eq!((with(&entry("type", "integer")).exit_code(), with(&entry("type", "integer")).known), (0, 1));
    assert_eq!((with(&entry("type", "number")).exit_code(), with(&entry("type", "number")).changes.len()), (1, 1));
    assert!(with(&entry("format", "integer")).stale[0].contains("explains nothing any more"));
    let all = "deviations:\n  - {where: 'GET /thing: 200 *', what: type, why: W., evidence: E.}\n";
    assert_eq!(with(all).exit_code(), 0);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "deviations:\n  - {where: a, what: type, why: W.}\n").unwrap();
    assert!(deviations(file.path()).unwrap_err().contains("`evidence` is missing"));
}

#[test]
fn each_form_says_the_same() {
    let report = against(&edited(&[("maxLength: 50", "maxLength: 40")]));
    let (text, json, markdown) = (report.text(false), report.json(), report.markdown());
    for words in [
        "request-limit-tightened",
        "breaking",
        "major",
        "50",
        "40",
        "query thing_id",
        "/paths/~1thing/get/parameters/2",
    ] {
        assert!(
            text.contains(words) && json.to_string().contains(words) && markdown.contains(words),
            "{words}\n{text}\n{markdown}"
        );
    }
    assert_eq!((json["exit_code"].as_u64(), json["outcome"].as_str()), (Some(1), Some("differs")));
    assert!(!text.contains('\x1b') && report.text(true).contains('\x1b'));
}
