//! The limit of one process, by the generic cell rate algorithm: one time stands for all slots that were handed out.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::slot::{Exhausted, RateLimiter, ReserveSlot, Slot};

const MINUTE: Duration = Duration::from_secs(60);

/// So many slots in any minute, a tenth of them ahead of time.
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
