//! Named values in order: a JSON object for programs, labelled lines for people, a row of CSV. A verification is one: its fields, the
//! meaning of its state, and how a command about it ends.
//!
//! The fields of a response come from the library's generated tables. A new field of the spec is printed without a change here.

use cashfree_vkyc::{Field, Lifecycle, Outcome, OutcomeRules, Phase, VideoKyc};
use serde::Serialize;
use serde::ser::Serializer;
use serde_json::Value;

use crate::escape::short;
use crate::failure::Exit;

/// Named values in order.
#[derive(Default)]
pub(crate) struct Record(Vec<Entry>);

struct Entry {
    name: &'static str,
    /// Empty for a value that is in JSON and CSV only.
    label: &'static str,
    value: Value,
    /// Whether people see all of the value, however long it is.
    is_whole: bool,
}

impl Record {
    /// Adds a value. Without a label, it is in JSON and CSV only.
    pub(crate) fn with(mut self, name: &'static str, label: &'static str, value: impl Into<Value>) -> Self {
        self.0.push(Entry { name, label, value: value.into(), is_whole: true });
        self
    }

    /// Adds fields of a response; sensitive values are redacted unless the user asked for them.
    pub(crate) fn with_fields<'a>(
        mut self,
        fields: impl IntoIterator<Item = &'a Field>,
        response: &impl Serialize,
        shows_sensitive: bool,
    ) -> Self {
        let values = serde_json::to_value(response).unwrap_or_default();
        for field in fields {
            let value = match values.get(field.name) {
                Some(_) if field.is_sensitive && !shows_sensitive => "[redacted]".into(),
                // A sensitive value is a text whether it is redacted or not.
                Some(Value::Number(number)) if field.is_sensitive => number.to_string().into(),
                value => value.cloned().unwrap_or_default(),
            };
            // A sensitive value was asked for, and a link that is cut leads nowhere.
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

/// A verification. With `shows_sensitive` it also contains the whole response.
pub(crate) fn verification(
    vkyc: &VideoKyc,
    rules: &OutcomeRules,
    request_id: Option<&str>,
    shows_sensitive: bool,
) -> Record {
    let record = Record::default()
        .with_fields(VideoKyc::FIELDS, vkyc, shows_sensitive)
        .with_meaning(Some(vkyc.lifecycle()), Some(rules.outcome(vkyc)))
        .with("request_id", "", request_id);
    match shows_sensitive {
        true => record.with("response", "", serde_json::to_value(vkyc).unwrap_or_default()),
        false => record,
    }
}

/// A state on one line. The library prints words that it does not know only if they look like names.
pub(crate) fn state(vkyc: &VideoKyc) -> String {
    match vkyc.sub_status.as_str() {
        "" => vkyc.status.to_string(),
        _ => format!("{} / {}", vkyc.status, vkyc.sub_status),
    }
}

/// Whether nothing follows the status, as far as the spec knows.
pub(crate) fn is_over(vkyc: &VideoKyc) -> bool {
    vkyc.lifecycle().is_final() || vkyc.lifecycle().phase() == Phase::Closed
}

/// The exit code of a command about one verification. One that is over and not known to have passed needs attention.
pub(crate) fn exit_of(vkyc: &VideoKyc, rules: &OutcomeRules) -> Exit {
    if is_over(vkyc) && rules.outcome(vkyc) != Outcome::Passed { Exit::NotPassed } else { Exit::Done }
}
