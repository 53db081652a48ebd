//! The routes, the inbox of webhooks, and the background jobs.
//!
//! ```text
//! POST /customers ─▶ 202, job: Kyc::verify
//! GET /customers/{number}/kyc ─▶ state, link, outcome
//! POST /webhooks ─▶ signature ─▶ inbox ─▶ 200          worker: decode ─▶ wake the wait, which asks for the status
//! ```

use std::collections::HashSet;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{FromRef, Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use axum::{Json, Router};
use cashfree_vkyc::webhook::{Event, EventKey, VerifiedBody, Verifier};
use cashfree_vkyc::{Actor, Error, Outcome, Receipt, Status, SubStatus};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Result;
use super::kyc::{Customer, Kyc};

/// The state of the routes.
#[derive(Clone, Debug)]
pub struct Service {
    kyc: Kyc,
    verifier: Verifier,
    inbox: Inbox,
    jobs: Arc<Mutex<JoinSet<()>>>,
}

/// `VerifiedBody` takes its verifier from the state.
impl FromRef<Service> for Verifier {
    fn from_ref(service: &Service) -> Self {
        service.verifier.clone()
    }
}

impl Service {
    /// Serves until `stop` is ready. Then open requests are responded to, and the jobs end; the next process continues them.
    pub async fn run(
        kyc: Kyc,
        verifier: Verifier,
        listener: TcpListener,
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> Result {
        let (inbox, bodies) = Inbox::new();
        let service = Self { kyc, verifier, inbox, jobs: Arc::default() };
        service.spawn(service.clone().work(bodies));
        for number in service.kyc.open() {
            service.spawn(service.kyc.clone().verify(number));
        }
        let router = Router::new()
            .route("/customers", post(create))
            .route("/customers/{number}/kyc", get(show))
            .route("/webhooks", post(receive))
            .with_state(service.clone());
        axum::serve(listener, router).with_graceful_shutdown(stop).await?;
        let mut jobs = std::mem::take(&mut *service.jobs.lock().unwrap_or_else(PoisonError::into_inner));
        jobs.shutdown().await;
        Ok(())
    }

    fn spawn(&self, job: impl Future<Output = ()> + Send + 'static) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).spawn(job);
    }

    /// Handles stored webhooks. A database keeps those that cannot be decoded, for a person or for a newer version.
    async fn work(self, mut bodies: mpsc::UnboundedReceiver<Vec<u8>>) {
        while let Some(body) = bodies.recv().await {
            match Event::from_slice(&body) {
                // The wait asks for the status: an event may be late.
                Ok(event) => drop(self.kyc.watches.feed(&event)),
                Err(error) => eprintln!("parked: {error}"),
            }
        }
    }
}

/// Stored webhooks: a table of your database. `docs/production.md` has it, and `redis/examples/inbox` is a whole one.
#[derive(Clone, Debug)]
struct Inbox {
    seen: Arc<Mutex<HashSet<EventKey>>>,
    due: mpsc::UnboundedSender<Vec<u8>>,
}

impl Inbox {
    fn new() -> (Self, mpsc::UnboundedReceiver<Vec<u8>>) {
        let (due, bodies) = mpsc::unbounded_channel();
        (Self { seen: Arc::default(), due }, bodies)
    }

    /// Stores a body, unless its event is there. Returns false if it cannot.
    fn store(&self, key: EventKey, body: &[u8]) -> bool {
        let is_new = self.seen.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        !is_new || self.due.send(body.to_vec()).is_ok()
    }
}

async fn receive(State(service): State<Service>, VerifiedBody { key, bytes }: VerifiedBody) -> StatusCode {
    // After 503, Cashfree sends it again.
    if service.inbox.store(key, &bytes) { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}

#[derive(Deserialize)]
struct NewCustomer {
    number: String,
    phone: String,
}

/// Creates the user and starts the verification in the background: that can take half a minute if a response is lost.
async fn create(State(service): State<Service>, Json(new): Json<NewCustomer>) -> Result<StatusCode, Error> {
    let customer = Customer::new(&new.number, new.phone)?;
    // Stored before the first call, so that a restart continues.
    let is_new = service.kyc.add(&new.number, customer.clone());
    if let Err(error) = service.kyc.register(&customer).await {
        eprintln!("{error}");
        if is_new {
            service.kyc.remove(&new.number);
        }
        return Err(error);
    }
    if is_new {
        service.spawn(service.kyc.clone().verify(new.number));
    }
    Ok(StatusCode::ACCEPTED)
}

/// The state for your front-end. It contains the link, so only the customer may see it.
#[derive(Serialize)]
struct Shown {
    status: Status,
    sub_status: SubStatus,
    acts_next: Actor,
    advice: &'static str,
    closed: bool,
    outcome: Outcome,
    link: Option<String>,
    recording: Option<Receipt>,
    error: Option<String>,
}

async fn show(State(service): State<Service>, Path(number): Path<String>) -> Result<Json<Shown>, StatusCode> {
    let Customer { vkyc, receipt, error, .. } = service.kyc.customer(&number).ok_or(StatusCode::NOT_FOUND)?;
    let (lifecycle, outcome) = (vkyc.lifecycle(), service.kyc.rules.outcome(&vkyc));
    Ok(Json(Shown {
        acts_next: lifecycle.actor(),
        advice: lifecycle.advice(),
        closed: lifecycle.is_closed(),
        outcome,
        link: vkyc.vkyc_link.map(|link| link.expose().clone()),
        recording: receipt,
        status: vkyc.status,
        sub_status: vkyc.sub_status,
        error,
    }))
}
