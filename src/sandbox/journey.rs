//! What happens to a verification: rows of the spec's lifecycle, in order.
//!
//! ```text
//! invited ─▶ checks ⇄ queue ⇄ call ─▶ review ─▶ closed      never back over a ─▶, and nothing after closed
//! ```

use std::time::Duration;

use super::error::SandboxError;
use super::recording;
use super::steps::Step;
use crate::model::generated::LIFECYCLE;
use crate::model::{EventType, Phase, Status, SubStatus};

const HOUR: Duration = Duration::from_secs(3600);

/// What happens to a verification, step by step. The first step is where it begins.
///
/// Each step that Cashfree has an event for sends its webhook. What moves it: [`Verification::advance`], time
/// ([`every`](Self::every)), or each status call ([`on_each_status`](Self::on_each_status)).
///
/// ```
/// use cashfree_vkyc::{Status, sandbox::{Journey, Step}};
///
/// let ready_made = Journey::dropped_off();
/// assert!(ready_made.steps().iter().any(|step| *step.status() == Status::VideoCall));
///
/// let own = Journey::custom([Step::new("RECEIVED", "LINK_GENERATED"), Step::new("FAILED", "NETWORK").silent()]);
/// println!("{own:?}");
/// ```
///
/// [`Verification::advance`]: super::Verification::advance
#[derive(Clone, Debug)]
pub struct Journey {
    steps: Vec<Step>,
    drive: Drive,
}

/// What moves a verification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drive {
    ByHand,
    Every(Duration),
    OnEachStatus,
}

impl Journey {
    /// Steps of your own. Statuses, sub-statuses and events may be ones that nobody knows; those that are known must be allowed by
    /// the lifecycle, or `begin` says which step is not.
    #[must_use]
    pub fn custom(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), drive: Drive::ByHand }
    }

    /// All goes well, from the link to `COMPLETED`, with a recording and remarks.
    #[must_use]
    pub fn completed() -> Self {
        Self::custom(to_review().into_iter().chain([approved(Status::Completed)]))
    }

    /// The same, for accounts where `AUDITOR_REVIEWED` is the last that is heard.
    #[must_use]
    pub fn auditor_reviewed() -> Self {
        Self::custom(to_review().into_iter().chain([approved(Status::AuditorReviewed)]))
    }

    /// The agent turns the customer down, and the auditor agrees. Why stands in the remarks.
    #[must_use]
    pub fn rejected_by_agent() -> Self {
        let reviewed = agent_reviewed().agent_remarks("PAN not available during video call");
        let rejected = Step::new(Status::Rejected, "")
            .event(EventType::VkycAuditorReviewCompleted)
            .auditor_remarks("Rejected as the agent recommends");
        Self::custom(to_call().into_iter().chain([reviewed, rejected]))
    }

    /// The customer never opens the link.
    #[must_use]
    pub fn link_expired() -> Self {
        Self::custom([link_generated(), Step::new(Status::Expired, SubStatus::VkycExpired)])
    }

    /// The wallet is empty: the verification is turned down as soon as it is asked for, and there is no link and no event.
    #[must_use]
    pub fn rejected_no_balance() -> Self {
        let rejected = Step::new(Status::Rejected, SubStatus::InsufficientBalance);
        Self::custom([rejected.with(|vkyc| (vkyc.vkyc_link, vkyc.link_expiry) = (None, None))])
    }

    /// The customer leaves the call, comes back, and all goes well.
    #[must_use]
    pub fn dropped_off() -> Self {
        let dropped = queued(SubStatus::UserQueued).event(EventType::VkycUserDropoffFromCall);
        let back = [dropped, agent_assigned(), call(), agent_reviewed(), approved(Status::Completed)];
        Self::custom(to_call().into_iter().chain(back))
    }

    /// No agent is free, so the call is booked, and booked once more for later; then all goes well.
    #[must_use]
    pub fn rescheduled() -> Self {
        let booked = |hours| queued(SubStatus::UserMeetingScheduled).meeting_in(HOUR * hours);
        let later = [queued(SubStatus::NoAgentFound), booked(2), booked(26), queued(SubStatus::ScheduledUserQueued)];
        let rest = [agent_assigned(), call(), agent_reviewed(), approved(Status::Completed)];
        Self::custom(to_queue().into_iter().chain(later).chain(rest))
    }

    /// The customer waits and no agent comes. It ends in the queue.
    #[must_use]
    pub fn stuck_in_queue() -> Self {
        let stuck = [queued(SubStatus::NoAgentFound), queued(SubStatus::UserQueued)];
        Self::custom(to_queue().into_iter().chain(stuck))
    }

    /// Each check before the call fails once, or is found wanting, and then passes; then all goes well.
    #[must_use]
    pub fn checks_failed() -> Self {
        let failed = [
            SubStatus::AadhaarVerificationFailed,
            SubStatus::AadhaarVerificationExpired,
            SubStatus::UserProxyDetected,
            SubStatus::TechnicalFailure,
            SubStatus::UserLocationOutsideIndia,
            SubStatus::UserLocationPermissionDisabled,
            SubStatus::UserAudioCheckFailed,
            SubStatus::UserVideoCheckFailed,
        ];
        let failed = failed.into_iter().map(|check| Step::new(Status::PreVideoCall, check));
        let rest = to_review().into_iter().skip(1).chain([approved(Status::Completed)]);
        Self::custom(std::iter::once(link_generated()).chain(failed).chain(rest))
    }

    /// The call breaks off for good.
    #[must_use]
    pub fn failed() -> Self {
        let failed = Step::new(Status::Failed, "");
        Self::custom(to_call().into_iter().chain([failed]))
    }

    /// What comes next is told by a status, a sub-status and an event that no version of this library knows. It ends there, so for
    /// the library it is never final.
    #[must_use]
    pub fn unknown_status() -> Self {
        let unknown = Step::new("SANDBOX_UNKNOWN_STATUS", "SANDBOX_UNKNOWN_SUB_STATUS");
        Self::custom(to_queue().into_iter().chain([unknown.event("VKYC_SANDBOX_UNKNOWN_EVENT")]))
    }

    /// A plain way to any state: as [`completed`](Self::completed) goes, as far as that is before the state, and then to it.
    ///
    /// ```
    /// use cashfree_vkyc::{Status, SubStatus, sandbox::Journey};
    ///
    /// let journey = Journey::to(Status::PreVideoCall, SubStatus::UserAudioCheckFailed);
    /// let last = journey.steps().last().ok_or("no step")?;
    /// assert_eq!((last.status(), last.sub_status()), (&Status::PreVideoCall, &SubStatus::UserAudioCheckFailed));
    /// # Ok::<(), &str>(())
    /// ```
    #[must_use]
    pub fn to(status: impl Into<Status>, sub_status: impl Into<SubStatus>) -> Self {
        let last = Step::new(status, sub_status);
        let until = match (&last.status, &last.sub_status) {
            (_, SubStatus::InsufficientBalance) => Phase::Invited,
            (Status::Expired, _) => Phase::Checks,
            _ => last.lifecycle().phase(),
        };
        // An unknown phase may come at any time, so also last.
        let is_before = |step: &Step| until == Phase::Unknown || step.lifecycle().phase() < until;
        let before = to_review().into_iter().filter(is_before);
        Self::custom(before.chain([last]))
    }

    /// Every ready-made journey with its name, which is that of its function.
    #[must_use]
    pub fn ready_made() -> Vec<(&'static str, Self)> {
        vec![
            ("completed", Self::completed()),
            ("auditor_reviewed", Self::auditor_reviewed()),
            ("rejected_by_agent", Self::rejected_by_agent()),
            ("link_expired", Self::link_expired()),
            ("rejected_no_balance", Self::rejected_no_balance()),
            ("dropped_off", Self::dropped_off()),
            ("rescheduled", Self::rescheduled()),
            ("stuck_in_queue", Self::stuck_in_queue()),
            ("checks_failed", Self::checks_failed()),
            ("failed", Self::failed()),
            ("unknown_status", Self::unknown_status()),
        ]
    }

    /// A journey to every state that the lifecycle of this version has a row for.
    #[must_use]
    pub fn to_every_state() -> Vec<Self> {
        LIFECYCLE.iter().map(|row| Self::to(row.status.clone(), row.sub_status.clone().unwrap_or_default())).collect()
    }

    /// A step of it is taken each time so much time has passed, from when it begins.
    #[must_use]
    pub fn every(mut self, time: Duration) -> Self {
        self.drive = Drive::Every(time);
        self
    }

    /// A step of it is taken by each status call but the first, before that is answered.
    #[must_use]
    pub fn on_each_status(mut self) -> Self {
        self.drive = Drive::OnEachStatus;
        self
    }

    /// Its steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    pub(super) fn drive(&self) -> Drive {
        self.drive
    }

    pub(super) fn into_steps(self) -> Vec<Step> {
        self.steps
    }

    /// Whether the lifecycle allows it.
    ///
    /// # Errors
    /// [`SandboxError::Journey`] with the first step that it does not allow.
    pub fn check(&self) -> Result<(), SandboxError> {
        let refuse = |step, problem| Err(SandboxError::Journey { step, problem });
        if self.steps.is_empty() {
            return refuse(0, "is missing; a journey has one at least");
        }
        let (mut before, mut is_final) = (None, false);
        for (n, step) in self.steps.iter().enumerate() {
            let lifecycle = step.lifecycle();
            if is_final {
                return refuse(n, "follows a state after which nothing happens");
            }
            if !has_row(step) {
                return refuse(n, "joins a status and a sub-status that the lifecycle does not have together");
            }
            let stage = lifecycle.phase().stage();
            if stage.zip(before).is_some_and(|(now, before)| now < before) {
                return refuse(n, "goes back to a phase that nobody comes back to");
            }
            (before, is_final) = (stage.or(before), lifecycle.is_final());
        }
        Ok(())
    }
}

/// Whether both are known and stand together in no row.
fn has_row(step: &Step) -> bool {
    let known = step.status.is_known() && step.sub_status.is_known();
    let is_it = |sub: &Option<SubStatus>| sub.as_ref() == Some(&step.sub_status);
    !known || LIFECYCLE.iter().any(|row| row.status == step.status && is_it(&row.sub_status))
}

fn link_generated() -> Step {
    Step::new(Status::Received, SubStatus::LinkGenerated)
}

fn queued(sub_status: SubStatus) -> Step {
    Step::new(Status::PreVideoCall, sub_status)
}

fn agent_assigned() -> Step {
    queued(SubStatus::AgentAssignedToUser)
}

fn call() -> Step {
    Step::new(Status::VideoCall, "")
}

fn agent_reviewed() -> Step {
    Step::new(Status::AgentReviewed, "").agent_remarks("Customer was cooperative").recording(recording::sample())
}

fn approved(status: Status) -> Step {
    Step::new(status, "").auditor_remarks("Verification completed successfully")
}

/// From the link into the queue.
fn to_queue() -> Vec<Step> {
    let checks = [
        SubStatus::AadhaarVerificationSuccess,
        SubStatus::UserIpVerificationSuccessful,
        SubStatus::UserLocationVerificationSuccess,
        SubStatus::UserDeviceCheckSuccess,
        SubStatus::UserQueued,
    ];
    std::iter::once(link_generated()).chain(checks.into_iter().map(queued)).collect()
}

/// From the link into the call.
fn to_call() -> Vec<Step> {
    to_queue().into_iter().chain([agent_assigned(), call()]).collect()
}

/// From the link to the agent's review.
fn to_review() -> Vec<Step> {
    to_call().into_iter().chain([agent_reviewed()]).collect()
}
