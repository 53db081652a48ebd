//! A whole service and its tests: it gets webhooks, waits for verifications and keeps how they stand; the tests walk it from the
//! link to the end, with webhooks that are doubled and out of order, offline and without sleeping. `tests/it/main.rs` runs them, too.
//!
//! ```text
//! cargo run --example service
//! ```
//!
//! ```text
//! Sandbox ──POST, signed──▶ axum: VerifiedEvent ─▶ handle_once ─▶ newer? ─ yes ─▶ store
//!    ▲ ▲                                               │             └─ no: ask ──▶ store
//!    │ └──────────────── GET ──────────────────────────┼────────────────┘            ▲
//!    └────────────────── GET ◀── watcher ◀── feed ─────┘      each change ───────────┘
//! ```

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{FromRef, State};
use axum::http::StatusCode;
use axum::{Router, routing::post};
use cashfree_vkyc::sandbox::{Journey, Sandbox, WebhookFault};
use cashfree_vkyc::webhook::{Event, MemoryDedupe, VerifiedEvent, Verifier, handle_once};
use cashfree_vkyc::{Client, VerificationId, VideoKyc, Watch};
use futures_util::StreamExt as _;
use tokio::task::JoinHandle;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The service. Clones share everything.
#[derive(Clone)]
struct Service {
    client: Client,
    verifier: Verifier,
    seen: Arc<MemoryDedupe>,
    /// What a database would hold.
    store: Arc<Mutex<HashMap<String, VideoKyc>>>,
    watches: Arc<Mutex<HashMap<String, Watch>>>,
}

impl FromRef<Service> for Verifier {
    fn from_ref(service: &Service) -> Self {
        service.verifier.clone()
    }
}

impl Service {
    /// Starts the endpoint, and gives where it is.
    async fn start(client: Client, verifier: Verifier) -> Result<(Self, String)> {
        let (seen, store, watches) = (Arc::default(), Arc::default(), Arc::default());
        let service = Self { client, verifier, seen, store, watches };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/webhooks", listener.local_addr()?);
        let router = Router::new().route("/webhooks", post(receive)).with_state(service.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok((service, url))
    }

    /// Watches a verification until it is final. What it sees is the truth, and is kept.
    fn watch(&self, id: &VerificationId) -> JoinHandle<Result<VideoKyc>> {
        let watch = self.client.watch(id).max_wait(Duration::from_secs(3600));
        lock(&self.watches).insert(id.to_string(), watch.clone());
        let service = self.clone();
        tokio::spawn(async move {
            let (mut changes, mut last) = (watch.changes(), VideoKyc::default());
            while let Some(vkyc) = changes.next().await {
                last = vkyc?.into_inner();
                service.keep(last.clone());
            }
            Ok(last)
        })
    }

    /// Keeps what an event tells if that is surely newer than what is known; else asks.
    async fn handle(&self, event: &Event) -> Result {
        let id = event.data.verification_id.as_deref().ok_or("an event without a verification id")?;
        let newer = self.stored(id).is_none_or(|stored| event.supersedes(&stored));
        let vkyc =
            if newer { event.data.clone() } else { self.client.status(VerificationId::new(id)?).await?.into_inner() };
        self.keep(vkyc);
        if let Some(watch) = lock(&self.watches).get(id) {
            watch.feed(event);
        }
        Ok(())
    }

    fn keep(&self, vkyc: VideoKyc) {
        if let Some(id) = vkyc.verification_id.clone() {
            lock(&self.store).insert(id, vkyc);
        }
    }

    fn stored(&self, id: &str) -> Option<VideoKyc> {
        lock(&self.store).get(id).cloned()
    }
}

async fn receive(State(service): State<Service>, VerifiedEvent(event): VerifiedEvent) -> StatusCode {
    match handle_once(&service.seen, &event, |event| service.handle(event)).await {
        Ok(handled) => handled.http_status(),
        Err(error) => error.http_status(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Walks a journey, and sees that the service knows in the end what the sandbox knows.
async fn walk(name: &str, journey: Journey, trouble: &[WebhookFault]) -> Result<String> {
    let sandbox = Sandbox::start().await?;
    let (service, url) = Service::start(sandbox.client()?, sandbox.verifier()?).await?;
    sandbox.webhooks_to(url);
    trouble.iter().for_each(|trouble| sandbox.inject_webhook_fault(trouble.clone()));
    let vkyc = sandbox.begin(name, journey)?;
    let watcher = service.watch(vkyc.id());

    let end = vkyc.finish().await?;
    sandbox.wait_for_webhooks().await;
    sandbox.assert_webhooks_accepted();
    sandbox.assert_no_problems();
    let stored = service.stored(name).ok_or("nothing is stored")?;
    assert_eq!((&stored.status, &stored.sub_status), (&end.status, &end.sub_status));
    if end.lifecycle().is_final() {
        assert_eq!(watcher.await??.status, end.status);
    }
    Ok(format!("{} / {} after {} webhooks", stored.status, stored.sub_status, sandbox.webhooks().len()))
}

/// Three journeys, each with every trouble.
async fn walk_all(mut say: impl FnMut(String)) -> Result {
    let [doubled, reordered] = [WebhookFault::doubled(), WebhookFault::reordered()];
    for trouble in [
        &[][..],
        std::slice::from_ref(&doubled),
        std::slice::from_ref(&reordered),
        &[doubled.clone(), reordered.clone()],
    ] {
        for (name, journey) in [
            ("completed", Journey::completed()),
            ("link_expired", Journey::link_expired()),
            ("unknown_status", Journey::unknown_status()),
        ] {
            say(format!("{name} with {trouble:?}: {}", walk(name, journey, trouble).await?));
        }
    }
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    walk_all(|line| println!("{line}")).await
}

#[cfg(test)]
#[tokio::test]
async fn the_service_knows_in_the_end_what_cashfree_knows() -> Result {
    walk_all(|_| {}).await
}
