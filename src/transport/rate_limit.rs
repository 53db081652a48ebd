//! A limit on the requests of a client, on our side of the wire: how users set one, and what stands behind it.
//!
//! Cashfree counts per account and minute and answers 429 beyond. A client that keeps below the limit waits its turn
//! instead; the wait counts towards the call's deadline. `admission.rs` decides who gets which slot.

use std::fmt;
use std::sync::Arc;

use super::config_error::ConfigError;
use super::gcra::Gcra;
use super::slot::RateLimiter;
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
/// assert_eq!(RateLimit::STANDARD, RateLimit::per_minute(100));
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
impl PartialEq for RateLimit {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Kind::PerMinute(a), Kind::PerMinute(b)) => a == b,
            (Kind::Shared(a), Kind::Shared(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Eq for RateLimit {}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::PerMinute(requests) => write!(f, "RateLimit({requests} a minute)"),
            Kind::Shared(_) => f.write_str("RateLimit(shared)"),
        }
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
