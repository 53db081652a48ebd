//! `spec drift`: what Cashfree publishes against what our spec says.
//!
//! ```text
//! PAGE ─ fetch ─▶ page ─▶ surface ─┐             ┌─▶ deviations.yaml explains it
//! spec/vkyc.yaml ───────▶ surface ─┴─ compare ─▶─┴─▶ Change: rule, class, step, edit ─▶ report
//! spec/published.yaml: the surface as last seen, for CI offline, and for wording that changed
//! ```
//!
//! Exit codes: 0 the same, 1 differs, 2 could not compare. Never 0 when nothing was compared.

mod deviations;
mod page;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use cashfree_vkyc_codegen::Spec;
use deviations::{Deviation, deviations};

use crate::compare::{
    Change, Difference, RESPONSE_FIELD_REMOVED, Surface, WEBHOOK, What, compare, grouped, judge, names, operation_name,
    operations, surface,
};
use crate::digest::sha256;
use crate::failure::{Failure, Result};
use crate::fetch;
use crate::printed;
use crate::project::{DEVIATIONS, PUBLISHED, SPEC, file, today};
use crate::published::{Published, Source};
use crate::report::{Form, Report, verdict};

/// What to do about a difference.
const CURE: &str = "edit the spec, or say in spec/deviations.yaml why it differs (docs/updating.md)";

/// What is compared with a page: our spec, and what is known of its differences.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) spec: Spec,
    surface: Surface,
    deviations: Vec<Deviation>,
    pub(crate) published: Published,
}

impl Known {
    pub(crate) fn read(root: &Path) -> std::result::Result<Self, String> {
        let spec = Spec::read(&file(root, SPEC)).map_err(|error| error.to_string())?;
        Ok(Self {
            surface: surface(&spec, |_| true)?,
            spec,
            deviations: deviations(&file(root, DEVIATIONS))?,
            published: Published::read(&file(root, PUBLISHED))?,
        })
    }

    /// Without anything known of differences.
    #[cfg(test)]
    fn only(spec: &Spec) -> Self {
        Self {
            spec: spec.clone(),
            surface: surface(spec, |_| true).unwrap(),
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
        return verdict(&[report], CURE);
    }
    let mut reports: Vec<Report> = Vec::new();
    for page in pages {
        let text = fetch::read(page, timeout);
        let report = match &text {
            Ok(text) => against_page(&known, page, text),
            Err(failure) => Report::new(title(page), Err(failure.clone())),
        };
        if form != Form::Json {
            report.print(form);
        }
        if let (true, None, Ok(text)) = (update, &report.failure, &text) {
            record(&mut known.published, &known.surface, page, text)?;
        }
        reports.push(report);
    }
    match (form, reports.as_slice()) {
        (Form::Json, [report]) => report.print(form),
        (Form::Json, several) => println!("{}", printed::json(&several.iter().map(Report::json).collect())),
        _ => {}
    }
    if update {
        known.published.write(&root.join(PUBLISHED))?;
        if form == Form::Text {
            println!("{PUBLISHED} is up to date; see: git diff {PUBLISHED}");
        }
    }
    match reports.iter().any(|report| report.failure.is_some()) {
        false if update => Ok(()),
        _ => verdict(&reports, CURE),
    }
}

fn title(page: &str) -> String {
    let page = if page == "-" { "standard input" } else { page };
    format!("{SPEC} against {page}")
}

/// Our spec against a page. The surface of the page becomes the new record with `--update`.
pub(crate) fn against_page(known: &Known, name: &str, text: &str) -> Report {
    let mut report = Report { title: title(name), ..Report::default() };
    match described(&known.surface, name, text) {
        Err(failure) => report.failure = Some(failure),
        Ok(Described { surface: theirs, others, webhooks }) => {
            let mut differences = compare(&known.surface, &theirs);
            differences.extend(others);
            let before = compare(&known.surface, &known.published.surface);
            let was_so = |difference: &Difference, is_expected| was_so(known, &before, difference, is_expected);
            let used = explain(&known.deviations, differences, was_so, &mut report);
            for (deviation, _) in known.deviations.iter().zip(used).filter(|(_, used)| !used) {
                if agrees(deviation, &theirs, &report) {
                    report.hints.push(format!(
                        "{} ({}): the page agrees with us now; after --update, remove this deviation",
                        deviation.place, deviation.what
                    ));
                }
            }
            if !webhooks.is_empty() {
                report.hints.push(format!("not compared, since ours have other names: {}", webhooks.join(", ")));
            }
            report.hints.extend(wording(&known.published.surface, &theirs));
            report.ask_for_edits(SPEC, &known.spec);
        }
    }
    report
}

/// Whether a difference is none that came since the page was last read. `before` is how the record differs from our spec.
fn was_so(known: &Known, before: &[Difference], difference: &Difference, is_expected: bool) -> bool {
    match known.published.surface.get(&difference.operation) {
        None => true,
        // What nobody saw on the page yet cannot have been the same.
        Some(items) if is_expected && !items.contains_key(&difference.place) => true,
        // What was the same when the page was last read is news, whatever a deviation says.
        Some(_) => before.iter().any(|known| known.is_like(difference)),
    }
}

/// What a page says of our operations.
struct Described {
    surface: Surface,
    /// Operations that only one side has, where the page speaks of more than one.
    others: Vec<Difference>,
    /// Webhooks that are not in our spec, where ours are not on the page.
    webhooks: Vec<String>,
}

/// Reads what a page says of our operations. What it says of others is none of ours, and is not looked at.
fn described(ours: &Surface, name: &str, text: &str) -> std::result::Result<Described, String> {
    let page = page::read(name, text)?;
    let all = names(&page.document)?;
    let only = page.only.map(|(method, path)| operation_name(&method, &path));
    if let Some(operation) = only.as_ref().filter(|operation| !all.contains(*operation)) {
        return Err(format!("the page is about `{operation}`, and its OpenAPI block does not hold that"));
    }
    let theirs = only.clone().map_or(all, |operation| BTreeSet::from([operation]));
    let ours: BTreeSet<String> = ours.keys().cloned().collect();
    if let Some(failure) = nothing_in_common(&ours, &theirs) {
        return Err(failure);
    }
    let surface = surface(&page.document, |name| ours.contains(name) && theirs.contains(name))?;
    let mut others = operations(&ours, &theirs);
    let webhooks_of = |names: &BTreeSet<String>, others: &BTreeSet<String>| -> Vec<String> {
        names.difference(others).filter(|name| !is_an_operation(name)).cloned().collect()
    };
    let are_ours_there = webhooks_of(&ours, &theirs).is_empty();
    let webhooks = if are_ours_there { Vec::new() } else { webhooks_of(&theirs, &ours) };
    others.retain(|difference| only.is_none() && is_news(&ours, difference));
    Ok(Described { surface, others, webhooks })
}

/// Whether what a deviation is about is on a page, and differs in nothing.
fn agrees(deviation: &Deviation, theirs: &Surface, report: &Report) -> bool {
    let Some((operation, place)) = deviation.place.split_once(": ") else { return false };
    let is_there = theirs.get(operation).is_some_and(|items| items.contains_key(place));
    is_there && !report.changes.iter().flat_map(Change::places).any(|shown| shown == (operation, place))
}

/// What our spec says against what is on record as published; every deviation has to be of use.
fn offline(known: &Known) -> Report {
    let title = format!("{SPEC} against {PUBLISHED} and {DEVIATIONS}");
    let mut report = Report { title, ..Report::default() };
    let published = &known.published.surface;
    let names = |surface: &Surface| surface.keys().cloned().collect();
    if let Some(failure) = nothing_in_common(&names(&known.surface), &names(published)) {
        report.failure = Some(failure);
        return report;
    }
    let differences = compare(&known.surface, published);
    let used = explain(&known.deviations, differences, |_, _| true, &mut report);
    let ours = known.surface.keys().filter(|name| !published.contains_key(*name) && is_an_operation(name));
    report.hints.extend(ours.map(|name| {
        format!("{name}: not on record as published; cargo xtask spec drift --update PAGE tells whether it is")
    }));
    // A field of an answer that is new in our spec: the record is older, or Cashfree sends more than it publishes.
    let (ahead, changes): (Vec<_>, _) =
        report.changes.drain(..).partition(|change: &Change| change.rule == RESPONSE_FIELD_REMOVED);
    report.changes = changes;
    for (operation, place) in ahead.iter().flat_map(Change::places) {
        report.hints.push(format!(
            "{operation}: {place}: not on record as published; cargo xtask spec drift --update PAGE tells whether it is"
        ));
    }
    report.ask_for_edits(SPEC, &known.spec);
    let unused = known.deviations.iter().zip(used).filter(|(deviation, used)| !used && !deviation.expected);
    for (deviation, _) in unused {
        report.stale.push(format!(
            "{} ({}): this deviation explains nothing any more; remove it from {DEVIATIONS}",
            deviation.place, deviation.what
        ));
    }
    report
}

/// Why there is nothing to compare, with the operation that was likely meant.
fn nothing_in_common(ours: &BTreeSet<String>, theirs: &BTreeSet<String>) -> Option<String> {
    if ours.iter().any(|name| theirs.contains(name)) {
        return None;
    }
    let pairs = theirs.iter().flat_map(|theirs| ours.iter().map(move |ours| (theirs, ours)));
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

/// Whether an operation that only one side has is news: ours that a page of many does not have, and theirs that stand near
/// ours. The many others of Cashfree's are none of ours, and what is ours alone stands on no page.
fn is_news(ours: &BTreeSet<String>, difference: &Difference) -> bool {
    let stem = |name: &str| name.split('/').nth(1).unwrap_or_default().to_owned();
    let name = &difference.operation;
    match difference.what {
        What::Removed => is_an_operation(name),
        _ => is_an_operation(name) && ours.iter().any(|ours| stem(ours) == stem(name)),
    }
}

/// Whether a name is that of an operation, which a page may describe; webhooks stand on pages of their own.
fn is_an_operation(name: &str) -> bool {
    !name.starts_with(WEBHOOK)
}

/// Judges what no deviation explains; tells which deviations were of use. `was_so` tells whether a difference is none that came
/// since the page was last read, be it expected or not.
fn explain(
    deviations: &[Deviation],
    differences: Vec<Difference>,
    was_so: impl Fn(&Difference, bool) -> bool,
    report: &mut Report,
) -> Vec<bool> {
    let mut used = vec![false; deviations.len()];
    let (mut news, mut known) = (Vec::new(), Vec::new());
    for difference in differences {
        let (mut explained, mut expected) = (false, false);
        for (deviation, used) in deviations.iter().zip(&mut used) {
            if deviation.explains(&difference) {
                (*used, explained) = (true, true);
                expected |= deviation.expected;
            }
        }
        let list = if explained && was_so(&difference, expected) { &mut known } else { &mut news };
        list.push(difference);
    }
    report.known = grouped(judge(known)).len();
    report.changes = grouped(judge(news));
    used
}

/// Where the wording changed since the page was last read, about null, format, default, required or deprecation.
fn wording(before: &Surface, after: &Surface) -> Vec<String> {
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

/// Takes the surface of a page over into the record.
fn record(published: &mut Published, ours: &Surface, name: &str, text: &str) -> Result {
    let theirs = described(ours, name, text)?.surface;
    let source = Source { source: name.to_owned(), date: today(), sha256: sha256(text) };
    for (operation, items) in theirs {
        published.pages.insert(operation.clone(), source.clone());
        published.surface.insert(operation, items);
    }
    Ok(())
}

/// The record with a page taken over; `None` where that cannot be compared.
pub(crate) fn recorded(known: &Known, name: &str, text: &str) -> Option<String> {
    let mut published = known.published.clone();
    record(&mut published, &known.surface, name, text).ok()?;
    Some(published.text())
}

#[cfg(test)]
mod tests;
