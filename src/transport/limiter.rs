//! The trait behind which a limit is shared, and its vocabulary.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// The requests that get a slot first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Priority {
    /// Calls, for which a caller waits.
    Foreground,
    /// Watches and bulk calls, which use the capacity that calls leave.
    Background,
}

/// The answer of a limiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    /// The number of slots that were taken, to be used now.
    pub taken: u32,
    /// How long until the next slot may be free. Zero if it may be now.
    pub retry_after: Duration,
}

/// The future of [`RateLimiter::take`]. `Box::pin(async move { … })` makes one.
pub type TakeSlots<'a> = Pin<Box<dyn Future<Output = Slots> + Send + 'a>>;

/// Hands out the slots in which requests may be sent, to all who share it.
///
/// [`RateLimit::per_minute`](crate::RateLimit::per_minute) holds within one process. Processes that share the limit of an account put a
/// store behind this trait. The crate `cashfree-vkyc-redis` has it on Redis or Valkey; for a store of your own, the crate
/// `cashfree-vkyc-conformance` tests it.
///
/// Calls wait in a queue of the client. Only the queue asks the limiter, so the number of questions depends on the limit, and not on the
/// number of waiting calls.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use cashfree_vkyc::{Priority, RateLimit, RateLimiter, Slots, TakeSlots};
///
/// struct Shared; // the client of your store
/// # impl Shared {
/// #     async fn take(&self, most: u32, _: Priority) -> (u32, Duration) { (most, Duration::ZERO) }
/// # }
///
/// impl RateLimiter for Shared {
///     fn take<'a>(&'a self, most: u32, priority: Priority) -> TakeSlots<'a> {
///         Box::pin(async move {
///             let (taken, retry_after) = self.take(most, priority).await; // in one atomic step of the store
///             Slots { taken, retry_after }
///         })
///     }
/// }
///
/// let limit = RateLimit::shared(Arc::new(Shared));
/// ```
pub trait RateLimiter: Send + Sync {
    /// Takes at most this many slots that are free now; none if none is free. It waits for the store, and never for a slot.
    ///
    /// While a [`Foreground`](Priority::Foreground) request waits for a slot, anywhere, a [`Background`](Priority::Background) request
    /// should get none. An answer that takes longer than 5 seconds is dropped.
    fn take<'a>(&'a self, most: u32, priority: Priority) -> TakeSlots<'a>;

    /// The number of requests a minute, if it is known. A call that would wait beyond its deadline then fails at once.
    fn per_minute(&self) -> Option<u32> {
        None
    }
}
