//! The state of the sandbox: verifications on their journeys, and users. It is pure: no I/O, no locks, no clock.
//!
//! ```text
//! begin, step, apply (an operation) ─▶ State ─▶ the verification reached, and the event of the step: delivered by the caller
//! ```

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::clock::later;
use super::error::SandboxError;
use super::journey::{Drive, Journey};
use super::rate_limit::RateLimit;
use super::recording::{self, Links};
use super::verifications::{Id, JourneyProgress, StepOutcome, StoredVerification, Verifications, rounded_down};
use crate::model::{User, VideoKyc, constants};

/// The sandbox assigns the ids after this one.
const BEFORE_IDS: i64 = 10_000;
/// The lifetime of a link to a verification.
const LINK: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(super) struct State {
    pub(super) verifications: Verifications,
    pub(super) users: Vec<User>,
    last_id: i64,
    pub(super) links: Links,
    pub(super) rate_limit: RateLimit,
    /// The journey of verifications that are initiated over HTTP.
    pub(super) journey: Journey,
}

impl State {
    pub(super) fn new(links: Links, rate_limit: RateLimit) -> Self {
        let (verifications, journey) = (Verifications::default(), Journey::completed());
        Self { verifications, users: Vec::new(), last_id: BEFORE_IDS, links, rate_limit, journey }
    }

    pub(super) fn next_id(&mut self) -> i64 {
        self.last_id += 1;
        self.last_id
    }

    /// Ids are not reused, so that a handle of a removed verification never changes another one.
    pub(super) fn reset(&mut self) {
        self.verifications = Verifications::default();
        self.users.clear();
        self.rate_limit.reset();
    }

    pub(super) fn put(&mut self, vkyc: VideoKyc) {
        self.verifications.put(StoredVerification::new(vkyc, None));
    }

    pub(super) fn with_id(&self, id: &str) -> Option<&StoredVerification> {
        self.verifications.get(&Id::Verification(id.to_owned()))
    }

    pub(super) fn shown(&self, number: i64, now: Timestamp) -> Result<VideoKyc, SandboxError> {
        let stored = self.verifications.get(&Id::Journey(number)).ok_or(SandboxError::Gone)?;
        Ok(stored.shown(&self.links, now))
    }

    pub(super) fn set_recording(&mut self, number: i64, bytes: Bytes) -> Result<(), SandboxError> {
        let set = self.verifications.change(&Id::Journey(number), |stored| stored.recording = Some(bytes));
        set.ok_or(SandboxError::Gone)
    }

    /// The recording of a link, or the reason to reject the link.
    pub(super) fn recording(&self, path: &str, query: &str, now: Timestamp) -> Result<Bytes, &'static str> {
        let id = self.links.verify(path, query, now)?;
        let stored = self.verifications.get(&Id::Reference(id));
        stored.and_then(|stored| stored.recording.clone()).ok_or(recording::NO_SUCH)
    }

    /// Adds a verification and takes the first step of its journey.
    pub(super) fn begin(
        &mut self,
        id: &str,
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
        vkyc.verification_id = Some(id.to_owned());
        vkyc.reference_id = Some(number);
        vkyc.vkyc_link = vkyc.vkyc_link.map(|link| renamed(link.expose(), number).into());
        vkyc.link_expiry = Some(rounded_down(later(now, LINK), 24 * 3600).into());
        (vkyc.recording_link, vkyc.meeting_schedule) = (None, None);
        if let Some(user) = user {
            (vkyc.user_id, vkyc.user_reference_id) = (user.user_id, user.user_reference_id);
        }
        let Journey { steps, drive } = journey;
        let progress = JourneyProgress { number, steps: steps.into_iter(), drive, is_shown: false };
        self.verifications.push(StoredVerification::new(vkyc, Some(progress)));
        let mut outcome = self.step(number, now)?;
        if let Drive::Every(time) = drive {
            outcome.timer = Some(time);
        }
        Ok(outcome)
    }

    /// Takes the next step of a journey.
    pub(super) fn step(&mut self, number: i64, now: Timestamp) -> Result<StepOutcome, SandboxError> {
        let links = &self.links;
        let outcome = self.verifications.change(&Id::Journey(number), |stored| stored.step(links, now));
        outcome.unwrap_or(Err(SandboxError::Gone))
    }
}

/// The published sample.
pub(super) fn sample() -> VideoKyc {
    // A test checks that it decodes. An empty value is no worse than a panic.
    serde_json::from_str(constants::SAMPLE_VIDEO_KYC_PUBLISHED).unwrap_or_default()
}

/// A link with another last segment.
fn renamed(link: &str, number: i64) -> String {
    let folder = link.rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{folder}/sandbox{number}")
}
