//! Responses that are lost or late: a proxy before the server closes the connection instead of a response, or is silent for a
//! while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use cashfree_vkyc::webhook::{Claim, Dedupe as _};
use cashfree_vkyc::{Priority, RateLimiter as _, Slots};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;

use super::event;
use super::server::Server;
use crate::{Connection, RedisDedupe, RedisRateLimiter};

pub(super) struct Proxy {
    address: String,
    shared: Arc<Shared>,
}

struct Shared {
    /// The server of new connections.
    port: AtomicU16,
    connections: AtomicUsize,
    /// The number of responses that will be lost.
    lose: AtomicUsize,
    /// Whether it forwards nothing.
    is_silent: AtomicBool,
}

impl Proxy {
    pub(super) async fn before(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("redis://{}", listener.local_addr().unwrap());
        let (port, connections, lose) = (server.port().into(), AtomicUsize::default(), AtomicUsize::default());
        let shared = Arc::new(Shared { port, connections, lose, is_silent: AtomicBool::default() });
        let of_task = Arc::clone(&shared);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                of_task.connections.fetch_add(1, Ordering::SeqCst);
                let port = of_task.port.load(Ordering::SeqCst);
                let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                tokio::spawn(forward(client, server, Arc::clone(&of_task)));
            }
        });
        Self { address, shared }
    }

    pub(super) fn connection(&self) -> Connection {
        Connection::open(self.address.as_str()).unwrap()
    }

    /// Connects new connections to this server. The others stay open.
    pub(super) fn lead_to(&self, server: &Server) {
        self.shared.port.store(server.port(), Ordering::SeqCst);
    }

    /// Returns the number of connections so far.
    pub(super) fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    fn lose(&self, answers: usize) {
        self.shared.lose.store(answers, Ordering::SeqCst);
    }
}

async fn forward(client: TcpStream, server: TcpStream, shared: Arc<Shared>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asked = tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let mut answer = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from_server.read(&mut answer).await {
        while shared.is_silent.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let lost = shared.lose.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if lost || to_client.write_all(&answer[..length]).await.is_err() {
            break;
        }
    }
    asked.abort();
}

#[tokio::test]
async fn after_a_lost_response_the_same_claim_is_returned_again() {
    let Some(server) = Server::start() else { return };
    let proxy = Proxy::before(&server).await;
    let seen = RedisDedupe::new(proxy.connection()).timeout(Duration::from_secs(20));
    // The script is loaded, and the connection open.
    assert!(matches!(seen.claim(&event(0).key()).await.unwrap(), Claim::Acquired(_)));
    let key = event(1).key();
    proxy.lose(1);
    let Claim::Acquired(token) = seen.claim(&key).await.unwrap() else { panic!("the repeated claim failed") };
    assert_eq!(seen.claim(&key).await.unwrap(), Claim::InProgress);
    proxy.lose(1);
    seen.complete(&key, token).await.unwrap();
    assert_eq!(seen.claim(&key).await.unwrap(), Claim::Processed);
    let key = event(2).key();
    let Claim::Acquired(token) = seen.claim(&key).await.unwrap() else { panic!() };
    proxy.lose(1);
    seen.release(&key, token).await.unwrap();
    assert!(matches!(seen.claim(&key).await.unwrap(), Claim::Acquired(_)));
}

#[tokio::test]
async fn a_slot_whose_response_is_lost_costs_one_slot() {
    let Some(server) = Server::start() else { return };
    let proxy = Proxy::before(&server).await;
    // One slot in a second.
    let limiter = RedisRateLimiter::new(proxy.connection(), 62).burst(1);
    let limiter = limiter.timeout(Duration::from_secs(20));
    assert_eq!(limiter.take(1, Priority::Foreground).await.taken, 1);
    tokio::time::sleep(Duration::from_millis(1_050)).await;
    proxy.lose(1);
    let slots = limiter.take(1, Priority::Foreground).await;
    assert!(slots.taken == 0 && slots.retry_after <= Duration::from_secs(1), "{slots:?}");
    tokio::time::sleep(slots.retry_after).await;
    assert_eq!(limiter.take(1, Priority::Foreground).await.taken, 1);
}

/// Regression: a store that does not respond for 700 ms every two seconds let more through than the limit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_often_silent_does_not_raise_the_limit() {
    let Some(server) = Server::start() else { return };
    let proxy = Proxy::before(&server).await;
    let limiter = RedisRateLimiter::new(proxy.connection(), 600).share_when_away(300);
    let (start, mut times) = (Instant::now(), Vec::new());
    let shared = Arc::clone(&proxy.shared);
    let clock = tokio::spawn(async move {
        loop {
            shared.is_silent.store(start.elapsed().as_millis() % 2_000 >= 1_300, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    while start.elapsed() < Duration::from_secs(12) {
        let slots = limiter.take(20, Priority::Foreground).await;
        times.extend((0..slots.taken).map(|_| start.elapsed()));
        tokio::time::sleep(slots.retry_after).await;
    }
    clock.abort();
    // Twelve at once, and 588 in 61 seconds. A response may be late by half a second.
    for (n, from) in times.iter().enumerate() {
        for (m, to) in times.iter().enumerate().skip(n) {
            let most = 13.0 + (*to - *from + Duration::from_millis(500)).as_secs_f64() * 588.0 / 61.0;
            assert!(((m - n + 1) as f64) < most, "{} from {from:?} to {to:?}", m - n + 1);
        }
    }
    println!("{} slots in 12 seconds", times.len());
    assert!(times.len() > 36, "{}", times.len());
}

/// A server that accepts everything and never responds does not block a caller.
#[tokio::test]
async fn a_call_to_a_silent_store_ends_at_the_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("redis://{}", listener.local_addr().unwrap());
    let connection = Connection::open(address.as_str()).unwrap();
    let seen = RedisDedupe::new(connection.clone()).timeout(Duration::from_millis(50));
    let error = seen.claim(&event(1).key()).await.unwrap_err();
    assert_eq!(error.to_string(), "the store did not respond within 50ms");
    assert_eq!(format!("{error:?}"), "StoreError(\"the store did not respond within 50ms\")");
    let limiter = RedisRateLimiter::new(connection, 600).timeout(Duration::from_millis(50));
    // The first slot of its share, one in 61/59 seconds, is later than the next question to the store.
    let none = Slots { taken: 0, retry_after: Duration::from_secs(1) };
    assert_eq!(limiter.take(1, Priority::Foreground).await, none);
}
