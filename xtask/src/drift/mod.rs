//! `spec drift`: compares our spec with Cashfree's published pages.
//!
//! ```text
//! PAGE… ─ page ─▶ subject ─▶ surface ─┐             ┌─▶ deviations.yaml explains it
//! spec/vkyc.yaml ───────────────▶ surface ─┴─ compare ─▶─┴─▶ Change: rule, class, step, edit ─▶ report
//! spec/published.yaml (record): the surfaces as last seen, for CI offline, and for wording that changed
//! ```
//!
//! A page is compared with its own operations only, and each operation has its own record. A run reports nothing about operations
//! that its pages do not describe.
//!
//! Exit codes: 0 the same, 1 differs, 2 could not compare. An empty comparison is never 0.

mod page;
mod record;
mod subject;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use record::{Deviation, explain, offline, record, transcripts};
pub(crate) use record::{Known, recorded};
use subject::{Described, Page};

use crate::compare::{Change, Surface, compare};
use crate::printed;
use crate::project::{Failure, PUBLISHED, Result, SPEC, on_record};
use crate::report::{Form, Report, verdict};

/// The cure for a difference.
const CURE: &str = "edit the spec, or say in spec/deviations.yaml why it differs (docs/updating.md)";

/// Compares each page with our spec; without pages, compares the record. A folder means the pages in it.
///
/// # Errors
/// With exit code 1 when something differs, and 2 when something could not be compared.
pub(crate) fn drift(root: &Path, asked: &[String], form: Form, update: bool, timeout: Duration) -> Result {
    let known = Known::read(root).map_err(Failure::not_compared)?;
    if asked.is_empty() {
        let mut report = offline(&known);
        transcripts(root, &known, &mut report);
        report.print(form, 1);
        return verdict(&[report], CURE);
    }
    let names = subject::listed(asked).map_err(Failure::not_compared)?;
    let pages: Vec<Page> = names.into_iter().map(|name| Page::fetch(name, timeout)).collect();
    let outcomes: Vec<Outcome> = pages.iter().map(|page| of_run(&known, &pages, page)).collect();
    match (form, outcomes.len()) {
        (Form::Json, 2..) => println!("{}", printed::json(&outcomes.iter().map(|(report, _)| report.json()).collect())),
        (_, reports) => outcomes.iter().for_each(|(report, _)| report.print(form, reports)),
    }
    if update {
        return put_on_record(root, known, &pages, outcomes, form);
    }
    verdict(&outcomes.into_iter().map(|(report, _)| report).collect::<Vec<_>>(), CURE)
}

/// The report on a page, and the page's description of our operations if it can be compared.
type Outcome = (Report, Option<Described>);

/// Writes the pages' facts about our operations to the record, and reports those that it cannot write.
fn put_on_record(root: &Path, known: Known, pages: &[Page], outcomes: Vec<Outcome>, form: Form) -> Result {
    let mut published = known.published;
    let (mut left, mut pages_of) = (Vec::new(), BTreeMap::new());
    for (page, (report, described)) in pages.iter().zip(outcomes) {
        for operation in described.iter().flat_map(|described| described.surface.keys()) {
            if let Some(other) = pages_of.insert(operation.clone(), &page.name) {
                let twice = format!("{operation}: both {other} and {} describe it; record one of them", page.name);
                return Err(Failure::not_compared(twice));
            }
        }
        let name = on_record(root, &page.name);
        if !described.is_some_and(|described| record(&mut published, &name, page, described)) {
            left.push(report);
        }
    }
    published.write(&root.join(PUBLISHED), form)?;
    if left.is_empty() {
        return Ok(());
    }
    verdict(&left, "an operation that is not in our spec is not recorded: add it first")
}

/// Compares our spec with one page of a run.
fn of_run(known: &Known, pages: &[Page], page: &Page) -> Outcome {
    let is_its_page = |operation: &str| subject::is_its_page(pages, &known.published, &page.name, operation);
    let subject = page.subject.as_ref().map_err(Clone::clone);
    let described = subject.and_then(|subject| subject.described(&known.surface, is_its_page));
    let name = if page.name == "-" { "standard input" } else { &page.name };
    let mut report = Report { title: format!("{SPEC} against {name}"), ..Report::default() };
    match &described {
        Ok(described) => fill(&mut report, known, described),
        Err(failure) => report.failure = Some(failure.clone()),
    }
    (report, described.ok())
}

/// Compares our spec with a page.
pub(crate) fn against_page(known: &Known, name: &str, text: &str) -> Report {
    let page = Page::of(name.to_owned(), text.to_owned());
    of_run(known, &[], &page).0
}

/// Adds the differences between our spec and a page to a report.
fn fill(report: &mut Report, known: &Known, described: &Described) {
    let Described { surface: theirs, others, hints } = described;
    let mut differences = compare(&known.surface, theirs);
    differences.extend(others.iter().cloned());
    for deviation in explain(known, differences, report) {
        if agrees(deviation, theirs, report) {
            let Deviation { place, what, .. } = deviation;
            let hint = "the page agrees with us now; after --update, remove this deviation";
            report.hints.push(format!("{place} ({what}): {hint}"));
        }
    }
    report.hints.extend(hints.iter().cloned());
    report.hints.extend(wording(&known.published.surface, theirs));
    report.set_aside(&known.reviewed, |operation| theirs.contains_key(operation));
    report.ask_for_edits(&known.spec);
}

/// Whether a page shows the subject of a deviation without any difference.
fn agrees(deviation: &Deviation, theirs: &Surface, report: &Report) -> bool {
    let Some((operation, place)) = deviation.place.split_once(": ") else { return false };
    let is_there = theirs.get(operation).is_some_and(|items| items.contains_key(place));
    is_there && !report.changes.iter().flat_map(Change::places).any(|shown| shown == (operation, place))
}

/// Signal words (null, format, default, required, deprecated) whose sentences changed since the page was last read.
fn wording(before: &Surface, after: &Surface) -> Vec<String> {
    let mut found = Vec::new();
    for (operation, items) in before {
        for (place, item) in items {
            let Some(now) = after.get(operation).and_then(|items| items.get(place)) else { continue };
            for word in item.words.keys().chain(now.words.keys()).collect::<BTreeSet<_>>() {
                let says = match (item.words.get(word), now.words.get(word)) {
                    (None, _) => "the wording now mentions",
                    (_, None) => "the wording no longer mentions",
                    (before, now) if before != now => "the wording changed where it mentions",
                    _ => continue,
                };
                found.push(format!("{operation}: {place}: {says} \"{word}\"; read it"));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests;
