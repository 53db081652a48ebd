//! What was found, for people, programs and pull requests.

use std::collections::{BTreeMap, BTreeSet};

use cashfree_vkyc_codegen::openapi::{Pointer, Spec};
use serde_json::{Value, json};

use crate::compare::{Bump, Change, Class, Difference, OPERATION, What};
use crate::printed::{self, code, line};
use crate::project::{Failure, Result, SPEC};

/// How many characters of a value are shown.
const LONGEST: usize = 120;

/// How long the reports of a run may be together, in bytes. GitHub takes 65 536 characters for an issue, in which those of two
/// runs stand.
const LONGEST_REPORTS: usize = 25_000;

/// How to say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Json,
    Markdown,
}

/// What came of comparing one page.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    /// What was compared with what.
    pub(crate) title: String,
    /// The lines of the pointers in our spec, if it is to be edited.
    pub(crate) lines: Option<BTreeMap<Pointer, usize>>,
    pub(crate) changes: Vec<Change>,
    /// Wording that changed, and other things worth a look.
    pub(crate) hints: Vec<String>,
    /// Places of our spec that the page never had.
    pub(crate) ahead: Vec<String>,
    /// How many differences are on record as deviations.
    pub(crate) known: usize,
    /// How many findings a person reviewed and set aside.
    pub(crate) reviewed: usize,
    /// What stands in a record and is of no use any more, or is not what was recorded.
    pub(crate) stale: Vec<String>,
    /// Why nothing could be compared.
    pub(crate) failure: Option<String>,
}

/// The exit code of several reports as one, with what to do when something differs.
pub(crate) fn verdict(reports: &[Report], help: &str) -> Result {
    let found: usize = reports.iter().map(|report| report.changes.len() + report.stale.len()).sum();
    match reports.iter().map(Report::exit_code).max() {
        Some(0) => Ok(()),
        Some(1) => Err(Failure::found(format!("{found} to look at; {help}"))),
        _ => Err(Failure::not_compared("not everything could be compared".into())),
    }
}

impl Report {
    /// What came of a comparison, or why nothing did.
    pub(crate) fn new(title: String, outcome: std::result::Result<Vec<Change>, String>) -> Self {
        let failure = outcome.as_ref().err().cloned();
        Self { title, changes: outcome.unwrap_or_default(), failure, ..Self::default() }
    }

    /// Says of each change where in our spec to edit, and what.
    pub(crate) fn ask_for_edits(&mut self, spec: &Spec) {
        let pointers = self.changes.iter().map(|change| &change.difference.pointer);
        let lines = pointers.filter_map(|pointer| Some((pointer.clone(), spec.place(pointer.as_ref())?.0)));
        self.lines = Some(lines.collect());
    }

    /// 0 same, 1 differs, 2 could not compare.
    pub(crate) fn exit_code(&self) -> u8 {
        if self.failure.is_some() { 2 } else { u8::from(!self.changes.is_empty() || !self.stale.is_empty()) }
    }

    /// The largest bump that a change asks for.
    pub(crate) fn bump(&self) -> Option<Bump> {
        self.changes.iter().map(|change| change.bump).max()
    }

    /// The outcome of the comparison in a sentence, as `print` prints the text of others.
    fn summary(&self, print: impl Fn(&str) -> String) -> String {
        if let Some(failure) = &self.failure {
            return format!("Not compared: {}", print(&printed::joined(failure)));
        }
        let count = |class| self.changes.iter().filter(|change| change.class == class).count();
        let counts = [Class::Breaking, Class::Risky, Class::Compatible].map(|class| (count(class), class));
        let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, class)| format!("{count} {class}"));
        let count = |what: &str, count: usize| if count > 0 { format!(" {what}: {count}.") } else { String::new() };
        let known = count("On record in deviations.yaml", self.known) + &count("Reviewed", self.reviewed);
        match self.bump() {
            Some(bump) => format!("{}; asks for a {bump} step.{known}", counts.collect::<Vec<_>>().join(", ")),
            None if !self.stale.is_empty() => format!("The same, but for what is stale.{known}"),
            None => format!("The same.{known}"),
        }
    }

    /// Prints the report as one of so many of the same run.
    pub(crate) fn print(&self, form: Form, reports: usize) {
        match form {
            Form::Text => print!("{}", self.text()),
            Form::Json => println!("{}", printed::json(&self.json())),
            Form::Markdown => print!("{}", self.markdown_of(reports)),
        }
    }

    /// For people, on a terminal.
    pub(crate) fn text(&self) -> String {
        let mut out = format!("{}\n", line(&self.title));
        for change in &self.changes {
            let Change { difference, rule, class, bump, .. } = change;
            out += &format!("  {class:<10} {}: {}\n", line(&difference.operation), line(&difference.place));
            out += &format!("             {rule} ({bump}): {}\n", transition(difference, line));
            out.extend(self.below(change, line).map(|below| format!("             {below}\n")));
        }
        out.extend(self.stale.iter().map(|stale| format!("  stale      {}\n", line(stale))));
        out.extend(self.hints.iter().map(|hint| format!("  hint       {}\n", line(hint))));
        out.extend(self.ahead.iter().map(|ahead| format!("  hint       {}\n", line(ahead))));
        out + &format!("  {}\n", self.summary(line))
    }

    /// Where else a change shows, what to edit, and the fingerprint for who reviewed it, as `print` prints the text of others.
    fn below(&self, change: &Change, print: fn(&str) -> String) -> impl Iterator<Item = String> {
        let also = (!change.also.is_empty()).then(|| format!("also {}", also(change, print)));
        let edit = self.lines.as_ref().map(|lines| {
            let pointer = &change.difference.pointer;
            let line = lines.get(pointer).map_or_else(String::new, |line| format!(":{line}"));
            format!("edit {}: {}", print(&format!("{SPEC}{line} #{pointer}")), change.edit)
        });
        let each = fingerprints(change).map(|(operation, fingerprint)| match change.also.is_empty() {
            true => fingerprint,
            false => format!("{fingerprint} ({})", print(operation)),
        });
        let fingerprints = self.lines.as_ref().map(|_| format!("fingerprint {}", each.collect::<Vec<_>>().join(", ")));
        also.into_iter().chain(edit).chain(fingerprints)
    }

    /// For an issue or a pull request, as one of so many reports of the same run. Whatever a page may have said stands in code
    /// spans; a list, since a cell of a table ends at a `|` in a code span too.
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
        let item = format!("**{}** {place}: {says} ({}, {})", change.class, code(change.rule), change.bump);
        self.below(change, code).fold(item, |item, below| format!("{item}\n  {below}"))
    }

    pub(crate) fn json(&self) -> Value {
        let place = |Difference { operation, place, pointer, .. }: &Difference| json!({ "operation": operation, "where": place, "pointer": pointer.as_ref() });
        let change = |change: &Change| {
            let Change { difference, rule, class, bump, also, .. } = change;
            json!({
                "operation": difference.operation,
                "where": difference.place,
                "also": also.iter().map(place).collect::<Value>(),
                "what": difference.what.word(),
                "rule": rule,
                "class": class.to_string(),
                "step": bump.to_string(),
                "before": difference.before,
                "after": difference.after,
                "file": self.lines.as_ref().map(|_| SPEC),
                "line": self.lines.as_ref().and_then(|lines| lines.get(&difference.pointer)),
                "pointer": difference.pointer.as_ref(),
                "fingerprints": fingerprints(change).collect::<BTreeMap<_, _>>(),
                "edit": self.lines.as_ref().map(|_| change.edit),
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

/// The operations in which a change shows, each with the fingerprint that it has there.
fn fingerprints(change: &Change) -> impl Iterator<Item = (&str, String)> {
    let operations: BTreeSet<&str> = change.places().map(|(operation, _)| operation).collect();
    operations.into_iter().map(|operation| (operation, change.fingerprint(operation)))
}

/// Adds as many items as fit, and says how many do not.
fn list(out: &mut String, longest: usize, what: &str, items: impl ExactSizeIterator<Item = String>) {
    let count = items.len();
    for (n, item) in items.enumerate() {
        if out.len() + item.len() > longest {
            *out += &format!("- and {} more {what}; `--json` tells them all\n", count - n);
            return;
        }
        *out += &format!("- {item}\n");
    }
}

/// "attribute before → after", or what became of an operation, as `print` prints the text of others. What is long, such as the
/// values of an enum, is cut; `--json` has it whole.
fn transition(difference: &Difference, print: impl Fn(&str) -> String) -> String {
    let shown = |side: &Option<Value>| match side {
        None => "nothing".to_owned(),
        // Of what has no attributes there is nothing to be said but that it is there.
        Some(Value::Object(attributes)) if attributes.is_empty() => print("there"),
        Some(value) => print(&printed::cut(&value.to_string(), LONGEST)),
    };
    match (difference.place.as_str(), &difference.what) {
        (OPERATION, What::Added) => "the operation is new".into(),
        (OPERATION, What::Removed) => "the operation is gone".into(),
        (_, what) => format!("{} {} → {}", print(what.word()), shown(&difference.before), shown(&difference.after)),
    }
}

/// The outcome of a comparison, by exit code.
const OUTCOMES: [&str; 3] = ["same", "differs", "not compared"];

/// How many places of a change are named.
const MOST: usize = 20;

/// Where else a change shows, under other statuses of the same operation or elsewhere, as `print` prints a name; empty for
/// nowhere.
fn also(change: &Change, print: impl Fn(&str) -> String) -> String {
    let Difference { operation, place, .. } = &change.difference;
    let behind = |place: &str| place.split_once(' ').map(|(_, behind)| behind.to_owned());
    let told = |also: &Difference| match also.place.split_once(' ') {
        Some((status, _)) if also.operation == *operation && behind(&also.place) == behind(place) => print(status),
        _ if also.operation == *operation => print(&also.place),
        _ => print(&format!("{}: {}", also.operation, also.place)),
    };
    let mut places: Vec<String> = change.also.iter().take(MOST).map(told).collect();
    if let Some(more @ 1..) = change.also.len().checked_sub(MOST) {
        places.push(format!("and {more} more"));
    }
    places.join(", ")
}

/// Changes as a start for `CHANGELOG.md`, by the headings of Keep a Changelog.
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
    let also = if change.also.is_empty() { String::new() } else { format!("; in {} places", change.also.len() + 1) };
    format!("- {breaking}{}{place}{says} ({}{also}).\n", code(operation), change.rule)
}

#[cfg(test)]
mod tests;
