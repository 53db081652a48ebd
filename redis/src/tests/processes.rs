//! Four processes, in place of four machines, share a limit and events.
//!
//! A child is this program: it runs one test only, and reads its instructions from the environment.

use std::collections::BTreeMap;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::webhook::{Handled, handle_once};
use cashfree_vkyc::{Client, Credentials, Environment, RateLimit, ReferenceId, RetryPolicy};
use futures_util::StreamExt as _;
use redis::AsyncCommands as _;

use super::event;
use super::server::{Server, commands};
use crate::{Connection, RedisDedupe, RedisRateLimiter};

const PROCESSES: i64 = 4;
const TOLD: &str = "CASHFREE_VKYC_REDIS_TEST_CHILD";

/// Runs a test of this file in four processes, each with its number and these words. Returns the output of each.
async fn four(test: &str, words: &[&str]) -> Vec<String> {
    let children = (0..PROCESSES).map(|number| {
        let mut command = tokio::process::Command::new(std::env::current_exe().unwrap());
        command.args([&format!("tests::processes::{test}"), "--exact", "--nocapture"]);
        command.env(TOLD, format!("{number} {}", words.join(" "))).stdin(Stdio::null()).kill_on_drop(true);
        async move {
            let output = command.output().await.unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
            assert!(text.contains("\nrunning 1 test\n"), "{text}");
            text
        }
    });
    futures_util::future::join_all(children).await
}

/// Returns the instructions of this process. `None` if it is not a child.
fn instructions() -> Option<Vec<String>> {
    Some(std::env::var(TOLD).ok()?.split(' ').map(str::to_owned).collect())
}

const PER_MINUTE: usize = 600;
const SECONDS: u64 = 20;

#[tokio::test]
async fn one_process_calls_until_the_end() {
    let Some([_, store, account, id, secret]) = instructions().map(|words| <[String; 5]>::try_from(words).unwrap())
    else {
        return;
    };
    let limiter = RedisRateLimiter::new(Connection::open(store.as_str()).unwrap(), 600).share_when_away(150);
    let client = Client::builder()
        .environment(Environment::custom(account).unwrap())
        .credentials(Credentials::new(id, secret).unwrap())
        .rate_limit(RateLimit::shared(Arc::new(limiter)))
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let end = Instant::now() + Duration::from_secs(SECONDS);
    let callers = (0..10).map(|_| async {
        while Instant::now() < end {
            client.status(ReferenceId(1358)).await.unwrap();
        }
    });
    futures_util::future::join_all(callers).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_share_the_limit_of_an_account() {
    let Some(server) = Server::start() else { return };
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.put(Sandbox::published_sample());
    let words = [&server.address(), &sandbox.url(), sandbox.client_id(), sandbox.client_secret()];
    four("one_process_calls_until_the_end", &words.map(|word: &str| word)).await;
    let calls: Vec<_> = sandbox.requests().iter().map(|request| request.at).collect();
    let apart = |from: usize, to: usize| Duration::try_from(calls[to].duration_since(calls[from])).unwrap();
    // Twelve at once, and 588 in 61 seconds. A request may be late by a second.
    for from in 0..calls.len() {
        for to in from..calls.len() {
            let (most, time) = (13.0 + (apart(from, to).as_secs_f64() + 1.0) * 588.0 / 61.0, apart(from, to));
            assert!(((to - from + 1) as f64) < most, "{} calls in {time:?}", to - from + 1);
        }
    }
    let whole = apart(0, calls.len() - 1);
    let used = calls.len() as f64 / whole.as_secs_f64() * 60.0;
    println!("{} calls in {whole:?}: {used:.1} a minute", calls.len());
    assert!(used >= 0.96 * PER_MINUTE as f64, "{used} a minute");
    sandbox.assert_no_problems();
}

const EVENTS: i64 = 10_000;

/// Waits for the other processes, so that they deliver at the same time.
async fn all_are_there(store: &str) {
    let mut store = commands(store).await;
    let mut there: i64 = store.incr("there", 1).await.unwrap();
    while there < PROCESSES {
        tokio::time::sleep(Duration::from_millis(5)).await;
        there = store.get("there").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_handles_its_deliveries() {
    let Some([number, store]) = instructions().map(|words| <[String; 2]>::try_from(words).unwrap()) else { return };
    let number: i64 = number.parse().unwrap();
    let seen = RedisDedupe::new(Connection::open(store.as_str()).unwrap()).timeout(Duration::from_secs(20));
    // Each event is delivered to two of the four. The pair differs from event to event, and each process begins with another one.
    let deliveries = (0..EVENTS).map(|event| (event + number * EVENTS / PROCESSES) % EVENTS).filter(|event| {
        let (first, apart) = (event % PROCESSES, 1 + event / PROCESSES % (PROCESSES - 1));
        number == first || number == (first + apart) % PROCESSES
    });
    all_are_there(&store).await;
    let handled = futures_util::stream::iter(deliveries).map(|number| {
        let seen = &seen;
        async move {
            let event = event(number);
            loop {
                let slow = async |_: &_| {
                    tokio::time::sleep(Duration::from_millis(u64::try_from(number % 4).unwrap())).await;
                    Ok::<_, &str>(number)
                };
                match handle_once(seen, &event, slow).await.unwrap() {
                    Handled::Processed(number) => return format!("handled {number}"),
                    Handled::Duplicate => return format!("before {number}"),
                    // As Cashfree does after a 503: the event is delivered again.
                    Handled::InProgress => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            }
        }
    });
    let lines: Vec<_> = handled.buffer_unordered(64).collect().await;
    println!("\n{}", lines.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_processes_handle_each_of_ten_thousand_events_once() {
    let Some(server) = Server::start() else { return };
    let printed = four("one_process_handles_its_deliveries", &[&server.address()]).await;
    let mut handled: BTreeMap<i64, u32> = BTreeMap::new();
    let mut before = 0;
    for line in printed.iter().flat_map(|text| text.lines()) {
        if let Some(number) = line.strip_prefix("handled ") {
            *handled.entry(number.parse().unwrap()).or_default() += 1;
        }
        before += u32::from(line.starts_with("before "));
    }
    assert!(handled.values().all(|times| *times == 1), "handled more than once");
    assert_eq!((handled.len(), before), (10_000, 10_000), "each was delivered twice and handled once");
    for text in &printed {
        let its = text.lines().filter(|line| line.starts_with("handled ")).count();
        assert!(its > 0, "each process handled some");
    }
}
