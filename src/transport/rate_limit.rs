//! A limit on the requests of a client, on our side of the wire: how users set one, the limit of one process, and the trait
//! behind which a limit can be shared.
//!
//! Cashfree counts per account and minute and answers 429 beyond. A client that keeps below the limit waits its turn
//! instead; the wait counts towards the call's deadline. `admission.rs` decides who gets which slot.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::ConfigError;
use crate::model::constants;

/// How many requests a minute a client sends at the most, all its clones together. Off unless it is set.
///
/// The limit holds for every minute, wherever it starts: a tenth of it may go out in one burst, the rest is spread evenly.
/// Each attempt of a call takes one slot, counted when its turn comes. What has had its turn and waits for a busy connection is sent
/// later, and perhaps with others: leave [`ClientBuilder::max_connections`](crate::ClientBuilder::max_connections) well above what
/// the limit lets out while one answer comes.
///
/// ```
/// use cashfree_vkyc::RateLimit;
///
/// assert_eq!(RateLimit::STANDARD_PER_MINUTE, 100);
/// ```
#[derive(Clone)]
pub struct RateLimit(Kind);

#[derive(Clone)]
enum Kind {
    PerMinute(u32),
    Shared(Arc<dyn RateLimiter>),
}

impl RateLimit {
    /// The documented standard of an account, 100 a minute. Whether it holds for the status of a Video KYC is not stated.
    pub const STANDARD: Self = Self::per_minute(Self::STANDARD_PER_MINUTE);

    /// The number of [`STANDARD`](Self::STANDARD).
    pub const STANDARD_PER_MINUTE: u32 = constants::REQUESTS_PER_MINUTE_VKYC_GET_STATUS;

    /// At most this many requests a minute. Zero is refused when the client is built.
    #[must_use]
    pub const fn per_minute(requests: u32) -> Self {
        Self(Kind::PerMinute(requests))
    }

    /// A limit that others share: the clients of several tenants of one account, or the instances of a service by a store of
    /// their own. See [`RateLimiter`].
    #[must_use]
    pub fn shared(limiter: Arc<dyn RateLimiter>) -> Self {
        Self(Kind::Shared(limiter))
    }

    /// Returns the limiter itself: to wrap it in your own [`RateLimiter`], or to test it.
    ///
    /// # Errors
    /// When the limit is zero.
    pub fn into_limiter(self) -> Result<Arc<dyn RateLimiter>, ConfigError> {
        match self.0 {
            Kind::PerMinute(0) => Err(ConfigError::Zero { what: "rate_limit" }),
            Kind::PerMinute(requests) => Ok(Arc::new(Gcra::new(requests))),
            Kind::Shared(limiter) => Ok(limiter),
        }
    }
}

/// Two are equal when they name the same number, or are the same shared limiter.
impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::PerMinute(requests) => write!(f, "RateLimit({requests} a minute)"),
            Kind::Shared(_) => f.write_str("RateLimit(shared)"),
        }
    }
}

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

const MINUTE: Duration = Duration::from_secs(60);

/// The limit of one process, by the generic cell rate algorithm: so many slots in any minute, a tenth of them ahead of time.
pub(super) struct Gcra {
    per_minute: u32,
    /// Between two slots.
    interval: Duration,
    /// How much earlier than evenly spread a slot may be: the burst.
    ahead: Duration,
    start: Instant,
    /// When the next slot would be due, were they spread evenly; counted from `start`.
    next: Mutex<Next>,
}

#[derive(Clone, Copy)]
struct Next {
    due: Duration,
    /// What `due` was before the last reservation.
    before: Duration,
    /// Counts reservations.
    reservation_id: u64,
}

impl Gcra {
    pub(super) fn new(per_minute: u32) -> Self {
        let burst = (per_minute / 10).max(1);
        // In any minute: the burst, and what was refilled meanwhile.
        let interval = MINUTE / per_minute.saturating_sub(burst).max(1);
        let next = Mutex::new(Next { due: Duration::ZERO, before: Duration::ZERO, reservation_id: 0 });
        Self { per_minute, interval, ahead: interval * (burst - 1), start: Instant::now(), next }
    }

    fn reserve_now(&self, within: Duration) -> Result<Slot, Exhausted> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.start.elapsed();
        let free = next.due.saturating_sub(self.ahead).max(now);
        let wait = free - now;
        if wait > within {
            return Err(Exhausted { retry_after: wait });
        }
        *next =
            Next { due: next.due.max(free) + self.interval, before: next.due, reservation_id: next.reservation_id + 1 };
        Ok(Slot::after(wait).with_reservation_id(next.reservation_id))
    }
}

impl RateLimiter for Gcra {
    fn reserve<'a>(&'a self, within: Duration) -> ReserveSlot<'a> {
        Box::pin(std::future::ready(self.reserve_now(within)))
    }

    /// Only the newest: of an older one, others already wait for what comes after it.
    fn give_back(&self, slot: Slot) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.reservation_id == slot.reservation_id() {
            next.due = next.before;
        }
    }

    fn per_minute(&self) -> Option<u32> {
        Some(self.per_minute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_is_refused() {
        assert!(matches!(RateLimit::per_minute(0).into_limiter(), Err(ConfigError::Zero { what: "rate_limit" })));
    }
}
