//! Journeys: rows of the spec's lifecycle in order.
//!
//! ```text
//! invited ─▶ checks ⇄ queue ⇄ call ─▶ review ─▶ closed      no way back over a ─▶, and nothing after closed
//! ```

use std::time::Duration;

use super::error::SandboxError;
use super::recording;
use super::steps::Step;
use crate::model::generated::LIFECYCLE;
use crate::model::{EventType, Phase, Status, SubStatus};

const HOUR: Duration = Duration::from_secs(3600);

/// The steps of a verification. It begins at the first step.
///
/// Each step with an event sends its webhook. A journey is driven by [`Verification::advance`], by time
/// ([`every`](Self::every)), or by status calls ([`on_each_status`](Self::on_each_status)).
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

/// The trigger of the next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drive {
    ByHand,
    Every(Duration),
    OnEachStatus,
}

impl Journey {
    /// Your own steps. Statuses, sub-statuses and events may be unknown; known ones must be allowed by the lifecycle, or `begin`
    /// returns an error with the step.
    #[must_use]
    pub fn custom(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), drive: Drive::ByHand }
    }

    /// A success, from the link to `COMPLETED`, with a recording and remarks.
    #[must_use]
    pub fn completed() -> Self {
        Self::custom(to_review().into_iter().chain([approved(Status::Completed)]))
    }

    /// The same for accounts where `AUDITOR_REVIEWED` is the last state.
    #[must_use]
    pub fn auditor_reviewed() -> Self {
        Self::custom(to_review().into_iter().chain([approved(Status::AuditorReviewed)]))
    }

    /// The agent rejects the customer, and the auditor agrees. The remarks give the reason.
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

    /// The wallet is empty: the verification is rejected immediately, without a link or an event.
    #[must_use]
    pub fn rejected_no_balance() -> Self {
        let rejected = Step::new(Status::Rejected, SubStatus::InsufficientBalance);
        Self::custom([rejected.with(|vkyc| (vkyc.vkyc_link, vkyc.link_expiry) = (None, None))])
    }

    /// The customer leaves the call, returns, and succeeds.
    #[must_use]
    pub fn dropped_off() -> Self {
        let dropped = queued(SubStatus::UserQueued).event(EventType::VkycUserDropoffFromCall);
        Self::custom(to_call().into_iter().chain([dropped]).chain(from_queue_to_end()))
    }

    /// No agent is free, so the call is booked, and booked again for later; then the customer succeeds.
    #[must_use]
    pub fn rescheduled() -> Self {
        let booked = |hours| queued(SubStatus::UserMeetingScheduled).meeting_in(HOUR * hours);
        let later = [queued(SubStatus::NoAgentFound), booked(2), booked(26), queued(SubStatus::ScheduledUserQueued)];
        Self::custom(to_queue().into_iter().chain(later).chain(from_queue_to_end()))
    }

    /// The customer waits and no agent comes. The journey ends in the queue.
    #[must_use]
    pub fn stuck_in_queue() -> Self {
        let stuck = [queued(SubStatus::NoAgentFound), queued(SubStatus::UserQueued)];
        Self::custom(to_queue().into_iter().chain(stuck))
    }

    /// Each check before the call fails once; then the customer succeeds.
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
        Self::custom(to_call().into_iter().chain([Step::new(Status::Failed, "")]))
    }

    /// After the queue, a status, a sub-status and an event that no version of this library knows. The journey ends there, so the
    /// state is never final.
    #[must_use]
    pub fn unknown_status() -> Self {
        let unknown = Step::new("SANDBOX_UNKNOWN_STATUS", "SANDBOX_UNKNOWN_SUB_STATUS");
        Self::custom(to_queue().into_iter().chain([unknown.event("VKYC_SANDBOX_UNKNOWN_EVENT")]))
    }

    /// A simple journey to any state: the steps of [`completed`](Self::completed) before the state's phase, and then the state.
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

    /// Every predefined journey with the name of its function.
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

    /// A journey to each row of the lifecycle.
    #[must_use]
    pub fn to_every_state() -> Vec<Self> {
        LIFECYCLE.iter().map(|row| Self::to(row.status.clone(), row.sub_status.clone().unwrap_or_default())).collect()
    }

    /// Takes a step each time this time has passed.
    #[must_use]
    pub fn every(mut self, time: Duration) -> Self {
        self.drive = Drive::Every(time);
        self
    }

    /// Takes a step at each status call but the first, before the response.
    #[must_use]
    pub fn on_each_status(mut self) -> Self {
        self.drive = Drive::OnEachStatus;
        self
    }

    /// The steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    pub(super) fn into_parts(self) -> (Vec<Step>, Drive) {
        (self.steps, self.drive)
    }

    /// Checks the journey against the lifecycle.
    ///
    /// # Errors
    /// [`SandboxError::Journey`] with the first step that the lifecycle does not allow.
    pub fn check(&self) -> Result<(), SandboxError> {
        let refuse = |step, problem| Err(SandboxError::Journey { step, problem });
        if self.steps.is_empty() {
            return refuse(0, "is missing; a journey has at least one");
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

/// Whether the lifecycle has a row for both, or one of them is unknown.
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

/// From the queue to the successful end.
fn from_queue_to_end() -> [Step; 4] {
    [agent_assigned(), call(), agent_reviewed(), approved(Status::Completed)]
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
