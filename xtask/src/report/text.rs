//! A report for people, on a terminal.

use std::fmt::Write as _;

use super::{Report, also, of_operation, shown};
use crate::compare::{Change, Class};
use crate::printed::{joined, line};

impl Report {
    pub(crate) fn text(&self, colour: bool) -> String {
        let paint =
            |code: &str, text: &str| if colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() };
        let mut out = format!("{}\n", paint("1", &line(&self.title)));
        for change in &self.changes {
            let code = match change.class {
                Class::Breaking => "1;31",
                Class::Risky => "33",
                Class::Compatible => "32",
            };
            let difference = &change.difference;
            let class = paint(code, &format!("{:<10}", change.class.to_string()));
            let _ = writeln!(out, "  {class} {}: {}", line(&difference.operation), line(&difference.place));
            let _ = writeln!(out, "             {} ({}): {}", change.rule, change.step, transition(change));
            let also = also(change, line);
            if !also.is_empty() {
                let _ = writeln!(out, "             also {also}");
            }
            if let Some((place, edit)) = self.edit(change) {
                let _ = writeln!(out, "             edit {}: {edit}", line(&place));
            }
        }
        for stale in &self.stale {
            let _ = writeln!(out, "  {}      {}", paint("33", "stale"), line(stale));
        }
        for hint in &self.hints {
            let _ = writeln!(out, "  {}       {}", paint("36", "hint"), line(hint));
        }
        let summary = match &self.failure {
            Some(failure) => format!("Not compared: {}", joined(failure)),
            None => self.summary(),
        };
        let _ = writeln!(out, "  {summary}");
        out
    }
}

/// "before → after", with what is changed.
fn transition(change: &Change) -> String {
    if let Some(words) = of_operation(change) {
        return words.into();
    }
    let show = |side| shown(side).map_or_else(|| "nothing".to_owned(), |text| line(&text));
    let difference = &change.difference;
    format!("{} {} → {}", line(difference.what.word()), show(&difference.before), show(&difference.after))
}
