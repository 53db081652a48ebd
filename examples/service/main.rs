//! A whole service: it verifies customers, receives webhooks, waits, and keeps recordings. Its tests are in `tests.rs`; `cargo test`
//! runs them.
//!
//! ```text
//! cargo run --example service                                one customer against the embedded sandbox
//!
//! export CASHFREE_CLIENT_ID=… CASHFREE_CLIENT_SECRET=…       serves port 8080 against Cashfree's sandbox
//! cargo run --example service
//! curl -d '{"number":"7","phone":"9988776655"}' -H 'content-type: application/json' localhost:8080/customers
//! curl localhost:8080/customers/7/kyc
//! ```

mod http;
mod kyc;
#[cfg(test)]
mod tests;

use std::env;

use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::webhook::Verifier;
use cashfree_vkyc::{Client, Credentials, Environment, RateLimit};
use tokio::net::TcpListener;

use http::Service;
use kyc::Kyc;

type Result<T = (), E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> Result {
    let Ok(secret) = env::var(Credentials::SECRET_VARIABLE) else { return demonstrate().await };
    let client = Client::builder()
        .environment(Environment::Sandbox)
        .credentials(Credentials::from_env()?)
        .rate_limit(RateLimit::STANDARD)
        .build()?;
    let listener = TcpListener::bind("0.0.0.0:8080").await?;
    Service::run(Kyc::new(client, "."), Verifier::new(secret)?, listener, stopped()).await
}

/// Waits for Ctrl-C, or for the signal that ends a container.
async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    if let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
        tokio::select! { _ = interrupted => {}, _ = terminated.recv() => {} }
        return;
    }
    drop(interrupted.await);
}

/// One customer, from the request to the recording.
async fn demonstrate() -> Result {
    let sandbox = Sandbox::start().await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    sandbox.webhooks_to(format!("{url}/webhooks"));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let kyc = Kyc::new(sandbox.client()?, env::temp_dir());
    let service = Service::run(kyc, sandbox.verifier()?, listener, async { drop(stopped.await) });
    let service = tokio::spawn(service);

    let http = reqwest::Client::new();
    let customer = r#"{"number":"7","phone":"9988776655"}"#;
    let request = http.post(format!("{url}/customers")).header("content-type", "application/json").body(customer);
    println!("POST /customers         {}", request.send().await?.status());
    // Polls until the state has the field.
    let state_with = async |field: &str| -> Result<serde_json::Value> {
        loop {
            let response = http.get(format!("{url}/customers/7/kyc")).send().await?;
            let state: serde_json::Value = serde_json::from_slice(&response.bytes().await?)?;
            if state.get(field).is_some_and(|value| !value.is_null()) {
                return Ok(state);
            }
            tokio::task::yield_now().await;
        }
    };
    let show = |state: &serde_json::Value, fields: &[&str]| {
        let values = fields.iter().filter_map(|field| Some(format!("{field} {}", state.get(field)?)));
        println!("GET /customers/7/kyc    {}", values.collect::<Vec<_>>().join(", "));
    };
    show(&state_with("link").await?, &["status", "sub_status"]);
    // The customer, the agent and the auditor act.
    sandbox.verification("kyc-7").ok_or("the verification was not started")?.finish().await?;
    show(&state_with("recording").await?, &["status", "outcome", "recording"]);
    sandbox.assert_no_problems();
    let _ = stop.send(());
    service.await?
}
