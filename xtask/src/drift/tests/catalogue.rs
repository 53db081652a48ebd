//! A file of many operations without our own keys: compared operation by operation, and recorded without prose.

use serde_json::Value;

use super::*;

const CATALOGUE: &str = include_str!("catalogue.yaml");

/// The same document in OpenAPI 3.1, in another author's style.
fn newer() -> String {
    let edits = [
        ("openapi: 3.0.0", "openapi: 3.1.0\njsonSchemaDialect: https://spec.openapis.org/oas/3.1/dialect/base"),
        ("error: { type: object,", "error: { type: [object, \"null\"], examples: [{ ref_id: sample-ref-2 }],"),
        ("maxLength: 50 }", "maxLength: 50, examples: [sample-verification-0002] }"),
        (
            "components:\n",
            "webhooks:\n  somethingHappened:\n    post:\n      description: Sent when something happened.\n      requestBody: { content: { application/json: { schema: { type: object } } } }\ncomponents:\n",
        ),
        (
            "url: https://sandbox.cashfree.com/verification",
            "url: https://{mode}.cashfree.com/verification\n    variables: { mode: { enum: [sandbox, api], default: sandbox } }",
        ),
        ("  - url: https://api.cashfree.com/verification\n    description: Production Server\n", ""),
    ];
    edited_from(CATALOGUE, &edits)
}

/// Every form of the document, with and without the name of the operation.
fn forms() -> Vec<String> {
    let json = |text: &str| Spec::parse("catalogue.yaml", text).unwrap().root().to_string();
    let each = [CATALOGUE.to_owned(), newer()].into_iter();
    each.flat_map(|text| [page(&text), json(&text), text]).collect()
}

/// Our own spec reduced to one operation, so that the other operations of the file are not ours; with our deviations, with or
/// without those that are ahead of the page.
fn ours(with_expected: bool) -> Known {
    let mut known = Known::read(&crate::project::root()).unwrap();
    for operations in [&mut known.surface, &mut known.published.surface] {
        operations.retain(|name, _| name == "GET /vkyc" || name.starts_with(crate::compare::WEBHOOK));
    }
    known.deviations.retain(|deviation| with_expected || !deviation.expected);
    known
}

#[test]
fn a_whole_file_is_compared_operation_by_operation() {
    let line =
        |c: &Change| format!("{} {} {}: {}", c.rule.name, c.also.len(), c.difference.operation, c.difference.place);
    for text in forms() {
        let report = against_page(&ours(false), "all.yaml", &text);
        let found: Vec<_> = report.changes.iter().map(line).collect();
        assert_eq!(
            found,
            [
                "response-enum-dropped 8 GET /vkyc: 400 application/json: code",
                "response-header-removed 0 GET /vkyc: 429 header retry-after",
                "response-header-removed 0 GET /vkyc: 429 header x-ratelimit-retry",
                "response-no-longer-nullable 0 GET /vkyc: 200 application/json: agent_remarks",
                "response-no-longer-nullable 0 GET /vkyc: 200 application/json: auditor_remarks",
                "response-type-narrowed 8 GET /vkyc: 400 application/json: error",
                "operation-added 0 POST /vkyc: operation",
            ],
            "{:?}",
            report.failure
        );
        let text = against_page(&ours(true), "all.yaml", &text).text();
        assert!(
            text.contains("POST /vkyc: operation\n             operation-added (minor): the operation is new\n"),
            "{text}"
        );
        assert!(text.contains("  1 compatible; asks for a minor step."), "{text}");
    }
}

#[test]
fn every_form_lists_all_places_of_a_change() {
    let report = against_page(&ours(false), "all.yaml", CATALOGUE);
    let (text, markdown, json) = (report.text(), report.markdown_of(1), report.json());
    assert!(text.contains("\n             also 401, 403, 404, 409, 422, 429, 500, 502\n"), "{text}");
    assert!(markdown.contains("\n  also `401`, `403`, `404`, `409`,"), "{markdown}");
    let also = &json["changes"][0]["also"];
    assert_eq!((also.as_array().unwrap().len(), also[0]["where"].as_str()), (8, Some("401 application/json: code")));
    assert!(!text.contains("nothing → nothing"), "{text}");
}

#[test]
fn a_removed_operation_is_reported_as_removed() {
    let known = Known::only(&Spec::parse("fixture.yaml", FIXTURE).unwrap());
    let text = edited(&[("    post:\n", "    x-post:\n")]);
    let report = against_page(&known, "all.yaml", &text).text();
    assert!(
        report.contains("POST /thing: operation\n             operation-removed (major): the operation is gone\n"),
        "{report}"
    );
    // A server or a status has no attributes, only presence.
    let text = edited(&[("        \"404\":", "        \"409\": { description: Clash. }\n        \"404\":")]);
    let report = against_page(&known, "all.yaml", &text).text();
    assert!(report.contains("error-added (minor): presence nothing → there\n"), "{report}");
}

/// A deviation that a page agrees with can be removed. One whose place another change covers cannot.
#[test]
fn a_place_reported_with_another_does_not_agree() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let entry = "{where: 'GET /vkyc: 401 application/json: code', what: type, before: integer, after: string, why: W., evidence: E.}";
    std::fs::write(file.path(), format!("deviations:\n  - {entry}\n")).unwrap();
    let mut known = ours(false);
    known.deviations.extend(deviations(file.path()).unwrap());
    let agree = |hint: &&String| hint.starts_with("GET /vkyc: 401") && hint.contains("agrees with us now");
    let report = against_page(&known, "all.yaml", CATALOGUE);
    assert_eq!(report.hints.iter().filter(agree).count(), 0, "{:?}", report.hints);
}

/// A shared choice is one change also across operations.
#[test]
fn a_shared_parameter_or_server_is_one_change() {
    let known = Known::only(&Spec::parse("fixture.yaml", FIXTURE).unwrap());
    for (old, new, expected) in [
        ("https://api.h.example", "https://live.of.h.example", "server-changed"),
        ("name: x-client-id }", "name: x-client-ids }", "auth-renamed"),
        ("link: { type: string", "link: { type: integer", "response-type-changed"),
        ("tags: [{", "basePath: /v\ntags: [{", "not-understood"),
        ("        link: {", "        more: { type: string }\n        link: {", "response-field-added"),
    ] {
        let report = against_page(&known, "all.yaml", &edited(&[(old, new)]));
        let found: Vec<_> = report.changes.iter().map(|change| (change.rule.name, change.also.len())).collect();
        assert_eq!(found, [(expected, 1)], "{}", report.text());
        assert!(report.text().contains("also POST /thing: "), "{}", report.text());
    }
    // Similar changes stay separate.
    let two = edited(&[
        ("        code: { type: string", "        code: { type: integer"),
        ("name: { type: string, maxLength: 20", "name: { type: integer, maxLength: 20"),
    ]);
    assert_eq!(against_page(&known, "all.yaml", &two).changes.len(), 2);
}

/// All texts of a document that are prose or samples.
fn words_and_samples(node: &Value, is_sample: bool, found: &mut Vec<String>) {
    const SPOKEN: [&str; 7] = ["description", "summary", "title", "example", "examples", "tags", "operationId"];
    match node {
        Value::Object(map) => {
            map.iter()
                .for_each(|(key, value)| words_and_samples(value, is_sample || SPOKEN.contains(&key.as_str()), found));
        }
        Value::Array(list) => list.iter().for_each(|value| words_and_samples(value, is_sample, found)),
        Value::String(text) if is_sample && text != "2024-12-01" => found.push(text.clone()),
        Value::Number(number) if is_sample => found.push(number.to_string()),
        _ => {}
    }
}

#[test]
fn no_prose_gets_into_the_record() {
    for text in forms() {
        let document = page::read("all.yaml", &text).unwrap().0;
        let mut spoken = Vec::new();
        words_and_samples(document.root(), false, &mut spoken);
        assert!(spoken.len() > 100, "{}", spoken.len());
        let mut known = ours(true);
        known.published = Published::default();
        put(&mut known.published, &known.surface, "all.yaml", &text).unwrap();
        let record = known.published.text();
        assert_eq!(known.published.surface.keys().collect::<Vec<_>>(), ["GET /vkyc"]);
        let values: Vec<&str> = record.split(['"', ' ', ':', ',', '{', '}', '[', ']', '\n']).collect();
        for words in spoken {
            let is_there = if words.contains(' ') { record.contains(&words) } else { values.contains(&words.as_str()) };
            assert!(!is_there, "{words:?} is in the record:\n{record}");
        }
        // The comparison and the record agree.
        let report = offline(&Known { published: known.published, ..ours(true) });
        assert_eq!(report.changes.len(), 0, "{}", report.text());
    }
}

/// Prose under an unknown keyword is still prose.
#[test]
fn unknown_keywords_are_recorded_as_fingerprints() {
    let sentence = "Nobody should ever read this sentence.";
    let base = "link: { type: string,";
    for edit in [
        format!("link: {{ type: string, remark: {sentence}"),
        format!("link: {{ type: string, remark: [{{ deep: {sentence} }}]"),
        format!("link: {{ type: string, maxLength: {sentence}"),
        format!("link: {{ type: string, default: {{ said: {sentence} }}"),
        format!("link: {{ type: string, default: {sentence}"),
        format!("link: {{ type: string, pattern: [{sentence}]"),
        format!("link: {{ type: string, not: {{ remark: {sentence}, description: {sentence} }}"),
        format!("link: {{ type: string, anyOf: [{{ remark: {sentence} }}, {{ maxLength: 3 }}]"),
        format!("link: {{ type: string, dependencies: {{ a: {sentence} }}"),
    ] {
        let text = edited(&[(base, &(edit + ","))]);
        let mut known = known();
        put(&mut known.published, &known.surface, "all.yaml", &text).unwrap();
        assert!(!known.published.text().contains("sentence"), "{}", known.published.text());
        let report = against_page(&known, "all.yaml", &text);
        assert!(report.exit_code() == 1 && !report.text().contains("sentence"), "{}", report.text());
    }
}
