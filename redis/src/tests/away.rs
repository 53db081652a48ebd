//! The server is killed and started again, with and without its data.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cashfree_vkyc::webhook::{HandleOnceError, Handled, handle_once};
use cashfree_vkyc::{Priority, RateLimiter as _, Slots};
use http::StatusCode;
use tokio::time::Instant;
use tracing_subscriber::fmt::MakeWriter;

use super::event;
use super::server::Server;
use super::stores::moved;
use crate::{RedisDedupe, RedisRateLimiter};

const SECOND: Duration = Duration::from_secs(1);
/// A slow machine must not be taken for a store that is away.
const LONG: Duration = Duration::from_secs(20);
/// The time until the store is asked again, and a margin.
const AGAIN: Duration = Duration::from_millis(1_700);

async fn handle(seen: &RedisDedupe, number: i64) -> Result<Handled<i64>, HandleOnceError<&'static str>> {
    handle_once(seen, &event(number), async |_| Ok(number)).await
}

fn status(outcome: &Result<Handled<i64>, HandleOnceError<&'static str>>) -> StatusCode {
    outcome.as_ref().map_or_else(HandleOnceError::http_status, Handled::http_status)
}

#[tokio::test]
async fn events_are_refused_while_the_store_is_away_and_neither_lost_nor_doubled() {
    let Some(mut server) = Server::that_remembers() else { return };
    let seen = RedisDedupe::new(server.connection()).timeout(LONG);
    for number in 0..50 {
        assert!(matches!(handle(&seen, number).await, Ok(Handled::Processed(_))));
    }
    server.kill();
    for number in [0, 49, 50] {
        let outcome = handle(&seen, number).await;
        assert!(matches!(outcome, Err(HandleOnceError::Store(_))), "{outcome:?}");
        assert_eq!(status(&outcome), StatusCode::SERVICE_UNAVAILABLE);
    }
    server.start_again();
    for number in 0..100 {
        let outcome = handle(&seen, number).await;
        let as_due = if number < 50 {
            matches!(outcome, Ok(Handled::Duplicate))
        } else {
            matches!(outcome, Ok(Handled::Processed(_)))
        };
        assert!(as_due, "{number}: {outcome:?}");
    }
}

/// If the store goes away after the handler has run, the event is not reported as handled, and is delivered again.
#[tokio::test]
async fn an_event_that_was_not_recorded_gets_no_200() {
    let Some(server) = Server::that_remembers() else { return };
    let seen = RedisDedupe::new(server.connection()).lease(Duration::from_millis(300)).timeout(LONG);
    let server = Mutex::new(server);
    let event = event(1);
    let outcome = handle_once(&seen, &event, async |_| {
        server.lock().unwrap().kill();
        Ok::<_, &str>(1)
    });
    let outcome = outcome.await;
    assert!(matches!(outcome, Err(HandleOnceError::NotRecorded(_))), "{outcome:?}");
    server.lock().unwrap().start_again();
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert!(matches!(handle(&seen, 1).await, Ok(Handled::Processed(_))), "its claim has expired");
}

async fn call(limiter: &RedisRateLimiter, most: u32) -> Slots {
    limiter.take(most, Priority::Foreground).await
}

/// Takes all slots for this long. Returns when they were used.
async fn take_for(limiter: &RedisRateLimiter, start: Instant, time: Duration) -> Vec<Duration> {
    let (end, mut times) = (Instant::now() + time, Vec::new());
    while Instant::now() < end {
        let slots = call(limiter, 200).await;
        times.extend((0..slots.taken).map(|_| start.elapsed()));
        tokio::time::sleep(slots.retry_after.max(Duration::from_millis(1)).min(end - Instant::now().min(end))).await;
    }
    times
}

#[tokio::test]
async fn the_limit_holds_while_the_store_is_away_and_after_it_lost_its_data() {
    let Some(mut server) = Server::start() else { return };
    // Twelve at once, and one in 61/588 seconds; while it is away, one in 61/299 seconds.
    let limiter = RedisRateLimiter::new(server.connection(), 600).share_when_away(300).timeout(LONG);
    let (start, mut times, mut counts) = (Instant::now(), Vec::new(), Vec::new());
    for phase in 0..3 {
        match phase {
            1 => server.kill(),
            2 => {
                server.start_again();
                tokio::time::sleep(AGAIN).await;
            }
            _ => {}
        }
        let taken = take_for(&limiter, start, SECOND * 4).await;
        counts.push(taken.len());
        if phase == 1 {
            // One may be left of the question in progress.
            let apart = taken.windows(2).skip(1).map(|pair| pair[1] - pair[0]).min().unwrap();
            assert!(apart >= Duration::from_millis(200), "{apart:?} in {taken:?}");
        }
        times.extend(taken);
    }
    for (n, from) in times.iter().enumerate() {
        for (m, to) in times.iter().enumerate().skip(n) {
            // A response may be late by half a second.
            let most = 13.0 + (*to - *from + SECOND / 2).as_secs_f64() * 588.0 / 61.0;
            assert!(((m - n + 1) as f64) < most, "{} from {from:?} to {to:?}", m - n + 1);
        }
    }
    let [with, without, back] = counts[..] else { panic!() };
    assert!(with > 20 && without > 5 && back > 20, "{counts:?}");
}

/// According to its data, the store could grant a hundred slots at once. The slots of the shares use them up.
#[tokio::test]
async fn a_store_that_is_back_gives_no_burst_after_the_shares() {
    let Some(mut server) = Server::that_remembers() else { return };
    let (shift, _time) = moved();
    let instance = || {
        let limiter = RedisRateLimiter::new(server.connection(), 600).burst(100).share_when_away(300).timeout(LONG);
        limiter.shift(Arc::clone(&shift))
    };
    let (instances, start) = ([instance(), instance()], Instant::now());
    for limiter in &instances {
        call(limiter, 1).await;
    }
    shift.fetch_add(600_000_000, Ordering::SeqCst);
    server.kill();
    let both = async |time| {
        let [a, b] = [&instances[0], &instances[1]].map(|limiter| take_for(limiter, start, time));
        let (a, b) = tokio::join!(a, b);
        a.len() + b.len()
    };
    let shares = both(SECOND * 14).await;
    assert!((5..80).contains(&shares), "{shares} slots of the shares");
    server.start_again();
    tokio::time::sleep(AGAIN).await;
    let back = both(SECOND * 2).await;
    assert!((2..40).contains(&back), "{back} slots in two seconds");
}

/// As after a failover to a replica that lagged, or with a log that is written once a second.
#[tokio::test]
async fn the_limit_holds_after_the_store_came_back_with_older_data() {
    let Some(mut server) = Server::start() else { return };
    let (shift, _time) = moved();
    let limiter = RedisRateLimiter::new(server.connection(), 600).burst(100).timeout(LONG).shift(Arc::clone(&shift));
    assert_eq!(call(&limiter, 1).await.taken, 1);
    shift.fetch_add(600_000_000, Ordering::SeqCst);
    assert_eq!(call(&limiter, 1).await.taken, 1);
    let () = redis::cmd("SAVE").query_async(&mut server.commands().await).await.unwrap();
    assert_eq!(call(&limiter, 99).await.taken, 99);
    server.kill();
    server.start_again();
    // According to its data, 99 are free.
    let taken = take_for(&limiter, Instant::now(), SECOND * 2).await.len();
    assert!(taken < 40, "{taken} slots in two seconds");
}

#[tokio::test]
async fn a_limiter_without_a_share_grants_nothing_while_the_store_is_away() {
    let Some(mut server) = Server::start() else { return };
    let limiter = RedisRateLimiter::new(server.connection(), 600).share_when_away(0).timeout(LONG);
    assert_eq!(call(&limiter, 1).await.taken, 1);
    server.kill();
    let start = Instant::now();
    while start.elapsed() < SECOND * 2 {
        let slots = call(&limiter, 1).await;
        assert!(slots.taken == 0 && slots.retry_after <= SECOND, "{slots:?}");
        tokio::time::sleep(slots.retry_after).await;
    }
    server.start_again();
    tokio::time::sleep(AGAIN).await;
    assert!(!take_for(&limiter, Instant::now(), SECOND).await.is_empty());
}

/// Collects the log of this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn the_beginning_and_the_end_of_an_outage_are_logged_once() {
    let Some(mut server) = Server::start() else { return };
    let log = Log::default();
    // With a single subscriber, a level that another test's thread logs first would be off for all threads.
    let _another = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
    let _logged = tracing::subscriber::set_default(subscriber);
    let limiter = RedisRateLimiter::new(server.connection(), 600).timeout(LONG);
    call(&limiter, 1).await;
    server.kill();
    take_for(&limiter, Instant::now(), SECOND * 2).await;
    server.start_again();
    tokio::time::sleep(AGAIN).await;
    take_for(&limiter, Instant::now(), SECOND * 2).await;
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let count = |words: &str| text.lines().filter(|line| line.contains(words)).count();
    assert_eq!((count("WARN"), count("INFO")), (1, 1), "{text}");
    assert_eq!((count("is away: this instance keeps to its share"), count("responds again")), (1, 1), "{text}");
    assert!(!text.contains(&server.port().to_string()), "{text}");
}
