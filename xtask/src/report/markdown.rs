//! A report for an issue or a pull request. Whatever a page may have said stands in code spans; a list, since a cell of a
//! table ends at a `|` in a code span too.

use std::fmt::Write as _;

use super::{Report, also, of_operation, shown};
use crate::compare::Change;
use crate::printed::{code, joined};

/// How long the reports of a run may be together, in bytes. GitHub takes 65 536 characters for an issue, in which those of two
/// runs stand.
const LONGEST: usize = 25_000;

impl Report {
    pub(crate) fn markdown(&self) -> String {
        self.markdown_of(1)
    }

    /// The report as one of so many of the same run.
    pub(crate) fn markdown_of(&self, reports: usize) -> String {
        let longest = LONGEST / reports.max(1);
        let summary = match &self.failure {
            Some(failure) => format!("Not compared: {}", code(&joined(failure))),
            None => self.summary(),
        };
        let mut out = format!("### {}\n\n{summary}\n\n", code(&self.title));
        list(&mut out, longest, "changes", self.changes.iter().map(|change| self.change(change)));
        list(&mut out, longest, "stale entries", self.stale.iter().map(|stale| format!("Stale: {}", code(stale))));
        if !self.hints.is_empty() {
            out += "\nWorth a look:\n\n";
            list(&mut out, longest, "hints", self.hints.iter().map(|hint| code(hint)));
        }
        out + "\n"
    }

    fn change(&self, change: &Change) -> String {
        let difference = &change.difference;
        let place = code(&format!("{}: {}", difference.operation, difference.place));
        let [before, after] = [&difference.before, &difference.after].map(|side| shown(side).map(|text| code(&text)));
        let [before, after] = [before, after].map(|side| side.unwrap_or_else(|| "nothing".into()));
        let says = match of_operation(change) {
            Some(words) => words.to_owned(),
            None => format!("{} {before} → {after}", code(difference.what.word())),
        };
        let mut item = format!("**{}** {place}: {says} ({}, {})", change.class, code(change.rule), change.step);
        let also = also(change, code);
        if !also.is_empty() {
            let _ = write!(item, "\n  also {also}");
        }
        if let Some((place, edit)) = self.edit(change) {
            let _ = write!(item, "\n  edit {}: {edit}", code(&place));
        }
        item
    }
}

/// Adds as many items as fit, and says how many do not.
fn list(out: &mut String, longest: usize, what: &str, items: impl ExactSizeIterator<Item = String>) {
    let mut left = items.len();
    for item in items {
        if out.len() + item.len() > longest {
            let _ = writeln!(out, "- and {left} more {what}; `--json` tells them all");
            return;
        }
        let _ = writeln!(out, "- {item}");
        left -= 1;
    }
}
