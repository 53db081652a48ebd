//! Accounts that share connections share no header and no rate limit.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cashfree_vkyc::{
    Client, Credentials, Delivery, ErrorKind, Priority, RateLimit, RateLimiter, ReferenceId, Slots, TakeSlots,
    TwoFactorKey,
};

use crate::support::keep_alive::{Answer, KeepAlive};

/// Credentials of the tenant with this number. Their lengths differ, so that remains of longer ones would be visible.
fn credentials(tenant: i64) -> Credentials {
    let more = "x".repeat(usize::try_from(tenant).unwrap() * 7);
    Credentials::new(format!("client-id-{tenant}-{more}"), format!("client-secret-{tenant}-{more}")).unwrap()
}

/// The number of requests with each combination of id, secret and argument.
type Seen = Arc<Mutex<BTreeMap<[String; 3], usize>>>;

fn header(head: &str, name: &str) -> String {
    let values: Vec<_> = head.lines().filter_map(|line| line.strip_prefix(name)).collect();
    assert_eq!(values.len(), 1, "{name} in {head}");
    values[0].to_owned()
}

async fn server() -> (KeepAlive, Seen) {
    let seen = Seen::default();
    let count = seen.clone();
    let server = KeepAlive::answering(move |head| {
        let argument = head.split("reference_id=").nth(1).unwrap().split(' ').next().unwrap().to_owned();
        let key = [header(head, "x-client-id: "), header(head, "x-client-secret: "), argument.clone()];
        *count.lock().unwrap().entry(key).or_default() += 1;
        Answer::new(format!(r#"{{"reference_id":{argument},"status":"RECEIVED"}}"#))
    });
    (server.await, seen)
}

/// The clients of this many tenants. Each except the first is derived from the one before.
fn clients(server: &KeepAlive, tenants: i64) -> Vec<Client> {
    let mut clients = vec![server.builder().credentials(credentials(0)).build().unwrap()];
    for tenant in 1..tenants {
        clients.push(clients.last().unwrap().with_credentials(credentials(tenant)).unwrap());
    }
    clients
}

fn expected(tenants: i64, calls: usize) -> BTreeMap<[String; 3], usize> {
    let row = |tenant: i64| {
        let more = "x".repeat(usize::try_from(tenant).unwrap() * 7);
        ([format!("client-id-{tenant}-{more}"), format!("client-secret-{tenant}-{more}"), tenant.to_string()], calls)
    };
    (0..tenants).map(row).collect()
}

#[tokio::test]
async fn tenants_that_call_in_turn_share_one_connection() {
    let (server, seen) = server().await;
    let clients = clients(&server, 3);
    for _ in 0..10 {
        for (tenant, client) in (0..).zip(&clients) {
            client.status(ReferenceId(tenant)).await.unwrap();
        }
    }
    assert_eq!(server.requests_by_connection(), [30]);
    assert_eq!(*seen.lock().unwrap(), expected(3, 10));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn headers_of_tenants_never_mix_in_concurrent_calls() {
    use futures_util::StreamExt as _;
    let (server, seen) = server().await;
    let clients = clients(&server, 4);
    let calls = (0..4000).map(|n| {
        let tenant = n % 4;
        let call = clients[tenant].status(ReferenceId(i64::try_from(tenant).unwrap()));
        async move { tokio::spawn(call.into_future()).await.unwrap().unwrap() }
    });
    assert_eq!(futures_util::stream::iter(calls).buffer_unordered(32).count().await, 4000);
    assert_eq!(*seen.lock().unwrap(), expected(4, 1000));
    let connections = server.requests_by_connection().len();
    assert!(connections < 400, "4000 requests over {connections} connections");
}

#[tokio::test]
async fn max_connections_bounds_the_requests_of_all_tenants() {
    let server = KeepAlive::answering(|head| Answer {
        after: Duration::from_millis(20),
        ..Answer::new(crate::support::received(head))
    });
    let server = server.await;
    let first = server.builder().max_connections(2).build().unwrap();
    let second = first.with_credentials(credentials(1)).unwrap();
    let calls = (0..12).map(|n| [&first, &second][n % 2].status(ReferenceId(1)).into_future());
    assert!(futures_util::future::join_all(calls).await.iter().all(Result::is_ok));
    assert_eq!(server.most_under_way(), 2);
}

/// A limiter with this many slots in total.
struct Two(Mutex<u32>);

impl RateLimiter for Two {
    fn take<'a>(&'a self, most: u32, _: Priority) -> TakeSlots<'a> {
        let mut left = self.0.lock().unwrap();
        let taken = most.min(*left);
        *left -= taken;
        let retry_after = if *left > 0 { Duration::ZERO } else { Duration::from_secs(60) };
        Box::pin(std::future::ready(Slots { taken, retry_after }))
    }
}

#[tokio::test]
async fn each_account_has_its_own_rate_limit_unless_it_is_shared() {
    let (server, _) = server().await;
    let call = |client: &Client| client.status(ReferenceId(1)).timeout(Duration::from_secs(2)).into_future();

    // With a limit of one a minute, each account has one slot.
    let first = server.builder().rate_limit(RateLimit::per_minute(1)).build().unwrap();
    let second = first.with_credentials(credentials(1)).unwrap();
    assert!(call(&first).await.is_ok() && call(&second).await.is_ok());
    for client in [&first, &second] {
        let error = call(client).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotSent), "{error}");
    }

    let shared = RateLimit::shared(Arc::new(Two(Mutex::new(2))));
    let first = server.builder().rate_limit(shared).build().unwrap();
    let second = first.with_credentials(credentials(1)).unwrap();
    assert!(call(&first).await.is_ok() && call(&second).await.is_ok());
    assert!(call(&first).await.is_err() && call(&second).await.is_err());
}

#[tokio::test]
async fn a_new_tenant_keeps_the_second_factor_until_it_is_replaced() {
    let (server, _) = server().await;
    let key = || TwoFactorKey::from_pem(crate::two_factor::public_pem()).unwrap();
    let first = server.builder().two_factor(key()).build().unwrap();
    let second = first.with_credentials(credentials(1)).unwrap();
    let without = second.with_two_factor(None).unwrap();
    let again = without.with_two_factor(key()).unwrap();
    let shows = |client: &Client| format!("{client:?}").contains("two_factor: Some");
    assert!(shows(&first) && shows(&second) && !shows(&without) && shows(&again));
    let too_long = Credentials::new("x".repeat(300), "secret").unwrap();
    assert!(first.with_credentials(too_long.clone()).unwrap_err().to_string().contains("two-factor"));
    assert!(without.with_credentials(too_long).is_ok());
}
