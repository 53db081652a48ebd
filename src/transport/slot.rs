//! Slots in which requests may be sent, and who hands them out: the seam behind which a limit can be shared.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// What [`RateLimiter::reserve`] returns; `Box::pin(async move { … })` makes one.
pub type ReserveSlot<'a> = Pin<Box<dyn Future<Output = Result<Slot, Exhausted>> + Send + 'a>>;

/// Hands out the slots in which requests may be sent, to all who share it.
///
/// The limit of [`RateLimit::per_minute`](crate::RateLimit::per_minute) holds within one process. Several processes that share an account's limit put
/// something behind this trait that they all reach: the crate `cashfree-vkyc-redis` has it on Redis or Valkey. For a store of your own,
/// the crate `cashfree-vkyc-conformance` tests it.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use cashfree_vkyc::{Exhausted, RateLimit, RateLimiter, ReserveSlot, Slot};
///
/// struct Shared; // the client of your store
/// # impl Shared {
/// #     async fn next_free(&self) -> Duration { Duration::ZERO }
/// #     async fn reserve_next(&self) {}
/// # }
///
/// impl RateLimiter for Shared {
///     fn reserve<'a>(&'a self, within: Duration) -> ReserveSlot<'a> {
///         Box::pin(async move {
///             let wait = self.next_free().await; // in one step with the next, in a real store
///             if wait > within {
///                 return Err(Exhausted { retry_after: wait });
///             }
///             self.reserve_next().await;
///             Ok(Slot::after(wait))
///         })
///     }
/// }
///
/// let limit = RateLimit::shared(Arc::new(Shared));
/// ```
pub trait RateLimiter: Send + Sync {
    /// Reserves the next slot, if it is due within this long, and tells how long to wait for it. Nothing may be held while
    /// that wait lasts, and slots go to those who ask in the order in which they ask. When there is none in time, none is
    /// taken. A limiter whose store is away decides by itself what that means.
    fn reserve<'a>(&'a self, within: Duration) -> ReserveSlot<'a>;

    /// Takes back a slot that was not used, as far as that is simple.
    fn give_back(&self, slot: Slot) {
        let _ = slot;
    }

    /// How many slots there are a minute, where that is known: watches stretch their intervals by it.
    fn per_minute(&self) -> Option<u32> {
        None
    }
}

/// A slot that was reserved: when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    wait: Duration,
    reservation_id: u64,
}

impl Slot {
    /// A slot that is due after this long.
    #[must_use]
    pub const fn after(wait: Duration) -> Self {
        Self { wait, reservation_id: 0 }
    }

    /// The same with a reservation_id, by which a limiter knows it again in [`RateLimiter::give_back`].
    #[must_use]
    pub const fn with_reservation_id(mut self, reservation_id: u64) -> Self {
        self.reservation_id = reservation_id;
        self
    }

    /// How long to wait for it, from when it was reserved.
    #[must_use]
    pub const fn wait(&self) -> Duration {
        self.wait
    }

    /// What [`Self::with_reservation_id`] set.
    #[must_use]
    pub const fn reservation_id(&self) -> u64 {
        self.reservation_id
    }
}

/// There is no slot in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted {
    /// When to ask again.
    pub retry_after: Duration,
}
