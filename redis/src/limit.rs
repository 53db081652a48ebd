//! Decides how one instance uses a shared limit: a state machine without I/O or clock.
//!
//! ```text
//! take ─▶ Ask the store ─▶ answered: the slots of the response
//!   │                  └─▶ failed: the store is away ─▶ a slot of the share
//!   └───▶ Done: the store is away, and was asked less than a second ago: a slot of the share
//! ```
//!
//! | the store | next action |
//! |---|---|
//! | responds | ask it |
//! | is away | once a second, one request asks it; the others use the share |
//! | responds again | the first question reports the slots of the share: the store grants no burst |
//!
//! All slots that an instance uses, of the store and of its share, obey one generic cell rate algorithm (GCRA), even if the store
//! loses data. A slot of the share waits for `due` and moves it on. Slots of the store are dropped if a slot of the share, which
//! the store did not know of, came in between. Times are durations since the limiter was created.

use std::time::Duration;

use cashfree_vkyc::{Priority, Slots};

/// A minute, and one second by which a response of the store may be late.
const MINUTE: Duration = Duration::from_secs(61);
/// How long the store is not asked after it did not respond.
const AWAY: Duration = Duration::from_secs(1);
/// How long the next free slot is kept for a foreground request that found none: the time that it needs to ask again.
const ASK_AGAIN: Duration = Duration::from_millis(50);
/// The store keeps data for an hour. If it is missing within this time, it was lost.
const KEPT: Duration = Duration::from_secs(59 * 60);
/// Later than any `due` of a store, and exact in Lua.
const BEYOND: u64 = 1 << 53;

/// A limit, as the two times of the GCRA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Gcra {
    pub(crate) interval: Duration,
    pub(crate) ahead: Duration,
}

impl Gcra {
    /// Allows this many slots in any minute, of which `burst` may be used at once. Both are at least one.
    pub(crate) fn new(per_minute: u32, burst: u32) -> Self {
        let per_minute = per_minute.max(1);
        let burst = burst.clamp(1, per_minute);
        // In any minute: the burst, and the slots of the even schedule. The store's resolution is a microsecond.
        let interval = (MINUTE / per_minute.saturating_sub(burst).max(1)).max(Duration::from_micros(1));
        Self { interval, ahead: interval.saturating_mul(burst - 1) }
    }
}

/// The limit from the view of one instance.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Limit {
    pub(crate) gcra: Gcra,
    /// The time between two slots of the share. `None` without a share.
    pub(crate) share: Option<Duration>,
    /// The time of the next slot on the even schedule, as far as this instance knows.
    due: Duration,
    /// The last `due` of the store, by its clock, and the time of the response.
    seen: Option<(u64, Duration)>,
    /// The next slot of the share.
    share_due: Duration,
    /// Until then, a foreground request waits for the next slot of the share.
    kept_until: Duration,
    /// The used slots of the share, and how many of them were reported to the store.
    used: u64,
    reported: u64,
    /// While the store is away: the time of the next question.
    ask_again: Option<Duration>,
}

/// The next action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Ask the store, then call `answered` or `failed`.
    Ask(Question),
    /// This is the result.
    Done(Slots),
}

/// A question to the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) most: u32,
    pub(crate) is_foreground: bool,
    pub(crate) known: u64,
    seen: Option<(u64, Duration)>,
    used: u64,
}

/// The response of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Answer {
    pub(crate) taken: u32,
    pub(crate) retry_after: Duration,
    pub(crate) due_in: Duration,
    pub(crate) due: u64,
}

/// A change of the store's availability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Away,
    Back,
}

impl Limit {
    pub(crate) fn new(gcra: Gcra, share: Option<Duration>) -> Self {
        let (due, share_due, kept_until) = Default::default();
        Self { gcra, share, due, seen: None, share_due, kept_until, used: 0, reported: 0, ask_again: None }
    }

    /// Handles a request for at most this many slots.
    pub(crate) fn take(&mut self, now: Duration, most: u32, priority: Priority) -> Next {
        let is_foreground = priority == Priority::Foreground;
        if let Some(ask_again) = &mut self.ask_again {
            if now < *ask_again {
                return Next::Done(self.take_share(now, most, is_foreground));
            }
            *ask_again = now + AWAY;
        }
        let known = match self.seen {
            _ if self.used != self.reported => BEYOND,
            Some((due, at)) if now < at + KEPT => due,
            _ => 0,
        };
        Next::Ask(Question { most, is_foreground, known, seen: self.seen, used: self.used })
    }

    /// Handles a response of the store.
    pub(crate) fn answered(&mut self, now: Duration, question: &Question, answer: Answer) -> (Slots, Option<Change>) {
        self.due = self.due.max(now.saturating_add(answer.due_in));
        // Responses may arrive in another order. A lower `due` than that of the question means that the store went back.
        let seen = self.seen.filter(|_| self.seen != question.seen).map_or(0, |(due, _)| due);
        self.seen = Some((answer.due.max(seen), now));
        self.reported = self.reported.max(question.used);
        let change = self.ask_again.take().map(|_| Change::Back);
        let slots = match self.used == question.used {
            true => Slots { taken: answer.taken, retry_after: answer.retry_after },
            // The store did not know of slots of the share that were used meanwhile.
            false => Slots { taken: 0, retry_after: Duration::ZERO },
        };
        (slots, change)
    }

    /// Handles a question without a response.
    pub(crate) fn failed(&mut self, now: Duration, question: &Question) -> (Slots, Option<Change>) {
        let is_new = self.ask_again.replace(now + AWAY).is_none();
        if is_new {
            self.share_due = self.share_due.max(now + self.share.unwrap_or_default());
        }
        (self.take_share(now, question.most, question.is_foreground), is_new.then_some(Change::Away))
    }

    fn take_share(&mut self, now: Duration, most: u32, is_foreground: bool) -> Slots {
        let ask_again = self.ask_again.map_or(AWAY, |at| at.saturating_sub(now));
        let Some(interval) = self.share else { return Slots { taken: 0, retry_after: ask_again } };
        let mut taken = 0;
        if most > 0 && self.share_due.max(self.due) <= now && (is_foreground || self.kept_until <= now) {
            taken = 1;
            self.used += 1;
            (self.share_due, self.due) = (now + interval, now + self.gcra.interval);
        }
        let mut free = self.share_due.max(self.due);
        if !is_foreground {
            free = free.max(self.kept_until);
        } else if taken < most {
            self.kept_until = free + ASK_AGAIN;
        }
        Slots { taken, retry_after: free.saturating_sub(now).min(ask_again) }
    }
}

#[cfg(test)]
#[path = "tests/limit.rs"]
pub(crate) mod tests;
