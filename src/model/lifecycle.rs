//! What a state means: how far the verification has come, who acts next, whether it is final, what to do.
//!
//! The rows come from `x-lifecycle` in the spec. A state is looked up in three steps:
//!
//! ```text
//! (status, sub-status) has a row  ─▶ that row
//! the status alone has a row      ─▶ its phase, actor and advice; final only when no sub-status was sent
//! otherwise                       ─▶ unknown, and never final
//! ```

use super::generated::{Actor, Evidence, LIFECYCLE, LifecycleRow, Phase, Status, SubStatus, UNKNOWN_ADVICE};

/// What a `(status, sub-status)` means for the caller.
///
/// Cashfree publishes only a part of its table. A state that this version has no row for is never final and never a
/// pass; where the status is known, its phase, actor and advice still are.
///
/// ```
/// use cashfree_vkyc::{Actor, Lifecycle, Status, SubStatus};
///
/// let lifecycle = Lifecycle::of(&Status::PreVideoCall, &SubStatus::UserAudioCheckFailed);
/// assert_eq!(lifecycle.actor(), Actor::User);
/// assert_eq!(lifecycle.advice(), "Ask the customer to allow the browser to use the microphone.");
/// assert!(!lifecycle.is_final());
///
/// assert!(!Lifecycle::of(&"BRAND_NEW".into(), &"".into()).is_final());
/// ```
///
/// It serialises for your own dashboards and messages; to read it back, keep the state and ask again.
///
/// ```
/// # use cashfree_vkyc::{Lifecycle, Status, SubStatus};
/// let lifecycle = Lifecycle::of(&Status::PreVideoCall, &SubStatus::UserAudioCheckFailed);
/// let json = serde_json::to_value(lifecycle)?;
/// assert_eq!((&json["phase"], &json["actor"], &json["final"]), (&"checks".into(), &"user".into(), &false.into()));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Lifecycle {
    phase: Phase,
    actor: Actor,
    #[serde(rename = "final")]
    is_final: bool,
    advice: &'static str,
    evidence: Evidence,
}

impl Lifecycle {
    /// Looks up a state. For a sub-status that was not sent, pass `&SubStatus::default()`.
    #[must_use]
    pub fn of(status: &Status, sub_status: &SubStatus) -> Self {
        let is_for =
            |row: &&LifecycleRow, sub: Option<&SubStatus>| row.status == *status && row.sub_status.as_ref() == sub;
        let exact = LIFECYCLE.iter().find(|row| is_for(row, Some(sub_status)));
        let status_alone = || LIFECYCLE.iter().find(|row| is_for(row, None));
        match (exact, exact.is_none().then(status_alone).flatten()) {
            (Some(row), _) => Self::from_row(row, row.is_final, row.evidence),
            (None, Some(row)) if sub_status.is_empty() => Self::from_row(row, row.is_final, row.evidence),
            (None, Some(row)) => Self::from_row(row, false, Evidence::Unknown),
            (None, None) => Self {
                phase: Phase::Unknown,
                actor: Actor::Unknown,
                is_final: false,
                advice: UNKNOWN_ADVICE,
                evidence: Evidence::Unknown,
            },
        }
    }

    /// Every state that this version has a row for, in the order of the spec. One without a sub-status stands for its status alone.
    ///
    /// ```
    /// use cashfree_vkyc::{Lifecycle, Status};
    ///
    /// assert!(Lifecycle::states().any(|(status, sub_status)| *status == Status::Expired && sub_status.is_some()));
    /// ```
    pub fn states() -> impl Iterator<Item = (&'static Status, Option<&'static SubStatus>)> {
        LIFECYCLE.iter().map(|row| (&row.status, row.sub_status.as_ref()))
    }

    fn from_row(row: &LifecycleRow, is_final: bool, evidence: Evidence) -> Self {
        Self { phase: row.phase, actor: row.actor, is_final, advice: row.advice, evidence }
    }

    /// How far the verification has come.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Who has to act next.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// Whether nothing more will happen. It does not say that the customer passed: read `sub_status` and the remarks.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.is_final
    }

    /// What to do, in one sentence.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        self.advice
    }

    /// How well this row is known. `Unknown` when there is no row for the exact state.
    #[must_use]
    pub const fn evidence(&self) -> Evidence {
        self.evidence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_found() {
        for row in LIFECYCLE {
            let sub_status = row.sub_status.clone().unwrap_or_default();
            let found = Lifecycle::of(&row.status, &sub_status);
            assert_eq!((found.phase(), found.actor(), found.is_final()), (row.phase, row.actor, row.is_final));
            assert_eq!((found.advice(), found.evidence()), (row.advice, row.evidence));
        }
    }

    #[test]
    fn nothing_that_was_never_seen_is_settled() {
        let statuses = Status::KNOWN.iter().cloned().chain(["".into(), "NEW".into()]);
        for status in statuses {
            assert!(!Lifecycle::of(&status, &"NEW".into()).is_final(), "{status}");
        }
        for sub_status in SubStatus::KNOWN.iter().cloned().chain(["".into(), "NEW".into()]) {
            assert!(!Lifecycle::of(&"NEW".into(), &sub_status).is_final(), "{sub_status}");
            assert_eq!(Lifecycle::of(&"NEW".into(), &sub_status).phase(), Phase::Unknown);
        }
    }

    #[test]
    fn a_new_sub_status_keeps_what_the_status_tells() {
        let lifecycle = Lifecycle::of(&Status::AuditorReviewed, &"APPROVED_MAYBE".into());
        assert_eq!((lifecycle.phase(), lifecycle.actor()), (Phase::Closed, Actor::Merchant));
        assert_eq!((lifecycle.is_final(), lifecycle.evidence()), (false, Evidence::Unknown));
    }

    #[test]
    fn the_agents_decision_is_not_final_and_the_auditors_is() {
        assert!(!Lifecycle::of(&Status::AgentReviewed, &"".into()).is_final());
        assert!(Lifecycle::of(&Status::AuditorReviewed, &"".into()).is_final());
    }

    #[test]
    fn settled_means_closed() {
        assert!(LIFECYCLE.iter().all(|row| row.is_final == (row.phase == Phase::Closed)));
    }
}
