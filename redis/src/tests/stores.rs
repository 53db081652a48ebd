//! The stores do what those in memory do: they pass the same suites, by a clock that is moved and by the server's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use cashfree_vkyc::RateLimiter;
use cashfree_vkyc::webhook::{Claim, Dedupe, Handled, handle_once};
use cashfree_vkyc_conformance::{self as conformance, Time, Verdict};
use redis::AsyncCommands as _;

use super::event;
use super::server::Server;
use crate::{Connection, RedisDedupe, RedisRateLimiter};

/// What the scripts are told to add to the server's clock.
fn moved() -> (Arc<AtomicI64>, Time) {
    let shift: Arc<AtomicI64> = Arc::default();
    let hand = Arc::clone(&shift);
    let set = move |time: Duration| hand.store(i64::try_from(time.as_micros()).unwrap(), Ordering::SeqCst);
    (shift, Time::moved(set))
}

fn limiter(connection: &Connection, per_minute: u32, account: &str) -> RedisRateLimiter {
    // Slower than any machine: while it is away, no case is about the store.
    RedisRateLimiter::new(connection.clone(), per_minute).account(account).timeout(Duration::from_secs(20))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_pass_the_suite_with_nothing_left_out() {
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
    let lease = Duration::from_secs(2);
    let store = RedisDedupe::new(server.connection()).lease(lease).timeout(Duration::from_secs(20));
    conformance::dedupe(lease, &Time::real(), || store.clone()).await.assert_passed();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slots_pass_the_suite_with_nothing_left_out() {
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slots_pass_the_suite_by_the_clock_of_the_server() {
    let Some(server) = Server::start() else { return };
    let connection = server.connection();
    let instance = |account: &str| -> Arc<dyn RateLimiter> { Arc::new(limiter(&connection, 1200, account)) };
    conformance::rate_limiter(1200, &Time::real(), instance).await.assert_passed();
}

/// Bursts are there after a pause, and as large as was said.
#[tokio::test]
async fn slots_that_were_not_used_may_go_out_at_once() {
    let Some(server) = Server::start() else { return };
    let (shift, time) = moved();
    let limiter = limiter(&server.connection(), 20, "a").burst(10).shift(Arc::clone(&shift));
    let now = async |limiter: &RedisRateLimiter| limiter.reserve(Duration::ZERO).await.is_ok();
    assert!(now(&limiter).await && !now(&limiter).await, "what is not known counts as spent");
    drop(time);
    shift.fetch_add(600_000_000, Ordering::SeqCst);
    for n in 0..10 {
        assert!(now(&limiter).await, "{n}");
    }
    assert!(!now(&limiter).await);
}

#[tokio::test]
async fn a_slot_that_is_given_back_is_there_again() {
    let Some(server) = Server::start() else { return };
    // One a minute: so no slot gets free while this runs.
    let limiter = limiter(&server.connection(), 1, "a");
    let hour = Duration::from_secs(3600);
    limiter.reserve(hour).await.unwrap();
    let slot = limiter.reserve(hour).await.unwrap();
    limiter.give_back(slot);
    for _ in 0..1000 {
        if limiter.reserve(slot.wait()).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it is still taken");
}

/// A verification's id is unique within an account only, so two accounts can have events of the same key.
#[tokio::test]
async fn accounts_do_not_share_events() {
    let Some(server) = Server::start() else { return };
    let of = |account: &str| RedisDedupe::new(server.connection()).account(account).timeout(Duration::from_secs(20));
    let (a, b, event) = (of("a"), of("b"), event(1));
    let handle = async |seen: &RedisDedupe| handle_once(seen, &event, async |_| Ok::<_, &str>(())).await;
    assert!(matches!(handle(&a).await, Ok(Handled::Processed(()))));
    assert!(matches!(handle(&b).await, Ok(Handled::Processed(()))), "taken for the other account's");
    for account in [a, of("a"), b, of("b")] {
        assert!(matches!(handle(&account).await, Ok(Handled::Duplicate)), "its own is known");
    }
    let (of_none, of_default) = (RedisDedupe::new(server.connection()), of("default"));
    assert!(matches!(handle(&of_none).await, Ok(Handled::Processed(()))));
    assert!(matches!(handle(&of_default).await, Ok(Handled::Duplicate)), "who names none has this one");
}

/// What stands in the store: nothing of a customer, and nothing for ever.
#[tokio::test]
async fn keys_are_few_end_by_themselves_and_tell_nothing() {
    let Some(server) = Server::start() else { return };
    let connection = server.connection();
    let limiter = limiter(&connection, 100, "main").prefix("p");
    let seen = RedisDedupe::new(connection.clone()).account("main").prefix("p").remember(Duration::from_secs(500));
    let key = event(4711).key();
    let Claim::Acquired(token) = seen.claim(&key).await.unwrap() else { panic!() };
    limiter.reserve(Duration::ZERO).await.unwrap();
    let mut store = server.connection();
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
