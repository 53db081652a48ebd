//! What the server knows: verifications, and where each is on its journey.

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::clock::later;
use super::error::SandboxError;
use super::journey::{Drive, Journey};
use super::sandbox_sample;
use super::steps::Step;
use super::webhooks::{Done, Fate};
use crate::model::{Event, User, VerificationId, VideoKyc};

/// The first of the ids that the sandbox gives.
const FIRST_ID: i64 = 10_001;
/// How long a link is good for.
const LINK: SignedDuration = SignedDuration::from_hours(30 * 24);

#[derive(Default)]
pub(super) struct State {
    kept: Vec<Kept>,
    given: i64,
    pub(super) users: Vec<User>,
}

/// A verification.
pub(super) struct Kept {
    pub(super) vkyc: VideoKyc,
    /// What the recording is. Its link is made anew each time somebody asks.
    pub(super) recording: Option<Bytes>,
    pub(super) walk: Option<Walk>,
}

/// Where a verification is on its journey.
pub(super) struct Walk {
    /// Which `begin` it is of: a verification may be replaced by another with the same id.
    pub(super) number: i64,
    steps: Vec<Step>,
    /// How many of them were taken.
    taken: usize,
    pub(super) drive: Drive,
    /// Whether a status call has shown the state as it is.
    shown: bool,
    last_event: Option<Timestamp>,
    /// An event that waits for the next one to go first.
    pub(super) held: Option<(Event, Fate)>,
    /// Resolves when the webhooks before have been answered.
    pub(super) before: Option<Done>,
}

impl Walk {
    pub(super) fn is_over(&self) -> bool {
        self.taken >= self.steps.len()
    }
}

impl State {
    /// The next of the ids that the sandbox gives.
    pub(super) fn next_id(&mut self) -> i64 {
        self.given += 1;
        FIRST_ID.saturating_add(self.given - 1)
    }

    /// Ids are not given twice: who still holds a verification of before must not move another.
    pub(super) fn forget(&mut self) {
        self.kept.clear();
        self.users.clear();
    }

    pub(super) fn put(&mut self, vkyc: VideoKyc) {
        let same = |a: &VideoKyc| {
            (a.verification_id.is_some() && a.verification_id == vkyc.verification_id)
                || (a.reference_id.is_some() && a.reference_id == vkyc.reference_id)
        };
        self.kept.retain(|existing| !same(&existing.vkyc));
        self.kept.push(Kept { vkyc, recording: None, walk: None });
    }

    pub(super) fn find(&mut self, is_it: impl Fn(&VideoKyc) -> bool) -> Option<&mut Kept> {
        self.kept.iter_mut().find(|kept| is_it(&kept.vkyc))
    }

    pub(super) fn with_id(&mut self, id: &str) -> Option<&mut Kept> {
        self.find(|vkyc| vkyc.verification_id.as_deref() == Some(id))
    }

    /// The verification of a `begin`.
    pub(super) fn walking(&mut self, number: i64) -> Result<&mut Kept, SandboxError> {
        let is_it = |kept: &&mut Kept| kept.walk.as_ref().is_some_and(|walk| walk.number == number);
        self.kept.iter_mut().find(is_it).ok_or(SandboxError::Gone)
    }

    /// Keeps a new verification, at its first step, which is still to be taken.
    pub(super) fn begin(
        &mut self,
        id: &VerificationId,
        journey: Journey,
        now: Timestamp,
        change: impl FnOnce(&mut VideoKyc),
    ) -> Result<i64, SandboxError> {
        journey.check()?;
        if self.with_id(id.as_str()).is_some() {
            return Err(SandboxError::Taken);
        }
        let number = self.next_id();
        let mut vkyc = sandbox_sample();
        vkyc.verification_id = Some(id.as_str().to_owned());
        vkyc.reference_id = Some(number);
        vkyc.vkyc_link = vkyc.vkyc_link.map(|link| renamed(link.expose(), number).into());
        vkyc.link_expiry = Some(midnight(later(now, LINK)).into());
        (vkyc.recording_link, vkyc.meeting_schedule) = (None, None);
        change(&mut vkyc);
        let drive = journey.drive();
        let walk = Walk {
            number,
            steps: journey.into_steps(),
            taken: 0,
            drive,
            shown: false,
            last_event: None,
            held: None,
            before: None,
        };
        self.kept.push(Kept { vkyc, recording: None, walk: Some(walk) });
        Ok(number)
    }
}

impl Kept {
    /// Takes the next step. Gives its event, if it has one, as it will be sent but for the link to the recording.
    pub(super) fn step(&mut self, now: Timestamp) -> Result<Option<Event>, SandboxError> {
        let Some(walk) = self.walk.as_mut() else { return Err(SandboxError::Gone) };
        let Some(step) = walk.steps.get(walk.taken) else {
            let (status, sub_status) = (self.vkyc.status.clone(), self.vkyc.sub_status.clone());
            return Err(SandboxError::Over { status, sub_status });
        };
        walk.taken += 1;
        step.apply(&mut self.vkyc, now);
        if let Some(recording) = step.new_recording() {
            self.recording = Some(recording.clone());
        }
        let Some(event_type) = step.event_type().cloned() else { return Ok(None) };
        // An event is known by its type and its second, so no two of a verification have the same.
        let after = walk.last_event.map(|last| later(last, SignedDuration::from_secs(1)));
        let time = whole_second(after.map_or(now, |after| after.max(now)));
        walk.last_event = Some(time);
        Ok(Some(Event::new(event_type, format!("{time:.0}").into(), self.vkyc.clone())))
    }

    /// Whether a status call moves it, before it is answered.
    pub(super) fn is_moved_by_status(&mut self) -> bool {
        let walk = self.walk.as_mut().filter(|walk| walk.drive == Drive::OnEachStatus);
        walk.is_some_and(|walk| std::mem::replace(&mut walk.shown, true) && !walk.is_over())
    }
}

/// The same link to a page of its own.
fn renamed(link: &str, number: i64) -> String {
    let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{folder}/sandbox{number}")
}

fn midnight(instant: Timestamp) -> Timestamp {
    let second = instant.as_second();
    Timestamp::from_second(second - second.rem_euclid(24 * 3600)).unwrap_or(instant)
}

fn whole_second(instant: Timestamp) -> Timestamp {
    Timestamp::from_second(instant.as_second()).unwrap_or(instant)
}
