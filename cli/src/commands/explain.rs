//! `explain`: what a word of Cashfree's means, from the spec that this version was made from. Nothing is sent.

use cashfree_vkyc::{DocumentedError, ErrorCode, EventType, Lifecycle, OutcomeRules, Status, SubStatus};
use serde::Serialize;

use crate::args::Explain;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// How alike a word must be to be suggested.
const ALIKE: f64 = 0.8;

/// A meaning of a word. A word may have several.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Meaning {
    State {
        status: String,
        sub_status: Option<String>,
        meaning: String,
        phase: &'static str,
        actor: &'static str,
        is_final: bool,
        outcome: &'static str,
        advice: &'static str,
        evidence: &'static str,
    },
    Error {
        code: &'static str,
        http_status: u16,
        #[serde(rename = "type")]
        type_: Option<&'static str>,
        meaning: &'static str,
        advice: Option<&'static str>,
    },
    Event {
        event: String,
        meaning: &'static str,
    },
}

pub(crate) fn run(args: &Explain, output: &Output) -> Result<Exit, Failure> {
    let Some(word) = &args.word else { return list(output) };
    let found = meanings(word.trim());
    if found.is_empty() {
        return Err(unknown(word.trim()));
    }
    for (n, meaning) in found.iter().enumerate() {
        if output.is_json() {
            output.json(meaning)?;
            continue;
        }
        if n > 0 {
            output.line("")?;
        }
        let (title, rows) = meaning.rows();
        output.pairs(&title, &rows)?;
    }
    Ok(Exit::Done)
}

fn meanings(word: &str) -> Vec<Meaning> {
    let is = |known: &str, word: &str| known.eq_ignore_ascii_case(word);
    let states: Vec<_> = match word.split_once('/').map(|(status, sub_status)| (status.trim(), sub_status.trim())) {
        Some((status, sub)) => {
            let both = |(known, known_sub): &(&Status, Option<&SubStatus>)| {
                is(known.as_str(), status) && is(known_sub.map_or("", |sub| sub.as_str()), sub)
            };
            Lifecycle::states().filter(both).collect()
        }
        // A status alone is its own row; a sub-status, each row that it is in.
        None => {
            let alone = |(known, sub): &(&Status, Option<&SubStatus>)| match sub {
                None => is(known.as_str(), word),
                Some(sub) => is(sub.as_str(), word),
            };
            Lifecycle::states().filter(alone).collect()
        }
    };
    let states = states.into_iter().map(|(status, sub_status)| state(status, sub_status));
    let errors = DocumentedError::all().iter().filter_map(|row| {
        let code = row.code().filter(|code| is(code, word))?;
        let (http_status, type_) = (row.http_status(), row.type_());
        Some(Meaning::Error { code, http_status, type_, meaning: row.meaning(), advice: row.advice() })
    });
    let events = EventType::KNOWN.iter().filter(|event| is(event.as_str(), word));
    let events = events.map(|event| Meaning::Event { event: event.to_string(), meaning: event.description() });
    states.chain(errors).chain(events).collect()
}

fn state(status: &Status, sub_status: Option<&SubStatus>) -> Meaning {
    let sub = sub_status.cloned().unwrap_or_default();
    let lifecycle = Lifecycle::of(status, &sub);
    let words = [status.description(), sub.description()];
    let words: Vec<_> = words.into_iter().filter(|words| !words.is_empty()).collect();
    Meaning::State {
        status: status.to_string(),
        sub_status: sub_status.map(ToString::to_string),
        meaning: words.join(" "),
        phase: lifecycle.phase().as_str(),
        actor: lifecycle.actor().as_str(),
        is_final: lifecycle.is_final(),
        outcome: OutcomeRules::default().outcome_of(status, &sub).as_str(),
        advice: lifecycle.advice(),
        evidence: lifecycle.evidence().as_str(),
    }
}

impl Meaning {
    fn rows(&self) -> (String, Vec<(&'static str, String)>) {
        match self {
            Self::State { status, sub_status, meaning, phase, actor, is_final, outcome, advice, evidence } => {
                let title = sub_status.as_ref().map_or_else(|| status.clone(), |sub| format!("{status} / {sub}"));
                let rows = vec![
                    ("state", title.clone()),
                    ("meaning", meaning.clone()),
                    ("phase", (*phase).to_owned()),
                    ("who acts next", (*actor).to_owned()),
                    ("final", if *is_final { "yes" } else { "no" }.to_owned()),
                    ("outcome", (*outcome).to_owned()),
                    ("what to do", (*advice).to_owned()),
                    ("how well known", (*evidence).to_owned()),
                ];
                (title, rows)
            }
            Self::Error { code, http_status, type_, meaning, advice } => {
                let rows = vec![
                    ("error code", (*code).to_owned()),
                    ("HTTP status", http_status.to_string()),
                    ("type", type_.unwrap_or("any").to_owned()),
                    ("meaning", (*meaning).to_owned()),
                    ("what to do", advice.unwrap_or("nothing that the spec knows of").to_owned()),
                ];
                (format!("{code} (HTTP {http_status})"), rows)
            }
            Self::Event { event, meaning } => {
                (event.clone(), vec![("event", event.clone()), ("meaning", (*meaning).to_owned())])
            }
        }
    }
}

/// Every word that has a meaning.
fn words() -> Vec<String> {
    let states = Lifecycle::states().flat_map(|(status, sub)| {
        let sub = sub.map(ToString::to_string);
        let both = sub.as_ref().map(|sub| format!("{status}/{sub}"));
        [Some(status.to_string()), both, sub].into_iter().flatten()
    });
    let errors = ErrorCode::KNOWN.iter().map(ToString::to_string);
    let events = EventType::KNOWN.iter().map(ToString::to_string);
    let mut words: Vec<_> = states.chain(errors).chain(events).collect();
    words.sort();
    words.dedup();
    words
}

fn list(output: &Output) -> Result<Exit, Failure> {
    let words = words();
    if output.is_json() {
        output.json(&words)?;
    } else {
        output.line(&words.join("\n"))?;
    }
    Ok(Exit::Done)
}

fn unknown(word: &str) -> Failure {
    let likeness = |known: &String| strsim::jaro_winkler(&known.to_uppercase(), &word.to_uppercase());
    let known = words();
    let best = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b))).filter(|best| likeness(best) >= ALIKE);
    let failure = Failure::new(Exit::NotFound, "this version knows no such status, error code or event")
        .why("Cashfree's tables are not published in full, so it may be a word of theirs all the same");
    match best {
        Some(best) => failure.next(format!("did you mean {best}?")),
        None => failure.next("`cashfree-vkyc explain` lists all that are known"),
    }
}
