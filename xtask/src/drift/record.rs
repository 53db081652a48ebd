//! The project's own files (spec, deviations, record), their comparison with each other and with the transcripts, and the update
//! of the record.

use std::collections::BTreeSet;
use std::path::Path;

use cashfree_vkyc_codegen::Spec;
use serde::Deserialize;
use serde_json::Value;

use super::subject::{self, Described, Page, in_common, is_an_operation};
use crate::compare::{Difference, Surface, What, compare, grouped, judge, surface};
use crate::fetch;
use crate::project::{DEVIATIONS, PAGES, PUBLISHED, SPEC, entries_of, file, on_record, sha256, spec, today};
use crate::published::{Published, Source};
use crate::report::Report;
use crate::reviewed::Reviewed;

/// Our spec, the record, and the known differences. A page is compared with these.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) spec: Spec,
    pub(super) surface: Surface,
    pub(super) deviations: Vec<Deviation>,
    pub(super) reviewed: Vec<Reviewed>,
    pub(crate) published: Published,
}

impl Known {
    pub(crate) fn read(root: &Path) -> std::result::Result<Self, String> {
        let spec = spec(root)?;
        Ok(Self {
            surface: surface(&spec, |_| true)?,
            spec,
            deviations: entries_of(&file(root, DEVIATIONS), "deviations")?,
            reviewed: entries_of(&file(root, DEVIATIONS), "reviewed")?,
            published: Published::read(&file(root, PUBLISHED))?,
        })
    }
}

/// Compares our spec with the record. Every deviation must explain something.
pub(super) fn offline(known: &Known) -> Report {
    let published = &known.published.surface;
    let names = |surface: &Surface| surface.keys().cloned().collect::<BTreeSet<_>>();
    let title = format!("{SPEC} against {PUBLISHED} and {DEVIATIONS}");
    let mut report = Report { title, ..Report::default() };
    if let Err((failure, _)) = in_common(&names(&known.surface), &names(published), |_| false) {
        return Report { failure: Some(failure), ..report };
    }
    let unused = explain(known, compare(&known.surface, published), &mut report);
    let ours = known.surface.keys().filter(|name| !published.contains_key(*name) && is_an_operation(name));
    let update = "cargo xtask spec drift --update PAGE compares it with its page";
    report.ahead.extend(ours.map(|name| format!("{name}: {NOT_PUBLISHED}; {update}")));
    report.set_aside(&known.reviewed, |_| false);
    report.ask_for_edits(&known.spec);
    for Deviation { place, what, .. } in unused.iter().filter(|deviation| !deviation.expected) {
        let stale = format!("this deviation no longer explains anything; remove it from {DEVIATIONS}");
        report.stale.push(format!("{place} ({what}): {stale}"));
    }
    for name in published.keys().filter(|name| !known.surface.contains_key(*name)) {
        report.stale.push(format!("{name}: on record, but no longer in our spec; remove it from {PUBLISHED}"));
    }
    report
}

/// Checks the transcripts: each equals the version on record, and none is extra.
pub(super) fn transcripts(root: &Path, known: &Known, report: &mut Report) {
    let folder = file(root, PAGES);
    for path in subject::listed(&[folder.to_string_lossy().into_owned()]).unwrap_or_default() {
        let page = Page { name: on_record(root, &path), ..Page::fetch(path, fetch::TIMEOUT) };
        match &page.subject {
            Ok(subject) => subject.names.iter().for_each(|operation| of_transcript(known, &page, operation, report)),
            Err(failure) => report.failure = Some(format!("{}: {failure}", page.name)),
        }
    }
    // A file can be read again; an address shows the page of today.
    for (operation, source) in known.published.pages.iter().filter(|(_, source)| !source.source.contains("://")) {
        if !root.join(&source.source).is_file() {
            report.stale.push(format!("{operation}: on record from {}, which does not exist", source.source));
        }
    }
}

fn of_transcript(known: &Known, Page { name, text, .. }: &Page, operation: &str, report: &mut Report) {
    let update = format!("cargo xtask spec drift --update {name}");
    if !known.surface.contains_key(operation) {
        report.hints.push(format!("{operation}: {name} describes it, but our spec does not"));
        return;
    }
    let stale = match known.published.pages.get(operation) {
        Some(Source { source, .. }) if source != name => format!("now on record from {source}; remove {name}"),
        Some(source) if source.sha256 == sha256(text) => return,
        Some(_) => format!("{name} differs from the record; {update}"),
        None => format!("{name} is not on record; {update}"),
    };
    report.stale.push(format!("{operation}: {stale}"));
}

/// Writes a page's facts about our operations to the record, under its name on record. Returns whether there were any.
pub(super) fn record(published: &mut Published, name: &str, page: &Page, described: Described) -> bool {
    let source = Source { source: name.to_owned(), date: today(), sha256: sha256(&page.text) };
    let is_any = !described.surface.is_empty();
    for (operation, items) in described.surface {
        published.pages.insert(operation.clone(), source.clone());
        published.surface.insert(operation, items);
    }
    is_any
}

/// The record with the facts of a page; `None` if the page cannot be compared.
pub(crate) fn recorded(known: &Known, name: &str, text: &str) -> Option<String> {
    let page = Page::of(name.to_owned(), text.to_owned());
    let described = page.subject.as_ref().ok()?.described(&known.surface, |_| None).ok()?;
    let mut published = known.published.clone();
    record(&mut published, name, &page, described).then(|| published.text())
}

/// Finds the rules of the differences that neither a deviation nor the record explains. Returns the unused deviations.
///
/// A deviation explains a difference that the record shows, and one at a place without a record. It explains a new difference at
/// a place on record only without a wildcard, because then it was written for exactly that place.
pub(super) fn explain<'a>(known: &'a Known, differences: Vec<Difference>, report: &mut Report) -> Vec<&'a Deviation> {
    let published = &known.published.surface;
    let before = compare(&known.surface, published);
    let was_so = |difference: &Difference| before.iter().any(|known| known.is_like(difference));
    let is_on_record = |difference: &Difference| {
        published.get(&difference.operation).is_some_and(|items| items.contains_key(&difference.place))
    };
    let mut unused: Vec<&Deviation> = known.deviations.iter().collect();
    let (meant, mut news): (Vec<_>, Vec<_>) = differences.into_iter().partition(|difference| {
        unused.retain(|deviation| !deviation.explains(difference));
        let mut explaining = known.deviations.iter().filter(|deviation| deviation.explains(difference)).peekable();
        let is_explained = explaining.peek().is_some();
        is_explained && (!is_on_record(difference) || was_so(difference) || explaining.any(Deviation::is_exact))
    });
    // The record proves that the page never had it: our spec is ahead, and nothing was removed.
    let is_ahead = |difference: &mut Difference| match difference.what {
        What::Removed => was_so(difference) && !is_on_record(difference),
        // The values on record were ours without this one.
        What::ValueRemoved => was_so(difference),
        _ => false,
    };
    let ahead = news.extract_if(.., is_ahead).map(|difference| {
        let value = difference.before.filter(|_| difference.what == What::ValueRemoved);
        let value = value.map_or_else(String::new, |value| format!(" {value}"));
        format!("{}: {}{value}: {NOT_PUBLISHED}", difference.operation, difference.place)
    });
    report.ahead = ahead.collect();
    report.known = grouped(judge(meant)).len();
    report.changes = grouped(judge(news));
    unused
}

/// The message for parts of our spec that are ahead of Cashfree's pages.
const NOT_PUBLISHED: &str = "not on record as published: our spec is ahead of the page";

/// An intended difference between our spec and the published pages. Every entry has a reason and evidence.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deviation {
    /// "GET /vkyc: 200 application/json: user_reference_id"; `*` matches any text without a space.
    #[serde(rename = "where")]
    pub(super) place: String,
    /// The attribute, or "presence", "moved", "renamed", "enum value".
    pub(super) what: String,
    /// The published value, null for nothing, or [`ANYTHING`].
    before: Value,
    /// Our value, in the same form.
    after: Value,
    #[serde(rename = "why")]
    _why: String,
    #[serde(rename = "evidence")]
    _evidence: String,
    /// Whether the record need not show it yet, because our spec is ahead of the page.
    #[serde(default)]
    pub(super) expected: bool,
}

/// Matches any value except null in `before` and `after`. A deviation for something unpublished must not explain what Cashfree
/// publishes later.
const ANYTHING: &str = "*";

impl Deviation {
    /// Whether it matches one difference only.
    fn is_exact(&self) -> bool {
        !self.place.contains('*') && self.before != ANYTHING && self.after != ANYTHING
    }

    /// Whether it explains a difference from our spec (before) to the published page (after).
    pub(super) fn explains(&self, difference: &Difference) -> bool {
        let place = format!("{}: {}", difference.operation, difference.place);
        let said = |side: &Option<Value>| side.clone().unwrap_or(Value::Null);
        let fits = |expected: &Value, found: &Option<Value>| expected == ANYTHING || said(found) == *expected;
        matches(&self.place, &place)
            && self.what == difference.what.word()
            && fits(&self.before, &difference.after)
            && fits(&self.after, &difference.before)
    }
}

/// Whether a text matches a pattern in which `*` matches any text without a space: "GET /vkyc: 4*" matches the responses, but not
/// their contents.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    let word = text.find(' ').unwrap_or(text.len());
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]).take_while(|at| *at <= word);
    ends.filter_map(|at| text.get(at..)).any(|text| matches(rest, text))
}
