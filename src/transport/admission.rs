//! The right to send one request: a slot of the rate limit, and a connection.
//!
//! ```text
//! a call ─▶ join the queue ─▶ granted ─▶ connection ─▶ send: the slot is spent
//!             │    ▲             └─▶ dropped: the slot goes to the next in the queue
//!             │    └ the driver, one task for each queue: asks the limiter, waits until a slot is free, grants
//!             └─▶ dropped, or out of time: leaves the queue at no cost
//! ```
//!
//! `queue.rs` decides; this file holds the lock, the timer and the task. A call that nobody polls holds at most the one slot that it
//! was granted, and stops no other call. Waiting calls replace a driver whose runtime ended or does not run.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use super::connections::{Connections, Permit};
use super::queue::{Next, Queue, Ticket};
use super::{Priority, RateLimiter, Slots, later};

/// When a call is sent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Schedule {
    /// A caller waits. The time of the call runs from its beginning.
    Now,
    /// It takes capacity that other calls leave. Its time begins with its slot.
    WhenFree {
        /// How long it waits for a slot.
        until: Option<Instant>,
        /// Its latest end, whatever its own time.
        end: Option<Instant>,
    },
}

/// Why there is no admission before the deadline.
pub(super) const NO_SLOT: &str = "the client's own rate limit leaves no slot before the deadline";
pub(super) const NO_CONNECTION: &str =
    "all connections of the client are busy until the deadline; see ClientBuilder::max_connections";

/// How long a limiter may take to answer. Then it is asked again.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// The wait after a limiter did not answer.
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// How late a driver may be. Then a waiting call replaces it.
const PATIENCE: Duration = Duration::from_secs(1);
/// A slot that was not used for longer is spent: used later, it could exceed the limit of that minute.
const FRESH: Duration = Duration::from_secs(1);

/// The right to send one request now.
pub(super) struct Admission<'a> {
    slot: Option<Slot>,
    connection: Permit<'a>,
}

impl<'a> Admission<'a> {
    /// Waits for the right to send a request. The error tells why there is none before the deadline.
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

    /// The request is sent: the slot is spent. The connection is in use until the permit is dropped.
    pub(super) fn spend(self) -> Permit<'a> {
        self.slot.into_iter().for_each(Slot::spend);
        self.connection
    }
}

/// The waiting calls of a limit. Clones are the same queue.
#[derive(Clone)]
pub(crate) struct SlotQueue(Arc<Inner>);

struct Inner {
    limiter: Arc<dyn RateLimiter>,
    start: Instant,
    state: Mutex<State>,
    /// A call joined while the driver waits.
    joined: Notify,
}

struct State {
    queue: Queue,
    /// Tells a call that it has a slot, and since when.
    waiting: HashMap<Ticket, oneshot::Sender<Instant>>,
    driver: Option<CurrentDriver>,
    /// The number of the last driver.
    drivers: u64,
}

#[derive(Clone, Copy)]
struct CurrentDriver {
    number: u64,
    /// When it acts next, at the latest.
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

    /// Waits for a slot. `None` if there is none before the deadline.
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
                // The driver is gone, as with its runtime.
                Ok(Err(_)) => slot.granted = self.0.receiver(slot.ticket),
                Err(_) if Instant::now() >= deadline => return None,
                Err(_) => {}
            }
        }
    }
}

impl fmt::Debug for SlotQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SlotQueue").finish_non_exhaustive()
    }
}

impl Inner {
    /// A panic cannot leave it half changed.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The channel by which a ticket is granted.
    fn receiver(&self, ticket: Ticket) -> oneshot::Receiver<Instant> {
        let (sender, receiver) = oneshot::channel();
        self.state().waiting.insert(ticket, sender);
        receiver
    }

    /// Starts a driver unless there is one that is in time. Returns when to look at it again.
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
        // A limiter that answers at once costs no task.
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

    /// Without a driver, a question that is under way has no answer.
    fn end_driver(&mut self, now: Duration, retry_after: Duration) {
        self.driver = None;
        self.queue.answered(now, Priority::Foreground, Slots { taken: 0, retry_after });
    }

    /// Grants a slot to this ticket; to the next one in the queue if it is gone.
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

/// Asks the limiter on behalf of a queue, until nobody waits.
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
                    // What it was notified of is for its successor.
                    return joined.notify_one();
                }
                let next = state.queue.next(start.elapsed());
                let due = match next {
                    Next::Nothing => None,
                    Next::Wait(until) => Some(later(*start, until)),
                    Next::Ask { .. } => Some(later(Instant::now(), ANSWER_TIMEOUT)),
                };
                state.driver = due.map(|due| CurrentDriver { number: self.number, due });
                next
            };
            match next {
                Next::Nothing => return,
                Next::Wait(until) => drop(timeout_at(later(*start, until), joined.notified()).await),
                Next::Ask { most, priority } => {
                    let none = Slots { taken: 0, retry_after: ASK_AGAIN };
                    let slots = timeout(ANSWER_TIMEOUT, limiter.take(most, priority)).await.unwrap_or(none);
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
    /// If it was stopped, by the end of its runtime or a panic of the limiter, each waiting call looks for another one.
    fn drop(&mut self) {
        let mut state = self.inner.state();
        if state.is_driven_by(self.number) {
            state.end_driver(self.inner.start.elapsed(), ASK_AGAIN);
            state.waiting.clear();
        }
    }
}

/// A place in the queue, then a slot. Dropped unused, it leaves the queue, or passes the slot on.
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
mod tests {
    use std::pin::Pin;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::super::{RateLimit, TakeSlots};
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn queue(per_minute: u32) -> SlotQueue {
        RateLimit::per_minute(per_minute).queue().unwrap()
    }

    fn soon() -> Instant {
        Instant::now() + SECOND * 3600
    }

    /// Polls a future once.
    async fn is_pending(mut future: Pin<&mut impl Future>) -> bool {
        std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_pending())).await
    }

    async fn spend(queue: &SlotQueue) {
        queue.slot(Priority::Foreground, soon()).await.unwrap().spend();
    }

    #[tokio::test(start_paused = true)]
    async fn no_minute_has_more_than_the_limit_and_most_of_it_is_used() {
        for limit in [1, 2, 7, 10, 100, 1000] {
            for priority in [Priority::Foreground, Priority::Background] {
                let (queue, start) = (queue(limit), Instant::now());
                let mut times = Vec::new();
                for _ in 0..limit * 3 {
                    queue.slot(priority, soon()).await.unwrap().spend();
                    times.push(start.elapsed());
                }
                let limit = usize::try_from(limit).unwrap();
                for window in times.windows(limit + 1) {
                    assert!(window[limit] - window[0] >= SECOND * 60 - Duration::from_millis(5), "{limit}: {window:?}");
                }
                // A tiny limit pays most for its guarantee: of two slots, one is the burst.
                assert!(start.elapsed() <= SECOND * 300, "{limit}: {:?}", start.elapsed());
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_slot_after_the_deadline_is_refused_at_once_and_not_taken() {
        let queue = queue(1);
        spend(&queue).await;
        let start = Instant::now();
        for priority in [Priority::Foreground, Priority::Background] {
            assert!(queue.slot(priority, start + SECOND * 30).await.is_none());
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert!(queue.slot(Priority::Foreground, start + SECOND * 61).await.is_some());
        assert!(start.elapsed() >= SECOND * 59);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_wait_and_are_not_polled_stop_no_other_call() {
        let queue = queue(60);
        for _ in 0..6 {
            spend(&queue).await;
        }
        let mut stalled = std::pin::pin!(queue.slot(Priority::Foreground, soon()));
        assert!(is_pending(stalled.as_mut()).await);
        let start = Instant::now();
        for _ in 0..5 {
            spend(&queue).await;
        }
        assert!(start.elapsed() < SECOND * 8, "{:?}", start.elapsed());
    }

    /// Web frameworks drop a handler when its client disconnects.
    #[tokio::test(start_paused = true)]
    async fn dropped_calls_cost_no_slot() {
        let queue = queue(100);
        for _ in 0..10 {
            spend(&queue).await;
        }
        for in_order in [true, false] {
            let mut calls: Vec<_> = (0..60).map(|_| Box::pin(queue.slot(Priority::Foreground, soon()))).collect();
            for call in &mut calls {
                assert!(is_pending(call.as_mut()).await);
            }
            if !in_order {
                calls.reverse();
            }
            calls.into_iter().for_each(drop);
        }
        let start = Instant::now();
        queue.slot(Priority::Foreground, start + SECOND).await.unwrap().spend();
        assert!(start.elapsed() < SECOND, "{:?}", start.elapsed());
    }

    /// A slot that was granted is used by the next call, if its own is dropped before it sends.
    #[tokio::test(start_paused = true)]
    async fn a_granted_slot_of_a_dropped_call_goes_to_the_next_one() {
        let queue = queue(10);
        let slot = queue.slot(Priority::Foreground, soon()).await.unwrap();
        let mut waiting = Box::pin(queue.slot(Priority::Background, soon()));
        assert!(is_pending(waiting.as_mut()).await);
        let start = Instant::now();
        drop(slot);
        waiting.await.unwrap().spend();
        assert_eq!(start.elapsed(), Duration::ZERO);
        // One that was held for long would come on top of those of its minute.
        let slot = queue.slot(Priority::Foreground, soon()).await.unwrap();
        tokio::time::advance(FRESH).await;
        let mut waiting = Box::pin(queue.slot(Priority::Foreground, soon()));
        assert!(is_pending(waiting.as_mut()).await);
        drop(slot);
        assert!(is_pending(waiting.as_mut()).await);
    }

    #[tokio::test(start_paused = true)]
    async fn slots_go_to_calls_in_the_order_of_arrival_and_before_background_requests() {
        let queue = queue(10);
        let (order, mut tasks) = (Arc::new(Mutex::new(Vec::new())), tokio::task::JoinSet::new());
        for n in 0..6 {
            let (queue, order) = (queue.clone(), Arc::clone(&order));
            let priority = if n % 2 == 0 { Priority::Background } else { Priority::Foreground };
            tasks.spawn(async move {
                queue.slot(priority, soon()).await.unwrap().spend();
                order.lock().unwrap().push(n);
            });
            tokio::task::yield_now().await;
        }
        tasks.join_all().await;
        assert_eq!(*order.lock().unwrap(), [0, 1, 3, 5, 2, 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_goes_before_any_number_of_polls() {
        let queue = queue(100);
        let polls: Vec<_> = (0..150)
            .map(|_| {
                let queue = queue.clone();
                tokio::spawn(async move { queue.slot(Priority::Background, soon()).await.unwrap().spend() })
            })
            .collect();
        tokio::time::sleep(SECOND * 5).await;
        for _ in 0..4 {
            let start = Instant::now();
            spend(&queue).await;
            assert!(start.elapsed() < SECOND * 2, "{:?}", start.elapsed());
        }
        for poll in polls {
            poll.await.unwrap();
        }
    }

    /// A limiter for odd behaviour, which counts questions.
    struct Odd<F>(AtomicU32, F);

    impl<F: Fn(u32, Priority) -> Slots + Send + Sync> RateLimiter for Odd<F> {
        fn take<'a>(&'a self, most: u32, priority: Priority) -> TakeSlots<'a> {
            self.0.fetch_add(1, Ordering::SeqCst);
            let slots = (self.1)(most, priority);
            match slots.retry_after {
                // It never answers.
                Duration::MAX => Box::pin(std::future::pending()),
                _ => Box::pin(std::future::ready(slots)),
            }
        }
    }

    fn odd(
        answer: impl Fn(u32, Priority) -> Slots + Send + Sync + 'static,
    ) -> (SlotQueue, Arc<dyn Fn() -> u32 + Send + Sync>) {
        let limiter = Arc::new(Odd(AtomicU32::new(0), answer));
        let counted = Arc::clone(&limiter);
        (SlotQueue::new(limiter), Arc::new(move || counted.0.load(Ordering::SeqCst)))
    }

    #[tokio::test(start_paused = true)]
    async fn a_limiter_that_does_not_answer_or_panics_holds_no_call_beyond_its_deadline() {
        let silent = odd(|_, _| Slots { taken: 0, retry_after: Duration::MAX });
        let panicking = odd(|_, _| panic!("as the test wants"));
        let refusing = odd(|_, _| Slots { taken: 0, retry_after: Duration::ZERO });
        for ((queue, questions), most) in [(silent, 3), (panicking, 12), (refusing, 10_001)] {
            for priority in [Priority::Foreground, Priority::Background] {
                let start = Instant::now();
                let call = async { queue.slot(priority, start + SECOND * 5).await.is_none() };
                // A limiter that panics at once panics in the call that asks.
                let call = std::panic::AssertUnwindSafe(call).catch_unwind();
                assert!(call.await.unwrap_or(true));
                assert!(start.elapsed() <= SECOND * 5, "{:?}", start.elapsed());
            }
            assert!(questions() <= most, "{}", questions());
        }
    }

    /// A limiter that fails at the first question, silently or by a panic, and then has a slot.
    fn failing_once(is_silent: bool) -> SlotQueue {
        let is_first = std::sync::atomic::AtomicBool::new(true);
        let answer = move |most, _| match (is_first.swap(false, Ordering::SeqCst), is_silent) {
            (false, _) => Slots { taken: most, retry_after: Duration::ZERO },
            (true, true) => Slots { taken: 0, retry_after: Duration::MAX },
            (true, false) => panic!("as the test wants"),
        };
        odd(answer).0
    }

    #[tokio::test(start_paused = true)]
    async fn a_limiter_that_recovers_is_asked_again() {
        for is_silent in [true, false] {
            let (queue, start) = (failing_once(is_silent), Instant::now());
            let call = std::panic::AssertUnwindSafe(queue.slot(Priority::Foreground, soon())).catch_unwind().await;
            assert_eq!(call.is_ok_and(|slot| slot.is_some()), is_silent);
            spend(&queue).await;
            assert!(start.elapsed() <= SECOND * 7, "{:?}", start.elapsed());
        }
    }

    /// The driver of the first runtime waits for an answer when its runtime stops.
    #[test]
    fn a_question_of_a_runtime_that_does_not_run_any_more_is_asked_again() {
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let (queue, first, second) = (failing_once(true), runtime(), runtime());
        first
            .block_on(async { assert!(is_pending(Box::pin(queue.slot(Priority::Foreground, soon())).as_mut()).await) });
        let slot = second.block_on(async { queue.slot(Priority::Foreground, Instant::now() + SECOND * 30).await });
        assert!(slot.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_overtakes_a_background_request_that_waits() {
        let (queue, _) = odd(|most, priority| match priority {
            // More than was asked for, which does not count.
            Priority::Foreground => Slots { taken: most + 1, retry_after: SECOND * 9 },
            Priority::Background => Slots { taken: 0, retry_after: SECOND * 9 },
        });
        let mut waiting = Box::pin(queue.slot(Priority::Background, soon()));
        assert!(is_pending(waiting.as_mut()).await);
        let start = Instant::now();
        spend(&queue).await;
        assert_eq!(start.elapsed(), Duration::ZERO);
        assert!(is_pending(waiting.as_mut()).await);
    }

    #[tokio::test(start_paused = true)]
    async fn calls_that_wait_at_the_same_time_keep_to_the_limit() {
        let (start, mut tasks, limit) = (Instant::now(), tokio::task::JoinSet::new(), queue(60));
        for _ in 0..30 {
            let queue = limit.clone();
            tasks.spawn(async move {
                spend(&queue).await;
                start.elapsed()
            });
        }
        let mut times = tasks.join_all().await;
        times.sort_unstable();
        // Six at once, and 54 in a minute.
        for (n, time) in (1..).zip(times.iter().skip(6)) {
            assert!(*time >= SECOND * 60 * n / 54, "{times:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_questions_depends_on_the_limit_and_not_on_the_number_of_waiting_calls() {
        for waiting in [10, 1_000] {
            let gcra = Mutex::new(super::super::gcra::Gcra::new(100));
            let start = Instant::now();
            let (queue, questions) =
                odd(move |most, _| gcra.lock().unwrap().take(start.elapsed(), most, Priority::Background));
            let calls: Vec<_> = (0..waiting)
                .map(|_| {
                    let queue = queue.clone();
                    tokio::spawn(async move { queue.slot(Priority::Background, soon()).await.map(Slot::spend) })
                })
                .collect();
            tokio::time::sleep(SECOND * 60).await;
            assert!(questions() <= 240, "{waiting}: {}", questions());
            calls.iter().for_each(tokio::task::JoinHandle::abort);
        }
    }

    /// The task that asks ends with the runtime of the call that began it; calls of other runtimes go on.
    #[test]
    fn a_queue_outlives_the_runtime_that_drives_it() {
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let (queue, first, second) = (queue(10), runtime(), runtime());
        let mut driving = Box::pin(queue.slot(Priority::Foreground, soon()));
        first.block_on(async {
            spend(&queue).await;
            assert!(is_pending(driving.as_mut()).await);
        });
        let mut waiting = Box::pin(queue.slot(Priority::Foreground, soon()));
        second.block_on(async { assert!(is_pending(waiting.as_mut()).await) });
        drop(first);
        drop(driving);
        second.block_on(async {
            assert!(tokio::time::timeout(SECOND * 30, waiting).await.unwrap().is_some());
        });
    }

    /// As with a runtime of each thread that only runs during a call.
    #[test]
    fn a_runtime_that_does_not_run_any_more_stops_no_call_of_another_one() {
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let (queue, first, second) = (queue(60), runtime(), runtime());
        first.block_on(async {
            for _ in 0..6 {
                spend(&queue).await;
            }
            let mut dropped = Box::pin(queue.slot(Priority::Foreground, soon()));
            assert!(is_pending(dropped.as_mut()).await);
        });
        second.block_on(async {
            let start = Instant::now();
            for _ in 0..3 {
                assert!(queue.slot(Priority::Foreground, start + SECOND * 30).await.map(Slot::spend).is_some());
            }
            assert!(start.elapsed() < SECOND * 8, "{:?}", start.elapsed());
        });
        // The first driver sees that it was replaced.
        first.block_on(async {
            tokio::time::sleep(SECOND * 5).await;
            spend(&queue).await;
        });
    }
}
