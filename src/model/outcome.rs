//! Whether the customer passed, as far as somebody who knows has said what a state means.
//!
//! ```text
//! (status, sub-status) ─▶ your rule ─▶ else what the spec knows (`outcome` of a row of `x-lifecycle`) ─▶ else Undecided
//! ```
//!
//! Cashfree has not published the sub-statuses of the last states, so nothing is `Passed` until you say so.

use std::fmt;

use super::generated::{LIFECYCLE, Status, SubStatus, VideoKyc};

/// How a verification ended for the customer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Outcome {
    /// Nothing is decided, or nobody said what the state means.
    #[default]
    Undecided,
    /// It ended before anybody decided about the customer: the link expired, or the wallet was empty. A new request may follow.
    Abandoned,
    /// The customer was turned down.
    Rejected,
    /// The customer was accepted.
    Passed,
}

impl Outcome {
    /// The word in lower case, as it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Undecided => "undecided",
            Self::Abandoned => "abandoned",
            Self::Rejected => "rejected",
            Self::Passed => "passed",
        }
    }

    /// Whether it is anything but [`Undecided`](Self::Undecided).
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

/// What the states of your account mean: `(status, sub-status)` → [`Outcome`].
///
/// A rule is for exactly that pair. What has none is [`Outcome::Undecided`], a status or sub-status that is new among them, so
/// no state that nobody thought of is ever taken for a pass. By default there is only what the spec knows: an expired link and an
/// empty wallet are [`Outcome::Abandoned`]. Which sub-statuses your last states have, your own events and answers show.
///
/// ```
/// use cashfree_vkyc::{Outcome, OutcomeRules, VideoKyc};
///
/// let rules = OutcomeRules::default()
///     .rule("AUDITOR_REVIEWED", "APPROVED", Outcome::Passed)
///     .rule("AUDITOR_REVIEWED", "REJECTED", Outcome::Rejected);
///
/// let mut vkyc = VideoKyc::default();
/// (vkyc.status, vkyc.sub_status) = ("AUDITOR_REVIEWED".into(), "APPROVED".into());
/// assert_eq!(rules.outcome(&vkyc), Outcome::Passed);
/// vkyc.sub_status = "APPROVED_WITH_REMARKS".into();
/// assert_eq!(rules.outcome(&vkyc), Outcome::Undecided);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutcomeRules(Vec<(Status, SubStatus, Outcome)>);

/// What the spec knows, and no more.
impl Default for OutcomeRules {
    fn default() -> Self {
        let known = LIFECYCLE.iter().filter(|row| row.outcome.is_decided());
        Self(known.map(|row| (row.status.clone(), row.sub_status.clone().unwrap_or_default(), row.outcome)).collect())
    }
}

impl OutcomeRules {
    /// Says what a state means; a later rule for the same state replaces an earlier one. For a state that comes without a
    /// sub-status, pass `""`.
    #[must_use]
    pub fn rule(mut self, status: impl Into<Status>, sub_status: impl Into<SubStatus>, outcome: Outcome) -> Self {
        let (status, sub_status) = (status.into(), sub_status.into());
        self.0.retain(|(of, sub, _)| (of, sub) != (&status, &sub_status));
        self.0.push((status, sub_status, outcome));
        self
    }

    /// What the state of this verification means.
    #[must_use]
    pub fn outcome(&self, vkyc: &VideoKyc) -> Outcome {
        self.outcome_of(&vkyc.status, &vkyc.sub_status)
    }

    /// The same for a state without its verification. For a sub-status that was not sent, pass `&SubStatus::default()`.
    #[must_use]
    pub fn outcome_of(&self, status: &Status, sub_status: &SubStatus) -> Outcome {
        let rule = self.0.iter().find(|(of, sub, _)| (of, sub) == (status, sub_status));
        rule.map_or(Outcome::Undecided, |(.., outcome)| *outcome)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rules: &OutcomeRules, status: &str, sub_status: &str) -> Outcome {
        rules.outcome_of(&status.into(), &sub_status.into())
    }

    #[test]
    fn by_default_only_what_the_spec_knows_is_decided_and_nothing_passes() {
        let rules = OutcomeRules::default();
        for (status, sub_status, expected) in [
            ("EXPIRED", "VKYC_EXPIRED", Outcome::Abandoned),
            ("EXPIRED", "", Outcome::Abandoned),
            ("REJECTED", "INSUFFICIENT_BALANCE", Outcome::Abandoned),
            ("REJECTED", "", Outcome::Undecided),
            ("AUDITOR_REVIEWED", "", Outcome::Undecided),
            ("COMPLETED", "", Outcome::Undecided),
            ("", "", Outcome::Undecided),
        ] {
            assert_eq!(of(&rules, status, sub_status), expected, "{status}/{sub_status}");
        }
        let new = ["", "NEW"].map(SubStatus::from);
        for status in Status::KNOWN.iter().chain(&["NEW".into()]) {
            for sub_status in SubStatus::KNOWN.iter().chain(&new) {
                assert_ne!(rules.outcome_of(status, sub_status), Outcome::Passed, "{status}/{sub_status}");
            }
            assert_eq!(of(&rules, status.as_str(), "NEW"), Outcome::Undecided, "{status}");
        }
    }

    #[test]
    fn a_rule_is_for_exactly_one_state_and_the_last_one_counts() {
        let rules = OutcomeRules::default()
            .rule("AUDITOR_REVIEWED", "OK", Outcome::Rejected)
            .rule("AUDITOR_REVIEWED", "OK", Outcome::Passed)
            .rule("EXPIRED", "", Outcome::Undecided);
        assert_eq!(of(&rules, "AUDITOR_REVIEWED", "OK"), Outcome::Passed);
        for (status, sub_status) in
            [("AUDITOR_REVIEWED", ""), ("AUDITOR_REVIEWED", "OKAY"), ("AGENT_REVIEWED", "OK"), ("EXPIRED", "")]
        {
            assert_eq!(of(&rules, status, sub_status), Outcome::Undecided, "{status}/{sub_status}");
        }
    }

    #[test]
    fn an_outcome_is_stored_as_it_is_printed() {
        for outcome in [Outcome::Undecided, Outcome::Abandoned, Outcome::Rejected, Outcome::Passed] {
            let json = serde_json::to_string(&outcome).unwrap();
            assert_eq!(json, format!("\"{outcome}\""));
            assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome);
        }
    }
}
