//! A service that receives webhooks, and responds as configured.

use std::sync::{Arc, Mutex};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Router, routing::post};
use cashfree_vkyc::webhook::Event;

/// Headers and raw body.
type Got = (HeaderMap, Vec<u8>);

type Answer = Arc<dyn Fn(usize) -> u16 + Send + Sync>;

/// The received requests, in order.
#[derive(Clone)]
pub(super) struct Endpoint {
    pub(super) url: String,
    got: Arc<Mutex<Vec<Got>>>,
    answer: Answer,
}

impl Endpoint {
    pub(super) async fn start() -> Self {
        Self::answering(|_| 200).await
    }

    /// `answer` gives the HTTP status for the n-th request, counted from 0.
    pub(super) async fn answering(answer: impl Fn(usize) -> u16 + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
        let endpoint = Self { url, got: Arc::default(), answer: Arc::new(answer) };
        let router = Router::new().route("/webhooks", post(receive)).with_state(endpoint.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        endpoint
    }

    pub(super) fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    pub(super) fn events(&self) -> Vec<Event> {
        self.got().iter().map(|(_, body)| serde_json::from_slice(body).unwrap()).collect()
    }

    /// The type and the attempt of each event.
    pub(super) fn attempts(&self) -> Vec<(String, String)> {
        let attempt = |headers: &HeaderMap| headers["x-webhook-attempt"].to_str().unwrap().to_owned();
        let types = self.events().into_iter().map(|event| event.event_type.as_str().to_owned());
        types.zip(self.got().iter().map(|(headers, _)| attempt(headers))).collect()
    }
}

async fn receive(State(endpoint): State<Endpoint>, headers: HeaderMap, body: axum::body::Bytes) -> StatusCode {
    let mut got = endpoint.got.lock().unwrap();
    got.push((headers, body.to_vec()));
    StatusCode::from_u16((endpoint.answer)(got.len() - 1)).unwrap()
}
