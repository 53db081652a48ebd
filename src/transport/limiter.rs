//! The trait for shared rate limits, and its types.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// The priority of requests for slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Priority {
    /// Calls, for which a caller waits. They get slots first.
    Foreground,
    /// Watches and bulk calls, which use the capacity that calls leave.
    Background,
}

/// The result of [`RateLimiter::take`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    /// The number of slots taken, to be used now.
    pub taken: u32,
    /// The time until the next slot may be free. Zero if one may be free now.
    pub retry_after: Duration,
}

/// The future of [`RateLimiter::take`]. Create one with `Box::pin(async move { … })`.
pub type TakeSlots<'a> = Pin<Box<dyn Future<Output = Slots> + Send + 'a>>;

/// Grants slots, in which requests may be sent, to everyone who shares it.
///
/// [`RateLimit::per_minute`](crate::RateLimit::per_minute) limits one process. Processes that share the limit of an account need
/// a shared store behind this trait. The crate `cashfree-vkyc-redis` has one on Redis or Valkey. The crate
/// `cashfree-vkyc-conformance` tests a store of your own.
///
/// Calls wait in a queue of the client. Only the queue asks the limiter, so the number of questions depends on the limit, not on
/// the number of waiting calls.
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
    /// Takes at most this many slots that are free now, or none. It may wait for the store, but never for a slot.
    ///
    /// While a [`Foreground`](Priority::Foreground) request of any process waits for a slot, a
    /// [`Background`](Priority::Background) request should get none. The future is dropped after 5 seconds.
    fn take<'a>(&'a self, most: u32, priority: Priority) -> TakeSlots<'a>;

    /// Returns the number of requests a minute, if it is known. A call that would wait beyond its deadline then fails at once.
    fn per_minute(&self) -> Option<u32> {
        None
    }
}
