//! What was found, for people, programs and pull requests.

mod markdown;
mod text;

use std::collections::BTreeMap;
use std::io::IsTerminal as _;

use cashfree_vkyc_codegen::openapi::{Pointer, Spec};
use serde_json::{Value, json};

use crate::compare::{Bump, Change, Class, Difference, OPERATION, What};
use crate::failure::{Failure, Result};
use crate::printed;

/// How many characters of a value are shown.
const LONGEST: usize = 120;

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
    /// Where to edit: the file that the pointers are in, and the line of each. Empty where nothing is to be edited.
    pub(crate) file: String,
    pub(crate) lines: BTreeMap<Pointer, usize>,
    pub(crate) changes: Vec<Change>,
    /// Wording that changed, and other things worth a look.
    pub(crate) hints: Vec<String>,
    /// How many differences are on record as deviations.
    pub(crate) known: usize,
    /// What stands in a record and is of no use any more, or is not what was recorded.
    pub(crate) stale: Vec<String>,
    /// Why nothing could be compared.
    pub(crate) failure: Option<String>,
}

/// The exit code of several reports as one, with what to do when something differs.
pub(crate) fn verdict(reports: &[Report], cure: &str) -> Result {
    let found: usize = reports.iter().map(|report| report.changes.len() + report.stale.len()).sum();
    match reports.iter().map(Report::exit_code).max() {
        Some(0) => Ok(()),
        Some(1) => Err(Failure::found(format!("{found} to look at; {cure}"))),
        _ => Err(Failure::not_compared("not everything could be compared".into())),
    }
}

impl Report {
    /// What came of a comparison, or why nothing did.
    pub(crate) fn new(title: String, outcome: std::result::Result<Vec<Change>, String>) -> Self {
        let (changes, failure) = match outcome {
            Ok(changes) => (changes, None),
            Err(failure) => (Vec::new(), Some(failure)),
        };
        Self { title, changes, failure, ..Self::default() }
    }

    /// Says of each change where in a spec to edit, and what.
    pub(crate) fn ask_for_edits(&mut self, file: &str, spec: &Spec) {
        let pointers = self.changes.iter().map(|change| &change.difference.pointer);
        self.lines = pointers.filter_map(|pointer| Some((pointer.clone(), spec.place(pointer.as_ref())?.0))).collect();
        file.clone_into(&mut self.file);
    }

    /// "spec/vkyc.yaml:12 #/paths/…", and what to edit there.
    fn edit(&self, change: &Change) -> Option<(String, &'static str)> {
        let pointer = &change.difference.pointer;
        let line = self.lines.get(pointer).map_or_else(String::new, |line| format!(":{line}"));
        (!self.file.is_empty()).then(|| (format!("{}{line} #{pointer}", self.file), change.edit))
    }

    /// 0 same, 1 differs, 2 could not compare.
    pub(crate) fn exit_code(&self) -> u8 {
        match (&self.failure, self.changes.is_empty() && self.stale.is_empty()) {
            (Some(_), _) => 2,
            (None, false) => 1,
            (None, true) => 0,
        }
    }

    /// The largest step that a change asks for.
    pub(crate) fn step(&self) -> Option<Bump> {
        self.changes.iter().map(|change| change.step).max()
    }

    fn outcome(&self) -> &'static str {
        match self.exit_code() {
            0 => "same",
            1 => "differs",
            _ => "not compared",
        }
    }

    /// What came of it, where something was compared.
    fn summary(&self) -> String {
        let count = |class| self.changes.iter().filter(|change| change.class == class).count();
        let parts: Vec<String> = [Class::Breaking, Class::Risky, Class::Compatible]
            .into_iter()
            .filter(|class| count(*class) > 0)
            .map(|class| format!("{} {class}", count(class)))
            .collect();
        let known = match self.known {
            0 => String::new(),
            1 => " 1 difference is on record in deviations.yaml.".into(),
            n => format!(" {n} differences are on record in deviations.yaml."),
        };
        match self.step() {
            Some(step) => format!("{}; asks for a {step} step.{known}", parts.join(", ")),
            None if !self.stale.is_empty() => format!("The same, but for what is stale.{known}"),
            None => format!("The same.{known}"),
        }
    }

    pub(crate) fn print(&self, form: Form) {
        self.print_of(form, 1);
    }

    /// Prints the report as one of so many of the same run.
    pub(crate) fn print_of(&self, form: Form, reports: usize) {
        match form {
            Form::Text => print!("{}", self.text(std::io::stdout().is_terminal())),
            Form::Json => println!("{}", printed::json(&self.json())),
            Form::Markdown => print!("{}", self.markdown_of(reports)),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let changes: Vec<Value> = self
            .changes
            .iter()
            .map(|change| {
                json!({
                    "operation": change.difference.operation,
                    "where": change.difference.place,
                    "also": change.also.iter().map(|also| json!({
                        "operation": also.operation,
                        "where": also.place,
                        "pointer": also.pointer.as_ref(),
                    })).collect::<Vec<_>>(),
                    "what": change.difference.what.word(),
                    "rule": change.rule,
                    "class": change.class.to_string(),
                    "step": change.step.to_string(),
                    "before": change.difference.before,
                    "after": change.difference.after,
                    "file": self.edit(change).map(|_| &self.file),
                    "line": self.lines.get(&change.difference.pointer),
                    "pointer": change.difference.pointer.as_ref(),
                    "edit": self.edit(change).map(|(_, edit)| edit),
                })
            })
            .collect();
        json!({
            "title": self.title,
            "outcome": self.outcome(),
            "exit_code": self.exit_code(),
            "step": self.step().map(|step| step.to_string()),
            "changes": changes,
            "hints": self.hints,
            "stale": self.stale,
            "known_deviations": self.known,
            "failure": self.failure,
        })
    }
}

/// One side of a change as JSON; `None` for nothing. What is long, such as the values of an enum, is cut; `--json` has it whole.
fn shown(side: &Option<Value>) -> Option<String> {
    match side {
        // Of what has no attributes there is nothing to be said but that it is there.
        Some(Value::Object(attributes)) if attributes.is_empty() => Some("there".into()),
        side => side.as_ref().map(|value| printed::cut(&value.to_string(), LONGEST)),
    }
}

/// What became of an operation; `None` for all other changes.
fn of_operation(change: &Change) -> Option<&'static str> {
    match (change.difference.place.as_str(), &change.difference.what) {
        (OPERATION, What::Added) => Some("the operation is new"),
        (OPERATION, What::Removed) => Some("the operation is gone"),
        _ => None,
    }
}

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

#[cfg(test)]
mod tests;
