//! The admission of one request: a slot of the rate limit, and a connection.
//!
//! ```text
//! a call ─▶ join the queue ─▶ granted ─▶ connection ─▶ send: the slot is spent
//!             │    ▲             └─▶ dropped: the slot goes to the next ticket in the queue
//!             │    └ the driver, one task per queue: asks the limiter, waits until a slot is free, grants
//!             └─▶ dropped, or out of time: leaves the queue at no cost
//! ```
//!
//! `queue.rs` decides; this file has the lock, the timer and the task. A call that is not polled holds at most the one slot that
//! it was granted, and blocks no other call. If the runtime of a driver ends or does not run, a waiting call replaces the driver.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use super::connections::{Connections, Permit};
use super::queue::{Next, Queue, Ticket};
use super::{Priority, RateLimiter, Slots, later};

/// When to send a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Schedule {
    /// A caller waits. The time limit of the call includes the wait.
    Now,
    /// In capacity that other calls leave. The time limit of the call starts with its slot.
    WhenFree {
        /// The deadline for a slot.
        until: Option<Instant>,
        /// The latest end of the call.
        end: Option<Instant>,
    },
}

/// The reason if no slot is free before the deadline.
pub(super) const NO_SLOT: &str = "the client's own rate limit leaves no slot before the deadline";
pub(super) const NO_CONNECTION: &str =
    "all connections of the client are busy until the deadline; see ClientBuilder::max_connections";

/// How long a limiter may take to respond. Then it is asked again.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(5);
/// The wait after a limiter did not respond.
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// How late a driver may be. Then a waiting call replaces it.
const PATIENCE: Duration = Duration::from_secs(1);
/// An unused slot expires after this time: used later, it could exceed the limit of that minute.
const FRESH: Duration = Duration::from_secs(1);

/// The right to send one request now.
pub(super) struct Admission<'a> {
    slot: Option<Slot>,
    connection: Permit<'a>,
}

impl<'a> Admission<'a> {
    /// Waits for the right to send a request. Returns the reason if it does not come before the deadline.
    pub(super) async fn wait(
        limit: Option<&SlotQueue>,
        connections: &'a Connections,
        priority: Priority,
        deadline: Instant,
    ) -> Result<Self, &'static str> {
        let slot = match limit {
            Some(limit) => Some(limit.slot(priority, deadline).await.ok_or(NO_SLOT)?),
            None => None,
        };
        let in_background = priority == Priority::Background;
        let connection = connections.permit(in_background, deadline).await.ok_or(NO_CONNECTION)?;
        Ok(Self { slot, connection })
    }

    /// Uses up the slot, when the request is sent. The connection is in use until the permit is dropped.
    pub(super) fn spend(self) -> Permit<'a> {
        self.slot.into_iter().for_each(Slot::spend);
        self.connection
    }
}

/// The waiting calls of a limit. Clones share the queue.
#[derive(Clone)]
pub(crate) struct SlotQueue(Arc<Inner>);

struct Inner {
    limiter: Arc<dyn RateLimiter>,
    start: Instant,
    state: Mutex<State>,
    /// Wakes the driver when a call joins.
    joined: Notify,
}

struct State {
    queue: Queue,
    /// Grants a call its slot, with the time of the grant.
    waiting: HashMap<Ticket, oneshot::Sender<Instant>>,
    driver: Option<CurrentDriver>,
    /// The number of the last driver.
    drivers: u64,
}

#[derive(Clone, Copy)]
struct CurrentDriver {
    number: u64,
    /// The latest time of its next action.
    due: Instant,
}

impl SlotQueue {
    pub(super) fn new(limiter: Arc<dyn RateLimiter>) -> Self {
        let queue = Queue::new(limiter.per_minute());
        let state = Mutex::new(State { queue, waiting: HashMap::new(), driver: None, drivers: 0 });
        Self(Arc::new(Inner { limiter, start: Instant::now(), state, joined: Notify::new() }))
    }

    pub(super) fn limiter(&self) -> &Arc<dyn RateLimiter> {
        &self.0.limiter
    }

    /// Waits for a slot. `None` if none is free before the deadline.
    async fn slot(&self, priority: Priority, deadline: Instant) -> Option<Slot> {
        let mut slot = Slot::join(&self.0, priority, deadline)?;
        self.0.joined.notify_one();
        loop {
            let late = self.0.drive();
            match timeout_at(deadline.min(late), &mut slot.granted).await {
                Ok(Ok(since)) => {
                    slot.since = Some(since);
                    return Some(slot);
                }
                // The driver is gone, for example with its runtime.
                Ok(Err(_)) => slot.granted = self.0.receiver(slot.ticket),
                Err(_) if Instant::now() >= deadline => return None,
                Err(_) => {}
            }
        }
    }
}

impl Inner {
    /// A panic cannot leave the state inconsistent.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the channel that grants a ticket.
    fn receiver(&self, ticket: Ticket) -> oneshot::Receiver<Instant> {
        let (sender, receiver) = oneshot::channel();
        self.state().waiting.insert(ticket, sender);
        receiver
    }

    /// Starts a driver, unless one is running in time. Returns when to check again.
    fn drive(self: &Arc<Self>) -> Instant {
        let now = Instant::now();
        let number = {
            let mut state = self.state();
            match state.driver {
                Some(CurrentDriver { due, .. }) if now < later(due, PATIENCE) => return later(due, PATIENCE),
                Some(_) => state.end_driver(self.start.elapsed(), Duration::ZERO),
                None => {}
            }
            state.drivers += 1;
            state.driver = Some(CurrentDriver { number: state.drivers, due: now });
            state.drivers
        };
        let driver = Driver { inner: Arc::clone(self), number };
        let mut driver = Box::pin(driver.run());
        // A limiter that responds at once needs no task.
        if driver.as_mut().now_or_never().is_none() {
            tokio::spawn(driver);
        }
        later(now, PATIENCE)
    }
}

impl State {
    fn is_driven_by(&self, number: u64) -> bool {
        self.driver.is_some_and(|driver| driver.number == number)
    }

    /// Ends the driver. A question in progress counts as answered without a slot.
    fn end_driver(&mut self, now: Duration, retry_after: Duration) {
        self.driver = None;
        self.queue.answered(now, Priority::Foreground, Slots { taken: 0, retry_after });
    }

    /// Grants a slot to this ticket, or to the next one in the queue if it is gone.
    fn grant(&mut self, ticket: Ticket, since: Instant) {
        let mut next = Some(ticket);
        while let Some(ticket) = next {
            if self.waiting.remove(&ticket).is_some_and(|sender| sender.send(since).is_ok()) {
                return;
            }
            next = self.queue.pass_on();
        }
    }
}

/// Asks the limiter on behalf of a queue, until no call waits.
struct Driver {
    inner: Arc<Inner>,
    number: u64,
}

impl Driver {
    async fn run(self) {
        let inner = Arc::clone(&self.inner);
        let Inner { limiter, start, joined, .. } = inner.as_ref();
        loop {
            let next = {
                let mut state = inner.state();
                if !state.is_driven_by(self.number) {
                    // The notification was for the successor.
                    return joined.notify_one();
                }
                let next = state.queue.next(start.elapsed());
                let due = match next {
                    Next::Nothing => None,
                    Next::Wait(until) => Some(later(*start, until)),
                    Next::Ask { .. } => Some(later(Instant::now(), RESPONSE_TIMEOUT)),
                };
                state.driver = due.map(|due| CurrentDriver { number: self.number, due });
                next
            };
            match next {
                Next::Nothing => return,
                Next::Wait(until) => drop(timeout_at(later(*start, until), joined.notified()).await),
                Next::Ask { most, priority } => {
                    let none = Slots { taken: 0, retry_after: ASK_AGAIN };
                    let slots = timeout(RESPONSE_TIMEOUT, limiter.take(most, priority)).await.unwrap_or(none);
                    let slots = Slots { taken: slots.taken.min(most), ..slots };
                    let mut state = inner.state();
                    if state.is_driven_by(self.number) {
                        for ticket in state.queue.answered(start.elapsed(), priority, slots) {
                            state.grant(ticket, Instant::now());
                        }
                    }
                }
            }
        }
    }
}

impl Drop for Driver {
    /// If the driver was stopped, by the end of its runtime or a panic of the limiter, each waiting call starts another one.
    fn drop(&mut self) {
        let mut state = self.inner.state();
        if state.is_driven_by(self.number) {
            state.end_driver(self.inner.start.elapsed(), ASK_AGAIN);
            state.waiting.clear();
        }
    }
}

/// A place in the queue, then a slot. If dropped unused, it leaves the queue, or passes the slot on.
struct Slot {
    inner: Arc<Inner>,
    ticket: Ticket,
    granted: oneshot::Receiver<Instant>,
    since: Option<Instant>,
    is_spent: bool,
}

impl Slot {
    fn join(inner: &Arc<Inner>, priority: Priority, deadline: Instant) -> Option<Self> {
        let deadline = deadline.saturating_duration_since(inner.start);
        let ticket = inner.state().queue.join(inner.start.elapsed(), priority, deadline)?;
        let granted = inner.receiver(ticket);
        Some(Self { inner: Arc::clone(inner), ticket, granted, since: None, is_spent: false })
    }

    fn spend(mut self) {
        self.is_spent = true;
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        if self.is_spent {
            return;
        }
        let mut state = self.inner.state();
        state.waiting.remove(&self.ticket);
        if state.queue.leave(self.ticket) {
            return;
        }
        let since = self.since.or_else(|| self.granted.try_recv().ok());
        if let Some(since) = since.filter(|since| since.elapsed() < FRESH)
            && let Some(next) = state.queue.pass_on()
        {
            state.grant(next, since);
        }
    }
}

#[cfg(test)]
mod tests;
