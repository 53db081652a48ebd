//! `spec/deviations.yaml`: where our spec differs from what Cashfree publishes, on purpose.

use std::path::Path;

use cashfree_vkyc_codegen::openapi::{Spec, array};
use serde::Deserialize;
use serde_json::Value;

use crate::compare::Difference;

/// One way in which our spec differs from what is published, on purpose. Every entry says why, and on what evidence.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Deviation {
    /// "GET /vkyc: 200 application/json: user_reference_id"; a `*` stands for any text without a space.
    #[serde(rename = "where")]
    pub(super) place: String,
    /// The attribute, or "presence", "moved", "renamed", "enum value".
    pub(super) what: String,
    /// What Cashfree publishes: the value, null for nothing, or [`ANYTHING`].
    before: Value,
    /// What our spec says, in the same way.
    after: Value,
    #[serde(rename = "why")]
    _why: String,
    #[serde(rename = "evidence")]
    _evidence: String,
    /// Whether it stands here ahead of the page: what is on record does not show it yet, and need not.
    #[serde(default)]
    pub(super) expected: bool,
}

/// Stands for any value, in `before` and `after`. Null does not: a deviation by which Cashfree publishes nothing must not
/// explain what Cashfree publishes one day.
const ANYTHING: &str = "*";

/// Reads `deviations.yaml`.
pub(super) fn deviations(file: &Path) -> Result<Vec<Deviation>, String> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let document = Spec::read(file).map_err(|error| error.to_string())?;
    let entries = array(document.root().get("deviations")).enumerate();
    let wrong = |n, error| format!("{}: #/deviations/{n}: {error}", file.display());
    entries.map(|(n, node)| Deviation::deserialize(node).map_err(|error| wrong(n, error))).collect()
}

impl Deviation {
    /// Whether this explains a difference from our spec (before) to what is published (after).
    pub(super) fn explains(&self, difference: &Difference) -> bool {
        let place = format!("{}: {}", difference.operation, difference.place);
        let said = |side: &Option<Value>| side.clone().unwrap_or(Value::Null);
        let fits = |expected: &Value, found: &Option<Value>| expected == ANYTHING || said(found) == *expected;
        matches(&self.place, &place)
            && self.what == difference.what.word()
            && fits(&self.before, &difference.after)
            && fits(&self.after, &difference.before)
    }
}

/// Whether a text fits a pattern in which each `*` stands for any text without a space: "GET /vkyc: 4*" is the responses, and
/// not what is in them.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    let word = text.find(' ').unwrap_or(text.len());
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]).take_while(|at| *at <= word);
    ends.filter_map(|at| text.get(at..)).any(|text| matches(rest, text))
}
