//! Admission: no call depends on the polling of other futures, calls have priority over watches, and connections are bounded.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cashfree_vkyc::{
    Delivery, ErrorKind, Priority, RateLimit, RateLimiter, ReferenceId, RetryPolicy, Slots, TakeSlots, WatchErrorKind,
};
use futures_util::StreamExt as _;

use crate::support::keep_alive::{Answer, KeepAlive};
use crate::support::received;

const LONG: Duration = Duration::from_secs(3600);

async fn agreeable() -> KeepAlive {
    KeepAlive::answering(|head| Answer::new(received(head))).await
}

/// A server that responds after this time.
async fn slow(after: Duration) -> KeepAlive {
    KeepAlive::answering(move |head| Answer { after, ..Answer::new(received(head)) }).await
}

#[tokio::test]
async fn an_unpolled_bulk_call_blocks_no_other_call() {
    let server = agreeable().await;
    // Sixty slots at once, then nine a second.
    let client = server.builder().rate_limit(RateLimit::per_minute(600)).build().unwrap();
    let mut statuses = client.statuses((0..1000).map(ReferenceId));
    for _ in 0..62 {
        statuses.next().await.unwrap().1.unwrap();
    }
    // From here on, the stream waits for slots and is not polled.
    let start = Instant::now();
    let calls = (0..15).map(|_| tokio::spawn(client.status(ReferenceId(1)).into_future()));
    for call in calls.collect::<Vec<_>>() {
        call.await.unwrap().unwrap();
    }
    assert!(start.elapsed() < Duration::from_secs(9), "{:?}", start.elapsed());
    statuses.next().await.unwrap().1.unwrap();
}

#[tokio::test]
async fn unpolled_watches_block_no_other_call() {
    let server = agreeable().await;
    let client = server.builder().rate_limit(RateLimit::per_minute(600)).build().unwrap();
    let watches: Vec<_> = (0..70).map(|id| client.watch(ReferenceId(id)).max_wait(LONG).changes()).collect();
    let mut stalled: Vec<_> = watches;
    for watch in &mut stalled {
        let _ = tokio::time::timeout(Duration::from_millis(2), watch.next()).await;
    }
    let start = Instant::now();
    for _ in 0..15 {
        client.status(ReferenceId(1)).await.unwrap();
    }
    assert!(start.elapsed() < Duration::from_secs(9), "{:?}", start.elapsed());
}

#[tokio::test]
async fn calls_have_priority_over_150_watches() {
    let server = agreeable().await;
    let client = server.builder().rate_limit(RateLimit::STANDARD).build().unwrap();
    let watches: Vec<_> =
        (0..150).map(|id| tokio::spawn(client.watch(ReferenceId(id)).max_wait(LONG).until_final())).collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = server.requests();
    for _ in 0..4 {
        let start = Instant::now();
        client.status(ReferenceId(1)).await.unwrap();
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
    assert!(before >= 9, "the watches did not begin: {before} requests");
    watches.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn calls_have_priority_over_a_bulk_call() {
    let server = agreeable().await;
    let client = server.builder().rate_limit(RateLimit::STANDARD).build().unwrap();
    let bulk = client.statuses((0..1000).map(ReferenceId)).concurrency(64);
    let bulk = tokio::spawn(bulk.for_each(|_| std::future::ready(())));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let start = Instant::now();
    client.status(ReferenceId(1)).await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    bulk.abort();
}

#[tokio::test]
async fn many_watches_share_the_connections_of_a_client() {
    let server = slow(Duration::from_millis(20)).await;
    let client = server.builder().max_connections(20).build().unwrap();
    let watches: Vec<_> =
        (0..500).map(|id| tokio::spawn(client.watch(ReferenceId(id)).max_wait(LONG).changes().into_future())).collect();
    // A call gets a connection while the watches wait for theirs.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let start = Instant::now();
    client.status(ReferenceId(1)).await.unwrap();
    assert!(start.elapsed() < Duration::from_millis(400), "{:?}", start.elapsed());
    for watch in watches {
        assert!(watch.await.unwrap().0.unwrap().is_ok());
    }
    assert_eq!(server.requests(), 501);
    assert!(server.most_open() <= 20, "{} connections", server.most_open());
}

#[tokio::test]
async fn a_call_without_a_free_connection_in_time_names_max_connections() {
    let server = slow(Duration::from_secs(60)).await;
    let client = server.builder().max_connections(1).retry(RetryPolicy::none()).build().unwrap();
    let busy = tokio::spawn(client.status(ReferenceId(1)).into_future());
    tokio::time::sleep(Duration::from_millis(100)).await;
    let error = client.status(ReferenceId(2)).timeout(Duration::from_millis(200)).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery(), error.attempts()), (ErrorKind::Timeout, Delivery::NotSent, 0));
    assert!(error.to_string().contains("max_connections"), "{error}");
    busy.abort();
}

/// The slot is granted late, and then the server hangs. The watch ends within five seconds after `max_wait`.
#[tokio::test]
async fn a_watch_with_a_late_slot_still_ends_in_time() {
    let server = slow(Duration::from_secs(60)).await;
    // One slot at once, the next in three and a half seconds.
    let client = server.builder().rate_limit(RateLimit::per_minute(18)).build().unwrap();
    let first = client.status(ReferenceId(1)).timeout(Duration::from_millis(50));
    assert_eq!(first.await.unwrap_err().kind(), ErrorKind::Timeout);
    let start = Instant::now();
    let watch = client.watch(ReferenceId(1)).max_wait(Duration::from_secs(1));
    let error = watch.until_final().await.unwrap_err();
    assert_eq!(error.kind(), WatchErrorKind::ExceededMaxWait);
    assert!(start.elapsed() < Duration::from_millis(6_500), "{:?}", start.elapsed());
    assert!(server.requests() == 2, "the slot was never used");
}

/// A store that grants a slot at every second question, while slots are left.
struct Counter {
    left: AtomicUsize,
    questions: AtomicUsize,
}

impl RateLimiter for Counter {
    fn take<'a>(&'a self, _: u32, _: Priority) -> TakeSlots<'a> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            let none = Slots { taken: 0, retry_after: Duration::from_millis(100) };
            if self.questions.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) {
                return none;
            }
            let left = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
            if left.is_ok() { Slots { taken: 1, ..none } } else { Slots { retry_after: LONG, ..none } }
        })
    }
}

#[tokio::test]
async fn a_shared_limiter_is_queried_by_one_queue_for_every_attempt() {
    let server = agreeable().await;
    let counter = Arc::new(Counter { left: AtomicUsize::new(2), questions: AtomicUsize::new(0) });
    let limit = RateLimit::shared(counter.clone());
    let [one, other] = [limit.clone(), limit].map(|limit| server.builder().rate_limit(limit).build().unwrap());
    let start = Instant::now();
    one.status(ReferenceId(1)).await.unwrap();
    assert!(start.elapsed() >= Duration::from_millis(100), "it did not wait for its slot");
    // A dropped call leaves the queue.
    let dropped = tokio::time::timeout(Duration::from_millis(20), other.status(ReferenceId(1)).into_future());
    assert!(dropped.await.is_err());
    assert_eq!((server.requests(), counter.left.load(Ordering::SeqCst)), (1, 1));
    other.status(ReferenceId(1)).await.unwrap();
    let error = one.status(ReferenceId(1)).timeout(Duration::from_secs(2)).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotSent));
    assert_eq!(server.requests(), 2);
}

/// Calls of web handlers whose clients disconnected use no slot.
#[tokio::test]
async fn sixty_dropped_calls_delay_no_other_call() {
    let server = agreeable().await;
    let client = server.builder().rate_limit(RateLimit::STANDARD).build().unwrap();
    for _ in 0..10 {
        client.status(ReferenceId(1)).await.unwrap();
    }
    let calls = (0..60).map(|_| client.status(ReferenceId(1)).into_future());
    let dropped = tokio::time::timeout(Duration::from_millis(20), futures_util::future::join_all(calls));
    assert!(dropped.await.is_err());
    let start = Instant::now();
    client.status(ReferenceId(1)).timeout(Duration::from_secs(5)).await.unwrap();
    println!("the next call after {:?}", start.elapsed());
    // One slot in two thirds of a second.
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
}

/// Watches that end at the same time leave the slots to calls. The error of a watch without a slot names the rate limit.
#[tokio::test(start_paused = true)]
async fn watches_that_end_do_not_overtake_calls() {
    let server = agreeable().await;
    let client = server.builder().rate_limit(RateLimit::STANDARD).build().unwrap();
    let wait = Duration::from_secs(30);
    let watches: Vec<_> =
        (0..300).map(|id| tokio::spawn(client.watch(ReferenceId(id)).max_wait(wait).until_final())).collect();
    let end = tokio::time::Instant::now() + wait + Duration::from_secs(5);
    while tokio::time::Instant::now() < end {
        client.status(ReferenceId(1)).timeout(Duration::from_secs(4)).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let mut never = 0;
    for watch in watches {
        let error = watch.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), WatchErrorKind::ExceededMaxWait, "{error}");
        if error.last().is_none() {
            never += 1;
            assert!(error.to_string().contains("rate limit leaves no slot"), "{error}");
        }
    }
    assert!(never > 100, "{never}");
}
