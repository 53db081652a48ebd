//! `explain`: the meaning of a status, an error code or an event, from the spec of this version. It works offline.

use std::collections::BTreeSet;

use cashfree_vkyc::{DocumentedError, EventType, Lifecycle, OutcomeRules, Status, SubStatus};

use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::record::Record;

/// The minimum similarity of a suggestion.
const ALIKE: f64 = 0.8;

/// A meaning: the words that have it, its title, and its fields.
struct Meaning(Vec<String>, String, Record);

pub(crate) fn run(word: Option<&str>, output: &Output) -> Result<Exit, Failure> {
    let Some(word) = word else { return list(output) };
    let word = word.split('/').map(str::trim).collect::<Vec<_>>().join("/");
    let is_meant = |Meaning(words, ..): &Meaning| words.iter().any(|known| known.eq_ignore_ascii_case(&word));
    let found: Vec<_> = meanings().filter(is_meant).collect();
    if found.is_empty() {
        return Err(unknown(&word));
    }
    for (n, Meaning(_, title, record)) in found.iter().enumerate() {
        if n > 0 && !output.is_json {
            output.line("")?;
        }
        output.record(title, record)?;
    }
    Ok(Exit::Done)
}

/// Every meaning in the spec. A word may have several.
fn meanings() -> impl Iterator<Item = Meaning> {
    let states = Lifecycle::states().map(|(status, sub_status)| state(status, sub_status));
    let errors = DocumentedError::all().iter().filter_map(|row| Some(error(row.code()?, row)));
    let events = EventType::KNOWN.iter().map(|event| {
        let record = Record::default().with("kind", "", "event").with("event", "event", event.as_str());
        Meaning(vec![event.to_string()], event.to_string(), record.with("meaning", "meaning", event.description()))
    });
    states.chain(errors).chain(events)
}

/// A status alone has its own row. A sub-status may be in several rows.
fn state(status: &Status, sub_status: Option<&SubStatus>) -> Meaning {
    let sub = sub_status.cloned().unwrap_or_default();
    let words = match sub_status {
        Some(sub) => vec![format!("{status}/{sub}"), sub.to_string()],
        None => vec![status.to_string()],
    };
    let title = sub_status.map_or_else(|| status.to_string(), |sub| format!("{status} / {sub}"));
    let meaning = format!("{} {}", status.description(), sub.description());
    let record = Record::default()
        .with("kind", "", "state")
        .with("status", "status", status.as_str())
        .with("sub_status", "sub status", sub_status.map(SubStatus::as_str))
        .with("meaning", "meaning", meaning.trim())
        .with_meaning(Some(Lifecycle::of(status, &sub)), Some(OutcomeRules::default().outcome_of(status, &sub)));
    Meaning(words, title, record)
}

fn error(code: &str, row: &DocumentedError) -> Meaning {
    let record = Record::default()
        .with("kind", "", "error")
        .with("code", "error code", code)
        .with("http_status", "HTTP status", row.http_status())
        .with("type", "type", row.type_())
        .with("meaning", "meaning", row.meaning())
        .with("advice", "what to do", row.advice());
    Meaning(vec![code.to_owned()], format!("{code} (HTTP {})", row.http_status()), record)
}

/// Every word that has a meaning.
fn words() -> Vec<String> {
    let words: BTreeSet<_> = meanings().flat_map(|Meaning(words, ..)| words).collect();
    words.into_iter().collect()
}

fn list(output: &Output) -> Result<Exit, Failure> {
    let words = words();
    if output.is_json {
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
    let lists = || "`cashfree-vkyc explain` lists all known ones".to_owned();
    Failure::new(Exit::NotFound, "this version does not know such a status, error code or event")
        .why("Cashfree does not publish its full tables, so it may still exist")
        .next(best.map_or_else(lists, |best| format!("did you mean {best}?")))
}
