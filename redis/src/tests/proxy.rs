//! Answers that are lost: a proxy between us and the server that closes the connection in place of one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};
use std::time::Duration;

use cashfree_vkyc::RateLimiter as _;
use cashfree_vkyc::webhook::{Claim, Dedupe as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

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
    /// How many answers are still to be lost.
    lose: AtomicUsize,
}

impl Proxy {
    pub(super) async fn before(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("redis://{}", listener.local_addr().unwrap());
        let (port, connections, lose) = (server.port().into(), AtomicUsize::default(), AtomicUsize::default());
        let shared = Arc::new(Shared { port, connections, lose });
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

    /// From now on, new connections lead to this server. The others stay open.
    pub(super) fn lead_to(&self, server: &Server) {
        self.shared.port.store(server.port(), Ordering::SeqCst);
    }

    /// The number of connections so far.
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
        let lost = shared.lose.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if lost || to_client.write_all(&answer[..length]).await.is_err() {
            break;
        }
    }
    asked.abort();
}

#[tokio::test]
async fn a_claim_whose_answer_is_lost_is_asked_for_again_and_is_the_same() {
    let Some(server) = Server::start() else { return };
    let proxy = Proxy::before(&server).await;
    let seen = RedisDedupe::new(proxy.connection()).timeout(Duration::from_secs(20));
    // Loaded, and connected.
    assert!(matches!(seen.claim(&event(0).key()).await.unwrap(), Claim::Acquired(_)));
    let key = event(1).key();
    proxy.lose(1);
    let Claim::Acquired(token) = seen.claim(&key).await.unwrap() else { panic!("its own claim was in its way") };
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
async fn a_slot_whose_answer_is_lost_costs_one_slot() {
    let Some(server) = Server::start() else { return };
    let proxy = Proxy::before(&server).await;
    let limiter = RedisRateLimiter::new(proxy.connection(), 62).burst(1);
    let limiter = limiter.timeout(Duration::from_secs(20));
    let hour = Duration::from_secs(3600);
    limiter.reserve(hour).await.unwrap();
    proxy.lose(1);
    let wait = limiter.reserve(hour).await.unwrap().wait();
    assert!(wait <= Duration::from_secs(2) && limiter.reserve(hour).await.unwrap().reservation_id() > 0, "{wait:?}");
}

/// A server that takes all and says nothing: who asks is not kept waiting.
#[tokio::test]
async fn a_store_that_is_silent_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("redis://{}", listener.local_addr().unwrap());
    let connection = Connection::open(address.as_str()).unwrap();
    let seen = RedisDedupe::new(connection.clone()).timeout(Duration::from_millis(50));
    let error = seen.claim(&event(1).key()).await.unwrap_err();
    assert_eq!(error.to_string(), "the store did not answer within 50ms");
    assert_eq!(format!("{error:?}"), "StoreError(\"the store did not answer within 50ms\")");
    let limiter = RedisRateLimiter::new(connection, 600).timeout(Duration::from_millis(50));
    let slot = limiter.reserve(Duration::from_secs(3600)).await.unwrap();
    assert_eq!(slot.reservation_id(), 0, "of its share");
}
