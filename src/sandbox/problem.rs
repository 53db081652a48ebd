//! What of a request does not fit the spec.

use std::fmt;

/// What of a request does not fit: a field and the rule that it breaks, never its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    field: String,
    rule: String,
}

impl Problem {
    pub(super) fn new(field: impl Into<String>, rule: impl Into<String>) -> Self {
        Self { field: field.into(), rule: rule.into() }
    }

    /// Where.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The rule that is broken.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.rule)
    }
}
