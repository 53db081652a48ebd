//! What the server, the test and the tasks in between have in common.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::account::{Account, RateLimit};
use super::builder::InsufficientBalance;
use super::clock::Clock;
use super::error::SandboxError;
use super::fault::Faults;
use super::journey::{Drive, Journey};
use super::record::{Hooks, Records};
use super::recording::Links;
use super::state::{Kept, State};
use super::webhooks::{Done, Webhooks, send};
use crate::model::{VerificationId, VideoKyc};

pub(super) struct Shared {
    pub(super) address: SocketAddr,
    pub(super) account: Account,
    pub(super) clock: Arc<Clock>,
    pub(super) links: Links,
    /// How often all links to recordings were told to lapse.
    pub(super) link_age: AtomicU32,
    pub(super) state: Mutex<State>,
    pub(super) faults: Mutex<Faults>,
    pub(super) seed: u64,
    pub(super) records: Mutex<Records>,
    pub(super) rate_limit: Mutex<RateLimit>,
    pub(super) webhooks: Webhooks,
    /// What verifications get that are initiated over HTTP.
    pub(super) journey: Mutex<Journey>,
    pub(super) insufficient_balance: Mutex<Option<InsufficientBalance>>,
    pub(super) hooks: Hooks,
    pub(super) tasks: Tasks,
}

/// A lock, also after a test panicked while it held it.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A verification after a step, and when the webhooks of it have been answered.
pub(super) struct Moved {
    pub(super) vkyc: VideoKyc,
    pub(super) answered: Option<Done>,
}

impl Shared {
    /// A verification as it is told to others: with a fresh link to its recording.
    pub(super) fn shown(&self, kept: &Kept) -> VideoKyc {
        let mut vkyc = kept.vkyc.clone();
        if let (Some(id), true) = (vkyc.reference_id, kept.recording.is_some()) {
            let age = self.link_age.load(Ordering::Relaxed);
            vkyc.recording_link = Some(self.links.sign(id, self.clock.now(), age).into());
        }
        vkyc
    }

    /// Begins a journey: takes its first step, and lets time drive the others if that was asked for.
    pub(super) fn begin(
        self: &Arc<Self>,
        id: &VerificationId,
        journey: Journey,
        change: impl FnOnce(&mut VideoKyc),
    ) -> Result<i64, SandboxError> {
        let drive = journey.drive();
        let number = lock(&self.state).begin(id, journey, self.clock.now(), change)?;
        self.step(number)?;
        if let Drive::Every(time) = drive {
            self.tick(number, time);
        }
        Ok(number)
    }

    /// Takes a step and sends its webhook.
    pub(super) fn step(self: &Arc<Self>, number: i64) -> Result<Moved, SandboxError> {
        let mut state = lock(&self.state);
        self.step_of(state.walking(number)?)
    }

    /// The same for one that is found already.
    pub(super) fn step_of(self: &Arc<Self>, kept: &mut Kept) -> Result<Moved, SandboxError> {
        let event = kept.step(self.clock.now())?;
        let vkyc = self.shown(kept);
        let Some(walk) = kept.walk.as_mut() else { return Err(SandboxError::Gone) };
        let answered = match event {
            Some(mut event) => {
                event.data = vkyc.clone();
                send(self, walk, event)
            }
            None => walk.before.clone(),
        };
        Ok(Moved { vkyc, answered })
    }

    /// Takes a step each time so much time has passed, as long as nothing else drives it.
    pub(super) fn tick(self: &Arc<Self>, number: i64, time: Duration) {
        let shared = Arc::clone(self);
        self.tasks.spawn_moving(async move {
            loop {
                tokio::time::sleep(time).await;
                let drives = |kept: &mut Kept| {
                    kept.walk.as_ref().is_some_and(|walk| walk.drive == Drive::Every(time) && !walk.is_over())
                };
                if !lock(&shared.state).walking(number).is_ok_and(drives) || shared.step(number).is_err() {
                    return;
                }
            }
        });
    }

    /// Ends what moves, and forgets everything but the account and how the sandbox was set up.
    pub(super) fn reset(&self) {
        self.tasks.end_moving();
        lock(&self.state).forget();
        *lock(&self.records) = Records::default();
        *lock(&self.faults) = Faults::new(self.seed);
        lock(&self.rate_limit).forget();
    }
}

/// What runs on the sandbox's runtime, and ends with the sandbox.
pub(super) struct Tasks {
    runtime: Handle,
    serving: Mutex<JoinSet<()>>,
    moving: Mutex<JoinSet<()>>,
    stopped: AtomicBool,
}

impl Tasks {
    pub(super) fn new(runtime: Handle) -> Self {
        Self { runtime, serving: Mutex::default(), moving: Mutex::default(), stopped: AtomicBool::new(false) }
    }

    /// Runs what takes connections and serves them.
    pub(super) fn spawn_serving(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn(&self.serving, task);
    }

    /// Runs what moves verifications and delivers webhooks.
    pub(super) fn spawn_moving(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn(&self.moving, task);
    }

    fn spawn(&self, set: &Mutex<JoinSet<()>>, task: impl Future<Output = ()> + Send + 'static) {
        let mut set = lock(set);
        // Those that are done.
        while set.try_join_next().is_some() {}
        if !self.stopped.load(Ordering::Relaxed) {
            set.spawn_on(task, &self.runtime);
        }
    }

    fn end_moving(&self) {
        // Dropped outside of the lock: a task that ends may hold what needs it.
        let ended = std::mem::take(&mut *lock(&self.moving));
        drop(ended);
    }

    pub(super) fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
        let ended = std::mem::take(&mut *lock(&self.serving));
        drop(ended);
        self.end_moving();
    }

    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }
}

/// Waits until webhooks have been answered.
pub(super) async fn wait(done: Option<watch::Receiver<()>>) {
    if let Some(mut done) = done {
        let _ = done.changed().await;
    }
}
