//! The outcome of a state, as the account defines it.
//!
//! ```text
//! (status, sub-status) ─▶ your rule ─▶ else the spec (`outcome` of a row of `x-lifecycle`) ─▶ else Undecided
//! ```
//!
//! Cashfree has not published the sub-statuses of the final states, so nothing is `Passed` without a rule of yours.

use super::generated::{LIFECYCLE, Status, SubStatus, VideoKyc};
use super::outcome::Outcome;

/// The meaning of your account's states: `(status, sub-status)` → [`Outcome`].
///
/// A rule applies to exactly that pair. A state without a rule is [`Outcome::Undecided`], so an unexpected state is never taken
/// for a pass. The default rules come from the spec: an expired link and an empty wallet are [`Outcome::Abandoned`]. Your own
/// events and responses show which sub-statuses your final states have.
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

/// The rules of the spec.
impl Default for OutcomeRules {
    fn default() -> Self {
        let known = LIFECYCLE.iter().filter(|row| row.outcome.is_decided());
        Self(known.map(|row| (row.status.clone(), row.sub_status.clone().unwrap_or_default(), row.outcome)).collect())
    }
}

impl OutcomeRules {
    /// Sets the outcome of a state. A later rule for the same state replaces an earlier one. For a state without a sub-status,
    /// pass `""`.
    #[must_use]
    pub fn rule(mut self, status: impl Into<Status>, sub_status: impl Into<SubStatus>, outcome: Outcome) -> Self {
        let (status, sub_status) = (status.into(), sub_status.into());
        self.0.retain(|(of, sub, _)| (of, sub) != (&status, &sub_status));
        self.0.push((status, sub_status, outcome));
        self
    }

    /// Returns the outcome of this verification's state.
    #[must_use]
    pub fn outcome(&self, vkyc: &VideoKyc) -> Outcome {
        self.outcome_of(&vkyc.status, &vkyc.sub_status)
    }

    /// Returns the outcome of a state. For an absent sub-status, pass `&SubStatus::default()`.
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
    fn by_default_only_states_of_the_spec_are_decided_and_none_passes() {
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
}
