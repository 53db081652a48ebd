//! The verifications, each with its journey. Any of its ids finds it in logarithmic time.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;
use std::vec;

use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};

use super::clock::later;
use super::error::SandboxError;
use super::journey::Drive;
use super::recording::Links;
use super::steps::Step;
use crate::model::{Event, VideoKyc};

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// An id of a verification.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Id {
    Verification(String),
    Reference(i64),
    /// The number of its `begin`.
    Journey(i64),
}

/// The verifications, in the order in which they were added. A step may change ids, so several may have the same id; then the oldest
/// is found.
#[derive(Default)]
pub(super) struct Verifications {
    stored: HashMap<u64, StoredVerification>,
    /// The ids of each, with its position.
    index: BTreeSet<(Id, u64)>,
    last: u64,
}

impl Verifications {
    fn position(&self, id: &Id) -> Option<u64> {
        let first = self.index.range((id.clone(), 0)..).next();
        first.filter(|(found, _)| found == id).map(|(_, position)| *position)
    }

    pub(super) fn get(&self, id: &Id) -> Option<&StoredVerification> {
        self.stored.get(&self.position(id)?)
    }

    /// Changes a verification, perhaps also its ids. `None` if no verification has this id.
    pub(super) fn change<T>(&mut self, id: &Id, change: impl FnOnce(&mut StoredVerification) -> T) -> Option<T> {
        let position = self.position(id)?;
        let stored = self.stored.get_mut(&position)?;
        let before = stored.ids();
        let result = change(stored);
        let after = stored.ids();
        if before != after {
            self.forget(before, position);
            self.index.extend(after.into_iter().map(|id| (id, position)));
        }
        Some(result)
    }

    pub(super) fn push(&mut self, stored: StoredVerification) {
        self.last += 1;
        self.index.extend(stored.ids().into_iter().map(|id| (id, self.last)));
        self.stored.insert(self.last, stored);
    }

    fn forget(&mut self, ids: Vec<Id>, position: u64) {
        for id in ids {
            self.index.remove(&(id, position));
        }
    }

    /// Adds a verification in place of all that have the same verification id or reference id.
    pub(super) fn put(&mut self, stored: StoredVerification) {
        for id in stored.ids() {
            while let Some(position) = self.position(&id) {
                let ids = self.stored.remove(&position).map_or(vec![id.clone()], |same| same.ids());
                self.forget(ids, position);
            }
        }
        self.push(stored);
    }
}

pub(super) struct StoredVerification {
    pub(super) vkyc: VideoKyc,
    /// The bytes of the recording. Each response has a new link to them.
    pub(super) recording: Option<Bytes>,
    pub(super) progress: Option<JourneyProgress>,
    last_event: Option<Timestamp>,
}

/// The position of a verification on its journey.
pub(super) struct JourneyProgress {
    /// The number of the `begin`: a verification may be replaced by another with the same id.
    pub(super) number: i64,
    /// The steps that are left.
    pub(super) steps: vec::IntoIter<Step>,
    pub(super) drive: Drive,
    /// Whether a status call has shown the first state.
    pub(super) is_shown: bool,
}

/// The result of a step.
pub(super) struct StepOutcome {
    pub(super) number: i64,
    /// The verification as a status call shows it.
    pub(super) vkyc: VideoKyc,
    pub(super) event: Option<Event>,
    pub(super) is_last: bool,
    /// The interval of the next steps, if this is the first step of a journey that is driven by time.
    pub(super) timer: Option<Duration>,
}

impl StoredVerification {
    pub(super) fn new(vkyc: VideoKyc, progress: Option<JourneyProgress>) -> Self {
        Self { vkyc, recording: None, progress, last_event: None }
    }

    fn ids(&self) -> Vec<Id> {
        let id = self.vkyc.verification_id.clone().map(Id::Verification);
        let reference = self.vkyc.reference_id.map(Id::Reference);
        let journey = self.progress.as_ref().map(|progress| Id::Journey(progress.number));
        [id, reference, journey].into_iter().flatten().collect()
    }

    /// The verification in a response or an event: with a new link to its recording.
    pub(super) fn shown(&self, links: &Links, now: Timestamp) -> VideoKyc {
        let mut vkyc = self.vkyc.clone();
        if let (Some(id), Some(_)) = (vkyc.reference_id, &self.recording) {
            vkyc.recording_link = Some(links.sign(id, now).into());
        }
        vkyc
    }

    pub(super) fn step(&mut self, links: &Links, now: Timestamp) -> Result<StepOutcome, SandboxError> {
        let progress = self.progress.as_mut().ok_or(SandboxError::Gone)?;
        let number = progress.number;
        let Some(step) = progress.steps.next() else {
            let (status, sub_status) = (self.vkyc.status.clone(), self.vkyc.sub_status.clone());
            return Err(SandboxError::Over { status, sub_status });
        };
        let is_last = progress.steps.len() == 0;
        step.apply(&mut self.vkyc, &mut self.recording, now);
        let vkyc = self.shown(links, now);
        let event = step.event_type().cloned().map(|event_type| {
            // An event is identified by its type and its second, so no two events of a verification have the same second.
            let next = self.last_event.map_or(now, |last| later(last, SECOND).max(now));
            let time = *self.last_event.insert(rounded_down(next, 1));
            Event::new(event_type, format!("{time:.0}").into(), vkyc.clone())
        });
        Ok(StepOutcome { number, vkyc, event, is_last, timer: None })
    }

    /// Whether the next status call takes a step: each except the first does, until the journey is over.
    pub(super) fn is_stepped_by_status(&mut self) -> bool {
        let progress = self.progress.as_mut().filter(|progress| progress.drive == Drive::OnEachStatus);
        progress.is_some_and(|progress| std::mem::replace(&mut progress.is_shown, true) && progress.steps.len() > 0)
    }
}

/// The time, rounded down to a multiple of these seconds.
pub(super) fn rounded_down(instant: Timestamp, seconds: i64) -> Timestamp {
    let second = instant.as_second();
    Timestamp::from_second(second - second.rem_euclid(seconds)).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(ids: usize, number: i64) -> StoredVerification {
        let (verification_id, reference_id) =
            ([None, Some("a"), Some("b")][ids / 3], [None, Some(1), Some(2)][ids % 3]);
        let vkyc =
            VideoKyc { verification_id: verification_id.map(str::to_owned), reference_id, ..VideoKyc::default() };
        let progress = JourneyProgress { number, steps: Vec::new().into_iter(), drive: Drive::ByHand, is_shown: false };
        StoredVerification::new(vkyc, Some(progress))
    }

    fn number(stored: &StoredVerification) -> i64 {
        stored.progress.as_ref().unwrap().number
    }

    /// Compares every sequence of puts and changes of ids with a linear search.
    #[test]
    fn every_sequence_finds_what_a_search_finds() {
        const STEPS: u32 = 4;
        let all =
            [Id::Verification("a".to_owned()), Id::Verification("b".to_owned()), Id::Reference(1), Id::Reference(2)];
        for sequence in 0..18_usize.pow(STEPS) {
            let (mut verifications, mut list, mut rest) = (Verifications::default(), Vec::new(), sequence);
            for step in 0..i64::from(STEPS) {
                let new = stored(rest % 9, step);
                if rest % 18 < 9 {
                    let ids = new.ids();
                    list.retain(|other: &StoredVerification| other.ids().iter().all(|id| !ids.contains(id)));
                    verifications.put(stored(rest % 9, step));
                    list.push(new);
                } else {
                    let found = list.iter_mut().find(|stored| stored.ids().contains(&all[0]));
                    found.into_iter().for_each(|stored| stored.vkyc = new.vkyc.clone());
                    verifications.change(&all[0], |stored| stored.vkyc = new.vkyc);
                }
                rest /= 18;
            }
            // Shorter sequences are covered by those that end with puts without ids.
            for id in all.iter().cloned().chain((0..i64::from(STEPS)).map(Id::Journey)) {
                let found = list.iter().find(|stored| stored.ids().contains(&id)).map(number);
                assert_eq!(verifications.get(&id).map(number), found, "{sequence}: {id:?}");
            }
            let ids = list.iter().map(|stored| stored.ids().len()).sum::<usize>();
            assert_eq!((verifications.stored.len(), verifications.index.len()), (list.len(), ids), "{sequence}");
        }
    }
}
