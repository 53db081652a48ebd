//! The limit of one process, by the generic cell rate algorithm: one time stands for all slots that were handed out.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::slot::{NoSlot, RateLimiter, ReserveSlot, Slot};

const MINUTE: Duration = Duration::from_secs(60);

/// So many slots in any minute, a tenth of them ahead of time.
pub(super) struct CellRate {
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

impl CellRate {
    pub(super) fn new(per_minute: u32) -> Self {
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

impl RateLimiter for CellRate {
    fn reserve<'a>(&'a self, within: Duration) -> ReserveSlot<'a> {
        Box::pin(std::future::ready(self.reserve_now(within)))
    }

    /// Only the newest: of an older one, others already wait for what comes after it.
    fn give_back(&self, slot: Slot) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        if next.mark == slot.mark() {
            next.due = next.before;
        }
    }

    fn per_minute(&self) -> Option<u32> {
        Some(self.per_minute)
    }
}
