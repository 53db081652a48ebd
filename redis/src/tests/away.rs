//! The server is killed in the middle, and started again: with what it knew, and without.

use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cashfree_vkyc::RateLimiter as _;
use cashfree_vkyc::webhook::{HandleOnceError, Handled, handle_once};
use http::StatusCode;
use tokio::time::Instant;
use tracing_subscriber::fmt::MakeWriter;

use super::event;
use super::server::Server;
use crate::{Connection, RedisDedupe, RedisRateLimiter};

const HOUR: Duration = Duration::from_secs(3600);
/// So that no slow machine is taken for a store that is away.
const LONG: Duration = Duration::from_secs(20);
/// After which the store is asked again, and a little more.
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

/// The handler has run when the store goes away: its event is not called handled, and comes again.
#[tokio::test]
async fn an_event_that_was_not_taken_down_is_no_200() {
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
    assert!(matches!(handle(&seen, 1).await, Ok(Handled::Processed(_))), "its claim has lapsed");
}

/// Slots that are due by somebody's own clock.
async fn due(limiter: &RedisRateLimiter, start: Instant) -> Duration {
    let slot = limiter.reserve(HOUR).await.unwrap();
    start.elapsed() + slot.wait()
}

#[tokio::test]
async fn the_limit_holds_while_the_store_is_away_and_after_it_lost_its_data() {
    let Some(mut server) = Server::start() else { return };
    // A slot in 20 seconds, and while it is away one in 61. Nothing of this is waited for; a slow machine is seconds late.
    const SLOW: Duration = Duration::from_secs(8);
    let limiter = RedisRateLimiter::new(server.connection(), 4).burst(1).share_when_away(2).timeout(LONG);
    let (start, mut slots) = (Instant::now(), Vec::new());
    for _ in 0..20 {
        slots.push(due(&limiter, start).await);
    }
    server.kill();
    for _ in 0..10 {
        slots.push(due(&limiter, start).await);
    }
    server.start_again();
    tokio::time::sleep(AGAIN).await;
    for _ in 0..20 {
        slots.push(due(&limiter, start).await);
    }
    // What was reserved is known through all of it: the slots go on one after the other.
    for (n, pair) in slots.windows(2).enumerate() {
        let due = Duration::from_secs(if (19..29).contains(&n) { 61 } else { 20 });
        let apart = pair[1].saturating_sub(pair[0]);
        assert!(apart.abs_diff(due) <= SLOW, "{n}: {apart:?}, where {due:?} was due, in {slots:?}");
    }
    for window in slots.windows(5) {
        assert!(window[4] - window[0] >= Duration::from_secs(60), "{window:?}");
    }
}

/// How many slots the fullest minute has.
fn most_in_a_minute(mut slots: Vec<Duration>) -> usize {
    slots.sort();
    let until = |from: &Duration| slots.partition_point(|due| *due < *from + Duration::from_secs(60));
    slots.iter().enumerate().map(|(n, from)| until(from) - n).max().unwrap()
}

/// The store knows nothing of the slots of a share, also where it forgot nothing: they are still waited for when it is back.
#[tokio::test]
async fn the_limit_holds_after_the_store_came_back_with_its_data() {
    let Some(mut server) = Server::that_remembers() else { return };
    let instance = || RedisRateLimiter::new(server.connection(), 100).share_when_away(50).timeout(LONG);
    let (instances, start, mut slots) = ([instance(), instance()], Instant::now(), Vec::new());
    for (phase, each) in [1, 45, 90].into_iter().enumerate() {
        match phase {
            1 => server.kill(),
            2 => {
                server.start_again();
                tokio::time::sleep(AGAIN).await;
            }
            _ => {}
        }
        for n in 0..2 * each {
            slots.push(due(&instances[n % 2], start).await);
        }
    }
    let most = most_in_a_minute(slots);
    assert!((90..=100).contains(&most), "{most} in a minute");
}

/// What a share is on top of the limit where only some are cut off, and that room for it is all that it takes.
#[tokio::test]
async fn two_of_four_that_are_cut_off_add_no_more_than_their_shares() {
    let Some(server) = Server::start() else { return };
    for (limit, share, least, most) in [(100, 25, 140, 150), (60, 10, 70, 80)] {
        let instance =
            |connection| RedisRateLimiter::new(connection, limit).account(limit.to_string()).share_when_away(share);
        let (there, start, mut slots) = (instance(server.connection()).timeout(LONG), Instant::now(), Vec::new());
        for _ in 0..2 * limit {
            slots.push(due(&there, start).await);
        }
        for _ in 0..2 {
            let cut_off = instance(Connection::open("redis://127.0.0.1:1").unwrap());
            for _ in 0..2 * share {
                slots.push(due(&cut_off, start).await);
            }
        }
        let found = most_in_a_minute(slots);
        assert!((least..=most).contains(&found), "{found} in a minute");
    }
}

/// Slots of a share that went out just now leave nothing to send ahead of time.
#[tokio::test]
async fn a_store_that_is_back_gives_no_burst_upon_what_the_share_sent() {
    let Some(mut server) = Server::that_remembers() else { return };
    let shift = Arc::new(AtomicI64::new(0));
    let limiter = RedisRateLimiter::new(server.connection(), 100).burst(50).share_when_away(100).timeout(LONG);
    let limiter = limiter.shift(Arc::clone(&shift));
    limiter.reserve(HOUR).await.unwrap();
    // By its data, the store could give fifty at once.
    shift.store(600_000_000, Ordering::SeqCst);
    server.kill();
    limiter.reserve(HOUR).await.unwrap();
    server.start_again();
    tokio::time::sleep(AGAIN).await;
    let mut at_once = 0;
    while at_once < 50 && limiter.reserve(Duration::ZERO).await.is_ok() {
        at_once += 1;
    }
    // One in 1.2 seconds, on however slow a machine.
    assert!(at_once < 20, "{at_once} at once");
}

/// As after a failover to a replica that was behind, or with a log that is written once a second.
#[tokio::test]
async fn the_limit_holds_after_the_store_came_back_with_older_data() {
    let Some(mut server) = Server::start() else { return };
    let limiter = RedisRateLimiter::new(server.connection(), 100).timeout(LONG);
    let (start, mut slots) = (Instant::now(), vec![]);
    slots.push(due(&limiter, start).await);
    let () = redis::cmd("SAVE").query_async(&mut server.commands().await).await.unwrap();
    for _ in 0..90 {
        slots.push(due(&limiter, start).await);
    }
    server.kill();
    server.start_again();
    for _ in 0..90 {
        slots.push(due(&limiter, start).await);
    }
    let most = most_in_a_minute(slots);
    assert!((90..=100).contains(&most), "{most} in a minute");
}

#[tokio::test]
async fn who_has_no_share_sends_nothing_meanwhile() {
    let Some(mut server) = Server::start() else { return };
    let limiter = RedisRateLimiter::new(server.connection(), 600).share_when_away(0).timeout(LONG);
    assert!(limiter.reserve(HOUR).await.is_ok());
    server.kill();
    for _ in 0..3 {
        let none = limiter.reserve(HOUR).await.unwrap_err();
        assert!(none.retry_after <= Duration::from_secs(2), "{none:?}");
    }
    server.start_again();
    tokio::time::sleep(AGAIN).await;
    assert!(limiter.reserve(HOUR).await.is_ok());
}

/// Collects what is logged on this thread.
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
async fn going_and_coming_back_are_told_once_each() {
    let Some(mut server) = Server::start() else { return };
    let log = Log::default();
    // With one subscriber alone, what another test's thread logs first is off for all threads.
    let _another = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let subscriber = tracing_subscriber::fmt().with_writer(log.clone()).with_ansi(false).finish();
    let _logged = tracing::subscriber::set_default(subscriber);
    let limiter = RedisRateLimiter::new(server.connection(), 600).timeout(LONG);
    limiter.reserve(HOUR).await.unwrap();
    server.kill();
    for _ in 0..5 {
        limiter.reserve(HOUR).await.unwrap();
    }
    server.start_again();
    tokio::time::sleep(AGAIN).await;
    for _ in 0..5 {
        limiter.reserve(HOUR).await.unwrap();
    }
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let count = |words: &str| text.lines().filter(|line| line.contains(words)).count();
    assert_eq!((count("WARN"), count("INFO")), (1, 1), "{text}");
    assert_eq!((count("is away: this instance keeps to its share"), count("answers again")), (1, 1), "{text}");
    assert!(!text.contains(&server.port().to_string()), "{text}");
}
