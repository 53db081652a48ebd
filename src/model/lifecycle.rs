//! The meaning of a state: phase, next actor, whether it is final, recommended action.
//!
//! The rows come from `x-lifecycle` in the spec. A state is looked up in three steps:
//!
//! ```text
//! (status, sub-status) has a row  ─▶ that row
//! the status alone has a row      ─▶ its phase, actor and advice; final only when no sub-status was sent
//! otherwise                       ─▶ unknown, and never final
//! ```

use super::generated::{Actor, Evidence, LIFECYCLE, Phase, Status, SubStatus, UNKNOWN_ADVICE};

/// The advice for a value without a state, such as `VideoKyc::default()`.
const NO_STATE_ADVICE: &str = "Ask for the status: there is no state yet.";

/// The meaning of a pair `(status, sub-status)`.
///
/// Cashfree publishes only a part of its table. A state without a row is never final. If its status is known, so are its phase,
/// actor and advice.
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
/// It serialises for dashboards and messages. It cannot be deserialised: store the state and look it up again.
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
    /// Looks up a state. For an absent sub-status, pass `&SubStatus::default()`.
    #[must_use]
    pub fn of(status: &Status, sub_status: &SubStatus) -> Self {
        let row = |sub: Option<&SubStatus>| {
            LIFECYCLE.iter().find(|row| row.status == *status && row.sub_status.as_ref() == sub)
        };
        let exact = row(Some(sub_status)).or_else(|| row(None).filter(|_| sub_status.is_empty()));
        let of_status = exact.or_else(|| row(None));
        Self {
            phase: of_status.map_or(Phase::Unknown, |row| row.phase),
            actor: of_status.map_or(Actor::Unknown, |row| row.actor),
            is_final: exact.is_some_and(|row| row.is_final),
            advice: of_status
                .map_or(if status.is_empty() { NO_STATE_ADVICE } else { UNKNOWN_ADVICE }, |row| row.advice),
            evidence: exact.map_or(Evidence::Unknown, |row| row.evidence),
        }
    }

    /// Returns every state that has a row, in the order of the spec. A row without a sub-status is for its status alone.
    ///
    /// ```
    /// use cashfree_vkyc::{Lifecycle, Status};
    ///
    /// assert!(Lifecycle::states().any(|(status, sub_status)| *status == Status::Expired && sub_status.is_some()));
    /// ```
    pub fn states() -> impl Iterator<Item = (&'static Status, Option<&'static SubStatus>)> {
        LIFECYCLE.iter().map(|row| (&row.status, row.sub_status.as_ref()))
    }

    /// Whether the status is a last one, with any sub-status. That does not mean that the customer passed.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    /// Returns how far the verification has come.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Returns the party that has to act next.
    #[must_use]
    pub const fn actor(&self) -> Actor {
        self.actor
    }

    /// Whether the state is final: nothing more will happen. It does not mean that the customer passed; read `sub_status` and the
    /// remarks.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.is_final
    }

    /// Returns the recommended action, in one sentence.
    #[must_use]
    pub const fn advice(&self) -> &'static str {
        self.advice
    }

    /// Returns how well this row is known. `Unknown` if the exact state has no row.
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
    fn an_unknown_state_is_never_final() {
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
    fn a_value_without_a_state_is_not_called_a_new_state() {
        assert_eq!(Lifecycle::of(&"".into(), &"".into()).advice(), NO_STATE_ADVICE);
        assert_eq!(Lifecycle::of(&"NEW".into(), &"".into()).advice(), UNKNOWN_ADVICE);
    }

    #[test]
    fn a_new_sub_status_keeps_the_phase_and_actor_of_its_status() {
        let lifecycle = Lifecycle::of(&Status::AuditorReviewed, &"APPROVED_MAYBE".into());
        assert_eq!((lifecycle.phase(), lifecycle.actor()), (Phase::Closed, Actor::Merchant));
        assert_eq!((lifecycle.is_final(), lifecycle.evidence()), (false, Evidence::Unknown));
        assert!(lifecycle.is_closed() && !Lifecycle::of(&Status::AgentReviewed, &"".into()).is_closed());
    }

    #[test]
    fn the_agents_decision_is_not_final_and_the_auditors_is() {
        assert!(!Lifecycle::of(&Status::AgentReviewed, &"".into()).is_final());
        assert!(Lifecycle::of(&Status::AuditorReviewed, &"".into()).is_final());
    }

    #[test]
    fn final_means_closed() {
        assert!(LIFECYCLE.iter().all(|row| row.is_final == (row.phase == Phase::Closed)));
    }
}
