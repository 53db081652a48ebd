//! Another server takes over while connections to the old one stay open. New connections lead to the new one.

use std::time::Duration;

use cashfree_vkyc::webhook::{Claim, Dedupe as _};
use cashfree_vkyc::{Priority, RateLimiter as _};
use tokio::time::Instant;

use super::event;
use super::proxy::Proxy;
use super::server::Server;
use crate::{RedisDedupe, RedisRateLimiter};

/// Recovery takes a second, or six from a silent server. A slow machine needs more.
const PATIENCE: Duration = Duration::from_secs(30);

fn servers() -> Option<[Server; 2]> {
    let server = || Server::with(&["--appendonly", "no", "--repl-diskless-sync-delay", "0"]);
    Some([server()?, server()?])
}

/// Sends a command directly to the server.
async fn command(server: &Server, words: &str) -> redis::Value {
    let mut words = words.split(' ');
    let mut command = redis::cmd(words.next().unwrap());
    for word in words {
        command.arg(word);
    }
    command.query_async(&mut server.commands().await).await.unwrap()
}

async fn follow(replica: &Server, primary: &Server) {
    command(replica, &format!("REPLICAOF 127.0.0.1 {}", primary.port())).await;
    let end = Instant::now() + PATIENCE;
    while !format!("{:?}", command(replica, "INFO replication").await).contains("master_link_status:up") {
        assert!(Instant::now() < end, "the replica does not follow");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the replica has every write. `WAIT` covers the writes of its connection only, so this writes a key first.
async fn replicated(primary: &Server) {
    let mut connection = primary.commands().await;
    let end = Instant::now() + PATIENCE;
    loop {
        let mut commands = redis::pipe();
        commands.cmd("SET").arg("last write").arg(1).ignore().cmd("WAIT").arg(1).arg(100);
        // On a slow machine, a response may be late.
        if matches!(commands.query_async(&mut connection).await, Ok((1_i64,))) {
            return;
        }
        assert!(Instant::now() < end, "the replica is behind");
    }
}

async fn claimed(seen: &RedisDedupe, number: i64) -> Claim {
    let end = Instant::now() + PATIENCE;
    loop {
        match seen.claim(&event(number).key()).await {
            Ok(claim) => return claim,
            Err(error) => assert!(Instant::now() < end, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_demoted_primary_is_abandoned() {
    let Some([old, new]) = servers() else { return };
    follow(&new, &old).await;
    let proxy = Proxy::before(&old).await;
    let seen = RedisDedupe::new(proxy.connection());
    // Without a share, every slot is the store's: one slot in about five seconds.
    let limiter = |connection| RedisRateLimiter::new(connection, 12).burst(1).share_when_away(0);
    let (moved, other) = (limiter(proxy.connection()), limiter(new.connection()));
    let Claim::Acquired(token) = claimed(&seen, 1).await else { panic!() };
    seen.complete(&event(1).key(), token).await.unwrap();
    let take = async |limiter: &RedisRateLimiter| limiter.take(1, Priority::Foreground).await;
    assert_eq!(take(&moved).await.taken, 1);
    replicated(&old).await;

    command(&new, "REPLICAOF NO ONE").await;
    follow(&old, &new).await;
    proxy.lead_to(&new);
    assert!(matches!(claimed(&seen, 2).await, Claim::Acquired(_)));
    assert_eq!(claimed(&seen, 1).await, Claim::Processed);

    // The limit is shared again: each slot counts for both.
    let end = Instant::now() + PATIENCE;
    while take(&moved).await.taken == 0 {
        assert!(Instant::now() < end, "the limit is not shared again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let none = take(&other).await;
    assert_eq!(none.taken, 0);
    tokio::time::sleep(none.retry_after).await;
    assert_eq!((take(&other).await.taken, take(&moved).await.taken), (1, 0));
}

#[tokio::test]
async fn a_server_that_is_cut_off_from_the_others_is_abandoned() {
    for (code, commands) in [
        ("MASTERDOWN", &["CONFIG SET replica-serve-stale-data no", "REPLICAOF 127.0.0.1 1"][..]),
        ("NOREPLICAS", &["CONFIG SET min-replicas-to-write 1"]),
    ] {
        let Some([old, new]) = servers() else { return };
        let proxy = Proxy::before(&old).await;
        let seen = RedisDedupe::new(proxy.connection());
        assert!(matches!(claimed(&seen, 1).await, Claim::Acquired(_)));
        for words in commands {
            command(&old, words).await;
        }
        let error = seen.claim(&event(2).key()).await.unwrap_err();
        assert!(error.to_string().ends_with(code), "{error}");
        proxy.lead_to(&new);
        assert!(matches!(claimed(&seen, 2).await, Claim::Acquired(_)), "{code}");
    }
}

#[tokio::test]
async fn a_server_that_became_silent_is_abandoned() {
    let Some([old, new]) = servers() else { return };
    let proxy = Proxy::before(&old).await;
    let seen = RedisDedupe::new(proxy.connection());
    assert!(matches!(claimed(&seen, 1).await, Claim::Acquired(_)));
    old.pause();
    proxy.lead_to(&new);
    assert!(matches!(claimed(&seen, 2).await, Claim::Acquired(_)));
}

#[tokio::test]
async fn a_server_that_responds_keeps_its_connection() {
    let Some([server, _]) = servers() else { return };
    let proxy = Proxy::before(&server).await;
    let seen = RedisDedupe::new(proxy.connection()).timeout(PATIENCE);
    for number in 0..60 {
        assert!(matches!(seen.claim(&event(number).key()).await, Ok(Claim::Acquired(_))));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(proxy.connections(), 1);
}

/// While the address leads to a replica, one connection a second is opened, however many events come.
#[tokio::test]
async fn a_store_that_stays_read_only_is_not_flooded_with_connections() {
    let Some([primary, replica]) = servers() else { return };
    follow(&replica, &primary).await;
    let proxy = Proxy::before(&replica).await;
    let seen = RedisDedupe::new(proxy.connection()).timeout(PATIENCE);
    let (start, mut claims) = (Instant::now(), 0);
    while start.elapsed() < Duration::from_millis(2_500) {
        let events = (0..20).map(event).collect::<Vec<_>>();
        let outcomes = events.iter().map(|event| async { seen.claim(&event.key()).await });
        for outcome in futures_util::future::join_all(outcomes).await {
            let error = outcome.unwrap_err();
            assert!(error.to_string().ends_with("READONLY"), "{error}");
            claims += 1;
        }
    }
    let (connections, seconds) = (proxy.connections(), usize::try_from(start.elapsed().as_secs()).unwrap());
    assert!((2..=seconds + 1).contains(&connections), "{connections} in {seconds} s, with {claims} claims");
    command(&replica, "REPLICAOF NO ONE").await;
    assert!(matches!(claimed(&seen, 1).await, Claim::Acquired(_)));
}
