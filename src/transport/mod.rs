//! One request, from the generated operation to an answer or an error.
//!
//! ```text
//! send ─▶ begin ─▶ dispatch (progenitor: URL, query) ─▶ pre: credentials, version ─▶ exec: attempt, bounded body
//!                                                                                            │
//!   Response / Error ◀─ finish: decode or explain ◀─ dispatch (progenitor: JSON to type) ◀───┘
//! ```
//!
//! progenitor's `ClientHooks` is the one seam, and it is narrow: `exec` can hand back only a `reqwest::Response`, and a
//! failed decode forgets status and headers. So `exec` reads the whole answer, leaves it in the [`Call`], and hands
//! progenitor the body alone; `finish` joins what progenitor made of it with what the call remembers. No operation knows
//! of any of this.

mod answer;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo, ResponseValue};
use serde::de::DeserializeOwned;

use crate::config::Credentials;
use crate::error::{Delivery, Error, ErrorKind};
use crate::generated::operations::Client as GeneratedClient;
use crate::generated::types::facts;
use crate::response::Response;

/// What the spec calls an operation.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    /// The path as the spec has it, with the names of its parameters rather than their values.
    pub(crate) path: &'static str,
    /// The HTTP status of its success.
    pub(crate) success: u16,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({} {})", self.id, self.method, self.path)
    }
}

/// What all calls of a client share.
pub(crate) struct Settings {
    pub(crate) credentials: Credentials,
    pub(crate) api_version: HeaderValue,
    pub(crate) max_response_bytes: usize,
}

/// A whole answer.
pub(crate) struct Exchange {
    pub(crate) http_status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// One call under way, and what became of it.
struct Call {
    operation: &'static Operation,
    outcome: Mutex<Option<Result<Exchange, Error>>>,
}

/// The inner value of the generated client: shared settings, the options of a call, and the call itself once it began.
#[derive(Clone)]
pub(crate) struct Transport {
    settings: Arc<Settings>,
    timeout: Option<Duration>,
    call: Arc<Call>,
}

/// Stands in until a call begins.
const NO_OPERATION: Operation = Operation { id: "none", method: "", path: "", success: 200 };

impl Call {
    fn new(operation: &'static Operation) -> Arc<Self> {
        Arc::new(Self { operation, outcome: Mutex::new(None) })
    }
}

impl Transport {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings: Arc::new(settings), timeout: None, call: Call::new(&NO_OPERATION) }
    }

    /// The same, with another time limit for its calls.
    pub(crate) fn with_timeout(&self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self.clone() }
    }

    /// Joins what progenitor made of the answer with what the call remembers of it.
    pub(crate) fn finish<T: DeserializeOwned>(
        &self,
        answer: Result<ResponseValue<T>, progenitor_client::Error<()>>,
        is_blank: fn(&T) -> bool,
    ) -> Result<Response<T>, Error> {
        let operation = self.call.operation;
        let exchange = match self.take_outcome() {
            Some(outcome) => outcome?,
            None => return Err(not_sent(operation, answer.err())),
        };
        match answer.map(ResponseValue::into_inner) {
            Ok(value) if !is_blank(&value) => Ok(Response::new(value, exchange.http_status, exchange.headers)),
            _ => Err(answer::explain::<T>(operation, exchange, &self.settings.credentials)),
        }
    }

    fn put_outcome(&self, outcome: Result<Exchange, Error>) {
        *self.call.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }

    fn take_outcome(&self) -> Option<Result<Exchange, Error>> {
        self.call.outcome.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Sends the request once and reads the whole answer.
    async fn attempt(&self, client: &reqwest::Client, mut request: reqwest::Request) -> Result<Exchange, Error> {
        let operation = self.call.operation;
        if let Some(timeout) = self.timeout {
            if timeout.is_zero() {
                let detail = "its timeout is zero; leave it out for the client's own";
                return Err(Error::without_answer(operation, ErrorKind::InvalidRequest, Delivery::NotSent, detail));
            }
            *request.timeout_mut() = Some(timeout);
        }
        let mut response = client.execute(request).await.map_err(|error| failed(operation, error))?;
        let http_status = response.status();
        let mut headers = std::mem::take(response.headers_mut());
        self.settings.credentials.scrub_header(&mut headers, facts::HEADER_X_REQUEST_ID);
        match read_body(response, self.settings.max_response_bytes).await {
            Ok(body) => Ok(Exchange { http_status, headers, body }),
            Err(BodyError::TooLarge(body)) => {
                let detail = format!("more than {} bytes", self.settings.max_response_bytes);
                let error = Error::without_answer(operation, ErrorKind::TooLarge, Delivery::Answered, detail);
                Err(error.with_answer(http_status, headers, body))
            }
            Err(BodyError::Broken(body, error)) => {
                Err(failed(operation, error).with_answer(http_status, headers, body))
            }
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("credentials", &self.settings.credentials)
            .field("api_version", &self.settings.api_version)
            .field("max_response_bytes", &self.settings.max_response_bytes)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl GeneratedClient {
    /// A client for one call, which remembers what becomes of it.
    pub(crate) fn begin(&self, operation: &'static Operation) -> Self {
        let mut client = self.clone();
        client.inner.call = Call::new(operation);
        client
    }
}

impl ClientHooks<Transport> for GeneratedClient {
    async fn pre<E>(
        &self,
        request: &mut reqwest::Request,
        _: &OperationInfo,
    ) -> Result<(), progenitor_client::Error<E>> {
        let settings = &self.inner().settings;
        let [client_id, client_secret] = settings
            .credentials
            .header_values()
            .map_err(|error| progenitor_client::Error::Custom(error.to_string()))?;
        let headers = request.headers_mut();
        // progenitor sends the spec's version under this name; Cashfree does not know it.
        headers.remove("api-version");
        headers.insert(HeaderName::from_static(facts::HEADER_X_CLIENT_ID), client_id);
        headers.insert(HeaderName::from_static(facts::HEADER_X_CLIENT_SECRET), client_secret);
        headers.insert(HeaderName::from_static(facts::HEADER_X_API_VERSION), settings.api_version.clone());
        Ok(())
    }

    async fn exec(&self, request: reqwest::Request, _: &OperationInfo) -> reqwest::Result<reqwest::Response> {
        let outcome = self.inner().attempt(self.client(), request).await;
        // What progenitor gets: status and body, for it to decode. After a failure, a status that it does not know.
        let mut shadow = http::Response::new(Bytes::new());
        *shadow.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        if let Ok(exchange) = &outcome {
            *shadow.status_mut() = exchange.http_status;
            *shadow.body_mut() = exchange.body.clone();
        }
        self.inner().put_outcome(outcome);
        Ok(shadow.into())
    }
}

enum BodyError {
    TooLarge(Bytes),
    Broken(Bytes, reqwest::Error),
}

/// Reads at most `limit` bytes; an announced length only saves copies.
async fn read_body(mut response: reqwest::Response, limit: usize) -> Result<Bytes, BodyError> {
    let announced = response.content_length().and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    let mut body = BytesMut::with_capacity(announced.min(limit).min(64 * 1024));
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => {
                let room = limit - body.len();
                body.extend_from_slice(chunk.get(..room).unwrap_or_default());
                return Err(BodyError::TooLarge(body.freeze()));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body.freeze()),
            Err(error) => return Err(BodyError::Broken(body.freeze(), error)),
        }
    }
}

/// A request that progenitor could not even build.
fn not_sent(operation: &'static Operation, error: Option<progenitor_client::Error<()>>) -> Error {
    let refuse = |detail: &str| Error::without_answer(operation, ErrorKind::InvalidRequest, Delivery::NotSent, detail);
    match error {
        // progenitor's own words; they name the argument and not its value.
        Some(progenitor_client::Error::InvalidRequest(words)) => refuse(&words),
        Some(progenitor_client::Error::CommunicationError(error)) => {
            refuse("the request cannot be built").with_source(error.without_url())
        }
        _ => refuse("the request cannot be built"),
    }
}

/// What reqwest reports, without the URL that it would print.
fn failed(operation: &'static Operation, error: reqwest::Error) -> Error {
    let (kind, delivery) = match () {
        () if error.is_timeout() && error.is_connect() => (ErrorKind::Timeout, Delivery::NotSent),
        () if error.is_timeout() => (ErrorKind::Timeout, Delivery::Unknown),
        () if error.is_connect() => (ErrorKind::Connect, Delivery::NotSent),
        () if error.is_builder() => (ErrorKind::InvalidRequest, Delivery::NotSent),
        () => (ErrorKind::Io, Delivery::Unknown),
    };
    Error::without_answer(operation, kind, delivery, "").with_source(error.without_url())
}
