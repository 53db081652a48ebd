//! Many watches and one endpoint: an event goes to those that wait for its verification.
//!
//! ```text
//! webhook ─▶ Watches::feed ─▶ by each id of the event ─▶ Wake ─▶ whoever waits polls at once
//!                                  ▲                       │ the last of watch and futures is gone
//!                                  └───── taken out ◀──────┘
//! ```

use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::watch::{Receiver, Sender};

use super::Watch;
use crate::model::{ReferenceId, VerificationId, VerificationRef};
use crate::webhook::Event;

/// Feeds an event to the right watch among many. Clones share them.
///
/// Add a watch before you wait for it; it leaves by itself when it has ended, which is when the watch and all that was made of
/// it (futures, streams, clones) is gone.
///
/// ```
/// # use cashfree_vkyc::{EventType, Status, VideoKyc, sandbox::Sandbox};
/// use std::time::Duration;
/// use cashfree_vkyc::{Client, ReferenceId, Watches, webhook::Event};
///
/// /// Where your service waits: in a task for each verification.
/// async fn wait(client: Client, watches: Watches, id: i64) {
///     let watch = watches.add(client.watch(ReferenceId(id)).max_wait(Duration::from_secs(3600)));
///     match watch.until_closed().await {
///         Ok(vkyc) => println!("{} / {}", vkyc.status, vkyc.sub_status),
///         Err(error) => println!("{error}"),
///     }
/// }
///
/// /// Where your service gets webhooks: with axum, `State(watches): State<Watches>` and `VerifiedEvent(event): VerifiedEvent`.
/// async fn receive(watches: Watches, event: Event) {
///     watches.feed(&event);
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # let mut vkyc = Sandbox::published_sample();
/// # sandbox.put(vkyc.clone());
/// let watches = Watches::new();
/// let waiting = tokio::spawn(wait(sandbox.client()?, watches.clone(), 1358));
/// # tokio::time::sleep(Duration::from_millis(100)).await;
/// # (vkyc.status, vkyc.sub_status) = (Status::Expired, "VKYC_EXPIRED".into());
/// # sandbox.put(vkyc.clone());
/// # let event = Event::new(EventType::VkycUserLinkExpired, "2025-05-22T03:51:14Z".into(), vkyc);
/// receive(watches.clone(), event).await;
/// waiting.await?;
/// assert!(watches.is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Watches(Arc<Mutex<Waiting>>);

type Waiting = HashMap<VerificationRef, Vec<Weak<Wake>>>;

impl Watches {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a watch, and gives it back. Adding it or a clone of it again changes nothing.
    pub fn add(&self, watch: Watch) -> Watch {
        let added = Arc::downgrade(&watch.wake);
        let mut waiting = lock(&self.0);
        let of_this = waiting.entry(watch.verification.clone()).or_default();
        let is_there = of_this.iter().any(|wake| wake.ptr_eq(&added));
        if !is_there {
            of_this.push(added);
        }
        drop(waiting);
        if !is_there {
            let hub = Hub { waiting: Arc::downgrade(&self.0), verification: watch.verification.clone() };
            lock(&watch.wake.hubs).push(hub);
        }
        watch
    }

    /// Takes note of a verified webhook: whoever waits for its verification, by either id, polls at once. See [`Watch::feed`].
    /// Gives how many watches those are.
    pub fn feed(&self, event: impl Borrow<Event>) -> usize {
        let data = &event.borrow().data;
        let ours = data.verification_id.as_ref().and_then(|id| VerificationId::new(id).ok()).map(VerificationRef::from);
        let theirs = data.reference_id.map(|id| ReferenceId(id).into());
        let waiting = lock(&self.0);
        let of_this = [ours, theirs].into_iter().flatten().filter_map(|id| waiting.get(&id)).flatten();
        // The last one of a watch may be dropped here, which takes it out: so not under the lock.
        let wakes: Vec<Arc<Wake>> = of_this.filter_map(Weak::upgrade).collect();
        drop(waiting);
        wakes.iter().for_each(|wake| wake.wake());
        wakes.len()
    }

    /// How many watches there are that have not ended.
    #[must_use]
    pub fn len(&self) -> usize {
        lock(&self.0).values().map(Vec::len).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        lock(&self.0).is_empty()
    }
}

impl fmt::Debug for Watches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watches").field("len", &self.len()).finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wakes all that wait by one watch, its clones, futures and streams; they share it.
#[derive(Default)]
pub(super) struct Wake {
    sender: Sender<()>,
    hubs: Mutex<Vec<Hub>>,
}

/// Where a watch was added.
struct Hub {
    waiting: Weak<Mutex<Waiting>>,
    verification: VerificationRef,
}

impl Wake {
    /// Whoever waits polls.
    pub(super) fn wake(&self) {
        self.sender.send_replace(());
    }

    pub(super) fn subscribe(&self) -> Receiver<()> {
        self.sender.subscribe()
    }
}

/// The watch has ended: its hubs forget it.
impl Drop for Wake {
    fn drop(&mut self) {
        let hubs = std::mem::take(self.hubs.get_mut().unwrap_or_else(PoisonError::into_inner));
        for Hub { waiting, verification } in hubs {
            let Some(waiting) = waiting.upgrade() else { continue };
            let mut waiting = lock(&waiting);
            if let Some(of_this) = waiting.get_mut(&verification) {
                of_this.retain(|wake| wake.strong_count() > 0);
                if of_this.is_empty() {
                    waiting.remove(&verification);
                }
            }
            // What a crowd took is given back.
            if waiting.len() < waiting.capacity() / 4 {
                waiting.shrink_to_fit();
            }
        }
    }
}
