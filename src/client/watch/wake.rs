//! How an event reaches a watch that waits.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::watch::{Receiver, Sender};

use crate::model::VerificationRef;

/// The watches of a [`Watches`](super::Watches), by what they wait for.
pub(super) type Waiting = HashMap<VerificationRef, Vec<Weak<Wake>>>;

/// Wakes a watch, its clones, futures and streams, which share it.
#[derive(Debug, Default)]
pub(super) struct Wake {
    sender: Sender<()>,
    registries: Mutex<Vec<Entry>>,
}

/// Where a watch was added.
#[derive(Debug)]
struct Entry {
    waiting: Weak<Mutex<Waiting>>,
    verification: VerificationRef,
}

impl Wake {
    /// Makes the watch poll at once.
    pub(super) fn wake(&self) {
        self.sender.send_replace(());
    }

    pub(super) fn subscribe(&self) -> Receiver<()> {
        self.sender.subscribe()
    }

    /// Adds this to a registry, unless it is there.
    pub(super) fn join(self: &Arc<Self>, registry: &Arc<Mutex<Waiting>>, verification: &VerificationRef) {
        let this = Arc::downgrade(self);
        let mut waiting = lock(registry);
        let of_this = waiting.entry(verification.clone()).or_default();
        if of_this.iter().any(|wake| wake.ptr_eq(&this)) {
            return;
        }
        of_this.push(this);
        drop(waiting);
        let entry = Entry { waiting: Arc::downgrade(registry), verification: verification.clone() };
        lock(&self.registries).push(entry);
    }
}

/// Removes an ended watch from its registries.
impl Drop for Wake {
    fn drop(&mut self) {
        for Entry { waiting, verification } in std::mem::take(&mut *lock(&self.registries)) {
            let Some(waiting) = waiting.upgrade() else { continue };
            let mut waiting = lock(&waiting);
            if let Some(of_this) = waiting.get_mut(&verification) {
                of_this.retain(|wake| wake.strong_count() > 0);
                if of_this.is_empty() {
                    waiting.remove(&verification);
                }
            }
            // Returns the memory of a peak.
            if waiting.len() < waiting.capacity() / 4 {
                waiting.shrink_to_fit();
            }
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
