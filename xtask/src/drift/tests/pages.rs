//! Several pages in one run, each about its own operation, and their common record.

use super::*;

const GET: &str = " get /thing";
const POST: &str = " post /thing";
const NEW: &str = " delete /thing";

/// The fixture as the page of one operation.
fn page_of(info: &str, document: &str) -> String {
    page(document).replace("````yaml", &format!("````yaml{info}"))
}

/// A temporary project: the fixture is its spec, and each operation has a page under a transcript's name.
struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir_all(project.root().join(PAGES)).unwrap();
        project.write(SPEC, FIXTURE);
        project.write("spec/pages/get-thing.md", &page_of(GET, FIXTURE));
        project.write("spec/pages/make-thing.md", &page_of(POST, FIXTURE));
        project
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn path(&self, name: &str) -> String {
        self.root().join(name).to_str().unwrap().to_owned()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.root().join(name), text).unwrap();
    }

    /// Runs the command with these pages of the project.
    fn drift(&self, pages: &[&str], update: bool) -> Result {
        let pages: Vec<String> = pages.iter().map(|name| self.path(name)).collect();
        drift(self.root(), &pages, Form::Json, update, Duration::ZERO)
    }

    fn code(&self, pages: &[&str], update: bool) -> u8 {
        self.drift(pages, update).map_or_else(|failure| failure.code, |()| 0)
    }

    /// The record as text.
    fn record(&self) -> String {
        std::fs::read_to_string(self.root().join(PUBLISHED)).unwrap_or_default()
    }

    /// The source of an operation on record.
    fn source(&self, operation: &str) -> Option<String> {
        let published = Published::read(&self.root().join(PUBLISHED)).unwrap();
        published.pages.get(operation).map(|source| source.source.clone())
    }

    fn recorded(self) -> Self {
        assert_eq!(self.code(&[PAGES], true), 0);
        self
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.root().join(name)).unwrap()
    }

    /// The report of the check without pages: stale entries and hints.
    fn offline(&self) -> Report {
        let known = Known::read(self.root()).unwrap();
        let mut report = offline(&known);
        transcripts(self.root(), &known, &mut report);
        report
    }
}

#[test]
fn one_run_puts_several_pages_on_record_and_a_run_with_one_leaves_the_others() {
    let project = Project::new().recorded();
    for (operation, page) in [("GET /thing", "get-thing.md"), ("POST /thing", "make-thing.md")] {
        assert_eq!(project.source(operation), Some(format!("{PAGES}/{page}")), "from the root, wherever it was typed");
    }
    let whole = project.record();
    project.write("spec/deviations.yaml", "deviations:\n  - {where: 'POST /thing: request application/json: colou*', what: nullable, before: null, after: true, why: W., evidence: E.}\n");
    let changed = page_of(POST, &edited(&[("nullable: true, description: A colour", "description: A colour")]));
    project.write("spec/pages/make-thing.md", &changed);
    assert_eq!(project.code(&["spec/pages/get-thing.md"], false), 0, "of the other operation it says nothing");
    assert_eq!(project.code(&["spec/pages/make-thing.md"], false), 1, "it was the same when it was last read");
    assert_eq!(project.code(&[PAGES], false), 1, "one that differs is not made up for");
    assert_eq!(project.code(&["spec/pages/get-thing.md"], true), 0);
    assert_eq!(project.record(), whole, "the other operation is on record as before");
    assert_eq!(project.code(&["spec/pages/make-thing.md"], true), 0);
    assert_eq!(project.code(&[PAGES], false), 0, "the deviation explains its own operation's page");
}

#[test]
fn an_operation_that_is_not_ours_yet_is_reported_as_new() {
    let project = Project::new().recorded();
    let new = "spec/pages/remove-thing.md";
    project.write(new, &page_of(NEW, &edited(&[("    post:\n", "    delete:\n")])));
    let report = |known: &Known, pages: &[Page]| {
        let outcomes = pages.iter().map(|page| of_run(known, pages, page).0);
        outcomes
            .map(|report| (report.exit_code(), report.changes.iter().map(|c| c.rule.name).collect()))
            .collect::<Vec<_>>()
    };
    let read = |names: &[&str]| -> Vec<Page> {
        names.iter().map(|name| Page::of((*name).to_owned(), project.text(name))).collect()
    };
    let known = Known::read(project.root()).unwrap();
    let added = (1, vec!["operation-added"]);
    assert_eq!(report(&known, &read(&[new])), std::slice::from_ref(&added), "ours are on record from other pages");
    let nothing = Known { published: Published::default(), ..Known::read(project.root()).unwrap() };
    let others = ["spec/pages/get-thing.md", "spec/pages/make-thing.md", new];
    assert_eq!(report(&nothing, &read(&others))[2], added, "ours have pages in the same run");
    assert_eq!(report(&nothing, &read(&[new])), [(2, vec![])], "it may be ours under another name");
    project.write(PUBLISHED, "operations:\n");
    let failure = project.drift(&[PAGES], true).unwrap_err();
    assert!(failure.code == 1 && failure.message.contains("is not recorded"), "{failure}");
    assert_eq!(project.source("DELETE /thing"), None);
    assert!(project.source("GET /thing").is_some(), "what is ours goes on record all the same");
}

#[test]
fn a_page_that_now_describes_another_operation_is_not_compared() {
    let project = Project::new().recorded();
    let edits = [("    post:\n", "    delete:\n")];
    project.write("spec/pages/make-thing.md", &page_of(NEW, &edited(&edits)));
    let known = Known::read(project.root()).unwrap();
    let failure =
        against_page(&known, "https://h.example/make-thing.md", &project.text("spec/pages/make-thing.md")).failure;
    assert!(failure.unwrap().contains("`DELETE /thing` is likely our `POST /thing` (method changed?)"));
    assert_eq!(project.code(&[PAGES], false), 2, "also beside the page of another");
}

#[test]
fn two_pages_of_one_operation_do_not_both_go_on_record() {
    let project = Project::new();
    project.write("spec/pages/copy.md", &page_of(GET, FIXTURE));
    assert_eq!(project.code(&[PAGES], false), 0, "they may both be compared");
    let failure = project.drift(&[PAGES], true).unwrap_err();
    assert!(failure.code == 2 && failure.message.contains("GET /thing: both "), "{failure}");
    assert_eq!(project.record(), "", "and nothing is written");
}

#[test]
fn a_transcript_is_what_the_record_was_made_from() {
    let project = Project::new().recorded();
    let said = |project: &Project| -> (u8, Vec<String>, Vec<String>) {
        let Report { stale, hints, .. } = project.offline();
        (project.code(&[], false), stale, hints)
    };
    assert_eq!(said(&project), (0, vec![], vec![]));
    let get = project.text("spec/pages/get-thing.md");
    project.write("spec/pages/get-thing.md", &(get.clone() + "\nMore.\n"));
    let (code, stale, _) = said(&project);
    assert!(code == 1 && stale[0].contains("get-thing.md differs from the record; cargo xtask"), "{stale:?}");
    project.write("spec/pages/get-thing.md", &get);
    project.write("spec/pages/copy.md", &get);
    let (code, stale, _) = said(&project);
    assert!(code == 1 && stale[0].contains("now on record from spec/pages/get-thing.md; remove"), "{stale:?}");
    std::fs::remove_file(project.path("spec/pages/copy.md")).unwrap();
    let new = page_of(NEW, &edited(&[("    post:\n", "    delete:\n")]));
    project.write("spec/pages/remove-thing.md", &new);
    let (code, stale, hints) = said(&project);
    assert!(code == 0 && stale.is_empty() && hints[0].starts_with("DELETE /thing: "), "{stale:?} {hints:?}");
    std::fs::remove_file(project.path("spec/pages/get-thing.md")).unwrap();
    let (code, stale, _) = said(&project);
    assert!(code == 1 && stale[0].contains("get-thing.md, which does not exist"), "{stale:?}");
    project.write("spec/pages/get-thing.md", "# A page\n");
    assert_eq!(project.code(&[], false), 2, "one that cannot be read is not passed over");
}

/// The record is by operation: an operation that our spec no longer has must leave it.
#[test]
fn a_recorded_operation_that_our_spec_lacks_is_stale() {
    let project = Project::new().recorded();
    project.write(SPEC, &edited(&[("    post:\n", "    x-post:\n")]));
    let stale = project.offline().stale;
    assert!(
        stale.iter().any(|stale| stale.starts_with("POST /thing: on record, but no longer in our spec")),
        "{stale:?}"
    );
}

/// The fingerprints of a report, each with its first place.
fn fingerprints(report: &Report) -> Vec<(String, String)> {
    let json = report.json();
    let each = json["changes"].as_array().unwrap().iter().flat_map(|change| {
        let places = change["also"].as_array().unwrap().iter().chain([change]).cloned().collect::<Vec<_>>();
        change["fingerprints"].as_object().unwrap().clone().into_iter().map(move |(operation, fingerprint)| {
            let place = places.iter().find(|place| place["operation"] == operation.as_str()).unwrap();
            let place = place["where"].as_str().unwrap();
            (format!("{operation}: {place}"), fingerprint.as_str().unwrap().to_owned())
        })
    });
    each.collect()
}

fn reviewed(entries: &[(String, String)]) -> String {
    let entry = |(place, fingerprint): &(String, String)| {
        format!("  - {{where: '{place}', fingerprint: {fingerprint}, why: W., date: 2026-11-29}}\n")
    };
    format!("reviewed:\n{}", entries.iter().map(entry).collect::<String>())
}

/// A reviewed finding stays hidden until the page changes again.
#[test]
fn a_reviewed_finding_is_back_when_the_page_changes_again() {
    let project = Project::new().recorded();
    let limited =
        |limit: &str| edited(&[("link: { type: string", &format!("link: {{ type: string, maxLength: {limit}"))]);
    let report = |info: &str, document: &str| {
        let known = Known::read(project.root()).unwrap();
        against_page(&known, "page.md", &page_of(info, document))
    };
    let found = fingerprints(&report(GET, &limited("40")));
    let text = report(GET, &limited("40")).text();
    let markdown = report(GET, &limited("40")).markdown_of(1);
    assert_eq!(found.len(), 1, "{text}");
    for form in [text, markdown] {
        assert!(form.contains("fingerprint ") && form.contains(&found[0].1), "{form}");
    }
    project.write("spec/deviations.yaml", &reviewed(&found));
    let same = report(GET, &limited("40"));
    assert_eq!((same.exit_code(), same.reviewed, same.hints.len()), (0, 1, 0), "{}", same.text());
    assert!(same.text().contains("The same. Reviewed: 1."), "{}", same.text());
    // Another value, rule or place is another finding, and the old one is gone.
    let renamed = edited(&[("        link:", "        links:")]);
    let more = edited(&[
        ("link: { type: string", "link: { type: string, maxLength: 40"),
        ("note: { type: string", "note: { type: string, maxLength: 40"),
    ]);
    for (document, hints) in [(limited("41"), 1), (renamed, 1), (more, 0)] {
        let report = report(GET, &document);
        assert_eq!((report.exit_code(), report.hints.len()), (1, hints), "{}", report.text());
        assert!(report.hints.iter().all(|hint| hint.contains("no longer appears; remove it")));
    }
    assert_eq!(report(GET, FIXTURE).hints.len(), 1, "{:?}", report(GET, FIXTURE).hints);
    // The page of another operation has the same change, but a separate finding.
    let other = report(POST, &limited("40"));
    assert_eq!((other.exit_code(), other.hints.len()), (1, 0), "of what it does not describe it says nothing");
    assert_ne!(fingerprints(&other)[0].1, found[0].1);
    // On record, the finding is the same.
    project.write("spec/pages/get-thing.md", &page_of(GET, &limited("40")));
    assert_eq!(project.code(&["spec/pages/get-thing.md"], true), 0);
    assert_eq!((project.offline().exit_code(), project.offline().reviewed), (0, 1), "{}", project.offline().text());
    project.write("spec/deviations.yaml", "deviations: []\n");
    assert_eq!(project.offline().exit_code(), 1);
}

/// A change in several operations has one fingerprint for each, so that a page and a whole file give the same.
#[test]
fn a_change_that_shows_in_several_operations_is_reviewed_in_each() {
    let project = Project::new();
    let whole = page(&edited(&[("link: { type: string", "link: { type: integer")]));
    let report = || against_page(&Known::read(project.root()).unwrap(), "all.md", &whole);
    let found = fingerprints(&report());
    assert_eq!((found.len(), report().changes.len()), (2, 1));
    for (count, changes) in [(1, 1), (2, 0)] {
        project.write("spec/deviations.yaml", &reviewed(&found[..count]));
        assert_eq!(report().changes.len(), changes, "{}", report().text());
        let operations: Vec<_> =
            report().changes.iter().flat_map(|c| c.places().map(|(o, _)| o.to_owned()).collect::<Vec<_>>()).collect();
        assert_eq!(operations, if changes == 1 { vec!["POST /thing"] } else { vec![] });
    }
    for (wrong, says) in [
        ("{where: a, fingerprint: b, why: W., date: yesterday}", "#/reviewed/0: "),
        ("{where: a, fingerprint: b, date: 2026-11-29}", "missing field `why`"),
        ("{where: a, why: W., date: 2026-11-29}", "missing field `fingerprint`"),
        ("{where: a, fingerprint: b, why: W.}", "missing field `date`"),
        ("{where: a, fingerprint: b, why: W., date: 2026-11-29, until: x}", "unknown field `until`"),
    ] {
        project.write("spec/deviations.yaml", &format!("reviewed:\n  - {wrong}\n"));
        let error = Known::read(project.root()).unwrap_err();
        assert!(error.contains(says), "{error}");
    }
}
