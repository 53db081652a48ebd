//! What a sweep found, by state.

use std::collections::BTreeMap;

use cashfree_vkyc::VideoKyc;
use serde_json::json;

use crate::failure::Failure;
use crate::output::Output;
use crate::view::state;

/// How many there are of what.
pub(super) struct Summary {
    states: BTreeMap<String, u64>,
    missing: u64,
    failures: BTreeMap<&'static str, Vec<u64>>,
    /// The first error of each kind, in full.
    examples: BTreeMap<&'static str, String>,
    before: u64,
    rubbish: usize,
    repeated: usize,
    /// Whether what may be a customer's was asked for.
    shows: bool,
}

impl Summary {
    pub(super) fn new(before: u64, rubbish: usize, repeated: usize, shows: bool) -> Self {
        let (states, failures, examples) = Default::default();
        Self { states, missing: 0, failures, examples, before, rubbish, repeated, shows }
    }

    pub(super) fn count(&mut self, vkyc: &VideoKyc) {
        *self.states.entry(state(vkyc)).or_default() += 1;
    }

    pub(super) fn missing(&mut self) {
        self.missing += 1;
    }

    pub(super) fn fail(&mut self, line: u64, words: &'static str, failure: Failure) {
        self.failures.entry(words).or_default().push(line);
        let shows = self.shows;
        self.examples.entry(words).or_insert_with(|| failure.reveal(shows).reason());
    }

    pub(super) fn failed(&self) -> usize {
        self.failures.values().map(Vec::len).sum()
    }

    pub(super) fn rubbish(&self) -> usize {
        self.rubbish
    }

    /// On the standard output where that is free, else beside it.
    pub(super) fn tell(&self, is_free: bool, output: &Output) -> Result<(), Failure> {
        for (words, lines) in &self.failures {
            let few: Vec<_> = lines.iter().take(8).map(u64::to_string).collect();
            let more = if lines.len() > few.len() { ", …" } else { "" };
            output.note(&format!("{words}: lines {}{more}", few.join(", ")));
            output.note(&format!("  {}", self.examples.get(words).map_or("", String::as_str)));
        }
        let rest = [
            ("not found", self.missing),
            ("failed", self.failed() as u64),
            ("rubbish lines", self.rubbish as u64),
            ("repeated", self.repeated as u64),
            ("from an earlier run", self.before),
        ];
        if output.is_json() {
            let [missing, failed, rubbish, repeated, before] = rest.map(|(_, count)| count);
            let summary = json!({
                "states": self.states, "not_found": missing, "failed": failed, "rubbish_lines": rubbish, "repeated": repeated,
                "from_an_earlier_run": before,
            });
            let text = json!({ "summary": summary });
            if is_free {
                return output.json(&text);
            }
            output.json_note(&text);
            return Ok(());
        }
        let states = self.states.iter().map(|(state, count)| (state.as_str(), *count));
        let rows = states.chain(rest).filter(|(_, count)| *count > 0);
        let rows: Vec<_> = rows.map(|(what, count)| [what.to_owned(), count.to_string()]).collect();
        if is_free {
            return output.columns(["what", "count"], &rows);
        }
        rows.iter().for_each(|[what, count]| output.note(&format!("{count:>8}  {what}")));
        Ok(())
    }
}
