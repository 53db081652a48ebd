//! The state of the sandbox: verifications on their journeys, and users. It is pure: no I/O, no locks, no clock.
//!
//! ```text
//! begin, step, apply (an operation) ─▶ State ─▶ the verification reached, and the event of the step: delivered by the caller
//! ```

use std::time::Duration;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::clock::later;
use super::error::SandboxError;
use super::journey::{Drive, Journey};
use super::rate_limit::RateLimit;
use super::recording::{self, Links};
use super::steps::Step;
use crate::model::{Event, User, VerificationId, VideoKyc, constants};

/// The first id that the sandbox assigns.
const FIRST_ID: i64 = 10_001;
/// The lifetime of a link to a verification.
const LINK: SignedDuration = SignedDuration::from_hours(30 * 24);
const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// The response to an initiated verification when the wallet is empty. Cashfree documents both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsufficientBalance {
    /// HTTP 422 without a verification.
    AsError,
    /// HTTP 200 with a verification in the state `REJECTED / INSUFFICIENT_BALANCE`.
    AsState,
}

pub(super) struct State {
    pub(super) verifications: Vec<StoredVerification>,
    pub(super) users: Vec<User>,
    assigned_ids: i64,
    pub(super) links: Links,
    pub(super) rate_limit: RateLimit,
    /// The journey of verifications that are initiated over HTTP.
    pub(super) journey: Journey,
    pub(super) insufficient_balance: Option<InsufficientBalance>,
}

#[derive(Default)]
pub(super) struct StoredVerification {
    pub(super) vkyc: VideoKyc,
    /// The bytes of the recording. Each response has a new link to them.
    recording: Option<Bytes>,
    pub(super) progress: Option<JourneyProgress>,
    last_event: Option<Timestamp>,
}

/// The position of a verification on its journey.
pub(super) struct JourneyProgress {
    /// The number of the `begin`: a verification may be replaced by another with the same id.
    pub(super) number: i64,
    steps: Vec<Step>,
    /// The number of steps taken.
    taken: usize,
    pub(super) drive: Drive,
    /// Whether a status call has shown the first state.
    is_shown: bool,
}

impl JourneyProgress {
    pub(super) fn is_over(&self) -> bool {
        self.taken >= self.steps.len()
    }
}

/// The result of a step.
pub(super) struct StepOutcome {
    pub(super) number: i64,
    /// The verification as a status call shows it.
    pub(super) vkyc: VideoKyc,
    pub(super) event: Option<Event>,
    pub(super) is_last: bool,
    /// The interval of the next steps, if this is the first step of a journey that time drives.
    pub(super) timer: Option<Duration>,
}

impl State {
    pub(super) fn new(
        links: Links,
        rate_limit: RateLimit,
        journey: Journey,
        insufficient_balance: Option<InsufficientBalance>,
    ) -> Self {
        let (verifications, users) = (Vec::new(), Vec::new());
        Self { verifications, users, assigned_ids: 0, links, rate_limit, journey, insufficient_balance }
    }

    pub(super) fn next_id(&mut self) -> i64 {
        self.assigned_ids += 1;
        FIRST_ID.saturating_add(self.assigned_ids - 1)
    }

    /// Ids are not assigned again, so that a handle of a removed verification never moves another one.
    pub(super) fn reset(&mut self) {
        self.verifications.clear();
        self.users.clear();
        self.rate_limit.reset();
    }

    pub(super) fn put(&mut self, vkyc: VideoKyc) {
        let is_same = |other: &VideoKyc| {
            (other.verification_id.is_some() && other.verification_id == vkyc.verification_id)
                || (other.reference_id.is_some() && other.reference_id == vkyc.reference_id)
        };
        self.verifications.retain(|stored| !is_same(&stored.vkyc));
        self.verifications.push(StoredVerification { vkyc, ..StoredVerification::default() });
    }

    pub(super) fn with_id(&self, id: &VerificationId) -> Option<&StoredVerification> {
        self.verifications.iter().find(|stored| stored.vkyc.verification_id.as_deref() == Some(id.as_str()))
    }

    fn numbered(&mut self, number: i64) -> Result<(&mut StoredVerification, &Links), SandboxError> {
        let is_it = |stored: &&mut StoredVerification| stored.progress.as_ref().is_some_and(|at| at.number == number);
        let stored = self.verifications.iter_mut().find(is_it).ok_or(SandboxError::Gone)?;
        Ok((stored, &self.links))
    }

    pub(super) fn progress(&mut self, number: i64) -> Option<&mut JourneyProgress> {
        self.numbered(number).ok()?.0.progress.as_mut()
    }

    pub(super) fn shown(&mut self, number: i64, now: Timestamp) -> Result<VideoKyc, SandboxError> {
        self.numbered(number).map(|(stored, links)| stored.shown(links, now))
    }

    pub(super) fn set_recording(&mut self, number: i64, bytes: Bytes) -> Result<(), SandboxError> {
        self.numbered(number).map(|(stored, _)| stored.recording = Some(bytes))
    }

    /// The recording of a link, or the reason for refusing it.
    pub(super) fn recording(&self, path: &str, query: &str, now: Timestamp) -> Result<Bytes, &'static str> {
        let id = self.links.verify(path, query, now)?;
        let stored = self.verifications.iter().find(|stored| stored.vkyc.reference_id == Some(id));
        stored.and_then(|stored| stored.recording.clone()).ok_or(recording::NO_SUCH)
    }

    /// Adds a verification and takes the first step of its journey.
    pub(super) fn begin(
        &mut self,
        id: &VerificationId,
        journey: Journey,
        user: Option<User>,
        now: Timestamp,
    ) -> Result<StepOutcome, SandboxError> {
        journey.check()?;
        if self.with_id(id).is_some() {
            return Err(SandboxError::Taken);
        }
        let number = self.next_id();
        let mut vkyc = sample();
        vkyc.verification_id = Some(id.as_str().to_owned());
        vkyc.reference_id = Some(number);
        vkyc.vkyc_link = vkyc.vkyc_link.map(|link| renamed(link.expose(), number).into());
        vkyc.link_expiry = Some(rounded_down(later(now, LINK), 24 * 3600).into());
        (vkyc.recording_link, vkyc.meeting_schedule) = (None, None);
        if let Some(user) = user {
            (vkyc.user_id, vkyc.user_reference_id) = (user.user_id, user.user_reference_id);
        }
        let (steps, drive) = journey.into_parts();
        let progress = Some(JourneyProgress { number, steps, taken: 0, drive, is_shown: false });
        self.verifications.push(StoredVerification { vkyc, progress, ..StoredVerification::default() });
        self.step(number, now)
    }

    /// Takes the next step of a journey.
    pub(super) fn step(&mut self, number: i64, now: Timestamp) -> Result<StepOutcome, SandboxError> {
        let (stored, links) = self.numbered(number)?;
        stored.step(links, now)
    }
}

impl StoredVerification {
    /// The verification as others see it: with a new link to its recording.
    pub(super) fn shown(&self, links: &Links, now: Timestamp) -> VideoKyc {
        let mut vkyc = self.vkyc.clone();
        if let (Some(id), Some(_)) = (vkyc.reference_id, &self.recording) {
            vkyc.recording_link = Some(links.sign(id, now).into());
        }
        vkyc
    }

    pub(super) fn step(&mut self, links: &Links, now: Timestamp) -> Result<StepOutcome, SandboxError> {
        let progress = self.progress.as_mut().ok_or(SandboxError::Gone)?;
        let Some(step) = progress.steps.get(progress.taken) else {
            let (status, sub_status) = (self.vkyc.status.clone(), self.vkyc.sub_status.clone());
            return Err(SandboxError::Over { status, sub_status });
        };
        progress.taken += 1;
        step.apply(&mut self.vkyc, &mut self.recording, now);
        let event_type = step.event_type().cloned();
        let (number, is_last) = (progress.number, progress.is_over());
        let timer = match progress.drive {
            Drive::Every(time) if progress.taken == 1 => Some(time),
            _ => None,
        };
        let vkyc = self.shown(links, now);
        let event = event_type.map(|event_type| {
            // An event is identified by its type and its second, so no two events of a verification have the same second.
            let next = self.last_event.map_or(now, |last| later(last, SECOND).max(now));
            let time = *self.last_event.insert(rounded_down(next, 1));
            Event::new(event_type, format!("{time:.0}").into(), vkyc.clone())
        });
        Ok(StepOutcome { number, vkyc, event, is_last, timer })
    }

    /// Whether the next status call takes a step: each but the first does, until the journey is over.
    pub(super) fn is_stepped_by_status(&mut self) -> bool {
        let progress = self.progress.as_mut().filter(|progress| progress.drive == Drive::OnEachStatus);
        progress.is_some_and(|progress| std::mem::replace(&mut progress.is_shown, true) && !progress.is_over())
    }
}

/// The published sample.
pub(super) fn sample() -> VideoKyc {
    // A test decodes and compares it. An empty value is no worse than a panic.
    serde_json::from_str(constants::SAMPLE_VIDEO_KYC_PUBLISHED).unwrap_or_default()
}

/// The link with another last segment.
fn renamed(link: &str, number: i64) -> String {
    let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{folder}/sandbox{number}")
}

/// The time, rounded down to a multiple of these seconds.
fn rounded_down(instant: Timestamp, seconds: i64) -> Timestamp {
    let second = instant.as_second();
    Timestamp::from_second(second - second.rem_euclid(seconds)).unwrap_or(instant)
}
