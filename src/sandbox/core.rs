//! The parts of a running sandbox, and the only place where a step of the pure state becomes a webhook.
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
use super::lock::lock;
use super::merchant::Merchant;
use super::record::Recorder;
use super::state::State;
use super::tasks::Tasks;
use super::verifications::StepOutcome;
use crate::model::VideoKyc;

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
    /// Changes the state, and sends the event of the step.
    pub(super) fn change<T, E>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut State, Timestamp) -> Result<(T, Option<StepOutcome>), E>,
    ) -> Result<(T, Option<Done>), E> {
        // The queue stays locked until the event is queued, so that events have the order of their steps.
        let mut queue = lock(&self.delivery.queue);
        let (result, outcome) = change(&mut lock(&self.state), self.clock.now())?;
        let Some(outcome) = outcome else { return Ok((result, None)) };
        if let Some(time) = outcome.timer {
            self.tick(outcome.number, time);
        }
        Ok((result, self.delivery.send(&mut queue, outcome)))
    }

    /// Takes a step. Returns the state reached and the last delivery.
    pub(super) fn step(self: &Arc<Self>, number: i64) -> Result<(VideoKyc, Option<Done>), SandboxError> {
        self.change(|state, now| {
            let outcome = state.step(number, now)?;
            Ok((outcome.vkyc.clone(), Some(outcome)))
        })
    }

    /// Takes a step at this interval, until the journey is over.
    fn tick(self: &Arc<Self>, number: i64, time: Duration) {
        let core = Arc::clone(self);
        self.tasks.spawn_until_reset(async move {
            tokio::time::sleep(time).await;
            while core.step(number).is_ok() {
                tokio::time::sleep(time).await;
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
