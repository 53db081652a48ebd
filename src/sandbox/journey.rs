//! Journeys: rows of the spec's lifecycle in order.
//!
//! ```text
//! invited ─▶ checks ⇄ queue ⇄ call ─▶ review ─▶ closed      ─▶ cannot be reversed, and nothing follows closed
//! ```

use std::time::Duration;

use super::error::SandboxError;
use super::recording;
use super::steps::Step;
use crate::model::generated::LIFECYCLE;
use crate::model::{EventType, Phase, Status, SubStatus};

const HOUR: Duration = Duration::from_secs(3600);

/// The steps of a verification, which begins at the first one.
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
#[must_use = "a journey does nothing until a verification begins it"]
pub struct Journey {
    pub(super) steps: Vec<Step>,
    pub(super) drive: Drive,
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
    pub fn custom(steps: impl IntoIterator<Item = Step>) -> Self {
        Self { steps: steps.into_iter().collect(), drive: Drive::ByHand }
    }

    /// A success, from the link to `COMPLETED`, with a recording and remarks.
    pub fn completed() -> Self {
        Self::custom(success())
    }

    /// A successful verification of an account whose last state is `AUDITOR_REVIEWED`.
    pub fn auditor_reviewed() -> Self {
        Self::branch(REVIEWED, [audited(Status::AuditorReviewed, APPROVED)])
    }

    /// The agent rejects the customer, and the auditor agrees. The remarks give the reason.
    pub fn rejected_by_agent() -> Self {
        let reviewed = agent_reviewed("PAN not available during video call");
        let rejected = audited(Status::Rejected, "Rejected as the agent recommends");
        Self::branch(IN_CALL, [reviewed, rejected.event(EventType::VkycAuditorReviewCompleted)])
    }

    /// The customer never opens the link.
    pub fn link_expired() -> Self {
        Self::branch(INVITED, [Step::new(Status::Expired, SubStatus::VkycExpired)])
    }

    /// The wallet is empty: the verification is rejected immediately, without a link or an event. Cashfree also documents an error for
    /// this: `Fault::status(422).code("insufficient_balance").on("vkycInitiate")`.
    pub fn rejected_no_balance() -> Self {
        let rejected = Step::new(Status::Rejected, SubStatus::InsufficientBalance);
        Self::custom([rejected.with(|vkyc| (vkyc.vkyc_link, vkyc.link_expiry) = (None, None))])
    }

    /// The customer leaves the call, returns, and succeeds.
    pub fn dropped_off() -> Self {
        let dropped = before_call(SubStatus::UserQueued).event(EventType::VkycUserDropoffFromCall);
        Self::detour(IN_CALL, [dropped], QUEUED)
    }

    /// No agent is free, so the call is booked, and booked again for later; then the customer succeeds.
    pub fn rescheduled() -> Self {
        let booked = |hours| before_call(SubStatus::UserMeetingScheduled).meeting_in(HOUR * hours);
        let [none, queued] = [SubStatus::NoAgentFound, SubStatus::ScheduledUserQueued].map(before_call);
        Self::detour(QUEUED, [none, booked(2), booked(26), queued], QUEUED)
    }

    /// No agent takes the call. The journey ends in the queue.
    pub fn stuck_in_queue() -> Self {
        Self::branch(QUEUED, [SubStatus::NoAgentFound, SubStatus::UserQueued].map(before_call))
    }

    /// Each check before the call fails once; then the customer succeeds.
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
        Self::detour(INVITED, failed.map(before_call), INVITED)
    }

    /// The call fails, and is not resumed.
    pub fn failed() -> Self {
        Self::branch(IN_CALL, [Step::new(Status::Failed, "")])
    }

    /// After the queue, a status, a sub-status and an event that no version of this library knows. The journey ends in that state, which
    /// is never final.
    pub fn unknown_status() -> Self {
        let unknown = Step::new("SANDBOX_UNKNOWN_STATUS", "SANDBOX_UNKNOWN_SUB_STATUS");
        Self::branch(QUEUED, [unknown.event("VKYC_SANDBOX_UNKNOWN_EVENT")])
    }

    /// The first steps of a success, followed by others.
    fn branch(taken: usize, others: impl IntoIterator<Item = Step>) -> Self {
        Self::custom(success().into_iter().take(taken).chain(others))
    }

    /// The first steps of a success, followed by others, and then by the steps of a success after the skipped ones.
    fn detour(taken: usize, others: impl IntoIterator<Item = Step>, skipped: usize) -> Self {
        Self::branch(taken, others.into_iter().chain(success().into_iter().skip(skipped)))
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
    pub fn to(status: impl Into<Status>, sub_status: impl Into<SubStatus>) -> Self {
        let last = Step::new(status, sub_status);
        let until = match (&last.status, &last.sub_status) {
            (_, SubStatus::InsufficientBalance) => Phase::Invited,
            (Status::Expired, _) => Phase::Checks,
            _ => last.lifecycle().phase(),
        };
        // An unknown phase may come at any time, so it may come last.
        let is_before = |step: &Step| until == Phase::Unknown || step.lifecycle().phase() < until;
        let before = success().into_iter().take(REVIEWED).filter(is_before);
        Self::custom(before.chain([last]))
    }

    /// Every predefined journey with the name of its function.
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

    /// Takes a step at this interval.
    pub fn every(self, time: Duration) -> Self {
        Self { drive: Drive::Every(time), ..self }
    }

    /// Takes a step at each status call except the first, before the response.
    pub fn on_each_status(self) -> Self {
        Self { drive: Drive::OnEachStatus, ..self }
    }

    /// The steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
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
                return refuse(n, "follows a state that ends the verification");
            }
            if !has_row(step) {
                return refuse(n, "combines a status and a sub-status that the lifecycle does not combine");
            }
            let stage = lifecycle.phase().stage();
            if stage.zip(before).is_some_and(|(now, before)| now < before) {
                return refuse(n, "returns to a phase that cannot be entered again");
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

/// The steps of a success until the customer is invited, waits in the queue, is in the call, and is reviewed by the agent.
const INVITED: usize = 1;
const QUEUED: usize = 6;
const IN_CALL: usize = 8;
const REVIEWED: usize = 9;

const APPROVED: &str = "Verification completed successfully";

fn success() -> Vec<Step> {
    let before = [
        SubStatus::AadhaarVerificationSuccess,
        SubStatus::UserIpVerificationSuccessful,
        SubStatus::UserLocationVerificationSuccess,
        SubStatus::UserDeviceCheckSuccess,
        SubStatus::UserQueued,
        SubStatus::AgentAssignedToUser,
    ];
    let invited = Step::new(Status::Received, SubStatus::LinkGenerated);
    let rest = [
        Step::new(Status::VideoCall, ""),
        agent_reviewed("Customer was cooperative"),
        audited(Status::Completed, APPROVED),
    ];
    std::iter::once(invited).chain(before.map(before_call)).chain(rest).collect()
}

fn before_call(sub_status: SubStatus) -> Step {
    Step::new(Status::PreVideoCall, sub_status)
}

fn agent_reviewed(remarks: &'static str) -> Step {
    let mut reviewed = Step::new(Status::AgentReviewed, "");
    reviewed.recording = Some(recording::sample());
    reviewed.with(move |vkyc| vkyc.agent_remarks = Some(remarks.into()))
}

fn audited(status: Status, remarks: &'static str) -> Step {
    Step::new(status, "").with(move |vkyc| vkyc.auditor_remarks = Some(remarks.into()))
}
