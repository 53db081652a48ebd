//! A cluster of one server: keys are in their slots, and scripts run there.

use std::sync::Arc;
use std::time::Duration;

use cashfree_vkyc::RateLimiter;
use cashfree_vkyc_conformance as conformance;
use redis::cluster::ClusterClient;

use super::server::Server;
use super::stores::moved;
use crate::{Connection, RedisDedupe, RedisRateLimiter};

/// Longer than any machine needs.
const SLOW: Duration = Duration::from_secs(20);

async fn cluster(server: &Server) -> Connection {
    let mut node = server.commands().await;
    let all: Vec<u16> = (0..16384).collect();
    let () = redis::cmd("CLUSTER").arg("ADDSLOTS").arg(&all).query_async(&mut node).await.unwrap();
    for _ in 0..1000 {
        let info: String = redis::cmd("CLUSTER").arg("INFO").query_async(&mut node).await.unwrap();
        if info.contains("cluster_state:ok") {
            let client = ClusterClient::builder([server.address()]).connection_timeout(SLOW).response_timeout(SLOW);
            return client.build().unwrap().get_async_connection().await.unwrap().into();
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the cluster does not come up")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_stores_pass_their_suites_over_a_cluster() {
    let Some(server) = Server::with(&["--cluster-enabled", "yes"]) else { return };
    let connection = cluster(&server).await;
    assert_eq!(format!("{connection:?}"), "Connection(cluster)");
    let (lease, (shift, time)) = (Duration::from_secs(60), moved());
    let store = RedisDedupe::new(connection.clone()).lease(lease).timeout(SLOW).shift(Arc::clone(&shift));
    conformance::dedupe(lease, &time, || store.clone()).await.assert_passed();
    let (shift, time) = moved();
    let instance = |account: &str| -> Arc<dyn RateLimiter> {
        let limiter = RedisRateLimiter::new(connection.clone(), 100).account(account).shift(Arc::clone(&shift));
        Arc::new(limiter.timeout(SLOW))
    };
    conformance::rate_limiter(100, &time, instance).await.assert_passed();
}
