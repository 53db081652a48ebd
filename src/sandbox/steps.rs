//! One step of a journey: the state that it reaches, other changes, and its event.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;

use super::clock::later;
use crate::model::generated::LIFECYCLE;
use crate::model::{EventType, Lifecycle, Status, SubStatus, VideoKyc};

/// A change of a verification at this time.
type Change = Arc<dyn Fn(&mut VideoKyc, Timestamp) + Send + Sync>;

/// A step of a [`Journey`](super::Journey): a state, other changes, and its webhook.
///
/// ```
/// use std::time::Duration;
/// use cashfree_vkyc::{EventType, Status, SubStatus, sandbox::Step};
///
/// let booked = Step::new(Status::PreVideoCall, SubStatus::UserMeetingScheduled).meeting_in(Duration::from_secs(3600));
/// assert_eq!(booked.event_type(), Some(&EventType::VkycUserCallScheduled));
/// let unknown = Step::new("ON_HOLD", "").event("VKYC_ON_HOLD");
/// assert!(unknown.event_type().is_some_and(|event| !event.is_known()));
/// ```
#[derive(Clone, Default)]
#[must_use = "a step does nothing without a journey"]
pub struct Step {
    pub(super) status: Status,
    pub(super) sub_status: SubStatus,
    event: Option<EventType>,
    pub(super) recording: Option<Bytes>,
    changes: Vec<Change>,
}

impl Step {
    /// A step to a state; `""` for no sub-status. Its event is that of the spec's lifecycle, if there is one; change it with
    /// [`event`](Self::event) and [`silent`](Self::silent).
    pub fn new(status: impl Into<Status>, sub_status: impl Into<SubStatus>) -> Self {
        let (status, sub_status) = (status.into(), sub_status.into());
        let event = usual_event(&status, &sub_status);
        Self { status, sub_status, event, ..Self::default() }
    }

    /// Sets the event that is sent.
    pub fn event(self, event_type: impl Into<EventType>) -> Self {
        Self { event: Some(event_type.into()), ..self }
    }

    /// Sends no event: only a status call shows the step.
    pub fn silent(self) -> Self {
        Self { event: None, ..self }
    }

    /// Books a call for this time after the step.
    pub fn meeting_in(self, time: Duration) -> Self {
        self.change(move |vkyc, now| vkyc.meeting_schedule = Some(later(now, time).into()))
    }

    /// Adds a recording with these bytes.
    pub fn recording(self, bytes: impl Into<Vec<u8>>) -> Self {
        Self { recording: Some(bytes.into().into()), ..self }
    }

    /// Makes any other change.
    ///
    /// ```
    /// # use cashfree_vkyc::{Status, sandbox::Step};
    /// let without_link = Step::new(Status::Received, "").with(|vkyc| vkyc.vkyc_link = None);
    /// ```
    pub fn with(self, change: impl Fn(&mut VideoKyc) + Send + Sync + 'static) -> Self {
        self.change(move |vkyc, _| change(vkyc))
    }

    fn change(mut self, change: impl Fn(&mut VideoKyc, Timestamp) + Send + Sync + 'static) -> Self {
        self.changes.push(Arc::new(change));
        self
    }

    /// The status that the step reaches.
    #[must_use]
    pub const fn status(&self) -> &Status {
        &self.status
    }

    /// The sub-status that the step reaches.
    #[must_use]
    pub const fn sub_status(&self) -> &SubStatus {
        &self.sub_status
    }

    /// The event that is sent.
    #[must_use]
    pub const fn event_type(&self) -> Option<&EventType> {
        self.event.as_ref()
    }

    pub(super) fn lifecycle(&self) -> Lifecycle {
        Lifecycle::of(&self.status, &self.sub_status)
    }

    /// Changes a verification and its recording.
    pub(super) fn apply(&self, vkyc: &mut VideoKyc, recording: &mut Option<Bytes>, now: Timestamp) {
        vkyc.status.clone_from(&self.status);
        vkyc.sub_status.clone_from(&self.sub_status);
        if self.recording.is_some() {
            recording.clone_from(&self.recording);
        }
        self.changes.iter().for_each(|change| change(vkyc, now));
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

/// The event that the spec's lifecycle has for a state. A state without a row has the event of its status.
fn usual_event(status: &Status, sub_status: &SubStatus) -> Option<EventType> {
    let row_for = |sub_status: Option<&SubStatus>| {
        LIFECYCLE.iter().find(|row| row.status == *status && row.sub_status.as_ref() == sub_status)
    };
    row_for(Some(sub_status)).or_else(|| row_for(None))?.event.clone()
}
