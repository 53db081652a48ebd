//! Two accounts share their connections. Each call uses the credentials of one account and gets only its data.
//!
//! ```text
//! cargo run --example tenants
//! ```
//!
//! ```text
//! Client of north ──with_credentials──▶ Client of south
//!        └────────── connections ──────────┘
//!                         │ x-client-id of the calling client
//!                         ▼
//!        relay ─▶ embedded sandbox of north · embedded sandbox of south
//! ```
//!
//! A service with many accounts needs only one connection pool. Each account has its own limit: each client counts separately, unless
//! the limit is a `RateLimit::shared`.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, StatusCode, Uri};
use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::{Client, Credentials, Environment, RateLimit, VerificationId};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A merchant of yours, with an account at Cashfree.
struct Account {
    client_id: &'static str,
    client_secret: &'static str,
    sandbox: Sandbox,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    let north = account("north-id", "north-secret", "PRE_VIDEO_CALL", "USER_QUEUED").await?;
    let south = account("south-id", "south-secret", "AUDITOR_REVIEWED", "").await?;
    let (environment, seen) = relay([north, south]).await?;

    let north = Client::builder()
        .environment(environment)
        .credentials(Credentials::new("north-id", "north-secret")?)
        .rate_limit(RateLimit::per_minute(1000))
        .build()?;
    let south = north.with_credentials(Credentials::new("south-id", "south-secret")?)?;

    // Both merchants chose the same id, so only the credentials distinguish the calls.
    let id = VerificationId::new("case-1")?;
    for _ in 0..20 {
        for (name, client, expected) in [("north", &north, "PRE_VIDEO_CALL"), ("south", &south, "AUDITOR_REVIEWED")] {
            let vkyc = client.status(&id).await?;
            if vkyc.status != expected {
                return Err(format!("{name} got a response of the other account").into());
            }
        }
    }
    for (name, client) in [("north", &north), ("south", &south)] {
        let vkyc = client.status(&id).await?;
        println!("{name}: {id}: {}: {}", vkyc.status, vkyc.lifecycle().advice());
    }
    let connections = seen.lock().map_err(|_| "the relay is broken")?.len();
    println!("42 alternating calls; connections: {connections}");

    // A third client with a wrong secret is refused, and does not affect the others.
    let stranger = north.with_credentials(Credentials::new("south-id", "north-secret")?)?;
    match stranger.status(&id).await {
        Ok(_) => return Err("a wrong secret was accepted".into()),
        Err(error) => println!("a wrong secret: {}", error.advice().unwrap_or("is refused")),
    }
    south.status(&id).await?;
    Ok(())
}

async fn account(
    client_id: &'static str,
    client_secret: &'static str,
    status: &str,
    sub_status: &str,
) -> Result<Account> {
    let sandbox = Sandbox::start().await?;
    let mut vkyc = Sandbox::published_sample();
    vkyc.verification_id = Some("case-1".into());
    (vkyc.status, vkyc.sub_status) = (status.into(), sub_status.into());
    sandbox.put(vkyc);
    Ok(Account { client_id, client_secret, sandbox })
}

/// The addresses of the connections.
type Seen = Arc<Mutex<BTreeSet<SocketAddr>>>;

/// A server in the role of Cashfree: one address, with a sandbox for each account behind it.
async fn relay(accounts: [Account; 2]) -> Result<(Environment, Seen)> {
    let (accounts, seen) = (Arc::new(accounts), Seen::default());
    let connected = Arc::clone(&seen);
    let relay = move |ConnectInfo(from): ConnectInfo<SocketAddr>, headers: HeaderMap, uri: Uri| {
        let (accounts, connected) = (Arc::clone(&accounts), Arc::clone(&connected));
        async move {
            connected.lock().map(|mut seen| seen.insert(from)).ok();
            let is = |name: &str, value: &str| headers.get(name).is_some_and(|sent| sent == value);
            let is_asked = |account: &&Account| {
                is("x-client-id", account.client_id) && is("x-client-secret", account.client_secret)
            };
            match accounts.iter().find(is_asked) {
                Some(account) => ask(&account.sandbox, &uri).await,
                None => (
                    StatusCode::UNAUTHORIZED,
                    Bytes::from(r#"{"type":"authentication_error","code":"authentication_failed"}"#),
                ),
            }
        }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let environment = Environment::custom(format!("http://{}", listener.local_addr()?))?;
    let service = Router::new().fallback(relay).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    Ok((environment, seen))
}

/// Forwards a request to the sandbox of an account.
async fn ask(sandbox: &Sandbox, uri: &Uri) -> (StatusCode, Bytes) {
    let id = uri.query().and_then(|query| query.strip_prefix("verification_id=")).unwrap_or_default();
    let (Ok(client), Ok(id)) = (sandbox.client(), VerificationId::new(id)) else {
        return (StatusCode::BAD_REQUEST, Bytes::new());
    };
    match client.status(id).await {
        Ok(answer) => (answer.http_status(), Bytes::copy_from_slice(answer.raw_body())),
        Err(error) => (error.http_status().unwrap_or(StatusCode::BAD_GATEWAY), Bytes::new()),
    }
}
