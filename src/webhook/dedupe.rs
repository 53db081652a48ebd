//! Events that come twice are handled once.

use std::collections::{HashSet, VecDeque};
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use crate::webhook::EventKey;

/// Why a store could not tell.
pub type DedupeError = Box<dyn Error + Send + Sync>;

/// What a [`Dedupe`] returns; `Box::pin(async move { … })` makes one.
pub type DedupeFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, DedupeError>> + Send + 'a>>;

/// Remembers which events were taken, so that of several deliveries one is handled.
///
/// ```text
/// claim ─▶ false: answer 200, done
///   └────▶ true: handle ─▶ worked: answer 200
///                     └──▶ failed: release, answer 500, and the redelivery is handled
/// ```
///
/// With several instances of a service, put a shared store behind it: an insert that fails when the key is there, such as
/// `SET key 1 NX EX 259200` of Redis, or a unique index. Where losing an event to a crash between claim and handling
/// would matter, claim within the transaction that handles it.
///
/// ```
/// use cashfree_vkyc::webhook::{Dedupe, DedupeFuture, EventKey};
/// # struct Redis;
/// # impl Redis {
/// #     async fn set_if_absent(&self, _key: String, _seconds: u64) -> std::io::Result<bool> { Ok(true) }
/// #     async fn delete(&self, _key: String) -> std::io::Result<()> { Ok(()) }
/// # }
///
/// struct Shared(Redis); // your store's client
///
/// impl Dedupe for Shared {
///     fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, bool> {
///         Box::pin(async move { Ok(self.0.set_if_absent(format!("vkyc:{key}"), 3 * 24 * 3600).await?) })
///     }
///
///     fn release<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, ()> {
///         Box::pin(async move { Ok(self.0.delete(format!("vkyc:{key}")).await?) })
///     }
/// }
///
/// let shared: std::sync::Arc<dyn Dedupe> = std::sync::Arc::new(Shared(Redis));
/// ```
pub trait Dedupe: Send + Sync {
    /// Takes an event: `true` for the first who asks, `false` for everybody after.
    fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, bool>;

    /// Gives an event back that could not be handled, so that its redelivery is.
    fn release<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, ()>;
}

/// The events that one process took last, in memory that does not grow. A restart forgets them.
///
/// The default remembers 10,000.
pub struct MemoryDedupe {
    capacity: usize,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    keys: HashSet<EventKey>,
    order: VecDeque<EventKey>,
}

impl MemoryDedupe {
    /// Remembers the last `capacity` events, at about 100 bytes each; zero counts as one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), taken: Mutex::default() }
    }
}

impl Default for MemoryDedupe {
    fn default() -> Self {
        Self::new(10_000)
    }
}

impl Taken {
    fn claim(&mut self, key: EventKey, capacity: usize) -> bool {
        let is_first = self.keys.insert(key);
        if is_first {
            self.order.push_back(key);
            if self.order.len() > capacity
                && let Some(oldest) = self.order.pop_front()
            {
                self.keys.remove(&oldest);
            }
        }
        is_first
    }

    fn release(&mut self, key: &EventKey) {
        if self.keys.remove(key) {
            self.order.retain(|other| other != key);
        }
    }
}

impl Dedupe for MemoryDedupe {
    fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, bool> {
        Box::pin(
            async move { Ok(self.taken.lock().unwrap_or_else(PoisonError::into_inner).claim(*key, self.capacity)) },
        )
    }

    fn release<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, ()> {
        Box::pin(async move {
            self.taken.lock().unwrap_or_else(PoisonError::into_inner).release(key);
            Ok(())
        })
    }
}

impl fmt::Debug for MemoryDedupe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryDedupe").field("capacity", &self.capacity).finish_non_exhaustive()
    }
}
