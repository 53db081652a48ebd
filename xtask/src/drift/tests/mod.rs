//! Comparisons of pages with a spec, and their reports.
//!
//! | file | shows |
//! |---|---|
//! | `changes.rs` | the table: one edit of a page and the expected rule, class and step, or none |
//! | `pages.rs` | several pages in one run, and the record of all of them |
//! | `project.rs` | the project's own spec, record and deviations |
//! | `catalogue.rs` | a whole file of a dozen operations, without our own keys |
//! | `bounds.rs` | pages that multiply their contents, and deeply nested pages |

mod bounds;
mod catalogue;
mod changes;
mod pages;
mod project;

use cashfree_vkyc_codegen::Spec;

use super::*;
use crate::compare::surface;
use crate::project::{PAGES, entries_of};
use crate::published::Published;

const FIXTURE: &str = include_str!("fixture.yaml");

impl Known {
    /// The spec alone, without a record or deviations.
    fn only(spec: &Spec) -> Self {
        Self {
            spec: spec.clone(),
            surface: surface(spec, |_| true).unwrap(),
            deviations: Vec::new(),
            reviewed: Vec::new(),
            published: Published::default(),
        }
    }
}

fn deviations(file: &Path) -> std::result::Result<Vec<Deviation>, String> {
    entries_of(file, "deviations")
}

fn known() -> Known {
    Known::only(&Spec::parse("fixture.yaml", FIXTURE).unwrap())
}

/// The fixture as a Mintlify page.
fn page(document: &str) -> String {
    format!("# Things\n\n> Words.\n\n## OpenAPI\n\n````yaml\n{document}````\n")
}

/// The fixture with edits: each replaces the first occurrence of a text.
fn edited(edits: &[(&str, &str)]) -> String {
    edited_from(FIXTURE, edits)
}

fn edited_from(base: &str, edits: &[(&str, &str)]) -> String {
    edits.iter().fold(base.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old:?} is not in the fixture");
        text.replacen(old, new, 1)
    })
}

/// Puts a page on record, as `--update` does.
fn put(published: &mut Published, ours: &Surface, name: &str, text: &str) -> Option<()> {
    let page = Page::of(name.to_owned(), text.to_owned());
    let described = page.subject.as_ref().ok()?.described(ours, |_| None).ok()?;
    record(published, name, &page, described).then_some(())
}

fn against(document: &str) -> Report {
    against_page(&known(), "page.md", &page(document))
}

#[test]
fn an_empty_comparison_is_never_the_same() {
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
        (&[("tags: [{ name: things }]", "tags: [{ name: things }]\ntags: []")], "", "this key occurs twice"),
        (
            &[("    ClientId: { type: apiKey, in: header, name: x-client-id }\n", "")],
            "",
            "`ClientId` is named but not described",
        ),
        (&[], " get /other", "does not describe it"),
        (&[("paths:\n  /thing:", "paths: {}\nx:\n  /thing:")], "", "no operation"),
    ] {
        let text = page(&edited(edits)).replace("````yaml", &format!("````yaml{info}"));
        let report = against_page(&known(), "page.md", &text);
        assert_eq!(report.exit_code(), 2, "{edits:?}: {}", report.text());
        let failure = report.failure.unwrap();
        assert!(failure.contains(says), "{failure}");
    }
}

#[test]
fn operations_come_and_go() {
    let report = against(&edited(&[("    post:\n", "    delete:\n")]));
    let found: Vec<_> = report.changes.iter().map(|c| format!("{} {}", c.rule.name, c.difference.operation)).collect();
    assert_eq!(found, ["operation-removed POST /thing", "operation-added DELETE /thing"]);
    let one = page(&edited(&[("    post:\n", "    delete:\n")])).replace("````yaml", "````yaml get /thing");
    assert_eq!(
        against_page(&known(), "page.md", &one).exit_code(),
        0,
        "a page of one operation says nothing of others"
    );
}

#[test]
fn a_recursive_schema_ends() {
    let document = edited(&[(
        "        user_name: {",
        "        boss: { $ref: \"#/components/schemas/Owner\" }\n        user_name: {",
    )]);
    let report = against(&document);
    assert!(report.changes.iter().all(|change| change.difference.place.ends_with("owner.boss")), "{}", report.text());
    let known = Known::only(&Spec::parse("s", &document).unwrap());
    assert_eq!(against_page(&known, "p", &document).exit_code(), 0);
}

#[test]
fn changed_signal_words_are_hints_and_no_differences() {
    let link = |words: &str| page(&edited(&[("description: Its link.", &format!("description: '{words}'"))]));
    let hints = |before: &str, after: &str| {
        let mut known = known();
        put(&mut known.published, &known.surface, "page.md", &link(before)).unwrap();
        let report = against_page(&known, "page.md", &link(after));
        assert_eq!(report.exit_code(), 0);
        assert_eq!(report.hints.is_empty(), !report.text().contains("  hint"));
        assert_eq!(report.hints.is_empty(), !report.markdown_of(1).contains("Worth a look"));
        report.hints
    };
    let place = "GET /thing: 200 application/json: link";
    for (before, after, expected) in [
        ("Its link.", "Its link. Null until it is made.", "the wording now mentions \"null\""),
        ("Null until it is made.", "Its link.", "the wording no longer mentions \"null\""),
        ("Null until it is made.", "Null if there is none.", "the wording changed where it mentions \"null\""),
        ("Its link.", "Its link. Format: a URL.", "the wording now mentions \"format\""),
        ("Its link.", "Its link. By default none.", "the wording now mentions \"default\""),
        ("Its link.", "Its link. Mandatory for all.", "the wording now mentions \"required\""),
        ("Its link.", "Its link. Deprecated, see note.", "the wording now mentions \"deprecated\""),
    ] {
        let found = hints(before, after);
        assert!(found.len() == 2 && found[0] == format!("{place}: {expected}; read it"), "{after}: {found:?}");
    }
    for (before, after) in [
        ("Its link.", "The link of it."),
        ("Its link. Null until it is made.", "That link!  null until\n            it is made. More."),
    ] {
        assert_eq!(hints(before, after), [""; 0]);
    }
}

#[test]
fn the_record_survives_writing_and_reading_and_holds_no_prose() {
    let mut published = Published::default();
    put(&mut published, &known().surface, "https://h.example/page.md", &page(FIXTURE)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("published.yaml");
    published.write(&file, Form::Json).unwrap();
    let again = Published::read(&file).unwrap();
    assert_eq!(again.text(), published.text());
    assert_eq!(again.pages["GET /thing"].sha256.len(), 64);
    assert!(!published.text().to_lowercase().contains("its link"));
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
        put(
            &mut known.published,
            &known.surface,
            "p",
            &page(&edited(&[("link: { type: string", "link: { type: integer")]))
                .replace("````yaml", "````yaml get /thing"),
        )
        .unwrap();
        offline(&known)
    };
    assert_eq!((with(&entry("type", "integer")).exit_code(), with(&entry("type", "integer")).known), (0, 1));
    assert_eq!((with(&entry("type", "number")).exit_code(), with(&entry("type", "number")).changes.len()), (1, 1));
    assert!(with(&entry("format", "integer")).stale[0].contains("no longer explains anything"));
    let wherever = |place: &str| {
        let entry = format!("{{where: '{place}', what: type, before: '*', after: '*', why: W., evidence: E.}}");
        with(&format!("deviations:\n  - {entry}\n")).exit_code()
    };
    for place in
        ["GET /thing: * application/json: link", "GET /thing: 200 */*: *", "GET /thing: 200 application/json: li*nk*"]
    {
        assert_eq!(wherever(place), 0, "{place}");
    }
    for place in
        ["GET /thing: 200 application/json: lin", "*", "GET /thing: 2*", "POST * link", "GET /thing: 200 * link*k"]
    {
        assert_eq!(wherever(place), 1, "{place}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    let whole = "deviations:\n  - {where: a, what: type, before: null, after: 1, why: W., evidence: E.}\n";
    std::fs::write(file.path(), whole).unwrap();
    deviations(file.path()).unwrap();
    for (part, name) in [
        ("where: a, ", "where"),
        ("what: type, ", "what"),
        ("before: null, ", "before"),
        ("after: 1, ", "after"),
        ("why: W., ", "why"),
        (", evidence: E.", "evidence"),
    ] {
        std::fs::write(file.path(), whole.replace(part, "")).unwrap();
        assert!(deviations(file.path()).unwrap_err().contains(&format!("missing field `{name}`")), "{name}");
    }
}

/// A deviation may be written before a page shows the difference. It does not explain a place where page and spec once agreed.
#[test]
fn a_deviation_may_be_ahead_of_the_page() {
    let read = |more: &str| {
        let file = tempfile::NamedTempFile::new().unwrap();
        let entry = format!(
            "{{where: 'GET /thing: 4* application/json: code', what: type, before: integer, after: string, why: W., evidence: E.{more}}}"
        );
        std::fs::write(file.path(), format!("deviations:\n  - {entry}\n")).unwrap();
        deviations(file.path())
    };
    for (more, says) in [(", expect: true", "unknown field `expect`"), (", expected: perhaps", "expected a boolean")] {
        assert!(read(more).unwrap_err().contains(says), "{more}");
    }
    let one = |document: &str| page(document).replace("````yaml", "````yaml get /thing");
    let without = edited(&[(
        "        \"404\":\n          description: Not there.\n          content: { application/json: { schema: { $ref: \"#/components/schemas/Failure\" } } }\n",
        "",
    )]);
    let with = edited(&[("        code: { type: string", "        code: { type: integer")]);
    // On record: a page without the response, or one on which it was like ours.
    for (on_record, more, stale, rules) in [
        (&without, ", expected: true", 0, &[][..]),
        (&without, ", expected: false", 1, &[]),
        (&without, "", 1, &[]),
        (&FIXTURE.to_owned(), ", expected: true", 0, &["response-type-changed"]),
        (&with, ", expected: true", 0, &[]),
        (&with, "", 0, &[]),
    ] {
        let mut known = known();
        known.deviations = read(more).unwrap();
        put(&mut known.published, &known.surface, "p", &one(on_record)).unwrap();
        assert_eq!(offline(&known).stale.len(), stale, "{more}");
        let report = against_page(&known, "p", &one(&with));
        assert_eq!(
            report.changes.iter().map(|change| change.rule.name).collect::<Vec<_>>(),
            rules,
            "{more}: {}",
            report.text()
        );
        assert_eq!(report.known, usize::from(rules.is_empty()));
    }
}

#[test]
fn each_form_says_the_same() {
    let report = against(&edited(&[("maxLength: 50", "maxLength: 40")]));
    let (text, json, markdown) = (report.text(), report.json(), report.markdown_of(1));
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
}
