//! `spec drift`: what Cashfree publishes against what our spec says.
//!
//! ```text
//! PAGE ─ fetch ─▶ page ─▶ facts ─┐                                  ┌─▶ deviations.yaml explains it
//! spec/vkyc.yaml ───────▶ facts ─┴─ compare ─▶ Difference ─ rules ─▶┴─▶ Change: rule, class, step, edit ─▶ report
//! spec/published.yaml: the facts as last seen, for CI offline, and for wording that changed
//! ```
//!
//! Exit codes: 0 the same, 1 differs, 2 could not compare. Never 0 when nothing was compared.

pub(crate) mod compare;
pub(crate) mod facts;
pub(crate) mod fetch;
mod page;
pub(crate) mod published;
pub(crate) mod report;
pub(crate) mod rules;
pub(crate) mod schema;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use cashfree_vkyc_codegen::openapi::{Pointer, Spec};

use crate::drift::compare::{Difference, What, compare};
use crate::drift::facts::{Facts, WEBHOOK, WRAPPER};
use crate::drift::published::{Deviation, Published, Source, deviations};
use crate::drift::report::{Form, Report};
use crate::drift::rules::{Change, RESPONSE_FIELD_REMOVED, judge};
use crate::{Failure, Result, SPEC, file};

/// What is compared with a page: our spec, and what is known of its differences.
pub(crate) struct Known {
    /// What reports call the spec.
    file: String,
    spec: Spec,
    facts: Facts,
    deviations: Vec<Deviation>,
    published: Published,
}

impl Known {
    pub(crate) fn read(root: &Path) -> std::result::Result<Self, String> {
        let spec = Spec::read(&file(root, SPEC)).map_err(|error| error.to_string())?;
        Ok(Self {
            file: SPEC.into(),
            facts: facts::facts(&spec, None)?,
            spec,
            deviations: deviations(&file(root, "spec/deviations.yaml"))?,
            published: Published::read(&file(root, "spec/published.yaml"))?,
        })
    }

    /// Without anything known of differences.
    #[cfg(test)]
    pub(crate) fn only(spec: &Spec) -> Self {
        let facts = facts::facts(spec, None).unwrap();
        Self {
            file: "spec/vkyc.yaml".into(),
            spec: spec.clone(),
            facts,
            deviations: Vec::new(),
            published: Published::default(),
        }
    }
}

/// Compares each page with our spec; without a page, what is on record as published.
///
/// # Errors
/// With exit code 1 when something differs, and 2 when something could not be compared.
pub(crate) fn drift(root: &Path, pages: &[String], form: Form, update: bool, timeout: Duration) -> Result {
    let mut known = Known::read(root).map_err(Failure::not_compared)?;
    if pages.is_empty() {
        let report = offline(&known);
        report.print(form);
        return verdict(&[report]);
    }
    let mut reports: Vec<Report> = Vec::new();
    for page in pages {
        let text = fetch::read(page, timeout);
        let report = match &text {
            Ok(text) => against_page(&known, page, text),
            Err(failure) => Report { title: title(page), failure: Some(failure.clone()), ..Report::default() },
        };
        if form != Form::Json {
            report.print(form);
        }
        if let (true, None, Ok(text)) = (update, &report.failure, &text) {
            record(&mut known.published, &known.facts, page, text)?;
        }
        reports.push(report);
    }
    match (form, reports.as_slice()) {
        (Form::Json, [report]) => report.print(form),
        (Form::Json, several) => println!("{}", several.iter().map(Report::json).collect::<serde_json::Value>()),
        _ => {}
    }
    if update {
        let file = root.join("spec/published.yaml");
        known.published.write(&file)?;
        if form == Form::Text {
            println!("spec/published.yaml is up to date; see: git diff spec/published.yaml");
        }
    }
    match reports.iter().any(|report| report.failure.is_some()) {
        false if update => Ok(()),
        _ => verdict(&reports),
    }
}

fn verdict(reports: &[Report]) -> Result {
    let changes: usize = reports.iter().map(|report| report.changes.len() + report.stale.len()).sum();
    match reports.iter().map(Report::exit_code).max() {
        Some(0) => Ok(()),
        Some(1) => Err(Failure::found(format!(
            "{changes} to look at; edit the spec, or say in spec/deviations.yaml why it differs (docs/updating.md)"
        ))),
        _ => Err(Failure::not_compared("not everything could be compared".into())),
    }
}

fn title(page: &str) -> String {
    let page = if page == "-" { "standard input" } else { page };
    format!("spec/vkyc.yaml against {page}")
}

/// Our spec against a page. The facts of the page become the new record with `--update`.
pub(crate) fn against_page(known: &Known, name: &str, text: &str) -> Report {
    let mut report = Report { title: title(name), file: known.file.clone(), ..Report::default() };
    match page_facts(name, text) {
        Err(failure) => report.failure = Some(failure),
        Ok((theirs, is_one_operation)) => {
            if let Some(failure) = nothing_in_common(&known.facts, &theirs) {
                report.failure = Some(failure);
                return report;
            }
            let mut differences = compare(&known.facts, &theirs);
            if !is_one_operation {
                let others = operations(&known.facts, &theirs).into_iter();
                differences.extend(others.filter(|difference| is_news(&known.facts, difference)));
            }
            // What was the same when the page was last read is news, whatever a deviation says.
            let before = compare(&known.facts, &known.published.facts);
            let is_on_record = |difference: &Difference| {
                !known.published.facts.contains_key(&difference.operation)
                    || before.iter().any(|known| known.is_like(difference))
            };
            let used = explain(&known.deviations, differences, is_on_record, &mut report);
            for (deviation, _) in known.deviations.iter().zip(used).filter(|(_, used)| !used) {
                if agrees(deviation, &theirs, &report) {
                    report.hints.push(format!(
                        "{} ({}): the page agrees with us now; after --update, remove this deviation",
                        deviation.place, deviation.what
                    ));
                }
            }
            report.hints.extend(wording(&known.published.facts, &theirs));
            report.lines = lines(&known.spec, &report.changes);
        }
    }
    report
}

fn page_facts(name: &str, text: &str) -> std::result::Result<(Facts, bool), String> {
    let page = page::read(name, text)?;
    let only = page.only.as_ref().map(|(method, path)| (method.as_str(), path.as_str()));
    let facts = facts::facts(&page.document, only)?;
    match only {
        Some((method, path)) if facts.is_empty() => {
            Err(format!("the page is about `{method} {path}`, and its OpenAPI block does not hold that"))
        }
        _ => Ok((facts, only.is_some())),
    }
}

/// Whether what a deviation is about is on a page, and differs in nothing.
fn agrees(deviation: &Deviation, theirs: &Facts, report: &Report) -> bool {
    let Some((operation, place)) = deviation.place.split_once(": ") else { return false };
    let is_there = theirs.get(operation).is_some_and(|items| items.contains_key(place));
    let differs = |change: &Change| change.difference.operation == operation && change.difference.place == place;
    is_there && !report.changes.iter().any(differs)
}

/// What our spec says against what is on record as published; every deviation has to be of use.
pub(crate) fn offline(known: &Known) -> Report {
    let title = "spec/vkyc.yaml against spec/published.yaml and spec/deviations.yaml".to_owned();
    let mut report = Report { title, file: known.file.clone(), ..Report::default() };
    let published = &known.published.facts;
    if let Some(failure) = nothing_in_common(&known.facts, published) {
        report.failure = Some(failure);
        return report;
    }
    let differences = compare(&known.facts, published);
    let used = explain(&known.deviations, differences, |_| true, &mut report);
    let ours = known.facts.keys().filter(|name| !published.contains_key(*name) && is_an_operation(name));
    report.hints.extend(ours.map(|name| {
        format!("{name}: not on record as published; cargo xtask spec drift --update PAGE tells whether it is")
    }));
    // A field of an answer that is new in our spec: the record is older, or Cashfree sends more than it publishes.
    let (ahead, changes) = report.changes.drain(..).partition(|change: &Change| change.rule == RESPONSE_FIELD_REMOVED);
    report.changes = changes;
    for Change { difference, .. } in ahead {
        report.hints.push(format!(
            "{}: {}: not on record as published; cargo xtask spec drift --update PAGE tells whether it is",
            difference.operation, difference.place
        ));
    }
    report.lines = lines(&known.spec, &report.changes);
    for (deviation, _) in known.deviations.iter().zip(used).filter(|(_, used)| !used) {
        report.stale.push(format!(
            "{} ({}): this deviation explains nothing any more; remove it from spec/deviations.yaml",
            deviation.place, deviation.what
        ));
    }
    report
}

/// Why two sets of facts have nothing to compare, with the operation that was likely meant.
fn nothing_in_common(ours: &Facts, theirs: &Facts) -> Option<String> {
    if ours.keys().any(|name| theirs.contains_key(name)) {
        return None;
    }
    let pairs = theirs.keys().flat_map(|theirs| ours.keys().map(move |ours| (theirs, ours)));
    let likely = pairs.max_by(|a, b| strsim::jaro_winkler(a.0, a.1).total_cmp(&strsim::jaro_winkler(b.0, b.1)));
    Some(match likely {
        Some((theirs, ours)) => {
            let what =
                if theirs.split(' ').nth(1) == ours.split(' ').nth(1) { "method changed" } else { "path renamed" };
            format!(
                "no operation of the page is in our spec; `{theirs}` is likely our `{ours}` ({what}?): correct `paths` in the spec, or take another page"
            )
        }
        None => "there is no operation to compare".into(),
    })
}

/// Operations, and whatever else stands beside them, that only one side has.
pub(crate) fn operations(ours: &Facts, theirs: &Facts) -> Vec<Difference> {
    let difference = |operation: &String, what: What| Difference {
        operation: operation.clone(),
        place: "operation".into(),
        what,
        before: None,
        after: None,
        attributes: serde_json::Map::new(),
        pointer: Pointer::of(["paths"]),
    };
    let removed = ours.keys().filter(|name| !theirs.contains_key(*name));
    let added = theirs.keys().filter(|name| !ours.contains_key(*name));
    let removed = removed.map(|name| difference(name, What::Removed));
    removed.chain(added.map(|name| difference(name, What::Added))).collect()
}

/// Whether an operation that only one side has is news: ours that a page of many does not have, and theirs that stand near
/// ours. The many others of Cashfree's are none of ours, and what is ours alone stands on no page.
fn is_news(ours: &Facts, difference: &Difference) -> bool {
    let stem = |name: &str| name.split('/').nth(1).unwrap_or_default().to_owned();
    let name = &difference.operation;
    match difference.what {
        What::Removed => is_an_operation(name),
        _ => ours.keys().any(|ours| stem(ours) == stem(name)),
    }
}

/// Whether a name is that of an operation, which a page may describe; webhooks and what the wrapper does stand on none.
fn is_an_operation(name: &str) -> bool {
    !name.starts_with(WEBHOOK) && name != WRAPPER
}

/// Where in the spec to edit, by pointer.
pub(crate) fn lines(spec: &Spec, changes: &[Change]) -> BTreeMap<Pointer, usize> {
    let pointers = changes.iter().map(|change| &change.difference.pointer);
    pointers.filter_map(|pointer| Some((pointer.clone(), spec.place(pointer)?.0))).collect()
}

/// Judges what no deviation explains; tells which deviations were of use.
fn explain(
    deviations: &[Deviation],
    differences: Vec<Difference>,
    is_on_record: impl Fn(&Difference) -> bool,
    report: &mut Report,
) -> Vec<bool> {
    let mut used = vec![false; deviations.len()];
    for difference in differences {
        let mut explained = false;
        for (deviation, used) in deviations.iter().zip(&mut used) {
            if deviation.explains(&difference) {
                (*used, explained) = (true, true);
            }
        }
        if explained && is_on_record(&difference) {
            report.known += 1;
        } else {
            report.changes.push(judge(difference));
        }
    }
    report.changes.sort_by_key(|change| std::cmp::Reverse(change.class));
    used
}

/// Where the wording changed since the page was last read, about null, format, default, required or deprecation.
fn wording(before: &Facts, after: &Facts) -> Vec<String> {
    let mut found = Vec::new();
    for (operation, items) in before {
        for (place, item) in items {
            let Some(now) = after.get(operation).and_then(|items| items.get(place)) else { continue };
            let words: BTreeSet<&String> = item.words.keys().chain(now.words.keys()).collect();
            for word in words {
                let says = match (item.words.get(word), now.words.get(word)) {
                    (None, _) => "the wording now speaks of",
                    (_, None) => "the wording no longer speaks of",
                    (before, now) if before != now => "the wording changed where it speaks of",
                    _ => continue,
                };
                found.push(format!("{operation}: {place}: {says} \"{word}\"; read it"));
            }
        }
    }
    found
}

/// Takes the facts of a page over into the record.
fn record(published: &mut Published, ours: &Facts, name: &str, text: &str) -> Result {
    let (theirs, _) = page_facts(name, text)?;
    let source = Source { source: name.to_owned(), date: today(), sha256: sha256(text) };
    // A page of many operations is on record for those that are in our spec.
    for (operation, items) in theirs.into_iter().filter(|(operation, _)| ours.contains_key(operation)) {
        published.pages.insert(operation.clone(), source.clone());
        published.facts.insert(operation, items);
    }
    Ok(())
}

pub(crate) fn sha256(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn today() -> String {
    chrono::Utc::now().date_naive().to_string()
}

#[cfg(test)]
mod tests;
