//! The findings of a run, and the subject of a rule about schemas.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::openapi::{Finding, Pointer, Spec, text};

/// Collects findings.
pub(super) struct Report<'a> {
    pub(super) spec: &'a Spec,
    pub(super) found: Vec<Finding>,
}

impl Report<'_> {
    /// Adds a finding at a node.
    pub(super) fn add(&mut self, at: impl AsRef<str>, message: impl Into<String>, help: impl Into<String>) {
        self.found.push(self.spec.finding(at, message, help));
    }

    /// Adds a finding if a node has no text under `key`; `value` describes what to write there.
    pub(super) fn require(&mut self, at: &Pointer, node: &Value, key: &str, value: &str) {
        if text(node, key).is_none() {
            self.add(at, format!("`{key}` is missing"), format!("add `{key}: <{value}>`"));
        }
    }

    /// Records the `name` in Rust of a name that is `written` in the spec. Adds a finding if another one has the same name.
    pub(super) fn claim<'n>(
        &mut self,
        taken: &mut BTreeMap<String, &'n str>,
        (written, name): (&'n str, String),
        at: &Pointer,
        help: &str,
    ) {
        let message = |other| format!("`{written}` and `{other}` would both be `{name}`");
        if let Some(message) = taken.insert(name.clone(), written).map(message) {
            self.add(at, message, help);
        }
    }
}

/// A named schema.
pub(super) struct Schema<'a> {
    pub(super) at: Pointer,
    pub(super) name: &'a str,
    pub(super) node: &'a Value,
    pub(super) is_sent: bool,
    pub(super) is_read: bool,
}
