//! What a page is compared with: our spec, the differences that are meant, and what is on record. Our spec against the record, the
//! transcripts that it was made from, and how a page gets there.

use std::collections::BTreeSet;
use std::path::Path;

use cashfree_vkyc_codegen::openapi::{Spec, array};
use serde::Deserialize;
use serde_json::Value;

use super::subject::{self, Described, Page, in_common, is_an_operation};
use crate::compare::{Difference, Surface, What, compare, grouped, judge, surface};
use crate::fetch;
use crate::project::{DEVIATIONS, PAGES, PUBLISHED, SPEC, file, on_record, sha256, spec, today};
use crate::published::{Published, Source};
use crate::report::Report;
use crate::reviewed::Reviewed;

/// What is compared with a page: our spec, and what is known of its differences.
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
            deviations: deviations(&file(root, DEVIATIONS))?,
            reviewed: Reviewed::read(&file(root, DEVIATIONS))?,
            published: Published::read(&file(root, PUBLISHED))?,
        })
    }
}

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
    let unused = explain(known, compare(&known.surface, published), &mut report);
    let ours = known.surface.keys().filter(|name| !published.contains_key(*name) && is_an_operation(name));
    let update = "cargo xtask spec drift --update PAGE compares it with its page";
    report.ahead.extend(ours.map(|name| format!("{name}: {NOT_PUBLISHED}; {update}")));
    report.set_aside(&known.reviewed, |_| false);
    report.ask_for_edits(&known.spec);
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
    let described = page.subject.as_ref().ok()?.described(&known.surface, |_| None).ok()?;
    let mut published = known.published.clone();
    record(&mut published, name, &page, described).then(|| published.text())
}

/// Judges the differences that neither a deviation nor the record explains. Returns the deviations that explain none.
///
/// A deviation explains a difference that the record shows, and one at a place that is not on record. It explains news at a place
/// on record only if it has no wildcard: then it was written for exactly that.
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
    // The record proves that the page never had it: our spec is ahead, and nothing went.
    let is_ahead = |difference: &mut Difference| match difference.what {
        What::Removed => was_so(difference) && !is_on_record(difference),
        // The values on record were those of ours without this one.
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

/// The message about what our spec has ahead of Cashfree's pages.
const NOT_PUBLISHED: &str = "not on record as published: our spec is ahead of the page";

/// One way in which our spec differs from what is published, on purpose. Every entry says why, and on what evidence.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deviation {
    /// "GET /vkyc: 200 application/json: user_reference_id"; a `*` stands for any text without a space.
    #[serde(rename = "where")]
    pub(super) place: String,
    /// The attribute, or "presence", "moved", "renamed", "enum value".
    pub(super) what: String,
    /// What Cashfree publishes: the value, null for nothing, or [`ANYTHING`].
    before: Value,
    /// What our spec says, in the same way.
    after: Value,
    #[serde(rename = "why")]
    _why: String,
    #[serde(rename = "evidence")]
    _evidence: String,
    /// Whether it stands here ahead of the page: what is on record does not show it yet, and need not.
    #[serde(default)]
    pub(super) expected: bool,
}

/// Stands for any value, in `before` and `after`. Null does not: a deviation by which Cashfree publishes nothing must not
/// explain what Cashfree publishes one day.
const ANYTHING: &str = "*";

/// Reads `deviations.yaml`.
pub(super) fn deviations(file: &Path) -> Result<Vec<Deviation>, String> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let document = Spec::read(file).map_err(|error| error.to_string())?;
    let entries = array(document.root().get("deviations")).enumerate();
    let wrong = |n, error| format!("{}: #/deviations/{n}: {error}", file.display());
    entries.map(|(n, node)| Deviation::deserialize(node).map_err(|error| wrong(n, error))).collect()
}

impl Deviation {
    /// Whether it was written for one difference alone.
    fn is_exact(&self) -> bool {
        !self.place.contains('*') && self.before != ANYTHING && self.after != ANYTHING
    }

    /// Whether this explains a difference from our spec (before) to what is published (after).
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

/// Whether a text fits a pattern in which each `*` stands for any text without a space: "GET /vkyc: 4*" is the responses, and
/// not what is in them.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    let word = text.find(' ').unwrap_or(text.len());
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]).take_while(|at| *at <= word);
    ends.filter_map(|at| text.get(at..)).any(|text| matches(rest, text))
}
