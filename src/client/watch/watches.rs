//! Many watches and one endpoint: an event goes to the watches of its verification.
//!
//! ```text
//! webhook ─▶ Watches::feed ─▶ by each id of the event ─▶ Wake ─▶ the watch polls at once
//!                                  ▲                       │ the watch and all its futures are dropped
//!                                  └────── removed ◀───────┘
//! ```

use std::borrow::Borrow;
use std::fmt;
use std::sync::{Arc, Mutex, Weak};

use super::Watch;
use super::wake::{Waiting, Wake, lock};
use crate::model::{ReferenceId, VerificationId, VerificationRef};
use crate::webhook::Event;

/// Feeds an event to the right watch among many. Clones share them.
///
/// Add a watch before you wait for it. It is removed when it has ended: when the watch and everything made from it (futures,
/// streams, clones) is dropped.
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

impl Watches {
    /// An empty registry.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a watch and returns it. Adding it or a clone of it again changes nothing.
    pub fn add(&self, watch: Watch) -> Watch {
        watch.wake.join(&self.0, &watch.verification);
        watch
    }

    /// Makes the watches of a verified event's verification, by either id, poll at once. Returns how many those are. See
    /// [`Watch::feed`].
    pub fn feed(&self, event: impl Borrow<Event>) -> usize {
        let data = &event.borrow().data;
        let ours = data.verification_id.as_ref().and_then(|id| VerificationId::new(id).ok()).map(VerificationRef::from);
        let theirs = data.reference_id.map(|id| ReferenceId(id).into());
        let waiting = lock(&self.0);
        let of_this = [ours, theirs].into_iter().flatten().filter_map(|id| waiting.get(&id)).flatten();
        // The last reference to a watch may be dropped here, which removes it: not under the lock.
        let wakes: Vec<Arc<Wake>> = of_this.filter_map(Weak::upgrade).collect();
        drop(waiting);
        wakes.iter().for_each(|wake| wake.wake());
        wakes.len()
    }

    /// The number of watches that have not ended.
    #[must_use]
    pub fn len(&self) -> usize {
        lock(&self.0).values().map(Vec::len).sum()
    }

    /// Whether every watch has ended.
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
