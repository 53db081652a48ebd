//! The project's own spec, record and deviations.

use super::changes::{FIELD, NAME};
use super::*;
use crate::fetch;

/// The page on record, with edits.
fn page_of_today(edits: &[(&str, &str)]) -> String {
    let page = std::fs::read_to_string(crate::project::root().join("spec/pages/get-vkyc-status.md")).unwrap();
    edits.iter().fold(page, |text, (old, new)| {
        assert!(text.contains(old), "{old:?} is not on the page");
        text.replacen(old, new, 1)
    })
}

#[test]
fn the_spec_equals_its_own_page_and_json() {
    let root = crate::project::root();
    let text = std::fs::read_to_string(root.join("spec/vkyc.yaml")).unwrap();
    let known = Known::read(&root).unwrap();
    let json = Spec::parse("s", &text).unwrap().root().to_string();
    for text in [text.clone(), page(&text), page(&text).replace("````yaml", "````yaml get /vkyc"), json] {
        let report = against_page(&known, "page.md", &text);
        assert_eq!((report.exit_code(), report.changes.len()), (0, 0), "{}", report.text());
    }
}

#[test]
fn the_projects_deviations_explain_every_difference_and_none_is_stale() {
    let report = offline(&Known::read(&crate::project::root()).unwrap());
    assert_eq!(report.exit_code(), 0, "{}", report.text());
    assert!(report.known > 0);
}

/// Each transcript equals the record, and differs from our spec only by known differences.
#[test]
fn the_projects_transcripts_are_on_record_and_explained() {
    let root = crate::project::root();
    let known = Known::read(&root).unwrap();
    let mut report = Report::default();
    transcripts(&root, &known, &mut report);
    assert_eq!(report.exit_code(), 0, "{}", report.text());
    let names = subject::listed(&[root.join(PAGES).to_str().unwrap().to_owned()]).unwrap();
    let pages: Vec<Page> = names.into_iter().map(|name| Page::fetch(name, fetch::TIMEOUT)).collect();
    assert!(pages.len() >= 6, "the operations of Video KYC");
    for page in &pages {
        let report = of_run(&known, &pages, page).0;
        assert_eq!(report.exit_code(), 0, "{}", report.text());
    }
}

/// The first YAML block under a heading of CONTRIBUTING.md, as a reader would copy it.
fn copied_from_the_guide(heading: &str) -> String {
    use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};
    let guide = std::fs::read_to_string(crate::project::root().join("CONTRIBUTING.md")).unwrap();
    let mut events = Parser::new(&guide);
    events.find(|event| matches!(event, Event::Text(text) if **text == *heading)).unwrap();
    let opens = |event: &Event<'_>| matches!(event, Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(info))) if **info == *"yaml");
    events.find(opens).unwrap();
    let block = events.take_while(|event| !matches!(event, Event::End(TagEnd::CodeBlock)));
    block.filter_map(|event| if let Event::Text(text) = event { Some(text.to_string()) } else { None }).collect()
}

/// Pastes the copied block at the place that CONTRIBUTING.md names, and edits nothing else.
#[test]
fn the_field_of_the_contributors_guide_is_one_edit() {
    // Under another name, so that a project with that field passes too.
    let block = copied_from_the_guide("Add a field").replace("kyc_score", "score_of_the_test");
    let text = std::fs::read_to_string(crate::project::root().join("spec/vkyc.yaml")).unwrap();
    let (before, schema) = text.split_once("\n    VideoKyc:\n").unwrap();
    let (head, fields) = schema.split_once("\n      properties:\n").unwrap();
    let grown = format!("{before}\n    VideoKyc:\n{head}\n      properties:\n{block}{fields}");
    let spec = Spec::parse("grown.yaml", &grown).unwrap();
    let field = spec.at("/components/schemas/VideoKyc/properties/score_of_the_test").unwrap();
    assert_eq!(field.as_object().unwrap().len(), 4, "{field}");
    let generated = cashfree_vkyc_codegen::generate(&spec).unwrap();
    assert!(generated.types.contains("pub score_of_the_test: ::std::option::Option<i64>"));

    let mut known = Known::read(&crate::project::root()).unwrap();
    known.surface = surface(&spec, |_| true).unwrap();
    let report = offline(&known);
    assert_eq!(report.exit_code(), 0, "{}", report.text());
    assert!(report.ahead.iter().any(|place| place.contains("score_of_the_test: not on record")), "{:?}", report.ahead);
    // The page never had the field, so nothing was removed and the weekly run reports nothing.
    let names = subject::listed(&[crate::project::root().join(PAGES).to_str().unwrap().to_owned()]).unwrap();
    for name in names {
        let report = against_page(&known, &name, &std::fs::read_to_string(&name).unwrap());
        assert_eq!((report.exit_code(), report.hints.len()), (0, 0), "{}", report.text());
        let is_of_video_kyc = name.ends_with("vkyc-status.md") || name.ends_with("initiate-vkyc.md");
        assert_eq!(report.ahead.len(), usize::from(is_of_video_kyc), "{}", report.text());
        assert!(report.markdown_of(1).contains("Ahead of the page") == is_of_video_kyc);
        assert!(!report.markdown_of(1).contains("Worth a look"));
    }
    // A field that the page had and lost still raises the alarm.
    let with = page_of_today(&[(
        "                  status:",
        "                  score_of_the_test: { type: integer }\n                  status:",
    )]);
    let ours = known.surface.clone();
    put(&mut known.published, &ours, "page.md", &with).unwrap();
    let changes = against_page(&known, "page.md", &page_of_today(&[])).changes;
    assert_eq!(changes[0].rule.name, "response-field-removed");
}

/// Request fields, parameters and enum values that only our spec has are ahead of the page, like response fields.
#[test]
fn parts_of_our_spec_ahead_of_the_page_raise_no_alarm() {
    let one = |text: &str| page(text).replace("````yaml", "````yaml post /thing");
    for (old, new) in [
        (
            NAME,
            "                size: { type: integer }\n                name: { type: string, maxLength: 20, description: A name. }\n",
        ),
        ("enum: [RED, BLUE]", "enum: [RED, BLUE, GREEN]"),
        ("enum: [OPEN, CLOSED]", "enum: [OPEN, CLOSED, HELD]"),
        ("        link: { type: string", "        more: { type: string }\n        link: { type: string"),
        (
            "          description: Made.",
            "          headers: { X-More: { schema: { type: string } } }\n          description: Made.",
        ),
    ] {
        let spec = Spec::parse("grown.yaml", &edited(&[(old, new)])).unwrap();
        let mut known = Known::only(&spec);
        let ours = known.surface.clone();
        put(&mut known.published, &ours, "p", &one(FIXTURE)).unwrap();
        for report in [against_page(&known, "p", &one(FIXTURE)), offline(&known)] {
            assert_eq!((report.exit_code(), report.changes.len()), (0, 0), "{new}: {}", report.text());
            assert!(report.ahead.iter().any(|place| place.starts_with("POST /thing: ")), "{new}: {}", report.text());
        }
        // It was on record, and was removed.
        put(&mut known.published, &ours, "p", &one(&edited(&[(old, new)]))).unwrap();
        assert_eq!(against_page(&known, "p", &one(FIXTURE)).exit_code(), 1, "{new}");
    }
}

/// From a page with a new field, to our spec with the field and a deviation, to the record.
#[test]
fn a_deviation_written_for_a_new_field_takes_effect_at_once() {
    let one = |text: &str| page(text).replace("````yaml", "````yaml get /thing");
    let score = |format: &str| edited(&[(FIELD, &format!("        score: {{ type: integer{format} }}\n{FIELD}"))]);
    let mut known = Known::only(&Spec::parse("grown.yaml", &score(", format: int64")).unwrap());
    let ours = known.surface.clone();
    put(&mut known.published, &ours, "p", &one(FIXTURE)).unwrap();
    let changed = one(&score(""));
    assert_eq!(against_page(&known, "p", &changed).exit_code(), 1);
    let file = tempfile::NamedTempFile::new().unwrap();
    let entry = |before: &str| {
        format!(
            "deviations:\n  - {{where: 'GET /thing: 200 application/json: score', what: format, before: {before}, after: int64, why: W., evidence: E.}}\n"
        )
    };
    for (before, code) in [("null", 0), ("int32", 1)] {
        std::fs::write(file.path(), entry(before)).unwrap();
        known.deviations = deviations(file.path()).unwrap();
        assert_eq!(against_page(&known, "p", &changed).exit_code(), code, "{before}");
    }
    // At a place on record: the entry for exactly that place.
    let link = ("link: { type: string", "link: { type: integer");
    let entry = |place: &str, after: &str| {
        format!(
            "deviations:\n  - {{where: 'GET /thing: 200 application/json: {place}', what: type, before: integer, after: {after}, why: W., evidence: E.}}\n"
        )
    };
    known.surface = super::known().surface;
    for (place, after, code) in [("link", "string", 0), ("li*", "string", 1), ("link", "'*'", 1), ("link", "number", 1)]
    {
        std::fs::write(file.path(), entry(place, after)).unwrap();
        known.deviations = deviations(file.path()).unwrap();
        assert_eq!(against_page(&known, "p", &one(&edited(&[link]))).exit_code(), code, "{place} {after}");
    }
}

/// The document without our own keys, as a page would have it.
fn without_our_keys(node: &mut serde_json::Value) {
    match node {
        serde_json::Value::Object(map) => {
            // Headers may have names with `x-`.
            map.retain(|key, value| {
                !key.starts_with("x-") || value.get("schema").is_some() || value.get("$ref").is_some()
            });
            map.values_mut().for_each(without_our_keys);
        }
        serde_json::Value::Array(list) => list.iter_mut().for_each(without_our_keys),
        _ => {}
    }
}

#[test]
fn our_spec_without_our_keys_differs_in_what_only_they_say() {
    let known = Known::read(&crate::project::root()).unwrap();
    let mut document = known.spec.root().clone();
    without_our_keys(&mut document);
    let known = Known::only(&known.spec);
    let report = against_page(&known, "page.md", &document.to_string());
    let only_ours = |change: &&Change| change.rule.name == "request-became-optional";
    assert_eq!(report.changes.iter().filter(|change| !only_ours(change)).count(), 0, "{}", report.text());
    assert!(report.changes.iter().any(|change| only_ours(&change)), "x-required-when-sent: {}", report.text());
}

/// A deviation explains the published value of its time, not a later one.
#[test]
fn the_projects_deviations_hide_nothing_that_is_new() {
    let known = Known::read(&crate::project::root()).unwrap();
    // A spec that is ahead of the page already differs from it.
    let before = against_page(&known, "page.md", &page_of_today(&[])).changes;
    let responses = "      responses:\n";
    let content = "          content:\n";
    let (status, id) = ("status: { type: string }", "- { name: verification_id, in: query, schema: { type: string");
    let user = "user_reference_id: { type: string";
    let bad = |content: &str| format!("{responses}        \"400\": {{ description: Bad., content: {content} }}\n");
    for (old, new, expected) in [
        (responses, format!("{responses}        \"451\": {{ description: No. }}\n"), "error-added"),
        (
            content,
            format!("          headers: {{ x-new: {{ schema: {{ type: string }} }} }}\n{content}"),
            "response-header-added",
        ),
        (status, "status: { type: string, enum: [RECEIVED, ON_HOLD] }".into(), "response-value-added"),
        (id, format!("{id}, maxLength: 20"), "request-limit-tightened"),
        (id, format!("{id}, maxLength: 64"), "request-limit-loosened"),
        (id, format!("{id}, pattern: \"^[a-z]+$\""), "request-pattern-changed"),
        (user, "user_reference_id: { type: number".into(), "response-type-widened"),
        (user, format!("{user}, format: uuid"), "response-format-changed"),
        ("link_expiry: { type: string", "link_expiry: { type: string, format: date".into(), "response-format-changed"),
        (
            "reference_id: { type: integer",
            "reference_id: { type: integer, format: int32".into(),
            "response-format-changed",
        ),
        // A described error response that differs from ours.
        (
            responses,
            bad(
                "{ application/json: { schema: { type: object, properties: { type: { type: string }, message: { type: string } } } } }",
            ),
            "response-field-removed",
        ),
        (responses, bad("{ text/plain: {} }"), "error-media-removed"),
    ] {
        let report = against_page(&known, "page.md", &page_of_today(&[(old, &new)]));
        let new_ones = report.changes.iter().filter(|change| !before.contains(change));
        let rules: Vec<_> = new_ones.map(|change| change.rule.name).collect();
        assert!(rules.contains(&expected) && report.exit_code() == 1, "{new}: {rules:?}");
    }
}

#[test]
fn the_edit_of_an_enum_points_to_its_values() {
    let known = Known::read(&crate::project::root()).unwrap();
    let edit = ("status: { type: string }", "status: { type: string, enum: [RECEIVED, ON_HOLD] }");
    let report = against_page(&known, "page.md", &page_of_today(&[edit]));
    let added = report.changes.iter().find(|change| change.rule.name == "response-value-added").unwrap();
    assert_eq!(added.difference.pointer.as_ref(), "/components/schemas/KycStatus");
    assert!(report.lines.unwrap().contains_key(&added.difference.pointer));
}

#[test]
fn the_edit_of_a_new_field_points_to_its_object() {
    let spec = |text: &str| Spec::parse("s.yaml", text).unwrap();
    let text = std::fs::read_to_string(crate::project::root().join("spec/vkyc.yaml")).unwrap();
    let field = "        verification_id:\n          type: string\n";
    let grown = text.replacen(field, &format!("        of_the_test: {{ type: string }}\n{field}"), 1);
    let facts = |text: &str| surface(&spec(text), |_| true).unwrap();
    let differences = compare(&facts(&text), &facts(&grown));
    let pointers: Vec<_> = differences.iter().map(|difference| difference.pointer.as_ref()).collect();
    assert_eq!(pointers, ["/components/schemas/VideoKyc"; 3], "in both answers and in the event");
}

/// Anything that the page had at the last reading and lost is news, even if an earlier deviation matches it.
#[test]
fn a_removal_is_reported_although_a_deviation_matches() {
    let mut known = Known::read(&crate::project::root()).unwrap();
    let responses = "      responses:\n";
    let with_400 = page_of_today(&[(responses, &format!("{responses}        \"400\": {{ description: Bad. }}\n"))]);
    let ours = known.surface.clone();
    put(&mut known.published, &ours, "page.md", &with_400).unwrap();
    let report = against_page(&known, "page.md", &page_of_today(&[]));
    assert!(
        report.changes.iter().any(|change| change.rule.name == "error-removed" && change.difference.place == "400")
    );
    assert_eq!(report.exit_code(), 1);
}

#[test]
fn an_operation_that_is_not_on_record_is_a_hint() {
    let text = std::fs::read_to_string(crate::project::root().join("spec/vkyc.yaml")).unwrap();
    let more = "components:\n  securitySchemes:\n";
    let agent = "  /agent:\n    get: { responses: { \"200\": { description: Here. } } }\n\n";
    assert!(text.contains(more));
    let mut known = Known::read(&crate::project::root()).unwrap();
    let spec = Spec::parse("grown.yaml", &text.replacen(more, &format!("{agent}{more}"), 1)).unwrap();
    known.surface = surface(&spec, |_| true).unwrap();
    let hints = offline(&known).ahead;
    assert!(hints.iter().any(|hint| hint.starts_with("GET /agent: not on record as published")), "{hints:?}");
}

/// A page of Cashfree's whole API is recorded for our operations only.
#[test]
fn only_our_operations_are_recorded() {
    let known = Known::read(&crate::project::root()).unwrap();
    let mut published = Published::default();
    let text = std::fs::read_to_string(crate::project::root().join("spec/vkyc.yaml")).unwrap();
    let other = "  /pan:\n    post: { responses: {} }\n\ncomponents:\n  securitySchemes:\n";
    let many = text.replacen("components:\n  securitySchemes:\n", other, 1);
    put(&mut published, &known.surface, "all.yaml", &many).unwrap();
    assert!(published.surface.contains_key("GET /vkyc") && !published.surface.contains_key("POST /pan"));
}

/// The whole command, from an address to its exit code.
#[test]
fn the_exit_code_says_what_came_of_a_page_over_the_network() {
    use crate::tests::{answer, server};
    let root = crate::project::root();
    let code = |status: &'static str, body: String| {
        let url = server(move |_| answer(status, &body), Duration::ZERO);
        let outcome = drift(&root, &[url], Form::Json, false, fetch::TIMEOUT);
        outcome.map_or_else(|failure| failure.code, |()| 0)
    };
    let own = std::fs::read_to_string(root.join(SPEC)).unwrap();
    assert_eq!(code("200 OK", page(&own)), 0, "the spec's own facts");
    assert_eq!(code("200 OK", page(&own.replacen("name: x-client-id", "name: x-other-id", 1))), 1);
    // `fetch.rs` and `page.rs` have the other reasons.
    for (status, body) in [("200 OK", "<!doctype html><html></html>"), ("404 Not Found", "no")] {
        assert_eq!(code(status, body.to_owned()), 2, "{status}: {body}");
    }
    // A page that cannot be compared fails the run although another page is the same.
    let same = server(move |_| answer("200 OK", &page(&own)), Duration::ZERO);
    let gone = server(|_| answer("404 Not Found", ""), Duration::ZERO);
    assert_eq!(drift(&root, &[same, gone], Form::Json, false, fetch::TIMEOUT).unwrap_err().code, 2);
}
