//! Named values in order: a JSON object for programs, labelled lines for people, a row of CSV.
//!
//! The fields of a response come from the library's generated tables. A new field of the spec is printed without a change here.

use cashfree_vkyc::Field;
use serde::Serialize;
use serde::ser::Serializer;
use serde_json::Value;

use crate::escape::short;

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
