//! One request, from the generated operation to an answer or an error.
//!
//! ```text
//! send ─▶ begin ─▶ dispatch (progenitor: URL, query) ─▶ pre: credentials, version
//!                                                        │
//!                                                        ▼ exec
//!                     slot of the rate limit ─▶ signature ─▶ attempt ─▶ body, bounded
//!                          ▲                                    │ failed, idempotent, time left
//!                          └────────────── back-off ◀───────────┘
//!                                                        │
//!   Response / Error ◀─ finish: decode or explain ◀─ dispatch (progenitor: JSON to type)
//! ```
//!
//! Everything within `exec` ends at the call's deadline: each wait is checked against it before it begins, and each attempt
//! is cut off at it.
//!
//! progenitor's `ClientHooks` is the one seam, and it is narrow: `exec` can hand back only a `reqwest::Response`, and a
//! failed decode forgets status and headers. So `exec` reads the whole answer, leaves it in the [`Call`], and hands
//! progenitor the body alone; `finish` joins what progenitor made of it with what the call remembers. No operation knows
//! of any of this.

pub(crate) mod answer;
mod attempt;
pub(crate) mod rate_limit;
pub(crate) mod retry;
mod trace;
pub(crate) mod two_factor;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use progenitor_client::{ClientHooks, ClientInfo, OperationInfo, ResponseValue};
use reqwest::ResponseBuilderExt as _;
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tracing::Instrument as _;
use url::Url;

use crate::config::{ConfigError, Credentials};
use crate::error::{Delivery, Error, ErrorKind};
use crate::generated::operations::Client as GeneratedClient;
use crate::generated::types::facts;
use crate::response::Response;
use rate_limit::Limiter;
use retry::{Retries, RetryPolicy};
use two_factor::TwoFactorKey;

const CLIENT_ID: HeaderName = HeaderName::from_static(facts::HEADER_X_CLIENT_ID);
const CLIENT_SECRET: HeaderName = HeaderName::from_static(facts::HEADER_X_CLIENT_SECRET);
const API_VERSION: HeaderName = HeaderName::from_static(facts::HEADER_X_API_VERSION);
const CF_SIGNATURE: HeaderName = HeaderName::from_static(facts::HEADER_X_CF_SIGNATURE);
/// progenitor sends the spec's version under this name; Cashfree does not know it.
const PROGENITOR_VERSION: HeaderName = HeaderName::from_static("api-version");

/// What the spec calls an operation.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: &'static str,
    pub(crate) method: &'static str,
    /// The path as the spec has it, with the names of its parameters rather than their values.
    pub(crate) path: &'static str,
    /// The HTTP status of its success.
    pub(crate) success: u16,
    /// Whether sending it twice does no harm.
    pub(crate) idempotent: bool,
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
    pub(crate) two_factor: Option<TwoFactorKey>,
    pub(crate) limits: Limits,
    pub(crate) connect_timeout: Duration,
    pub(crate) limiter: Option<Limiter>,
    pub(crate) max_response_bytes: usize,
    pub(crate) base: Url,
}

impl Settings {
    fn otel_name(&self, operation: &Operation) -> String {
        format!("{} {}", operation.method, operation.path)
    }
}

/// How long a call may take, and how often it is tried. A client has one set, a call may have another.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) timeout: Duration,
    /// `None`: the default, or the whole call where that is shorter.
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) retry: RetryPolicy,
}

/// How long an attempt may take when nobody said.
const DEFAULT_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

impl Limits {
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        if self.timeout.is_zero() {
            return Err(ConfigError::Zero { what: "timeout" });
        }
        match self.attempt_timeout {
            Some(Duration::ZERO) => Err(ConfigError::Zero { what: "attempt_timeout" }),
            Some(attempt) if attempt > self.timeout => Err(ConfigError::Timeouts {
                problem: "attempt_timeout is longer than timeout, which bounds the whole call; shorten it or leave it out",
            }),
            _ => self.retry.check(),
        }
    }

    pub(crate) fn attempt_timeout(&self) -> Duration {
        self.attempt_timeout.unwrap_or(DEFAULT_ATTEMPT_TIMEOUT).min(self.timeout)
    }
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
    outcome: Mutex<Option<(u32, Result<Exchange, Error>)>>,
}

/// The inner value of the generated client: shared settings, the limits of a call, and the call itself once it began.
#[derive(Clone)]
pub(crate) struct Transport {
    settings: Arc<Settings>,
    /// Limits that differ from the client's.
    limits: Option<Arc<Limits>>,
    call: Arc<Call>,
    /// Whether the slot of the first attempt is taken already.
    has_slot: bool,
}

/// Stands in until a call begins.
pub(crate) const NO_OPERATION: Operation =
    Operation { id: "none", method: "", path: "", success: 200, idempotent: false };

impl Call {
    fn new(operation: &'static Operation) -> Arc<Self> {
        Arc::new(Self { operation, outcome: Mutex::new(None) })
    }
}

impl Transport {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings: Arc::new(settings), limits: None, call: Call::new(&NO_OPERATION), has_slot: false }
    }

    /// Takes the slot of the first attempt ahead of the call, and so ahead of its deadline.
    /// Where there is none before the deadline, the call finds out by itself.
    pub(crate) async fn take_slot(&mut self, deadline: Option<Instant>) {
        let far = || Instant::now() + Duration::from_secs(u64::from(u32::MAX));
        self.has_slot = self.wait_for_slot(deadline.unwrap_or_else(far)).await.is_ok();
    }

    pub(crate) const fn has_slot(&self) -> bool {
        self.has_slot
    }

    /// The same, with other limits for its calls.
    pub(crate) fn with_limits(&self, change: impl FnOnce(&mut Limits)) -> Self {
        let mut limits = self.limits().clone();
        change(&mut limits);
        Self { limits: Some(Arc::new(limits)), ..self.clone() }
    }

    fn limits(&self) -> &Limits {
        self.limits.as_deref().unwrap_or(&self.settings.limits)
    }

    /// Runs what progenitor made of an operation, within a span, and finishes it.
    pub(crate) async fn complete<T: DeserializeOwned>(
        &self,
        dispatch: impl Future<Output = Result<ResponseValue<T>, progenitor_client::Error<()>>>,
        is_blank: fn(&T) -> bool,
    ) -> Result<Response<T>, Error> {
        let span = trace::call(self.call.operation, &self.settings);
        let result = self.finish(dispatch.instrument(span.clone()).await, is_blank);
        match &result {
            _ if span.is_disabled() => {}
            Ok(response) => {
                let (status, request_id) = (Some(response.http_status()), response.request_id());
                trace::finished(&span, status, request_id, response.attempts(), None);
            }
            Err(error) => {
                trace::finished(&span, error.http_status(), error.request_id(), error.attempts(), Some(error))
            }
        }
        result
    }

    /// Joins what progenitor made of the answer with what the call remembers of it.
    fn finish<T: DeserializeOwned>(
        &self,
        answer: Result<ResponseValue<T>, progenitor_client::Error<()>>,
        is_blank: fn(&T) -> bool,
    ) -> Result<Response<T>, Error> {
        let operation = self.call.operation;
        let (attempts, exchange) = match self.call.outcome.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some((attempts, Ok(exchange))) => (attempts, exchange),
            Some((attempts, Err(error))) => return Err(error.with_attempts(attempts)),
            None => return Err(not_sent(operation, answer.err())),
        };
        match answer.map(ResponseValue::into_inner) {
            Ok(value) if !is_blank(&value) => {
                Ok(Response::new(value, exchange.http_status, exchange.headers, attempts))
            }
            _ => Err(answer::misfit::<T>(operation, exchange, &self.settings.credentials).with_attempts(attempts)),
        }
    }

    /// Attempts the request until it succeeds or the call has to end. Also tells how many attempts were made.
    async fn run(&self, client: &reqwest::Client, request: reqwest::Request) -> (u32, Result<Exchange, Error>) {
        let (operation, limits) = (self.call.operation, self.limits());
        if let Err(error) = limits.check() {
            let words = error.to_string();
            let refused = Error::without_answer(operation, ErrorKind::Config, Delivery::NotSent, words);
            return (0, Err(refused.with_source(error)));
        }
        let start = Instant::now();
        let deadline = start.checked_add(limits.timeout).unwrap_or(start + Duration::from_secs(u64::from(u32::MAX)));
        let mut retries = Retries::new(&limits.retry, operation.idempotent, deadline);
        let mut request = Some(request);
        let (mut made, mut last, mut reached) = (0, None, false);
        loop {
            if !(self.has_slot && made == 0)
                && let Err(error) = self.wait_for_slot(deadline).await
            {
                // What the last attempt said tells more than that there is no time for another.
                return (made, Err(last.unwrap_or(error)));
            }
            let again = operation.idempotent && limits.retry.allows_another();
            let copy = if again { request.as_ref().and_then(reqwest::Request::try_clone) } else { None };
            let Some(copy) = copy.or_else(|| request.take()) else {
                return (made, Err(last.unwrap_or_else(|| not_sent(operation, None))));
            };
            made += 1;
            let error = match self.attempt(client, copy, deadline).await {
                Ok(exchange) => {
                    trace::attempted(made, exchange.http_status);
                    return (made, Ok(exchange));
                }
                Err(error) => error,
            };
            trace::failed(made, &error);
            // Nothing was sent this time; before, something may have been.
            let error = if reached { error.at_least_unknown() } else { error };
            reached |= error.delivery() != Delivery::NotSent;
            match retries.wait(error).await {
                Ok(error) => last = Some(error),
                Err(error) => return (made, Err(error)),
            }
        }
    }

    async fn wait_for_slot(&self, deadline: Instant) -> Result<(), Error> {
        let Some(limiter) = &self.settings.limiter else { return Ok(()) };
        limiter.acquire(deadline).await.map_err(|()| {
            let detail = "the client's own rate limit leaves no slot before the deadline";
            Error::without_answer(self.call.operation, ErrorKind::Timeout, Delivery::NotSent, detail)
        })
    }

    /// One attempt, with a fresh signature. An answer that is no success is an error.
    async fn attempt(
        &self,
        client: &reqwest::Client,
        mut request: reqwest::Request,
        deadline: Instant,
    ) -> Result<Exchange, Error> {
        let (operation, settings) = (self.call.operation, &self.settings);
        if let Some(key) = &settings.two_factor {
            let signature = settings.credentials.sign(key).ok_or_else(|| {
                let detail = "the two-factor signature cannot be made; is the clock right, and the client id short?";
                Error::without_answer(operation, ErrorKind::Config, Delivery::NotSent, detail)
            })?;
            request.headers_mut().insert(CF_SIGNATURE, signature);
        }
        let now = Instant::now();
        let cut = now.checked_add(self.limits().attempt_timeout()).map_or(deadline, |cut| cut.min(deadline));
        let exchange = attempt::attempt(operation, settings, client, request, cut).await?;
        if exchange.http_status.is_success() {
            return Ok(exchange);
        }
        Err(answer::refusal(operation, exchange, settings))
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings { credentials, api_version, two_factor, connect_timeout, limiter, max_response_bytes, .. } =
            self.settings.as_ref();
        f.debug_struct("Transport")
            .field("host", &self.settings.base.host_str())
            .field("credentials", credentials)
            .field("api_version", api_version)
            .field("two_factor", two_factor)
            .field("timeout", &self.limits().timeout)
            .field("attempt_timeout", &self.limits().attempt_timeout())
            .field("connect_timeout", connect_timeout)
            .field("retry", &self.limits().retry)
            .field("rate_limit", limiter)
            .field("max_response_bytes", max_response_bytes)
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
        headers.reserve(4);
        headers.remove(PROGENITOR_VERSION);
        headers.insert(CLIENT_ID, client_id);
        headers.insert(CLIENT_SECRET, client_secret);
        headers.insert(API_VERSION, settings.api_version.clone());
        Ok(())
    }

    async fn exec(&self, request: reqwest::Request, _: &OperationInfo) -> reqwest::Result<reqwest::Response> {
        let outcome = self.inner().run(self.client(), request).await;
        // What progenitor gets: status and body, for it to decode. After a failure, a status that it does not know.
        let (status, body) = match &outcome {
            (_, Ok(exchange)) => (exchange.http_status, exchange.body.clone()),
            _ => (StatusCode::SERVICE_UNAVAILABLE, Bytes::new()),
        };
        // Without a URL of ours, reqwest would parse one for every call.
        let shadow = http::Response::builder().status(status).url(self.inner().settings.base.clone()).body(body);
        let shadow = shadow.unwrap_or_default();
        *self.inner().call.outcome.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        Ok(shadow.into())
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
