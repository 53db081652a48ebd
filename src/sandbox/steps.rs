//! One step of a journey: the state that is reached, what changes with it, and the event that Cashfree sends for it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::clock::{later, signed};
use crate::model::generated::LIFECYCLE;
use crate::model::{EventType, Lifecycle, Status, SubStatus, VideoKyc};
use crate::wire::Sensitive;

type Change = Arc<dyn Fn(&mut VideoKyc) + Send + Sync>;

/// A step of a [`Journey`](super::Journey): a state, what changes with it, and its webhook.
///
/// ```
/// use std::time::Duration;
/// use cashfree_vkyc::{EventType, Status, SubStatus, sandbox::Step};
///
/// let booked = Step::new(Status::PreVideoCall, SubStatus::UserMeetingScheduled).meeting_in(Duration::from_secs(3600));
/// assert_eq!(booked.event_type(), Some(&EventType::VkycUserCallScheduled));
/// let nobody_knows = Step::new("ON_HOLD", "").event("VKYC_ON_HOLD");
/// assert!(nobody_knows.event_type().is_some_and(|event| !event.is_known()));
/// ```
#[derive(Clone)]
#[must_use = "a step is nothing without a journey"]
pub struct Step {
    pub(super) status: Status,
    pub(super) sub_status: SubStatus,
    event: Option<EventType>,
    meeting_in: Option<Duration>,
    agent_remarks: Option<Sensitive<String>>,
    auditor_remarks: Option<Sensitive<String>>,
    recording: Option<Bytes>,
    change: Option<Change>,
}

impl Step {
    /// A step to a state; `""` for no sub-status. It has the event that Cashfree's list has for such a state, if there is one;
    /// see [`event`](Self::event) and [`silent`](Self::silent).
    pub fn new(status: impl Into<Status>, sub_status: impl Into<SubStatus>) -> Self {
        let (status, sub_status) = (status.into(), sub_status.into());
        let event = usual_event(&status, &sub_status);
        Self {
            status,
            sub_status,
            event,
            meeting_in: None,
            agent_remarks: None,
            auditor_remarks: None,
            recording: None,
            change: None,
        }
    }

    /// The event that is sent for it.
    pub fn event(mut self, event_type: impl Into<EventType>) -> Self {
        self.event = Some(event_type.into());
        self
    }

    /// No event is sent for it: only a status call shows it.
    pub fn silent(mut self) -> Self {
        self.event = None;
        self
    }

    /// A call is booked for so long after this step.
    pub fn meeting_in(mut self, time: Duration) -> Self {
        self.meeting_in = Some(time);
        self
    }

    /// What the agent wrote.
    pub fn agent_remarks(mut self, remarks: impl Into<String>) -> Self {
        self.agent_remarks = Some(remarks.into().into());
        self
    }

    /// What the auditor wrote.
    pub fn auditor_remarks(mut self, remarks: impl Into<String>) -> Self {
        self.auditor_remarks = Some(remarks.into().into());
        self
    }

    /// From here on there is a recording, with these bytes.
    pub fn recording(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.recording = Some(bytes.into().into());
        self
    }

    /// Whatever else changes.
    ///
    /// ```
    /// # use cashfree_vkyc::{Status, sandbox::Step};
    /// let without_link = Step::new(Status::Received, "").with(|vkyc| vkyc.vkyc_link = None);
    /// ```
    pub fn with(mut self, change: impl Fn(&mut VideoKyc) + Send + Sync + 'static) -> Self {
        self.change = Some(Arc::new(change));
        self
    }

    /// The status that is reached.
    #[must_use]
    pub const fn status(&self) -> &Status {
        &self.status
    }

    /// The sub-status that is reached.
    #[must_use]
    pub const fn sub_status(&self) -> &SubStatus {
        &self.sub_status
    }

    /// The event that is sent for it.
    #[must_use]
    pub const fn event_type(&self) -> Option<&EventType> {
        self.event.as_ref()
    }

    /// What the recording is from here on.
    pub(super) fn new_recording(&self) -> Option<&Bytes> {
        self.recording.as_ref()
    }

    pub(super) fn lifecycle(&self) -> Lifecycle {
        Lifecycle::of(&self.status, &self.sub_status)
    }

    /// Changes a verification as this step says.
    pub(super) fn apply(&self, vkyc: &mut VideoKyc, now: jiff::Timestamp) {
        vkyc.status.clone_from(&self.status);
        vkyc.sub_status.clone_from(&self.sub_status);
        if let Some(time) = self.meeting_in {
            vkyc.meeting_schedule = Some(later(now, signed(time)).into());
        }
        if self.agent_remarks.is_some() {
            vkyc.agent_remarks.clone_from(&self.agent_remarks);
        }
        if self.auditor_remarks.is_some() {
            vkyc.auditor_remarks.clone_from(&self.auditor_remarks);
        }
        if let Some(change) = &self.change {
            change(vkyc);
        }
    }
}

/// Remarks are not printed.
impl fmt::Debug for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.status, self.sub_status)?;
        match &self.event {
            Some(event) => write!(f, " ({event})"),
            None => Ok(()),
        }
    }
}

/// The event that the spec's lifecycle has for a state. A state without a row has the one of its status.
fn usual_event(status: &Status, sub_status: &SubStatus) -> Option<EventType> {
    let row_for = |sub_status: Option<&SubStatus>| {
        LIFECYCLE.iter().find(|row| row.status == *status && row.sub_status.as_ref() == sub_status)
    };
    row_for(Some(sub_status)).or_else(|| row_for(None))?.event.clone()
}
