//! The stores behave like those in memory: they pass the same suites, with a clock that is set and with the server's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use cashfree_vkyc::webhook::{Claim, Dedupe, Handled, handle_once};
use cashfree_vkyc::{Priority, RateLimiter};
use cashfree_vkyc_conformance::{self as conformance, Time, Verdict};
use redis::AsyncCommands as _;

use super::event;
use super::server::Server;
use crate::limit::{Gcra, tests::StoreModel};
use crate::{Connection, RedisDedupe, RedisRateLimiter};

/// The value that the scripts add to the server's clock.
pub(super) fn moved() -> (Arc<AtomicI64>, Time) {
    let shift: Arc<AtomicI64> = Arc::default();
    let hand = Arc::clone(&shift);
    let set = move |time: Duration| hand.store(i64::try_from(time.as_micros()).unwrap(), Ordering::SeqCst);
    (shift, Time::moved(set))
}

fn limiter(connection: &Connection, per_minute: u32, account: &str) -> RedisRateLimiter {
    // A timeout longer than any machine needs: no case is about a store that is away.
    RedisRateLimiter::new(connection.clone(), per_minute).account(account).timeout(Duration::from_secs(20))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_pass_the_suite_with_no_case_skipped() {
    let Some(server) = Server::start() else { return };
    let (lease, (shift, time)) = (Duration::from_secs(60), moved());
    let instance = || {
        let store = RedisDedupe::new(server.connection()).lease(lease).shift(Arc::clone(&shift));
        store.timeout(Duration::from_secs(20))
    };
    let report = conformance::dedupe(lease, &time, instance).await;
    assert!(report.cases().all(|(_, verdict)| *verdict == Verdict::Passed), "{report}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_pass_the_suite_by_the_clock_of_the_server() {
    let Some(server) = Server::start() else { return };
    let lease = Duration::from_secs(1);
    let store = RedisDedupe::new(server.connection()).lease(lease).timeout(Duration::from_secs(20));
    conformance::dedupe(lease, &Time::real(), || store.clone()).await.assert_passed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slots_pass_the_suite_with_no_case_skipped() {
    let Some(server) = Server::start() else { return };
    let (shift, time) = moved();
    let connections: Vec<_> = (0..4).map(|_| server.connection()).collect();
    for per_minute in [20, 600] {
        let next = std::cell::Cell::new(0);
        let instance = |account: &str| -> Arc<dyn RateLimiter> {
            next.set((next.get() + 1) % connections.len());
            let limiter = limiter(&connections[next.get()], per_minute, account);
            Arc::new(limiter.prefix(format!("test-{per_minute}")).shift(Arc::clone(&shift)))
        };
        let report = conformance::rate_limiter(per_minute, &time, instance).await;
        assert!(report.cases().all(|(_, verdict)| *verdict == Verdict::Passed), "{per_minute}:\n{report}");
    }
}

/// The burst is free after a pause, and has the configured size.
#[tokio::test]
async fn slots_that_were_not_used_may_be_used_at_once() {
    let Some(server) = Server::start() else { return };
    let (shift, _time) = moved();
    let limiter = limiter(&server.connection(), 20, "a").burst(10).shift(Arc::clone(&shift));
    let take = async |most| limiter.take(most, Priority::Foreground).await.taken;
    assert_eq!((take(9).await, take(9).await), (1, 0), "at the first question, nothing is ahead of time");
    shift.fetch_add(600_000_000, Ordering::SeqCst);
    assert_eq!((take(3).await, take(99).await, take(99).await), (3, 7, 0));
    shift.fetch_add(6_100_000, Ordering::SeqCst);
    assert_eq!((take(0).await, take(99).await), (0, 1));
}

/// The script decides like the model that explores `limit.rs`.
#[tokio::test]
async fn the_script_agrees_with_the_explored_model() {
    let Some(server) = Server::start() else { return };
    let mut commands = server.commands().await;
    let mut random = fastrand::Rng::with_seed(22);
    for (per_minute, burst) in [(100, 2), (63, 2), (600, 100), (4, 1)] {
        let gcra = Gcra::new(per_minute, burst);
        let interval = u64::try_from(gcra.interval.as_micros()).unwrap();
        let ahead = u64::try_from(gcra.ahead.as_micros()).unwrap();
        let () = commands.del("k").await.unwrap();
        let (mut model, mut last, mut time) = (StoreModel::default(), 0, 1_000 * interval);
        for n in 0..500 {
            match random.u32(0..40) {
                0 => {
                    model = StoreModel::default();
                    let () = commands.del("k").await.unwrap();
                }
                1 => time -= random.u64(0..4 * interval),
                2 => time += 50 * interval,
                // To the time when no call waits.
                3..8 => time = time.max(model.kept),
                _ => time += random.u64(0..interval),
            }
            let known = match random.u32(0..20) {
                0 => 0,
                1 => 1 << 53,
                2 => last + 1,
                _ => last,
            };
            let (most, is_foreground) = (random.u32(0..4), random.u32(0..4) > 0);
            // The script gets the model's time instead of the server's.
            let text = include_str!("../limit.lua").replacen("redis.call('TIME')", &format!("{{0, {time}}}"), 1);
            let fixed = redis::Script::new(&text);
            let mut invocation = fixed.key("k");
            invocation.arg(interval).arg(ahead).arg(most).arg(u32::from(is_foreground)).arg(known).arg(0);
            let found: Vec<i64> = invocation.invoke_async(&mut commands).await.unwrap();
            let answer = model.run(gcra, time, most, is_foreground, known);
            let [retry_after, due_in] =
                [answer.retry_after, answer.due_in].map(|time| i64::try_from(time.as_micros()).unwrap());
            let due = i64::try_from(answer.due).unwrap();
            let expected = [i64::from(answer.taken), retry_after, due_in, due];
            assert_eq!([found[0], found[1], found[2].max(0), found[3]], expected, "{per_minute}: {n}");
            last = answer.due;
        }
    }
}

/// A verification's id is unique within an account only, so two accounts can have events of the same key.
#[tokio::test]
async fn accounts_do_not_share_events() {
    let Some(server) = Server::start() else { return };
    let of = |account: &str| RedisDedupe::new(server.connection()).account(account).timeout(Duration::from_secs(20));
    let (a, b, event) = (of("a"), of("b"), event(1));
    let handle = async |seen: &RedisDedupe| handle_once(seen, &event, async |_| Ok::<_, &str>(())).await;
    assert!(matches!(handle(&a).await, Ok(Handled::Processed(()))));
    assert!(matches!(handle(&b).await, Ok(Handled::Processed(()))), "not a duplicate of the other account's event");
    for account in [a, of("a"), b, of("b")] {
        assert!(matches!(handle(&account).await, Ok(Handled::Duplicate)), "a duplicate in its own account");
    }
    let (of_none, of_default) = (RedisDedupe::new(server.connection()), of("default"));
    assert!(matches!(handle(&of_none).await, Ok(Handled::Processed(()))));
    assert!(matches!(handle(&of_default).await, Ok(Handled::Duplicate)), "the default account");
}

/// The contents of the store: no customer data, and nothing without an expiry.
#[tokio::test]
async fn keys_are_few_expire_and_contain_no_data_of_events() {
    let Some(server) = Server::start() else { return };
    let connection = server.connection();
    let limiter = limiter(&connection, 100, "main").prefix("p");
    let seen = RedisDedupe::new(connection.clone()).account("main").prefix("p").remember(Duration::from_secs(500));
    let key = event(4711).key();
    let Claim::Acquired(token) = seen.claim(&key).await.unwrap() else { panic!() };
    assert_eq!(limiter.take(1, Priority::Foreground).await.taken, 1);
    let mut store = server.commands().await;
    let mut keys: Vec<String> = store.keys("*").await.unwrap();
    keys.sort();
    assert_eq!(keys, [format!("p:event:{{main:{key}}}"), "p:limit:{main}".to_owned()]);
    seen.complete(&key, token).await.unwrap();
    for (key, most) in keys.iter().zip([500_000, 3_602_000]) {
        let left: i64 = store.pttl(key).await.unwrap();
        assert!((most - 60_000..=most).contains(&left), "{key}: {left}");
    }
    let texts = format!("{connection:?} {limiter:?} {seen:?}");
    assert!(!texts.contains(&server.port().to_string()), "{texts}");
}
