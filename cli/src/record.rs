//! Named values in order: a JSON object for programs, labelled lines for people, a row of CSV. The record of a verification has its
//! fields and the meaning of its state.
//!
//! The fields of a response come from the library's generated tables. A new field of the spec is printed without a change here.

use cashfree_vkyc::{Field, Lifecycle, Outcome, OutcomeRules, VideoKyc};
use serde::Serialize;
use serde::ser::Serializer;
use serde_json::Value;

use crate::escape::short;
use crate::failure::{Exit, Failure};

/// Named values in order.
#[derive(Default)]
pub(crate) struct Record(Vec<Entry>);

struct Entry {
    name: &'static str,
    /// Empty for a value that is in JSON and CSV only.
    label: &'static str,
    value: Value,
    /// Whether people see all of the value, even if it is long.
    is_whole: bool,
}

impl Record {
    /// Adds a value. Without a label, it is in JSON and CSV only.
    pub(crate) fn with(mut self, name: &'static str, label: &'static str, value: impl Into<Value>) -> Self {
        self.0.push(Entry { name, label, value: value.into(), is_whole: true });
        self
    }

    /// Adds fields of a response. Sensitive values are redacted unless the user asked for them.
    pub(crate) fn with_fields<'a>(
        self,
        fields: impl IntoIterator<Item = &'a Field>,
        response: &impl Serialize,
        shows_sensitive: bool,
    ) -> Self {
        self.with_created(fields, response, shows_sensitive, None)
    }

    /// Adds fields of a response, and a text that the command created, such as a link. The text is shown even if it is sensitive.
    pub(crate) fn with_created<'a>(
        mut self,
        fields: impl IntoIterator<Item = &'a Field>,
        response: &impl Serialize,
        shows_sensitive: bool,
        created: Option<&str>,
    ) -> Self {
        let values = serde_json::to_value(response).unwrap_or_default();
        let is_created = |value: &Value| match value {
            Value::String(text) => created == Some(text),
            other => created == Some(&other.to_string()),
        };
        for field in fields {
            let value = match values.get(field.name) {
                Some(value) if field.is_sensitive && !shows_sensitive && !is_created(value) => "[redacted]".into(),
                value => value.cloned().unwrap_or_default(),
            };
            // The user asked for a sensitive value, and a cut link is useless.
            self.0.push(Entry { name: field.name, label: field.label, value, is_whole: field.is_sensitive });
        }
        self
    }

    /// Adds the meaning of a state, or the same names without values.
    pub(crate) fn with_meaning(self, lifecycle: Option<Lifecycle>, outcome: Option<Outcome>) -> Self {
        self.with("phase", "phase", lifecycle.map(|state| state.phase().as_str()))
            .with("final", "final", lifecycle.map(|state| state.is_final()))
            .with("outcome", "outcome", outcome.map(Outcome::as_str))
            .with("actor", "who acts next", lifecycle.map(|state| state.actor().as_str()))
            .with("advice", "what to do", lifecycle.map(|state| state.advice()))
            .with("evidence", "how well known", lifecycle.map(|state| state.evidence().as_str()))
    }

    /// Adds all values of another record.
    pub(crate) fn with_all(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Labels and texts for people.
    pub(crate) fn rows(&self) -> Vec<(&'static str, String)> {
        let labelled = self.0.iter().filter(|entry| !entry.label.is_empty());
        labelled.map(|entry| (entry.label, entry.text())).collect()
    }

    /// The names, as the head of a table.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|entry| entry.name)
    }

    /// The values as cells of a table, each on one line.
    pub(crate) fn cells(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|entry| match &entry.value {
            Value::Null => String::new(),
            Value::String(text) => short(text),
            other => other.to_string(),
        })
    }
}

impl Entry {
    fn text(&self) -> String {
        match &self.value {
            Value::Null => "none".to_owned(),
            Value::Bool(is) => if *is { "yes" } else { "no" }.to_owned(),
            Value::String(text) if text.is_empty() => "none".to_owned(),
            Value::String(text) if self.is_whole => text.clone(),
            Value::String(text) => short(text),
            other => other.to_string(),
        }
    }
}

impl Serialize for Record {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|entry| (entry.name, &entry.value)))
    }
}

/// A verification. With `shows_sensitive` it also contains the whole response. `created` is shown in any case.
pub(crate) fn verification(
    vkyc: &VideoKyc,
    rules: &OutcomeRules,
    request_id: Option<&str>,
    shows_sensitive: bool,
    created: Option<&str>,
) -> Record {
    // An event may have no status, which is not an unknown status.
    let has_state = !vkyc.status.as_str().is_empty();
    let record = Record::default()
        .with_created(VideoKyc::FIELDS, vkyc, shows_sensitive, created)
        .with_meaning(has_state.then(|| vkyc.lifecycle()), has_state.then(|| rules.outcome(vkyc)))
        .with("request_id", "", request_id);
    match shows_sensitive {
        true => record.with("response", "", serde_json::to_value(vkyc).unwrap_or_default()),
        false => record,
    }
}

/// A state on one line. The library prints unknown words only if they look like names.
pub(crate) fn state(vkyc: &VideoKyc) -> String {
    match vkyc.sub_status.as_str() {
        "" => vkyc.status.to_string(),
        _ => format!("{} / {}", vkyc.status, vkyc.sub_status),
    }
}

/// Whether the status is the last one, as far as the spec knows.
pub(crate) fn is_over(vkyc: &VideoKyc) -> bool {
    vkyc.lifecycle().is_closed()
}

/// The end of a command about one verification.
///
/// # Errors
/// When the verification is over and not known to have passed.
pub(crate) fn end(vkyc: &VideoKyc, rules: &OutcomeRules) -> Result<Exit, Failure> {
    let (state, outcome) = (state(vkyc), rules.outcome(vkyc));
    if !is_over(vkyc) || outcome == Outcome::Passed {
        return Ok(Exit::Done);
    }
    let failure = Failure::new(Exit::NotPassed, "the verification is over, and not known to have passed")
        .why(format!("its state is {state}, which no --passed option names"));
    Err(failure.next(match outcome {
        Outcome::Undecided => {
            format!("if the customer has passed in this state, add --passed {}", state.replace(" / ", "/"))
        }
        _ => vkyc.lifecycle().advice().to_owned(),
    }))
}
