//! The client's own rate limit: its configuration, and the limit of one process.
//!
//! Cashfree counts requests per account and minute, and responds with 429 beyond the limit. A client with a limit waits instead,
//! and the wait counts towards the call's deadline. `queue.rs` decides which call gets the next slot.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::Instant;

use super::ConfigError;
use super::admission::SlotQueue;
use super::gcra::Gcra;
use super::limiter::{Priority, RateLimiter, TakeSlots};
use crate::model::constants;

/// Limits the requests that a client and all its clones send. Off by default.
///
/// The limit holds for every minute, wherever it starts: a tenth of it may be sent in one burst, the rest is spread evenly. Each
/// attempt of a call takes one slot. An attempt that has its slot but waits for a busy connection is sent later, perhaps together
/// with others: keep [`ClientBuilder::max_connections`](crate::ClientBuilder::max_connections) well above the number of requests
/// that the limit allows during one response.
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
    Shared(SlotQueue),
}

impl RateLimit {
    /// The documented standard of an account, 100 a minute. Cashfree does not document whether it applies to the status of a
    /// Video KYC.
    pub const STANDARD: Self = Self::per_minute(Self::STANDARD_PER_MINUTE);

    /// The number of [`STANDARD`](Self::STANDARD).
    pub const STANDARD_PER_MINUTE: u32 = constants::REQUESTS_PER_MINUTE_VKYC_GET_STATUS;

    /// At most this many requests a minute. Building a client with zero fails.
    #[must_use]
    pub const fn per_minute(requests: u32) -> Self {
        Self(Kind::PerMinute(requests))
    }

    /// A shared limit: for the clients of several tenants of one account, or with a shared store for the instances of a service.
    /// See [`RateLimiter`]. Clients with a clone of it wait in one queue.
    #[must_use]
    pub fn shared(limiter: Arc<dyn RateLimiter>) -> Self {
        Self(Kind::Shared(SlotQueue::new(limiter)))
    }

    /// Returns the limiter itself: to wrap it in your own [`RateLimiter`], or to test it.
    ///
    /// # Errors
    /// If the limit is zero.
    pub fn into_limiter(self) -> Result<Arc<dyn RateLimiter>, ConfigError> {
        match self.0 {
            Kind::PerMinute(0) => Err(ConfigError::Zero { what: "rate_limit" }),
            Kind::PerMinute(requests) => Ok(Arc::new(Local::new(requests))),
            Kind::Shared(queue) => Ok(Arc::clone(queue.limiter())),
        }
    }

    /// Returns the queue of the calls that wait for it: a new one, unless the limit is shared.
    pub(super) fn queue(self) -> Result<SlotQueue, ConfigError> {
        match self.0 {
            Kind::Shared(queue) => Ok(queue),
            Kind::PerMinute(_) => self.into_limiter().map(SlotQueue::new),
        }
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::PerMinute(requests) => write!(f, "RateLimit({requests} a minute)"),
            Kind::Shared(_) => f.write_str("RateLimit(shared)"),
        }
    }
}

/// The limit of one process.
struct Local {
    per_minute: u32,
    start: Instant,
    gcra: Mutex<Gcra>,
}

impl Local {
    fn new(per_minute: u32) -> Self {
        Self { per_minute, start: Instant::now(), gcra: Mutex::new(Gcra::new(per_minute)) }
    }
}

impl RateLimiter for Local {
    fn take<'a>(&'a self, most: u32, priority: Priority) -> TakeSlots<'a> {
        let mut gcra = self.gcra.lock().unwrap_or_else(PoisonError::into_inner);
        Box::pin(std::future::ready(gcra.take(self.start.elapsed(), most, priority)))
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

    #[test]
    fn a_limit_is_known_where_it_was_given() {
        struct Unknown;
        impl RateLimiter for Unknown {
            fn take<'a>(&'a self, _: u32, _: Priority) -> TakeSlots<'a> {
                Box::pin(std::future::pending())
            }
        }
        let (ours, theirs) = (RateLimit::per_minute(7), RateLimit::shared(Arc::new(Unknown)));
        assert_eq!(format!("{ours:?} {theirs:?}"), "RateLimit(7 a minute) RateLimit(shared)");
        assert_eq!((Local::new(7).per_minute(), Unknown.per_minute()), (Some(7), None));
    }
}
