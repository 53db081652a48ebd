//! What is on record: our spec against it, the transcripts that it was made from, and how a page gets there.

use std::collections::BTreeSet;
use std::path::Path;

use super::subject::{self, Described, Page, PageOwner, in_common, is_an_operation};
use super::{Deviation, Known, explain};
use crate::compare::{Change, RESPONSE_FIELD_REMOVED, Surface, compare};
use crate::fetch;
use crate::project::{DEVIATIONS, PAGES, PUBLISHED, SPEC, file, on_record, sha256, today};
use crate::published::{Published, Source};
use crate::report::Report;

/// What our spec says against what is on record as published; every deviation has to be of use.
pub(super) fn offline(known: &Known) -> Report {
    let published = &known.published.surface;
    let names = |surface: &Surface| surface.keys().cloned().collect::<BTreeSet<_>>();
    let common = in_common(&names(&known.surface), &names(published), |_| false).map_err(|(failure, _)| failure);
    let title = format!("{SPEC} against {PUBLISHED} and {DEVIATIONS}");
    let mut report = Report::new(title, common.map(|()| Vec::new()));
    if report.failure.is_some() {
        return report;
    }
    let differences = compare(&known.surface, published);
    let unused = explain(&known.deviations, differences, |_, _| true, &mut report);
    let why = "not on record as published; cargo xtask spec drift --update PAGE tells whether it is";
    let ours = known.surface.keys().filter(|name| !published.contains_key(*name) && is_an_operation(name));
    report.hints.extend(ours.map(|name| format!("{name}: {why}")));
    // A field of an answer that is new in our spec: the record is older, or Cashfree sends more than it publishes.
    let ahead = report.changes.extract_if(.., |change| change.rule == RESPONSE_FIELD_REMOVED).collect::<Vec<_>>();
    let places = ahead.iter().flat_map(Change::places);
    report.hints.extend(places.map(|(operation, place)| format!("{operation}: {place}: {why}")));
    report.ask_for_edits(SPEC, &known.spec);
    for Deviation { place, what, .. } in unused.iter().filter(|deviation| !deviation.expected) {
        let stale = format!("this deviation explains nothing any more; remove it from {DEVIATIONS}");
        report.stale.push(format!("{place} ({what}): {stale}"));
    }
    for name in published.keys().filter(|name| !known.surface.contains_key(*name)) {
        report.stale.push(format!("{name}: on record, and not in our spec any more; remove it from {PUBLISHED}"));
    }
    report
}

/// Whether the transcripts are what the record was made from: each as it was when it was put there, and none beside it.
pub(super) fn transcripts(root: &Path, known: &Known, report: &mut Report) {
    let folder = file(root, PAGES);
    for path in subject::listed(&[folder.to_string_lossy().into_owned()]).unwrap_or_default() {
        let page = Page { name: on_record(root, &path), ..Page::fetch(path, fetch::TIMEOUT) };
        match &page.subject {
            Ok(subject) => subject.names.iter().for_each(|operation| of_transcript(known, &page, operation, report)),
            Err(failure) => report.failure = Some(format!("{}: {failure}", page.name)),
        }
    }
    // What was read from a file can be looked at again; an address shows what Cashfree says today.
    for (operation, source) in known.published.pages.iter().filter(|(_, source)| !source.source.contains("://")) {
        if !root.join(&source.source).is_file() {
            report.stale.push(format!("{operation}: on record from {}, which is not there", source.source));
        }
    }
}

fn of_transcript(known: &Known, Page { name, text, .. }: &Page, operation: &str, report: &mut Report) {
    let update = format!("cargo xtask spec drift --update {name}");
    if !known.surface.contains_key(operation) {
        report.hints.push(format!("{operation}: {name} tells of it, and it is not in our spec"));
        return;
    }
    let stale = match known.published.pages.get(operation) {
        Some(Source { source, .. }) if source != name => format!("on record from {source} since; remove {name}"),
        Some(source) if source.sha256 == sha256(text) => return,
        Some(_) => format!("{name} is not what is on record of it; {update}"),
        None => format!("{name} is not on record; {update}"),
    };
    report.stale.push(format!("{operation}: {stale}"));
}

/// Takes what a page says of our operations over into the record, under the name that it has there; whether that was anything.
pub(super) fn record(published: &mut Published, name: &str, page: &Page, described: Described) -> bool {
    let source = Source { source: name.to_owned(), date: today(), sha256: sha256(&page.text) };
    let is_any = !described.surface.is_empty();
    for (operation, items) in described.surface {
        published.pages.insert(operation.clone(), source.clone());
        published.surface.insert(operation, items);
    }
    is_any
}

/// The record with a page taken over; `None` where that cannot be compared.
pub(crate) fn recorded(known: &Known, name: &str, text: &str) -> Option<String> {
    let page = Page::of(name.to_owned(), text.to_owned());
    let described = page.subject.as_ref().ok()?.described(&known.surface, |_| PageOwner::Unknown).ok()?;
    let mut published = known.published.clone();
    record(&mut published, name, &page, described).then(|| published.text())
}
