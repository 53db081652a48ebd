//! The parts of a running sandbox, and the one place where a step of the pure state becomes a webhook.
//!
//! ```text
//! step or operation ─▶ State (locked) ─▶ result
//!                         └─▶ StepOutcome ─▶ Delivery (the state is unlocked)
//! ```

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;

use super::clock::Clock;
use super::delivery::{Delivery, Done};
use super::error::SandboxError;
use super::fault::Faults;
use super::journey::{Drive, Journey};
use super::lock::lock;
use super::merchant::Merchant;
use super::record::Recorder;
use super::state::{State, StepOutcome};
use super::tasks::Tasks;
use crate::model::{VerificationId, VideoKyc};

pub(super) struct Core {
    pub(super) address: SocketAddr,
    pub(super) merchant: Merchant,
    pub(super) clock: Arc<Clock>,
    pub(super) state: Mutex<State>,
    pub(super) faults: Mutex<Faults>,
    pub(super) recorder: Arc<Recorder>,
    pub(super) delivery: Arc<Delivery>,
    pub(super) tasks: Arc<Tasks>,
}

impl Core {
    /// Changes the state, and sends the event of the step that was taken.
    pub(super) fn change<T>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut State, Timestamp) -> (T, Option<StepOutcome>),
    ) -> (T, Option<Done>) {
        // The queue is locked for longer than the state, so that events are queued in the order of their steps.
        let mut queue = lock(&self.delivery.queue);
        let (result, outcome) = change(&mut lock(&self.state), self.clock.now());
        let Some(outcome) = outcome else { return (result, None) };
        if let Some(time) = outcome.timer {
            self.tick(outcome.number, time);
        }
        (result, self.delivery.send(&mut queue, outcome))
    }

    /// Begins a journey, and returns its number.
    pub(super) fn begin(self: &Arc<Self>, id: &VerificationId, journey: Journey) -> Result<i64, SandboxError> {
        let (begun, _) = self.change(|state, now| split(state.begin(id, journey, None, now)));
        begun.map(|(number, _)| number)
    }

    /// Takes a step. Returns the state reached and the last delivery.
    pub(super) fn step(self: &Arc<Self>, number: i64) -> Result<(VideoKyc, Option<Done>), SandboxError> {
        let (reached, done) = self.change(|state, now| split(state.step(number, now)));
        reached.map(|(_, vkyc)| (vkyc, done))
    }

    /// Takes a step each time this time has passed, unless something else drives the journey.
    pub(super) fn tick(self: &Arc<Self>, number: i64, time: Duration) {
        let core = Arc::clone(self);
        self.tasks.spawn_until_reset(async move {
            loop {
                tokio::time::sleep(time).await;
                let drive = lock(&core.state).progress(number).map(|progress| progress.drive);
                if drive != Some(Drive::Every(time)) || core.step(number).is_err() {
                    return;
                }
            }
        });
    }

    /// Ends the tasks, and removes everything but the settings.
    pub(super) fn reset(&self) {
        self.tasks.reset();
        self.delivery.reset();
        lock(&self.state).reset();
        lock(&self.faults).reset();
        self.recorder.reset();
    }
}

/// The number and the verification for the caller, and the outcome for the delivery.
fn split(outcome: Result<StepOutcome, SandboxError>) -> (Result<(i64, VideoKyc), SandboxError>, Option<StepOutcome>) {
    match outcome {
        Ok(outcome) => (Ok((outcome.number, outcome.vkyc.clone())), Some(outcome)),
        Err(error) => (Err(error), None),
    }
}
