//! A limit as the two numbers of the generic cell rate algorithm, and its slots while the store is away.

use std::time::Duration;

use cashfree_vkyc::{Exhausted, Slot};
use tokio::time::Instant;

/// A minute, and a second in which a response of the store may be late: whoever sends a second too early, or too late, still
/// keeps to the limit of every minute.
const MINUTE: Duration = Duration::from_secs(61);

/// The distance of slots, and how much ahead of it a slot may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gcra {
    pub(crate) interval: Duration,
    pub(crate) ahead: Duration,
}

impl Gcra {
    /// So many slots in any minute, of which `burst` may go out at once where none were used. Both count as one at the least.
    pub(crate) fn new(per_minute: u32, burst: u32) -> Self {
        let per_minute = per_minute.max(1);
        let burst = burst.clamp(1, per_minute);
        // In any minute: the burst, and what was refilled meanwhile.
        let interval = MINUTE / per_minute.saturating_sub(burst).max(1);
        Self { interval, ahead: interval.saturating_mul(burst - 1) }
    }

    /// How long until the next slot were due, were they spread evenly and nothing left to go out ahead of time after this one.
    pub(crate) fn due_after(self, slot: Option<Instant>) -> Duration {
        let next = slot.map(|due| later(due, self.interval.saturating_add(self.ahead)));
        next.map_or(Duration::ZERO, |due| due.saturating_duration_since(Instant::now()))
    }
}

/// The slots of this process alone, evenly spread but for `ahead`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local {
    cell: Gcra,
    /// When the next slot were due, were they spread evenly.
    due: Instant,
}

impl Local {
    /// Slots after this instant, none of them ahead of time.
    pub(crate) fn after(cell: Gcra, instant: Instant) -> Self {
        Self { cell, due: later(instant, cell.ahead.saturating_add(cell.interval)) }
    }

    pub(crate) fn reserve(&mut self, now: Instant, within: Duration) -> Result<Slot, Exhausted> {
        let free = self.due.checked_sub(self.cell.ahead).unwrap_or(now).max(now);
        let wait = free - now;
        if wait > within {
            return Err(Exhausted { retry_after: wait });
        }
        self.due = later(self.due.max(free), self.cell.interval);
        Ok(Slot::after(wait))
    }
}

/// Where the calendar ends, later is now.
pub(crate) fn later(instant: Instant, time: Duration) -> Instant {
    instant.checked_add(time).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_minute_has_more_than_the_limit_though_it_is_a_second_short() {
        for (per_minute, burst) in [(1, 1), (2, 1), (7, 3), (100, 2), (600, 12), (600, 600), (0, 0), (5, 9)] {
            let Gcra { interval, ahead } = Gcra::new(per_minute, burst);
            let burst = 1 + u32::try_from(ahead.as_nanos() / interval.as_nanos()).unwrap();
            let within = u32::try_from(Duration::from_millis(60_999).as_nanos() / interval.as_nanos()).unwrap();
            assert!(burst + within <= per_minute.max(1) || burst == per_minute, "{per_minute}, {burst}: {within}");
        }
    }

    #[test]
    fn ninety_five_of_a_hundred_are_used() {
        for per_minute in [60, 100, 600, 6_000] {
            let used = 60_000_000_000 / Gcra::new(per_minute, per_minute / 50).interval.as_nanos();
            assert!(used * 100 >= u128::from(per_minute) * 95, "{per_minute}: {used}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn slots_while_the_store_is_away_begin_after_what_is_reserved_and_without_a_burst() {
        let (cell, now) = (Gcra::new(61, 11), Instant::now());
        let mut local = Local::after(cell, now + Duration::from_secs(10));
        let wait = |slot: Result<Slot, Exhausted>| slot.unwrap().wait();
        let step = cell.interval;
        for n in 1..5 {
            assert_eq!(wait(local.reserve(now, Duration::MAX)), Duration::from_secs(10) + step * n);
        }
        let none = Exhausted { retry_after: Duration::from_secs(10) + step * 5 };
        assert_eq!(local.reserve(now, Duration::from_secs(10)), Err(none));
        let idle = now + Duration::from_secs(600);
        assert!((0..11).all(|_| wait(local.reserve(idle, Duration::ZERO)).is_zero()));
        assert!(local.reserve(idle, Duration::ZERO).is_err(), "the burst is all that is ahead of time");
    }
}
