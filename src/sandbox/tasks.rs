//! The tasks on the sandbox's runtime. They end with the sandbox.

use std::pin::pin;

use futures_util::future::select;
use tokio::runtime::Handle;
use tokio::sync::watch;

pub(super) struct Tasks {
    pub(super) runtime: Handle,
    /// True once the sandbox has stopped.
    stopped: watch::Sender<bool>,
    /// Notifies the tasks that a reset ends.
    reset: watch::Sender<()>,
}

impl Tasks {
    pub(super) fn new(runtime: Handle) -> Self {
        Self { runtime, stopped: watch::Sender::new(false), reset: watch::Sender::new(()) }
    }

    /// Runs a task until the sandbox stops.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut stopped = self.stopped.subscribe();
        self.runtime.spawn(async move {
            select(pin!(stopped.wait_for(|stopped| *stopped)), pin!(task)).await;
        });
    }

    /// Runs a task that takes steps or delivers webhooks: a reset ends it, too.
    pub(super) fn spawn_until_reset(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut reset = self.reset.subscribe();
        self.spawn(async move {
            select(pin!(reset.changed()), pin!(task)).await;
        });
    }

    pub(super) fn reset(&self) {
        self.reset.send_replace(());
    }

    pub(super) fn stop(&self) {
        self.stopped.send_replace(true);
    }
}
