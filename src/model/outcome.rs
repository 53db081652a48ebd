//! How a verification ended for the customer.

use std::fmt;

/// How a verification ended for the customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Outcome {
    /// Nothing is decided yet, or the state has no rule.
    #[default]
    Undecided,
    /// The verification ended before a decision: the link expired, or the wallet was empty. A new request may follow.
    Abandoned,
    /// The customer was rejected.
    Rejected,
    /// The customer was accepted.
    Passed,
}

impl Outcome {
    /// Returns the name in lower case, as it is serialised.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::Abandoned => "abandoned",
            Self::Rejected => "rejected",
            Self::Passed => "passed",
        }
    }

    /// Whether it is not [`Undecided`](Self::Undecided).
    #[must_use]
    pub const fn is_decided(self) -> bool {
        !matches!(self, Self::Undecided)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outcome_is_stored_as_it_is_printed() {
        for outcome in [Outcome::Undecided, Outcome::Abandoned, Outcome::Rejected, Outcome::Passed] {
            let json = serde_json::to_string(&outcome).unwrap();
            assert_eq!(json, format!("\"{outcome}\""));
            assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome);
        }
    }
}
