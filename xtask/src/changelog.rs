//! Changes as a start for `CHANGELOG.md`, by the headings of Keep a Changelog.

use serde_json::Value;

use crate::compare::{Change, Class, Difference, OPERATION, What};
use crate::printed::code;

/// The entries for the changelog.
pub(crate) fn entries(changes: &[Change]) -> String {
    let heading = |change: &Change| match change.difference.what {
        What::Added | What::ValueAdded => "Added",
        What::Removed | What::ValueRemoved => "Removed",
        _ => "Changed",
    };
    let mut sections = Vec::new();
    for section in ["Added", "Changed", "Removed"] {
        let lines: String = changes.iter().filter(|change| heading(change) == section).map(entry).collect();
        if !lines.is_empty() {
            sections.push(format!("### {section}\n\n{lines}"));
        }
    }
    sections.join("\n")
}

/// One line: a start, for a person to put into words. What a page may have said stands in code spans.
fn entry(change: &Change) -> String {
    let Difference { operation, place, what, before, after, .. } = &change.difference;
    let breaking = if change.class == Class::Breaking { "**Breaking:** " } else { "" };
    let place = if place == OPERATION { String::new() } else { format!(": {}", code(place)) };
    let value = |side: &Option<Value>| side.as_ref().map_or_else(|| "nothing".into(), |value| code(&value.to_string()));
    let says = match what {
        What::Added | What::Removed => String::new(),
        What::ValueAdded => format!(": {}", value(after)),
        What::ValueRemoved => format!(": {}", value(before)),
        What::Moved | What::Renamed => format!(" is now {}", value(after)),
        What::Attribute(name) => format!(": {} is now {}", code(name), value(after)),
    };
    format!("- {breaking}{}{place}{says} ({}).\n", code(operation), change.rule)
}
