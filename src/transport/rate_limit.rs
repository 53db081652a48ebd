//! A limit on the requests of a client, on our side of the wire.
//!
//! Cashfree counts per account and minute and answers 429 beyond. A client that keeps below the limit waits its turn
//! instead; the wait counts towards the call's deadline. Callers are served in the order in which they came.

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::ConfigError;
use crate::generated::types::facts;

const MINUTE: Duration = Duration::from_secs(60);

/// How many requests a minute a client sends at the most, all its clones together. Off unless it is set.
///
/// The limit holds for every minute, wherever it starts: a tenth of it may go out in one burst, the rest is spread evenly.
/// Each attempt of a call takes one slot, counted when it is sent off; a slow connection may let some arrive later together.
///
/// ```
/// use cashfree_vkyc::RateLimit;
///
/// assert_eq!(RateLimit::STANDARD, RateLimit::per_minute(100));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RateLimit {
    per_minute: u32,
}

impl RateLimit {
    /// The documented standard of an account, 100 a minute. Whether it holds for the status of a Video KYC is not stated.
    pub const STANDARD: Self = Self::per_minute(facts::REQUESTS_PER_MINUTE_VKYC_GET_STATUS);

    /// At most this many requests a minute. Zero is refused when the client is built.
    #[must_use]
    pub const fn per_minute(requests: u32) -> Self {
        Self { per_minute: requests }
    }

    pub(crate) fn limiter(self) -> Result<Limiter, ConfigError> {
        let burst = NonZeroU32::new((self.per_minute / 10).max(1)).ok_or(ConfigError::Zero { what: "rate_limit" })?;
        // In any minute: the burst, and what was refilled meanwhile.
        let refilled = self.per_minute.saturating_sub(burst.get()).max(1);
        match (self.per_minute, Quota::with_period(MINUTE / refilled)) {
            (1.., Some(quota)) => {
                let clock = TokioClock(Instant::now());
                let slots = RateLimiter::direct_with_clock(quota.allow_burst(burst), clock.clone());
                Ok(Limiter { slots, clock, turn: Mutex::new(()) })
            }
            _ => Err(ConfigError::Zero { what: "rate_limit" }),
        }
    }
}

/// The limit at work, shared by all clones of a client.
pub(crate) struct Limiter {
    slots: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>,
    clock: TokioClock,
    turn: Mutex<()>,
}

impl Limiter {
    /// Waits for a slot. `Err` when none comes free before the deadline; then nothing was taken.
    pub(crate) async fn acquire(&self, deadline: Instant) -> Result<(), ()> {
        let _turn = tokio::time::timeout_at(deadline, self.turn.lock()).await.map_err(|_| ())?;
        while let Err(busy) = self.slots.check() {
            let free = Instant::now() + busy.wait_time_from(self.clock.now());
            if free >= deadline {
                return Err(());
            }
            tokio::time::sleep_until(free).await;
        }
        Ok(())
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").finish_non_exhaustive()
    }
}

/// tokio's clock for governor, so that paused time pauses the limit too. Time is counted from the value.
#[derive(Clone)]
struct TokioClock(Instant);

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_has_more_than_the_limit_and_little_is_wasted() {
        for limit in [1, 2, 7, 10, 100, 1000] {
            let limiter = RateLimit::per_minute(limit).limiter().unwrap();
            let start = Instant::now();
            let mut times = Vec::new();
            for _ in 0..limit * 3 {
                limiter.acquire(soon()).await.unwrap();
                times.push(start.elapsed());
            }
            let limit = usize::try_from(limit).unwrap();
            for window in times.windows(limit + 1) {
                assert!(window[limit] - window[0] >= MINUTE - Duration::from_millis(5), "{limit}: {window:?}");
            }
            // A tiny limit pays most for its guarantee: of two slots, one is the burst.
            assert!(start.elapsed() <= Duration::from_secs(300), "{limit}: {:?}", start.elapsed());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slot_after_the_deadline_is_refused_at_once_and_not_taken() {
        let limiter = RateLimit::per_minute(1).limiter().unwrap();
        limiter.acquire(soon()).await.unwrap();
        let start = Instant::now();
        assert_eq!(limiter.acquire(start + Duration::from_secs(30)).await, Err(()));
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert_eq!(limiter.acquire(start + Duration::from_secs(61)).await, Ok(()));
        assert!(start.elapsed() >= Duration::from_secs(59));
    }

    #[test]
    fn zero_is_refused() {
        assert!(matches!(RateLimit::per_minute(0).limiter(), Err(ConfigError::Zero { what: "rate_limit" })));
    }
}
