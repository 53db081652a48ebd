//! Events that come twice are handled once, and none is lost to a handler that fails.

use std::collections::{HashMap, VecDeque};
use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::event::EventKey;

/// Why a store could not tell.
pub type DedupeError = Box<dyn Error + Send + Sync>;

/// What a [`Dedupe`] returns; `Box::pin(async move { … })` makes one.
pub type DedupeFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, DedupeError>> + Send + 'a>>;

/// What came of [`Dedupe::claim`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// Nobody has it: handle the event, then say so with [`Dedupe::done`], or give it back with [`Dedupe::release`].
    Mine,
    /// Somebody is handling it. Answer 503, so that Cashfree sends it again should that fail.
    Busy,
    /// It was handled. Answer 200.
    Done,
}

/// Remembers which events were handled, so that of several deliveries one is.
///
/// ```text
/// claim ─▶ Done: answer 200
///   ├────▶ Busy: answer 503
///   └────▶ Mine: handle ─▶ worked: done, answer 200
///                     └──▶ failed: release, answer 500, and the redelivery is handled
/// ```
///
/// A claim is a lease: one that is neither done nor released, since its handler was cancelled or its process ended, lapses
/// after a while, and the redelivery is handled. So an event is handled at least once; where twice would do harm, write what
/// it causes and that it is done in one transaction.
///
/// With several instances of a service, put a shared store behind it:
///
/// ```
/// use cashfree_vkyc::webhook::{Claim, Dedupe, DedupeFuture, EventKey};
/// # struct Redis;
/// # impl Redis {
/// #     async fn set_if_absent(&self, _: &EventKey, _: &str, _: u64) -> std::io::Result<bool> { Ok(true) }
/// #     async fn set(&self, _: &EventKey, _: &str, _: u64) -> std::io::Result<()> { Ok(()) }
/// #     async fn get(&self, _: &EventKey) -> std::io::Result<Option<String>> { Ok(None) }
/// #     async fn delete(&self, _: &EventKey) -> std::io::Result<()> { Ok(()) }
/// # }
///
/// struct Shared(Redis); // the client of your store
///
/// impl Dedupe for Shared {
///     fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, Claim> {
///         Box::pin(async move {
///             if self.0.set_if_absent(key, "busy", 60).await? {
///                 return Ok(Claim::Mine);
///             }
///             let done = self.0.get(key).await?.is_some_and(|state| state == "done");
///             Ok(if done { Claim::Done } else { Claim::Busy })
///         })
///     }
///
///     fn done<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, ()> {
///         Box::pin(async move { Ok(self.0.set(key, "done", 3 * 24 * 3600).await?) })
///     }
///
///     fn release<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, ()> {
///         Box::pin(async move { Ok(self.0.delete(key).await?) })
///     }
/// }
///
/// let shared: std::sync::Arc<dyn Dedupe> = std::sync::Arc::new(Shared(Redis));
/// ```
pub trait Dedupe: Send + Sync {
    /// Asks for an event: of all who ask at once, one gets [`Claim::Mine`].
    fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, Claim>;

    /// Says that an event was handled.
    fn done<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, ()>;

    /// Gives an event back that could not be handled, so that its redelivery is.
    fn release<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, ()>;
}

macro_rules! pointer {
    ($($pointer:ty),*) => {$(
        impl<T: Dedupe + ?Sized> Dedupe for $pointer {
            fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, Claim> {
                (**self).claim(key)
            }

            fn done<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, ()> {
                (**self).done(key)
            }

            fn release<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, ()> {
                (**self).release(key)
            }
        }
    )*};
}
pointer!(&T, Box<T>, Arc<T>);

/// The events that one process had last, in memory that does not grow. A restart forgets them.
///
/// The default remembers 10,000, and a claim lapses after a minute.
pub struct MemoryDedupe {
    capacity: usize,
    lease: Duration,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    states: HashMap<EventKey, State>,
    order: VecDeque<EventKey>,
}

#[derive(Clone, Copy)]
enum State {
    Busy { since: Instant },
    Done,
}

impl MemoryDedupe {
    /// Remembers the last `capacity` events, at about 150 bytes each; zero counts as one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), lease: Duration::from_secs(60), taken: Mutex::default() }
    }

    /// How long a handler may take: a claim that is older, and neither done nor released, lapses. The default is a minute.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Works on what is known, which no panic of ours can leave half done.
    fn with<T>(&self, work: impl FnOnce(&mut Taken) -> T) -> Result<T, DedupeError> {
        Ok(work(&mut self.taken.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

impl Default for MemoryDedupe {
    fn default() -> Self {
        Self::new(10_000)
    }
}

impl Taken {
    fn claim(&mut self, key: EventKey, lease: Duration, capacity: usize) -> Claim {
        match self.states.get(&key) {
            Some(State::Done) => Claim::Done,
            Some(State::Busy { since }) if since.elapsed() < lease => Claim::Busy,
            _ => {
                self.set(key, State::Busy { since: Instant::now() }, capacity);
                Claim::Mine
            }
        }
    }

    /// Sets a state, and forgets the oldest where there are too many.
    fn set(&mut self, key: EventKey, state: State, capacity: usize) {
        if self.states.insert(key, state).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.states.remove(&oldest);
        }
    }

    fn release(&mut self, key: &EventKey) {
        if self.states.remove(key).is_some() {
            self.order.retain(|other| other != key);
        }
    }
}

impl Dedupe for MemoryDedupe {
    fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, Claim> {
        Box::pin(async move { self.with(|taken| taken.claim(*key, self.lease, self.capacity)) })
    }

    fn done<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, ()> {
        Box::pin(async move { self.with(|taken| taken.set(*key, State::Done, self.capacity)) })
    }

    fn release<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, ()> {
        Box::pin(async move { self.with(|taken| taken.release(key)) })
    }
}

impl fmt::Debug for MemoryDedupe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryDedupe")
            .field("capacity", &self.capacity)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}
