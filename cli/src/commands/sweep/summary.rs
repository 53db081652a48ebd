//! The result of a sweep in numbers, by state.

use std::collections::BTreeMap;

use cashfree_vkyc::VideoKyc;
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::output::Output;
use crate::view::state;

/// Counts states and failures.
#[derive(Default)]
pub(super) struct Summary {
    pub(super) states: BTreeMap<String, u64>,
    /// Failures by code: the reason of the first, and the lines of all.
    pub(super) failures: BTreeMap<String, (String, Vec<u64>)>,
    pub(super) missing: u64,
    pub(super) earlier: u64,
    pub(super) rubbish: u64,
    pub(super) repeated: u64,
}

impl Summary {
    pub(super) fn count(&mut self, vkyc: &VideoKyc) {
        *self.states.entry(state(vkyc)).or_default() += 1;
    }

    pub(super) fn fail(&mut self, line: u64, failure: &Failure) {
        let first = || (failure.reason(), Vec::new());
        self.failures.entry(failure.code().to_owned()).or_insert_with(first).1.push(line);
    }

    pub(super) fn failed(&self) -> u64 {
        self.failures.values().map(|(_, lines)| lines.len() as u64).sum()
    }

    /// Prints the summary: on the standard output, unless that has the results.
    pub(super) fn print(&self, is_stdout_free: bool, output: &Output) -> Result<(), Failure> {
        for (code, (reason, lines)) in &self.failures {
            let few: Vec<_> = lines.iter().take(8).map(u64::to_string).collect();
            let more = if lines.len() > few.len() { ", …" } else { "" };
            output.note(&format!("{code}: lines {}{more}", few.join(", ")));
            output.note(&format!("  {reason}"));
        }
        let counts = [
            ("not found", self.missing),
            ("failed", self.failed()),
            ("rubbish lines", self.rubbish),
            ("repeated", self.repeated),
            ("from an earlier run", self.earlier),
        ];
        if output.is_json {
            let counts = counts.map(|(name, count)| (name.replace(' ', "_"), count.into()));
            let mut summary = serde_json::Map::from_iter(counts);
            summary.insert("states".to_owned(), json!(self.states));
            let line: Value = json!({ "summary": summary });
            if is_stdout_free {
                return output.json(&line);
            }
            output.json_note(&line);
            return Ok(());
        }
        let states = self.states.iter().map(|(state, count)| (state.as_str(), *count));
        let rows = states.chain(counts).filter(|(_, count)| *count > 0);
        if is_stdout_free {
            let rows: Vec<_> = rows.map(|(name, count)| (name, count.to_string())).collect();
            return output.pairs("Sweep", &rows);
        }
        rows.for_each(|(name, count)| output.note(&format!("{count:>8}  {name}")));
        Ok(())
    }
}
