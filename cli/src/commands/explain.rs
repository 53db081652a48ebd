//! `explain`: the meaning of a word of Cashfree's, from the spec that this version was built from. It works offline.

use std::collections::BTreeSet;

use cashfree_vkyc::{DocumentedError, ErrorCode, EventType, Lifecycle, OutcomeRules, Status, SubStatus};

use crate::args::Explain;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::record::Record;

/// The least similarity of a word that is suggested.
const ALIKE: f64 = 0.8;

pub(crate) fn run(args: &Explain, output: &Output) -> Result<Exit, Failure> {
    let Some(word) = args.word.as_deref().map(str::trim) else { return list(output) };
    let found = meanings(word);
    if found.is_empty() {
        return Err(unknown(word));
    }
    for (n, (title, meaning)) in found.iter().enumerate() {
        if n > 0 && !output.is_json() {
            output.line("")?;
        }
        output.record(title, meaning)?;
    }
    Ok(Exit::Done)
}

/// The meanings of a word, each with a title. A word may have several.
fn meanings(word: &str) -> Vec<(String, Record)> {
    let is = |known: &str, word: &str| known.eq_ignore_ascii_case(word);
    let is_meant = |(status, sub): &(&Status, Option<&SubStatus>)| {
        let (status, sub) = (status.as_str(), sub.map(SubStatus::as_str));
        match word.split_once('/') {
            Some((word, sub_word)) => is(status, word.trim()) && is(sub.unwrap_or_default(), sub_word.trim()),
            // A status alone is its own row; a sub-status is every row with it.
            None => is(sub.unwrap_or(status), word),
        }
    };
    let states = Lifecycle::states().filter(is_meant).map(|(status, sub_status)| state(status, sub_status));
    let errors =
        DocumentedError::all().iter().filter_map(|row| Some(error(row.code().filter(|code| is(code, word))?, row)));
    let events = EventType::KNOWN.iter().filter(|event| is(event.as_str(), word)).map(|event| {
        let record = Record::default().with("kind", "", "event").with("event", "event", event.as_str());
        (event.to_string(), record.with("meaning", "meaning", event.description()))
    });
    states.chain(errors).chain(events).collect()
}

fn state(status: &Status, sub_status: Option<&SubStatus>) -> (String, Record) {
    let sub = sub_status.cloned().unwrap_or_default();
    let title = sub_status.map_or_else(|| status.to_string(), |sub| format!("{status} / {sub}"));
    let meaning = format!("{} {}", status.description(), sub.description());
    let record = Record::default()
        .with("kind", "", "state")
        .with("status", "status", status.as_str())
        .with("sub_status", "sub status", sub_status.map(SubStatus::as_str))
        .with("meaning", "meaning", meaning.trim())
        .with_meaning(Some(Lifecycle::of(status, &sub)), Some(OutcomeRules::default().outcome_of(status, &sub)));
    (title, record)
}

fn error(code: &str, row: &DocumentedError) -> (String, Record) {
    // People do not see a missing value: without a type, the row is for any type.
    let label = |label, value: Option<&str>| if value.is_some() { label } else { "" };
    let record = Record::default()
        .with("kind", "", "error")
        .with("code", "error code", code)
        .with("http_status", "HTTP status", row.http_status())
        .with("type", label("type", row.type_()), row.type_())
        .with("meaning", "meaning", row.meaning())
        .with("advice", label("what to do", row.advice()), row.advice());
    (format!("{code} (HTTP {})", row.http_status()), record)
}

/// Every word that has a meaning.
fn words() -> Vec<String> {
    let states = Lifecycle::states().flat_map(|(status, sub)| {
        let both = sub.map(|sub| format!("{status}/{sub}"));
        [Some(status.to_string()), both, sub.map(ToString::to_string)].into_iter().flatten()
    });
    let errors = ErrorCode::KNOWN.iter().map(ToString::to_string);
    let events = EventType::KNOWN.iter().map(ToString::to_string);
    let words: BTreeSet<_> = states.chain(errors).chain(events).collect();
    words.into_iter().collect()
}

fn list(output: &Output) -> Result<Exit, Failure> {
    let words = words();
    if output.is_json() {
        output.json(&words)?
    } else {
        output.line(&words.join("\n"))?
    }
    Ok(Exit::Done)
}

fn unknown(word: &str) -> Failure {
    let likeness = |known: &String| strsim::jaro_winkler(&known.to_uppercase(), &word.to_uppercase());
    let known = words();
    let best = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|best| likeness(best) >= ALIKE);
    let lists = || "`cashfree-vkyc explain` lists all that are known".to_owned();
    Failure::new(Exit::NotFound, "this version knows no such status, error code or event")
        .why("Cashfree's tables are not published in full, so it may be a word of theirs all the same")
        .next(best.map_or_else(lists, |best| format!("did you mean {best}?")))
}
