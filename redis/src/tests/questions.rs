//! How often a client asks the store: it depends on the limit, not on the number of waiting calls.

use std::sync::Arc;
use std::time::{Duration, Instant};

use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::{Client, Credentials, Environment, RateLimit, ReferenceId};

use super::server::Server;
use crate::RedisRateLimiter;

/// Returns the number of scripts that the server has run.
async fn scripts(server: &Server) -> u64 {
    let info: String = redis::cmd("INFO").arg("commandstats").query_async(&mut server.commands().await).await.unwrap();
    let line = info.lines().find_map(|line| line.strip_prefix("cmdstat_evalsha:calls="));
    line.map_or(0, |line| line.split(',').next().unwrap().parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thousands_of_waiting_watches_ask_the_store_only_as_often_as_the_limit_requires() {
    let Some(server) = Server::start() else { return };
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.put(Sandbox::published_sample());
    let watches = 5_000_u32;
    let limiter = RedisRateLimiter::new(server.connection(), 100);
    let client = Client::builder()
        .environment(Environment::custom(sandbox.url()).unwrap())
        .credentials(Credentials::new(sandbox.client_id(), sandbox.client_secret()).unwrap())
        .rate_limit(RateLimit::shared(Arc::new(limiter.timeout(Duration::from_secs(20)))))
        .build()
        .unwrap();
    let waiting: Vec<_> = (0..watches)
        .map(|_| tokio::spawn(client.watch(ReferenceId(1358)).max_wait(Duration::from_secs(3600)).until_final()))
        .collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let (start, before, served) = (Instant::now(), scripts(&server).await, sandbox.requests().len());
    tokio::time::sleep(Duration::from_secs(10)).await;
    let asked = (scripts(&server).await - before) as f64 / start.elapsed().as_secs_f64();
    let served = (sandbox.requests().len() - served) as f64 / start.elapsed().as_secs_f64();
    println!("{watches} watches: {asked:.2} questions and {served:.2} requests a second");
    assert!(asked <= 4.0, "{watches} watches: {asked} questions a second");
    assert!(served >= 1.2, "{watches} watches: {served} requests a second");
    waiting.iter().for_each(tokio::task::JoinHandle::abort);
}
