//! Whose turn it is: a slot of the rate limit and a connection, for calls first and for polls with what is left.
//!
//! ```text
//! a call ─▶ reserve(until its deadline) ─▶ Slot: wait that long ─▶ connection ─▶ send        in order of arrival
//! a poll ─▶ reserve(now) ────────────────▶ Slot ─▶ one of the connections for polls ─▶ send
//!                ▲                       └▶ Exhausted: wait, holding nothing ──┐
//!                └──────────────────────────────────────────────────────────┘
//! ```
//!
//! A slot is reserved in an instant and waited for without holding anything, so nobody's wait depends on whether somebody
//! else's future is polled. Calls reserve ahead; polls take only what is free now, and so never stand before a call.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::connections::{Connections, Permit};
use super::{Exhausted, RateLimiter, Slot};

/// Who waits for a call, and so whose turn it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Priority {
    /// Somebody waits. The call's time runs from its beginning.
    Foreground,
    /// It can wait: it takes what calls leave, until this time, and its own time begins with its turn.
    Background {
        /// From then on, it is a call like any other.
        until: Option<Instant>,
        /// The latest end, whatever the time of the call.
        end: Option<Instant>,
    },
}

/// Why there is no turn before the deadline.
pub(super) const NO_SLOT: &str = "the client's own rate limit leaves no slot before the deadline";
pub(super) const NO_CONNECTION: &str =
    "all connections of the client are busy until the deadline; see ClientBuilder::max_connections";

/// The right to send one request now.
pub(super) struct Admission<'a> {
    slot: Option<Held<'a>>,
    connection: Permit<'a>,
}

impl<'a> Admission<'a> {
    /// Waits for the right to send a request; why there is none before the deadline otherwise.
    pub(super) async fn wait(
        limiter: Option<&'a dyn RateLimiter>,
        connections: &'a Connections,
        in_background: bool,
        deadline: Instant,
    ) -> Result<Self, &'static str> {
        let slot = match limiter {
            Some(limiter) if in_background => Some(Held::left_over(limiter, deadline).await.ok_or(NO_SLOT)?),
            Some(limiter) => Some(Held::in_turn(limiter, deadline).await.ok_or(NO_SLOT)?),
            None => None,
        };
        let connection = connections.permit(in_background, deadline).await.ok_or(NO_CONNECTION)?;
        Ok(Self { slot, connection })
    }

    /// The request is sent: the slot is spent. The connection is in use as long as what this gives lives.
    pub(super) fn spend(self) -> Permit<'a> {
        self.slot.into_iter().for_each(Held::spend);
        self.connection
    }
}

/// Waits for slots on behalf of a call, and gives back what it does not use.
struct Held<'a> {
    limiter: &'a dyn RateLimiter,
    slot: Option<Slot>,
}

impl<'a> Held<'a> {
    /// Waits for a slot in order of arrival. `None` when there is none before the deadline.
    async fn in_turn(limiter: &'a dyn RateLimiter, deadline: Instant) -> Option<Self> {
        let now = Instant::now();
        let reserved = timeout_at(deadline, limiter.reserve(deadline.saturating_duration_since(now)));
        let slot = reserved.await.ok()?.ok()?;
        let held = Self { limiter, slot: Some(slot) };
        // A slot that is due at the deadline comes too late to be used.
        let due = now.checked_add(slot.wait()).filter(|due| *due < deadline)?;
        if !slot.wait().is_zero() {
            tokio::time::sleep_until(due).await;
        }
        Some(held)
    }

    /// Waits for a slot that nobody else wants. `None` when there is none before the deadline.
    async fn left_over(limiter: &'a dyn RateLimiter, deadline: Instant) -> Option<Self> {
        loop {
            match timeout_at(deadline, limiter.reserve(Duration::ZERO)).await.ok()? {
                Ok(slot) => return Some(Self { limiter, slot: Some(slot) }),
                Err(Exhausted { retry_after }) => {
                    // At least a tick of the timer, so that this ends whatever a limiter says.
                    let again = Instant::now().checked_add(retry_after.max(Duration::from_millis(1)));
                    tokio::time::sleep_until(again.filter(|again| *again < deadline)?).await;
                }
            }
        }
    }

    /// The request is sent: the slot is spent.
    fn spend(mut self) {
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
    use std::pin::Pin;
    use std::sync::{Arc, Mutex};

    use super::super::rate_limit::Gcra;
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn soon() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    /// Polls a future once.
    async fn is_pending(mut future: Pin<&mut impl Future>) -> bool {
        std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_pending())).await
    }

    async fn spend(limiter: &Gcra) {
        Held::in_turn(limiter, soon()).await.unwrap().spend();
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_has_more_than_the_limit_and_little_is_wasted() {
        for limit in [1, 2, 7, 10, 100, 1000] {
            for background in [false, true] {
                let limiter = Gcra::new(limit);
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
        let limiter = Gcra::new(1);
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
        let limiter = Gcra::new(60);
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

    /// Of a store that does not answer.
    struct Silent;

    impl RateLimiter for Silent {
        fn reserve<'a>(&'a self, _: Duration) -> super::super::ReserveSlot<'a> {
            Box::pin(std::future::pending())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_limiter_that_says_nothing_holds_nobody_beyond_the_deadline() {
        let start = Instant::now();
        assert!(Held::in_turn(&Silent, start + Duration::from_secs(3)).await.is_none());
        assert_eq!(start.elapsed(), Duration::from_secs(3));
        assert!(Held::left_over(&Silent, start + Duration::from_secs(7)).await.is_none());
        assert_eq!(start.elapsed(), Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn slots_go_to_those_who_ask_in_the_order_in_which_they_ask() {
        let limiter = Arc::new(Gcra::new(10));
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
        let limiter = Arc::new(Gcra::new(100));
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
        let limiter = Gcra::new(10);
        spend(&limiter).await;
        for _ in 0..20 {
            let mut waiting = Box::pin(Held::in_turn(&limiter, soon()));
            assert!(is_pending(waiting.as_mut()).await);
        }
        let start = Instant::now();
        spend(&limiter).await;
        assert!(start.elapsed() < Duration::from_secs(7), "{:?}", start.elapsed());
    }
}
