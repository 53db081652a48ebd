//! The queue in paused time: order, dropped calls, limiters and runtimes that stop.

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
            // The guarantee costs a small limit most: of two slots, one is the burst.
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
async fn a_waiting_call_that_is_not_polled_blocks_no_other_call() {
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

/// If a call is dropped before it sends, the next call uses its slot.
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
    // A slot that was held too long is not reused: it would exceed the limit of the current minute.
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

/// A limiter with the given behaviour, which counts its calls.
struct Odd<F>(AtomicU32, F);

impl<F: Fn(u32, Priority) -> Slots + Send + Sync> RateLimiter for Odd<F> {
    fn take<'a>(&'a self, most: u32, priority: Priority) -> TakeSlots<'a> {
        self.0.fetch_add(1, Ordering::SeqCst);
        let slots = (self.1)(most, priority);
        match slots.retry_after {
            // It never responds.
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
async fn with_a_silent_or_panicking_limiter_a_call_still_ends_at_its_deadline() {
    let silent = odd(|_, _| Slots { taken: 0, retry_after: Duration::MAX });
    let panicking = odd(|_, _| panic!("as the test wants"));
    let refusing = odd(|_, _| Slots { taken: 0, retry_after: Duration::ZERO });
    for ((queue, questions), most) in [(silent, 3), (panicking, 12), (refusing, 10_001)] {
        for priority in [Priority::Foreground, Priority::Background] {
            let start = Instant::now();
            let call = async { queue.slot(priority, start + SECOND * 5).await.is_none() };
            // If `take` itself panics, the call that asked panics.
            let call = std::panic::AssertUnwindSafe(call).catch_unwind();
            assert!(call.await.unwrap_or(true));
            assert!(start.elapsed() <= SECOND * 5, "{:?}", start.elapsed());
        }
        assert!(questions() <= most, "{}", questions());
    }
}

/// A limiter whose first `take` hangs or panics, and whose later ones grant slots.
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
        // After a panic, the next call need not wait until the driver is late.
        let most = if is_silent { RESPONSE_TIMEOUT + PATIENCE } else { ASK_AGAIN };
        assert!(start.elapsed() <= most, "{:?}", start.elapsed());
    }
}

/// The first runtime stops while its task waits for the limiter.
#[test]
fn the_limiter_is_asked_again_if_the_runtime_that_asked_has_stopped() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let (queue, first, second) = (failing_once(true), runtime(), runtime());
    first.block_on(async { assert!(is_pending(Box::pin(queue.slot(Priority::Foreground, soon())).as_mut()).await) });
    let slot = second.block_on(async { queue.slot(Priority::Foreground, Instant::now() + SECOND * 30).await });
    assert!(slot.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_call_overtakes_a_background_request_that_waits() {
    let (queue, _) = odd(|most, priority| match priority {
        // More slots than requested; the excess is ignored.
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
    // Six at once, and 54 within a minute.
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

/// The asking task ends with the runtime of the call that started it. Calls of other runtimes continue.
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

/// Each thread has a runtime, which runs only during a call.
#[test]
fn a_stopped_runtime_blocks_no_call_of_another_one() {
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
