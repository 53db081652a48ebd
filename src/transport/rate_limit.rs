//! A limit on the requests of a client, on our side of the wire.
//!
//! Cashfree counts per account and minute and answers 429 beyond. A client that keeps below the limit waits its turn
//! instead; the wait counts towards the call's deadline.
//!
//! ```text
//! a call  ─▶ reserve(until its deadline) ─▶ Slot: wait that long, then send     in order of arrival
//! a poll  ─▶ reserve(now)                ─▶ Slot: send
//!                 ▲                      └▶ NoSlot: wait, holding nothing ──┐
//!                 └─────────────────────────────────────────────────────────┘
//! ```
//!
//! A slot is reserved in an instant and waited for without holding anything, so nobody's wait depends on whether somebody
//! else's future is polled. Calls reserve ahead; polls take only what is free now, and so never stand before a call.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::config_error::ConfigError;
use crate::model::constants;

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
#[derive(Clone)]
pub struct RateLimit(Kind);

#[derive(Clone)]
enum Kind {
    PerMinute(u32),
    Shared(Arc<dyn RateLimiter>),
}

impl RateLimit {
    /// The documented standard of an account, 100 a minute. Whether it holds for the status of a Video KYC is not stated.
    pub const STANDARD: Self = Self::per_minute(constants::REQUESTS_PER_MINUTE_VKYC_GET_STATUS);

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

    pub(crate) fn limiter(self) -> Result<Arc<dyn RateLimiter>, ConfigError> {
        match self.0 {
            Kind::PerMinute(0) => Err(ConfigError::Zero { what: "rate_limit" }),
            Kind::PerMinute(requests) => Ok(Arc::new(Buckets::new(requests))),
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

/// What [`RateLimiter::reserve`] returns; `Box::pin(async move { … })` makes one.
pub type ReserveSlot<'a> = Pin<Box<dyn Future<Output = Result<Slot, NoSlot>> + Send + 'a>>;

/// Hands out the slots in which requests may be sent, to all who share it.
///
/// The limit of [`RateLimit::per_minute`] holds within one process. Several processes that share an account's limit put
/// something behind this trait that they all reach:
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use cashfree_vkyc::{NoSlot, RateLimit, RateLimiter, ReserveSlot, Slot};
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
///                 return Err(NoSlot { free_in: wait });
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
    mark: u64,
}

impl Slot {
    /// A slot that is due after this long.
    #[must_use]
    pub const fn after(wait: Duration) -> Self {
        Self { wait, mark: 0 }
    }

    /// The same with a mark, by which a limiter knows it again in [`RateLimiter::give_back`].
    #[must_use]
    pub const fn with_mark(mut self, mark: u64) -> Self {
        self.mark = mark;
        self
    }

    /// How long to wait for it, from when it was reserved.
    #[must_use]
    pub const fn wait(&self) -> Duration {
        self.wait
    }

    /// What [`Self::with_mark`] set.
    #[must_use]
    pub const fn mark(&self) -> u64 {
        self.mark
    }
}

/// There is no slot in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSlot {
    /// When to ask again.
    pub free_in: Duration,
}

/// The limit of one process, by the generic cell rate algorithm: one time stands for all that was handed out.
struct Buckets {
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
    mark: u64,
}

impl Buckets {
    fn new(per_minute: u32) -> Self {
        let burst = (per_minute / 10).max(1);
        // In any minute: the burst, and what was refilled meanwhile.
        let interval = MINUTE / per_minute.saturating_sub(burst).max(1);
        let next = Mutex::new(Next { due: Duration::ZERO, before: Duration::ZERO, mark: 0 });
        Self { per_minute, interval, ahead: interval * (burst - 1), start: Instant::now(), next }
    }

    fn reserve_now(&self, within: Duration) -> Result<Slot, NoSlot> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.start.elapsed();
        let free = next.due.saturating_sub(self.ahead).max(now);
        let wait = free - now;
        if wait > within {
            return Err(NoSlot { free_in: wait });
        }
        *next = Next { due: next.due.max(free) + self.interval, before: next.due, mark: next.mark + 1 };
        Ok(Slot::after(wait).with_mark(next.mark))
    }
}

impl RateLimiter for Buckets {
    fn reserve<'a>(&'a self, within: Duration) -> ReserveSlot<'a> {
        Box::pin(std::future::ready(self.reserve_now(within)))
    }

    /// Only the newest: of an older one, others already wait for what comes after it.
    fn give_back(&self, slot: Slot) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.mark == slot.mark {
            next.due = next.before;
        }
    }

    fn per_minute(&self) -> Option<u32> {
        Some(self.per_minute)
    }
}

/// Waits for slots on behalf of a call, and gives back what it does not use.
pub(super) struct Held<'a> {
    limiter: &'a dyn RateLimiter,
    slot: Option<Slot>,
}

impl<'a> Held<'a> {
    /// Waits for a slot in order of arrival. `None` when there is none before the deadline.
    pub(super) async fn in_turn(limiter: &'a dyn RateLimiter, deadline: Instant) -> Option<Self> {
        let now = Instant::now();
        let slot = limiter.reserve(deadline.saturating_duration_since(now)).await.ok()?;
        let held = Self { limiter, slot: Some(slot) };
        // A slot that is due at the deadline comes too late to be used.
        let due = now.checked_add(slot.wait).filter(|due| *due < deadline)?;
        if !slot.wait.is_zero() {
            tokio::time::sleep_until(due).await;
        }
        Some(held)
    }

    /// Waits for a slot that nobody else wants. `None` when there is none before the deadline.
    pub(super) async fn left_over(limiter: &'a dyn RateLimiter, deadline: Instant) -> Option<Self> {
        loop {
            match limiter.reserve(Duration::ZERO).await {
                Ok(slot) => return Some(Self { limiter, slot: Some(slot) }),
                Err(NoSlot { free_in }) => {
                    // At least a tick of the timer, so that this ends whatever a limiter says.
                    let again = Instant::now().checked_add(free_in.max(Duration::from_millis(1)));
                    tokio::time::sleep_until(again.filter(|again| *again < deadline)?).await;
                }
            }
        }
    }

    /// The request is sent: the slot is spent.
    pub(super) fn spend(mut self) {
        self.slot = None;
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            self.limiter.give_back(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    /// Polls a future once.
    async fn is_pending(mut future: Pin<&mut impl Future>) -> bool {
        std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_pending())).await
    }

    async fn spend(limiter: &Buckets) {
        Held::in_turn(limiter, soon()).await.unwrap().spend();
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_has_more_than_the_limit_and_little_is_wasted() {
        for limit in [1, 2, 7, 10, 100, 1000] {
            for background in [false, true] {
                let limiter = Buckets::new(limit);
                let start = Instant::now();
                let mut times = Vec::new();
                for _ in 0..limit * 3 {
                    let slot = if background {
                        Held::left_over(&limiter, soon()).await
                    } else {
                        Held::in_turn(&limiter, soon()).await
                    };
                    slot.unwrap().spend();
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
    }

    #[tokio::test(start_paused = true)]
    async fn a_slot_after_the_deadline_is_refused_at_once_and_not_taken() {
        let limiter = Buckets::new(1);
        spend(&limiter).await;
        let start = Instant::now();
        assert!(Held::in_turn(&limiter, start + Duration::from_secs(30)).await.is_none());
        assert!(Held::left_over(&limiter, start + Duration::from_secs(30)).await.is_none());
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert!(Held::in_turn(&limiter, start + Duration::from_secs(61)).await.is_some());
        assert!(start.elapsed() >= Duration::from_secs(59));
    }

    /// The bug of a lock held while waiting: whoever is not polled must not stop the others.
    #[tokio::test(start_paused = true)]
    async fn who_waits_and_is_not_polled_stops_nobody() {
        let limiter = Buckets::new(60);
        for _ in 0..6 {
            spend(&limiter).await;
        }
        let mut stalled = std::pin::pin!(Held::in_turn(&limiter, soon()));
        assert!(is_pending(stalled.as_mut()).await);
        let start = Instant::now();
        for _ in 0..5 {
            spend(&limiter).await;
        }
        assert!(start.elapsed() < Duration::from_secs(8), "{:?}", start.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn slots_go_to_those_who_ask_in_the_order_in_which_they_ask() {
        let limiter = Arc::new(Buckets::new(10));
        let (order, mut tasks) = (Arc::new(Mutex::new(Vec::new())), tokio::task::JoinSet::new());
        for n in 0..5 {
            let (limiter, order) = (Arc::clone(&limiter), Arc::clone(&order));
            tasks.spawn(async move {
                spend(&limiter).await;
                order.lock().unwrap().push(n);
            });
            tokio::task::yield_now().await;
        }
        tasks.join_all().await;
        assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_goes_before_any_number_of_polls() {
        let limiter = Arc::new(Buckets::new(100));
        let polls: Vec<_> = (0..150)
            .map(|_| {
                let limiter = Arc::clone(&limiter);
                tokio::spawn(async move { Held::left_over(limiter.as_ref(), soon()).await.unwrap().spend() })
            })
            .collect();
        tokio::time::sleep(Duration::from_secs(5)).await;
        for _ in 0..4 {
            let start = Instant::now();
            spend(&limiter).await;
            assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
        }
        for poll in polls {
            poll.await.unwrap();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_that_is_dropped_gives_its_slot_back() {
        let limiter = Buckets::new(10);
        spend(&limiter).await;
        for _ in 0..20 {
            let mut waiting = Box::pin(Held::in_turn(&limiter, soon()));
            assert!(is_pending(waiting.as_mut()).await);
        }
        let start = Instant::now();
        spend(&limiter).await;
        assert!(start.elapsed() < Duration::from_secs(7), "{:?}", start.elapsed());
    }

    #[test]
    fn zero_is_refused() {
        assert!(matches!(RateLimit::per_minute(0).limiter(), Err(ConfigError::Zero { what: "rate_limit" })));
    }
}
