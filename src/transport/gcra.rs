//! The limit of one process, by the generic cell rate algorithm (GCRA): a state machine that is given the time.
//!
//! Slots are spread evenly over the minute, but a tenth of them may be taken early, in one burst. `due` is the time of the next
//! slot on the even schedule; each slot moves it on by `interval`. A slot is free while `due` is at most `ahead` away.

use std::time::Duration;

use super::{Priority, Slots};

const MINUTE: Duration = Duration::from_secs(60);
/// How long the next free slot is kept for a foreground request that found none: the time that it needs to ask again.
const ASK_AGAIN: Duration = Duration::from_millis(50);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gcra {
    interval: Duration,
    ahead: Duration,
    due: Duration,
    /// Until then, a foreground request waits for the next slot.
    kept_until: Duration,
}

impl Gcra {
    pub(super) fn new(per_minute: u32) -> Self {
        let burst = (per_minute / 10).max(1);
        // In any minute: the burst, and the slots of the even schedule.
        let interval = MINUTE / per_minute.saturating_sub(burst).max(1);
        Self { interval, ahead: interval * (burst - 1), due: Duration::ZERO, kept_until: Duration::ZERO }
    }

    /// Takes at most this many slots that are free now.
    pub(super) fn take(&mut self, now: Duration, most: u32, priority: Priority) -> Slots {
        let mut taken = 0;
        if priority == Priority::Foreground || now >= self.kept_until {
            while taken < most && self.due <= now + self.ahead {
                self.due = self.due.max(now) + self.interval;
                taken += 1;
            }
        }
        let free_at = self.due.saturating_sub(self.ahead).max(now);
        let free_at = match priority {
            Priority::Background => free_at.max(self.kept_until),
            Priority::Foreground => {
                self.kept_until = if taken < most { free_at + ASK_AGAIN } else { Duration::ZERO };
                free_at
            }
        };
        Slots { taken, retry_after: free_at - now }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    /// Returns the times of all slots that are taken, asking at each of these times.
    fn taken(per_minute: u32, questions: impl Iterator<Item = (Duration, u32, Priority)>) -> Vec<Duration> {
        let mut gcra = Gcra::new(per_minute);
        let mut times = Vec::new();
        for (now, most, priority) in questions {
            let slots = gcra.take(now, most, priority);
            assert!(slots.taken <= most);
            times.extend((0..slots.taken).map(|_| now));
        }
        times
    }

    fn assert_no_minute_has_more(limit: u32, times: &[Duration]) {
        let limit = usize::try_from(limit).unwrap();
        for window in times.windows(limit + 1) {
            assert!(window[limit] - window[0] >= MINUTE, "{limit}: {window:?}");
        }
    }

    #[test]
    fn no_pattern_of_questions_exceeds_the_limit_in_a_minute() {
        let mut random = fastrand::Rng::with_seed(7);
        for limit in [1, 2, 3, 7, 10, 60, 100, 1000] {
            for longest_pause in [1, 50, 2_000, 70_000] {
                let mut now = Duration::ZERO;
                let questions = std::iter::repeat_with(|| {
                    now += MILLISECOND * random.u32(0..=longest_pause);
                    (now, random.u32(0..4), if random.bool() { Priority::Foreground } else { Priority::Background })
                });
                assert_no_minute_has_more(limit, &taken(limit, questions.take(3_000)));
            }
        }
    }

    /// Explores every pattern of questions within twelve steps, for small limits.
    #[test]
    fn every_short_pattern_of_questions_keeps_to_the_limit() {
        for (limit, step) in [(1, 20), (2, 15), (20, 2)] {
            for pattern in 0..1_u32 << 12 {
                let asks = |n: &u32| pattern >> n & 1 == 1;
                let questions = (0..12).filter(asks).map(|n| (MINUTE * n * step / 60, 3, Priority::Foreground));
                assert_no_minute_has_more(limit, &taken(limit, questions));
            }
        }
    }

    /// A slot is free at the returned time, and not before. Nine tenths of the limit can be used, and at most its burst at once.
    #[test]
    fn the_next_slot_is_free_when_it_says_and_the_limit_is_used() {
        for limit in [1, 7, 100, 1000] {
            let (mut gcra, mut now) = (Gcra::new(limit), MINUTE);
            assert_eq!(gcra.take(now, u32::MAX, Priority::Foreground).taken, (limit / 10).max(1));
            for _ in 0..limit * 2 {
                let wait = gcra.take(now, 0, Priority::Foreground).retry_after;
                if !wait.is_zero() {
                    let early = gcra.clone().take(now + wait - Duration::from_nanos(1), 1, Priority::Foreground);
                    assert_eq!((early.taken, early.retry_after), (0, Duration::from_nanos(1)));
                }
                now += wait;
                assert_eq!(gcra.take(now, 1, Priority::Foreground).taken, 1);
            }
            assert!(now - MINUTE <= MINUTE * 5 / 2, "{limit}: {now:?}");
        }
    }

    #[test]
    fn background_requests_get_nothing_while_a_foreground_request_waits() {
        let mut gcra = Gcra::new(60);
        assert_eq!(gcra.take(Duration::ZERO, 9, Priority::Background).taken, 6);
        let waiting = gcra.take(Duration::ZERO, 1, Priority::Foreground);
        assert_eq!(waiting.taken, 0);
        let free_at = waiting.retry_after;
        let others = gcra.take(free_at, 1, Priority::Background);
        assert_eq!((others.taken, others.retry_after), (0, ASK_AGAIN));
        assert_eq!(gcra.take(free_at, 1, Priority::Foreground).taken, 1);
        // No foreground request waits any more: the next slot is free for all.
        let next = gcra.take(free_at, 0, Priority::Foreground).retry_after;
        assert_eq!(gcra.take(free_at + next, 1, Priority::Background).taken, 1);
        // A request that gave up keeps the slot only for a moment.
        let gone = gcra.take(free_at + next, 1, Priority::Foreground).retry_after;
        assert_eq!(gcra.take(free_at + next + gone + ASK_AGAIN, 1, Priority::Background).taken, 1);
        // A request that got its slot keeps no further one, however soon that is.
        let mut gcra = Gcra::new(6_000);
        let free_at = gcra.take(Duration::ZERO, 601, Priority::Foreground).retry_after;
        assert_eq!(gcra.take(free_at, 1, Priority::Foreground).taken, 1);
        assert_eq!(gcra.take(free_at + gcra.interval, 1, Priority::Background).taken, 1);
    }
}
