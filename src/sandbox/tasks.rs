//! The tasks on the sandbox's runtime. They end with the sandbox.

use std::sync::Mutex;

use tokio::runtime::Handle;
use tokio::task::JoinSet;

use super::lock::lock;

pub(super) struct Tasks {
    pub(super) runtime: Handle,
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    serving: JoinSet<()>,
    stepping: JoinSet<()>,
    is_stopped: bool,
}

impl Tasks {
    pub(super) fn new(runtime: Handle) -> Self {
        Self { runtime, running: Mutex::default() }
    }

    /// Runs a task that accepts or serves connections.
    pub(super) fn spawn_serving(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn(task, |running| &mut running.serving);
    }

    /// Runs a task that takes steps or delivers webhooks. A reset ends it.
    pub(super) fn spawn_stepping(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.spawn(task, |running| &mut running.stepping);
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static, set: fn(&mut Running) -> &mut JoinSet<()>) {
        let mut running = lock(&self.running);
        if !running.is_stopped {
            let set = set(&mut running);
            // Finished tasks are removed first.
            while set.try_join_next().is_some() {}
            set.spawn_on(task, &self.runtime);
        }
    }

    pub(super) fn end_stepping(&self) {
        // Dropped without the lock, because a task that ends may drop the value that needs it.
        let ended = std::mem::take(&mut lock(&self.running).stepping);
        drop(ended);
    }

    pub(super) fn stop(&self) {
        let ended = std::mem::replace(&mut *lock(&self.running), Running { is_stopped: true, ..Running::default() });
        drop(ended);
    }
}
