//! Decides which calls get the next slots of a rate limit: a state machine without I/O or clock.
//!
//! ```text
//! join ─▶ waiting: foreground, then background, each in order of arrival ─▶ answered: the first ones are granted
//!            └─▶ leave: at no cost
//! ```
//!
//! | state | next action |
//! |---|---|
//! | no ticket waits, or a question is in progress | none |
//! | the next slot is free later | wait until then |
//! | foreground tickets wait | ask for one slot each, for the foreground |
//! | only background tickets wait | ask for one slot each, for the background |
//!
//! Only the queue asks the limiter, so the number of questions depends on the limit, not on the number of waiting calls. Times
//! are durations since the queue was created.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Priority, Slots};

/// After a response without a slot, the next question comes at least this much later, whatever the limiter says.
const TICK: Duration = Duration::from_millis(1);

/// A place in the queue. It is never reused.
pub(super) type Ticket = u64;

/// The next action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing, until a ticket joins or the limiter responds.
    Nothing,
    /// Wait until this time, or until a foreground ticket joins.
    Wait(Duration),
    /// Ask the limiter for at most this many slots.
    Ask { most: u32, priority: Priority },
}

/// The waiting calls of one limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Queue {
    /// The shortest time between two slots in the long run. Zero if it is unknown.
    interval: Duration,
    foreground: Line,
    background: Line,
    next_ticket: Ticket,
    is_asking: bool,
}

/// The tickets of one priority, and the time from which a slot may be free for them.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Line {
    waiting: BTreeSet<Ticket>,
    free_at: Duration,
}

impl Queue {
    /// Creates a queue for a limit with this number of requests a minute, if it is known.
    pub(super) fn new(per_minute: Option<u32>) -> Self {
        let interval = per_minute.map_or(Duration::ZERO, |limit| Duration::from_secs(60) / limit.max(1));
        Self { interval, ..Self::default() }
    }

    /// Adds a ticket. `None` if no slot can be free for it before `deadline`.
    pub(super) fn join(&mut self, now: Duration, priority: Priority, deadline: Duration) -> Option<Ticket> {
        let (free_at, before) = match priority {
            Priority::Foreground => (self.foreground.free_at, self.foreground.waiting.len()),
            Priority::Background => {
                (self.background.free_at, self.foreground.waiting.len() + self.background.waiting.len())
            }
        };
        // While the limit is used up, slots come one by one. Otherwise several may be free at once.
        let others = self.interval.saturating_mul(u32::try_from(before).unwrap_or(u32::MAX));
        let earliest = if free_at > now { free_at.saturating_add(others) } else { now };
        if earliest >= deadline {
            return None;
        }
        let ticket = self.next_ticket;
        self.next_ticket += 1;
        self.line(priority).waiting.insert(ticket);
        Some(ticket)
    }

    /// Removes a ticket. Returns whether it was still waiting.
    pub(super) fn leave(&mut self, ticket: Ticket) -> bool {
        self.foreground.waiting.remove(&ticket) || self.background.waiting.remove(&ticket)
    }

    pub(super) fn next(&mut self, now: Duration) -> Next {
        let (line, priority) = match self.foreground.waiting.is_empty() {
            true => (&self.background, Priority::Background),
            false => (&self.foreground, Priority::Foreground),
        };
        match line.waiting.len() {
            0 => Next::Nothing,
            _ if self.is_asking => Next::Nothing,
            _ if line.free_at > now => Next::Wait(line.free_at),
            most => {
                self.is_asking = true;
                Next::Ask { most: u32::try_from(most).unwrap_or(u32::MAX), priority }
            }
        }
    }

    /// Handles the limiter's response to a question of this priority. Returns the tickets that are granted a slot.
    pub(super) fn answered(&mut self, now: Duration, priority: Priority, slots: Slots) -> Vec<Ticket> {
        self.is_asking = false;
        let least = if slots.taken == 0 { TICK } else { Duration::ZERO };
        let free_at = now.saturating_add(slots.retry_after.max(least));
        self.background.free_at = free_at;
        if priority == Priority::Foreground {
            self.foreground.free_at = free_at;
        }
        (0..slots.taken).map_while(|_| self.pass_on()).collect()
    }

    /// Grants an unused slot to the next ticket. `None` if none waits.
    pub(super) fn pass_on(&mut self) -> Option<Ticket> {
        self.foreground.waiting.pop_first().or_else(|| self.background.waiting.pop_first())
    }

    fn line(&mut self, priority: Priority) -> &mut Line {
        match priority {
            Priority::Foreground => &mut self.foreground,
            Priority::Background => &mut self.background,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// A naive model of the queue's promises: two lists of tickets.
    #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
    struct Model {
        foreground: VecDeque<Ticket>,
        background: VecDeque<Ticket>,
        asked: Option<(u32, bool)>,
        free_at: u64,
    }

    impl Model {
        fn first(&mut self) -> Option<Ticket> {
            self.foreground.pop_front().or_else(|| self.background.pop_front())
        }

        fn leave(&mut self, ticket: Ticket) -> bool {
            let lines = [&mut self.foreground, &mut self.background];
            let before: usize = lines.iter().map(|line| line.len()).sum();
            let lines = lines.map(|line| {
                line.retain(|other| *other != ticket);
                line.len()
            });
            lines.iter().sum::<usize>() < before
        }
    }

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Explores all sequences of joins, leaves, questions, responses and seconds, up to a depth, without repeating a state.
    #[test]
    fn every_sequence_grants_in_order_and_loses_no_ticket() {
        let start = (Queue::new(Some(60)), Model::default(), 0_u64);
        let (mut seen, mut edge) = (BTreeSet::from([start.clone()]), vec![start]);
        for _ in 0..11 {
            let mut next_edge = Vec::new();
            for (queue, model, now) in edge {
                for event in 0..12 {
                    let (mut queue, mut model, mut now) = (queue.clone(), model.clone(), now);
                    if step(&mut queue, &mut model, &mut now, event) && seen.insert((queue.clone(), model.clone(), now))
                    {
                        next_edge.push((queue, model, now));
                    }
                }
            }
            edge = next_edge;
        }
        assert!(seen.len() > 20_000, "{}", seen.len());
    }

    /// Applies one event to the queue and to the model. `false` if it cannot happen.
    fn step(queue: &mut Queue, model: &mut Model, now: &mut u64, event: u64) -> bool {
        let waiting = model.foreground.len() + model.background.len();
        match event {
            0 | 1 if waiting < 4 => {
                let is_foreground = event == 0;
                let priority = if is_foreground { Priority::Foreground } else { Priority::Background };
                let ticket = queue.join(seconds(*now), priority, Duration::MAX).unwrap();
                if is_foreground { model.foreground.push_back(ticket) } else { model.background.push_back(ticket) }
            }
            2..=5 => {
                let ticket = queue.next_ticket.saturating_sub(event - 1);
                assert_eq!(queue.leave(ticket), model.leave(ticket));
            }
            6 => {
                let next = queue.next(seconds(*now));
                let is_foreground = !model.foreground.is_empty();
                let most = if is_foreground { model.foreground.len() } else { model.background.len() };
                match next {
                    Next::Nothing => assert!(waiting == 0 || model.asked.is_some()),
                    Next::Wait(until) => assert!(until > seconds(*now) && until <= seconds(model.free_at)),
                    Next::Ask { most: asked, priority } => {
                        assert!(model.asked.is_none() && usize::try_from(asked).unwrap() == most && most > 0);
                        assert_eq!(priority == Priority::Foreground, is_foreground);
                        // A foreground ticket need not wait as long as a background one.
                        assert!(*now >= model.free_at || is_foreground);
                        model.asked = Some((asked, is_foreground));
                    }
                }
            }
            7..=9 => {
                let Some((most, is_foreground)) = model.asked.take() else { return false };
                let taken = u32::try_from(event - 7).unwrap().min(most);
                let priority = if is_foreground { Priority::Foreground } else { Priority::Background };
                let retry_after = seconds(u64::from(taken < most));
                let granted = queue.answered(seconds(*now), priority, Slots { taken, retry_after });
                let expected: Vec<_> = (0..taken).map_while(|_| model.first()).collect();
                assert_eq!(granted, expected);
                model.free_at = *now + u64::from(taken < most);
                if taken == 0 {
                    model.free_at = model.free_at.max(*now + 1);
                }
            }
            10 => assert_eq!(queue.pass_on(), model.first()),
            11 => *now = (*now + 1).min(3),
            _ => return false,
        }
        true
    }

    #[test]
    fn a_ticket_that_cannot_have_a_slot_in_time_is_refused_at_once() {
        let mut queue = Queue::new(Some(60));
        let join =
            |queue: &mut Queue, priority, deadline| queue.join(seconds(10), priority, seconds(deadline)).is_some();
        assert!(!join(&mut queue, Priority::Foreground, 10));
        // Several slots may be free: that is unknown yet.
        for _ in 0..3 {
            assert!(join(&mut queue, Priority::Foreground, 11));
        }
        assert_eq!(queue.next(seconds(10)), Next::Ask { most: 3, priority: Priority::Foreground });
        let slots = Slots { taken: 1, retry_after: seconds(5) };
        assert_eq!(queue.answered(seconds(10), Priority::Foreground, slots), [0]);
        // The limit is used up: a slot is free at 15, 16, 17 …, and two tickets wait.
        for (deadline, is_in_time) in [(15, false), (17, false), (18, true)] {
            assert_eq!(join(&mut queue, Priority::Foreground, deadline), is_in_time, "{deadline}");
        }
        for (deadline, is_in_time) in [(18, false), (19, true)] {
            assert_eq!(join(&mut queue, Priority::Background, deadline), is_in_time, "{deadline}");
        }
        assert_eq!(Queue::new(None).interval, Duration::ZERO);
        // The limiter was not asked yet: a slot may be free for each of them.
        let mut unused = Queue::new(Some(60));
        assert!((0..9).all(|_| unused.join(Duration::ZERO, Priority::Foreground, TICK).is_some()));
    }

    #[test]
    fn a_background_response_does_not_delay_the_foreground() {
        let mut queue = Queue::new(None);
        queue.join(seconds(0), Priority::Background, Duration::MAX);
        assert_eq!(queue.next(seconds(0)), Next::Ask { most: 1, priority: Priority::Background });
        assert!(
            queue.answered(seconds(0), Priority::Background, Slots { taken: 0, retry_after: seconds(9) }).is_empty()
        );
        assert_eq!(queue.next(seconds(0)), Next::Wait(seconds(9)));
        assert!(queue.join(seconds(0), Priority::Background, seconds(9)).is_none());
        queue.join(seconds(0), Priority::Foreground, Duration::MAX);
        assert_eq!(queue.next(seconds(0)), Next::Ask { most: 1, priority: Priority::Foreground });
        // A limiter that returns no time is asked again a little later.
        queue.answered(seconds(0), Priority::Foreground, Slots { taken: 0, retry_after: Duration::ZERO });
        assert_eq!(queue.next(seconds(0)), Next::Wait(TICK));
        queue.next(TICK);
        queue.answered(TICK, Priority::Foreground, Slots { taken: 1, retry_after: Duration::ZERO });
        assert_eq!(queue.next(TICK), Next::Ask { most: 1, priority: Priority::Background });
    }
}
