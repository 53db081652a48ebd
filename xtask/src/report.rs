//! The findings of a comparison, as text, JSON and Markdown.

use std::collections::{BTreeMap, BTreeSet};

use cashfree_vkyc_codegen::openapi::{Pointer, Spec};
use serde_json::{Value, json};

use crate::compare::{Bump, Change, Class, Difference, OPERATION, Rule, What};
use crate::printed::{self, code, line};
use crate::project::{Failure, Result, SPEC};

/// The number of characters shown of a value.
const LONGEST: usize = 120;

/// The total length of a run's reports, in bytes. An issue on GitHub may have 65 536 characters and holds those of two runs.
const LONGEST_REPORTS: usize = 25_000;

/// The output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Json,
    Markdown,
}

/// The result of comparing one page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// The two sides of the comparison.
    pub(crate) title: String,
    /// The line numbers of our spec, if it is the one to edit.
    pub(crate) lines: Option<BTreeMap<Pointer, usize>>,
    pub(crate) changes: Vec<Change>,
    /// Changed wording and other things to read.
    pub(crate) hints: Vec<String>,
    /// Places in our spec that the page never had.
    pub(crate) ahead: Vec<String>,
    /// The number of differences on record as deviations.
    pub(crate) known: usize,
    /// The number of findings that a person reviewed.
    pub(crate) reviewed: usize,
    /// Entries of a record that are useless or no longer correct.
    pub(crate) stale: Vec<String>,
    /// The reason why nothing could be compared.
    pub(crate) failure: Option<String>,
}

/// The exit code of several reports together, with the cure if something differs.
pub(crate) fn verdict(reports: &[Report], help: &str) -> Result {
    let found: usize = reports.iter().map(|report| report.changes.len() + report.stale.len()).sum();
    match reports.iter().map(Report::exit_code).max() {
        Some(0) => Ok(()),
        Some(1) => Err(Failure::found(format!("{found} to review; {help}"))),
        _ => Err(Failure::not_compared("not everything could be compared".into())),
    }
}

impl Report {
    /// The result of a comparison, or the reason why it failed.
    pub(crate) fn new(title: String, outcome: std::result::Result<Vec<Change>, String>) -> Self {
        let failure = outcome.as_ref().err().cloned();
        Self { title, changes: outcome.unwrap_or_default(), failure, ..Self::default() }
    }

    /// Adds to each change the edit of our spec and its line.
    pub(crate) fn ask_for_edits(&mut self, spec: &Spec) {
        let pointers = self.changes.iter().map(|change| &change.difference.pointer);
        let lines = pointers.filter_map(|pointer| Some((pointer.clone(), spec.place(pointer.as_ref())?.0)));
        self.lines = Some(lines.collect());
    }

    /// 0 same, 1 differs, 2 could not compare.
    pub(crate) fn exit_code(&self) -> u8 {
        if self.failure.is_some() { 2 } else { u8::from(!self.changes.is_empty() || !self.stale.is_empty()) }
    }

    /// The largest bump that a change requires.
    pub(crate) fn bump(&self) -> Option<Bump> {
        self.changes.iter().map(|change| change.rule.bump).max()
    }

    /// The result in one sentence; `print` formats third-party text.
    fn summary(&self, print: impl Fn(&str) -> String) -> String {
        if let Some(failure) = &self.failure {
            return format!("Not compared: {}", print(&printed::joined(failure)));
        }
        let count = |class| self.changes.iter().filter(|change| change.rule.class == class).count();
        let counts = [Class::Breaking, Class::Risky, Class::Compatible].map(|class| (count(class), class));
        let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, class)| format!("{count} {class}"));
        let count = |what: &str, count: usize| if count > 0 { format!(" {what}: {count}.") } else { String::new() };
        let known = count("On record in deviations.yaml", self.known) + &count("Reviewed", self.reviewed);
        match self.bump() {
            Some(bump) => format!("{}; asks for a {bump} step.{known}", counts.collect::<Vec<_>>().join(", ")),
            None if !self.stale.is_empty() => format!("The same, except for stale entries.{known}"),
            None => format!("The same.{known}"),
        }
    }

    /// Prints the report as one of `reports` reports of a run.
    pub(crate) fn print(&self, form: Form, reports: usize) {
        match form {
            Form::Text => print!("{}", self.text()),
            Form::Json => println!("{}", printed::json(&self.json())),
            Form::Markdown => print!("{}", self.markdown_of(reports)),
        }
    }

    /// The report for a terminal.
    pub(crate) fn text(&self) -> String {
        let mut out = format!("{}\n", line(&self.title));
        for change in &self.changes {
            let Change { difference, rule: Rule { name, class, bump, .. }, .. } = change;
            out += &format!("  {class:<10} {}: {}\n", line(&difference.operation), line(&difference.place));
            out += &format!("             {name} ({bump}): {}\n", transition(difference, line));
            out.extend(self.below(change, line).map(|below| format!("             {below}\n")));
        }
        out.extend(self.stale.iter().map(|stale| format!("  stale      {}\n", line(stale))));
        out.extend(self.hints.iter().map(|hint| format!("  hint       {}\n", line(hint))));
        out.extend(self.ahead.iter().map(|ahead| format!("  hint       {}\n", line(ahead))));
        out + &format!("  {}\n", self.summary(line))
    }

    /// The other places of a change, its edit, and the fingerprint for a reviewer; `print` formats third-party text.
    fn below(&self, change: &Change, print: fn(&str) -> String) -> impl Iterator<Item = String> {
        let also = (!change.also.is_empty()).then(|| format!("also {}", also(change, print)));
        let edit = self.lines.as_ref().map(|lines| {
            let pointer = &change.difference.pointer;
            let line = lines.get(pointer).map_or_else(String::new, |line| format!(":{line}"));
            format!("edit {}: {}", print(&format!("{SPEC}{line} #{pointer}")), change.rule.edit)
        });
        let each = fingerprints(change).map(|(operation, fingerprint)| match change.also.is_empty() {
            true => fingerprint,
            false => format!("{fingerprint} ({})", print(operation)),
        });
        let fingerprints = self.lines.as_ref().map(|_| format!("fingerprint {}", each.collect::<Vec<_>>().join(", ")));
        also.into_iter().chain(edit).chain(fingerprints)
    }

    /// The report for an issue or a pull request, as one of `reports` of a run. Text from a page is in code spans. It is a list,
    /// because in a table a `|` ends the cell even within a code span.
    pub(crate) fn markdown_of(&self, reports: usize) -> String {
        let longest = LONGEST_REPORTS / reports.max(1);
        let mut out = format!("### {}\n\n{}\n\n", code(&self.title), self.summary(code));
        list(&mut out, longest, "changes", self.changes.iter().map(|change| self.change(change)));
        list(&mut out, longest, "stale entries", self.stale.iter().map(|stale| format!("Stale: {}", code(stale))));
        if !self.hints.is_empty() {
            out += "\nWorth a look:\n\n";
            list(&mut out, longest, "hints", self.hints.iter().map(|hint| code(hint)));
        }
        if !self.ahead.is_empty() {
            out += "\nAhead of the page, which never had it:\n\n";
            list(&mut out, longest, "places", self.ahead.iter().map(|ahead| code(ahead)));
        }
        out + "\n"
    }

    fn change(&self, change: &Change) -> String {
        let difference = &change.difference;
        let place = code(&format!("{}: {}", difference.operation, difference.place));
        let says = transition(difference, code);
        let item =
            format!("**{}** {place}: {says} ({}, {})", change.rule.class, code(change.rule.name), change.rule.bump);
        self.below(change, code).fold(item, |item, below| format!("{item}\n  {below}"))
    }

    pub(crate) fn json(&self) -> Value {
        let place = |Difference { operation, place, pointer, .. }: &Difference| json!({ "operation": operation, "where": place, "pointer": pointer.as_ref() });
        let change = |change: &Change| {
            let Change { difference, rule: Rule { name, class, bump, edit }, also } = change;
            json!({
                "operation": difference.operation,
                "where": difference.place,
                "also": also.iter().map(place).collect::<Value>(),
                "what": difference.what.word(),
                "rule": name,
                "class": class.to_string(),
                "step": bump.to_string(),
                "before": difference.before,
                "after": difference.after,
                "file": self.lines.as_ref().map(|_| SPEC),
                "line": self.lines.as_ref().and_then(|lines| lines.get(&difference.pointer)),
                "pointer": difference.pointer.as_ref(),
                "fingerprints": fingerprints(change).collect::<BTreeMap<_, _>>(),
                "edit": self.lines.as_ref().map(|_| edit),
            })
        };
        json!({
            "title": self.title,
            "outcome": OUTCOMES.get(usize::from(self.exit_code())),
            "exit_code": self.exit_code(),
            "step": self.bump().map(|bump| bump.to_string()),
            "changes": self.changes.iter().map(change).collect::<Value>(),
            "hints": self.hints,
            "ahead": self.ahead,
            "stale": self.stale,
            "known_deviations": self.known,
            "reviewed": self.reviewed,
            "failure": self.failure,
        })
    }
}

/// The operations of a change, each with the change's fingerprint there.
fn fingerprints(change: &Change) -> impl Iterator<Item = (&str, String)> {
    let operations: BTreeSet<&str> = change.places().map(|(operation, _)| operation).collect();
    operations.into_iter().map(|operation| (operation, change.fingerprint(operation)))
}

/// Adds as many items as fit, and the number of the others.
fn list(out: &mut String, longest: usize, what: &str, items: impl ExactSizeIterator<Item = String>) {
    let count = items.len();
    for (n, item) in items.enumerate() {
        if out.len() + item.len() > longest {
            *out += &format!("- and {} more {what}; `--json` lists them all\n", count - n);
            return;
        }
        *out += &format!("- {item}\n");
    }
}

/// "attribute before → after", or the change of an operation; `print` formats third-party text. Long values are cut; `--json` has
/// them in full.
fn transition(difference: &Difference, print: impl Fn(&str) -> String) -> String {
    let shown = |side: &Option<Value>| match side {
        None => "nothing".to_owned(),
        // An item without attributes has only presence.
        Some(Value::Object(attributes)) if attributes.is_empty() => print("there"),
        Some(value) => print(&printed::cut(&value.to_string(), LONGEST)),
    };
    match (difference.place.as_str(), &difference.what) {
        (OPERATION, What::Added) => "the operation is new".into(),
        (OPERATION, What::Removed) => "the operation is gone".into(),
        (_, what) => format!("{} {} → {}", print(what.word()), shown(&difference.before), shown(&difference.after)),
    }
}

/// The result of a comparison, by exit code.
const OUTCOMES: [&str; 3] = ["same", "differs", "not compared"];

/// The most places of a change to list.
const MOST: usize = 20;

/// The other places of a change, in the same operation or elsewhere; `print` formats a name. Empty if there are none.
fn also(change: &Change, print: impl Fn(&str) -> String) -> String {
    let Difference { operation, place, .. } = &change.difference;
    let behind = |place: &str| place.split_once(' ').map(|(_, behind)| behind.to_owned());
    let shown = |also: &Difference| match also.place.split_once(' ') {
        Some((status, _)) if also.operation == *operation && behind(&also.place) == behind(place) => print(status),
        _ if also.operation == *operation => print(&also.place),
        _ => print(&format!("{}: {}", also.operation, also.place)),
    };
    let mut places: Vec<String> = change.also.iter().take(MOST).map(shown).collect();
    if let Some(more @ 1..) = change.also.len().checked_sub(MOST) {
        places.push(format!("and {more} more"));
    }
    places.join(", ")
}

/// Changes as draft entries for `CHANGELOG.md`, under the headings of Keep a Changelog.
pub(crate) fn changelog(changes: &[Change]) -> String {
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

/// One draft entry, for a person to rewrite. Text from a page is in code spans.
fn entry(change: &Change) -> String {
    let Difference { operation, place, what, before, after, .. } = &change.difference;
    let breaking = if change.rule.class == Class::Breaking { "**Breaking:** " } else { "" };
    let place = if place == OPERATION { String::new() } else { format!(": {}", code(place)) };
    let value = |side: &Option<Value>| side.as_ref().map_or_else(|| "nothing".into(), |value| code(&value.to_string()));
    let says = match what {
        What::Added | What::Removed => String::new(),
        What::ValueAdded => format!(": {}", value(after)),
        What::ValueRemoved => format!(": {}", value(before)),
        What::Moved | What::Renamed => format!(" is now {}", value(after)),
        What::Attribute(name) => format!(": {} is now {}", code(name), value(after)),
    };
    let also = if change.also.is_empty() { String::new() } else { format!("; in {} places", change.also.len() + 1) };
    format!("- {breaking}{}{place}{says} ({}{also}).\n", code(operation), change.rule.name)
}

#[cfg(test)]
mod tests;
