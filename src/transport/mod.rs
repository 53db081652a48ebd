//! One exchange: takes a request that the generated code has built, and returns a response or an error.
//!
//! ```text
//! Request ─▶ admission: slot of the limit, connection ─▶ credentials, version, signature ─▶ attempt ─▶ whole response
//!             ▲                                                                                │
//!             └── back-off ◀─ idempotent, time left ◀─ failed, refused, another id ◀────────────┤ classify, decode once
//!                                                                                              ▼
//!                                                                                     Response / Error
//! ```
//!
//! Everything ends at the call's deadline: each wait is checked against it before it begins, and it cuts off each attempt. This
//! module knows no operation of the spec.

mod admission;
mod attempt;
mod config_error;
mod connections;
mod credentials;
mod error;
mod error_kind;
mod exchange;
mod gcra;
mod instant;
mod limiter;
mod queue;
mod rate_limit;
mod request;
mod retry;
mod settings;
mod trace;

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, HeaderName};
use serde::de::DeserializeOwned;
use sha2::Sha256;
use tokio::time::Instant;
use tracing::Instrument as _;
use url::Url;

pub(crate) use admission::Schedule;
pub(crate) use attempt::is_tls;
pub use config_error::ConfigError;
pub(crate) use connections::Connections;
pub(crate) use credentials::check_header_value;
pub use credentials::{Credentials, TwoFactorKey};
pub use error::Error;
pub use error_kind::{Delivery, ErrorKind};
#[cfg(test)]
pub(crate) use exchange::SOME_OPERATION;
pub(crate) use exchange::{Exchange, Operation, retry_after};
pub use exchange::{RateLimitState, Response};
pub(crate) use instant::later;
pub use limiter::{Priority, RateLimiter, Slots, TakeSlots};
pub use rate_limit::RateLimit;
#[allow(unused_imports, reason = "a spec need not have arguments with limits")]
pub(crate) use request::check_arguments;
pub(crate) use request::{JsonBody, Request, RequestError};
pub use retry::RetryPolicy;
pub(crate) use retry::{DEFAULT_ATTEMPT_TIMEOUT, Limits, full_jitter};
pub(crate) use settings::{Settings, is_api_version};

use crate::model::constants;
use crate::wire::Correlation;
use admission::Admission;
use connections::Quarantine;
use retry::Retries;

const CF_SIGNATURE: HeaderName = HeaderName::from_static(constants::HEADER_X_CF_SIGNATURE);

/// Sends the requests of one client. Clones share everything.
#[derive(Clone)]
pub(crate) struct Transport(Arc<Shared>);

struct Shared {
    settings: Settings,
    /// Several accounts may share them.
    connections: Arc<Connections>,
    quarantine: Mutex<Quarantine>,
    headers: HeaderMap,
    urls: Vec<Url>,
}

impl Shared {
    fn client(&self, after_mismatch: bool) -> Result<reqwest::Client, RequestError> {
        self.connections.client(&self.quarantine, after_mismatch).map_err(|error| RequestError::Client(Arc::new(error)))
    }

    async fn admission(&self, priority: Priority, deadline: Instant) -> Result<Admission<'_>, &'static str> {
        Admission::wait(self.settings.slots.as_ref(), &self.connections, priority, deadline).await
    }
}

/// The parts of a call that are the same for every attempt.
struct Run<'a, T> {
    shared: &'a Shared,
    operation: &'static Operation,
    request: &'a Request<T>,
    limits: &'a Limits,
    priority: Priority,
    deadline: Instant,
}

impl Transport {
    pub(crate) fn new(
        mut settings: Settings,
        connections: Arc<Connections>,
        urls: Vec<Url>,
    ) -> Result<Self, ConfigError> {
        let headers = settings.headers()?;
        settings.slots = settings.rate_limit.clone().map(RateLimit::queue).transpose()?;
        Ok(Self(Arc::new(Shared { settings, connections, quarantine: Mutex::default(), headers, urls })))
    }

    /// Returns a transport for another account, over the same connections. An unshared rate limit starts again for it.
    pub(crate) fn for_account(&self, change: impl FnOnce(&mut Settings)) -> Result<Self, ConfigError> {
        let mut settings = self.0.settings.clone();
        change(&mut settings);
        Self::new(settings, Arc::clone(&self.0.connections), self.0.urls.clone())
    }

    /// Returns a hash that identifies the account and the environment.
    pub(crate) fn account(&self) -> Sha256 {
        self.0.settings.credentials.account(self.0.settings.base.as_str())
    }

    /// Begins a request of an operation; its arguments are added later.
    pub(crate) fn begin(&self, operation: &Operation) -> Result<reqwest::RequestBuilder, RequestError> {
        let url = self.0.urls.get(operation.index).cloned();
        self.begin_url(operation, url.unwrap_or_else(|| self.0.settings.url(operation.path)))
    }

    /// Begins a request of an operation with arguments in its path.
    #[allow(dead_code, reason = "for specs with arguments in a path")]
    pub(crate) fn begin_at(&self, operation: &Operation, path: &str) -> Result<reqwest::RequestBuilder, RequestError> {
        self.begin_url(operation, self.0.settings.url(path))
    }

    fn begin_url(&self, operation: &Operation, url: Url) -> Result<reqwest::RequestBuilder, RequestError> {
        let client = self.0.client(false)?;
        Ok(reqwest::RequestBuilder::from_parts(client, reqwest::Request::new(operation.method.clone(), url)))
    }

    /// Remembers the ids of a request, to recognise them in a response to another one.
    #[allow(dead_code, reason = "for specs with ids that a response repeats")]
    pub(crate) fn note_ids<const N: usize>(&self, ids: [Option<Cow<'_, str>>; N]) {
        self.0.connections.note_ids(ids);
    }

    /// Returns the limits of a client's calls.
    pub(crate) fn limits(&self) -> &Limits {
        &self.0.settings.limits
    }

    /// Returns how many requests a minute the client may send, if it is known.
    pub(crate) fn per_minute(&self) -> Option<u32> {
        self.0.settings.slots.as_ref()?.limiter().per_minute()
    }

    /// Sends a request and waits for the response, within a span.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        operation: &'static Operation,
        request: &Request<T>,
        limits: &Limits,
        schedule: Schedule,
    ) -> Result<Response<T>, Error> {
        let span = trace::call(operation, &self.0.settings);
        let result = self.in_time(operation, request, limits, schedule).instrument(span.clone()).await;
        trace::finished(&span, &result);
        result
    }

    async fn in_time<T: DeserializeOwned>(
        &self,
        operation: &'static Operation,
        request: &Request<T>,
        limits: &Limits,
        schedule: Schedule,
    ) -> Result<Response<T>, Error> {
        if tokio::runtime::Handle::try_current().is_err() {
            let detail = "there is no tokio runtime here; await the call within one, as `#[tokio::main]` makes it";
            return Err(Error::without_response(operation, ErrorKind::Config, Delivery::NotSent, detail));
        }
        limits.check_in_call_of(operation)?;
        let shared = self.0.as_ref();
        let (priority, first, end) = match schedule {
            Schedule::Now => (Priority::Foreground, None, None),
            Schedule::WhenFree { until, end } => {
                let until = until.unwrap_or_else(|| later(Instant::now(), Duration::MAX));
                let first = shared.admission(Priority::Background, until).await;
                let not_sent = |why| Error::without_response(operation, ErrorKind::Timeout, Delivery::NotSent, why);
                (Priority::Background, Some(first.map_err(not_sent)?), end)
            }
        };
        let start = Instant::now();
        let deadline = later(start, limits.timeout);
        let deadline = end.map_or(deadline, |end| end.min(deadline));
        Run { shared, operation, request, limits, priority, deadline }.attempts(first).await
    }
}

impl<'a, T: DeserializeOwned> Run<'a, T> {
    /// Attempts the request until it succeeds or the call has to end.
    async fn attempts(self, mut first: Option<Admission<'a>>) -> Result<Response<T>, Error> {
        let mut retries = Retries::new(&self.limits.retry, self.operation.idempotent, self.deadline);
        let (mut attempts, mut last, mut reached) = (0, None, false);
        loop {
            let admission = match first.take() {
                Some(admission) => Ok(admission),
                None => self.shared.admission(self.priority, self.deadline).await,
            };
            let admission = match admission {
                Ok(admission) => admission,
                // The last attempt's error is more useful than the lack of time for another.
                Err(why) => {
                    return Err(last.unwrap_or_else(|| self.not_sent(ErrorKind::Timeout, why)).with_attempts(attempts));
                }
            };
            attempts += 1;
            let after_mismatch = last.as_ref().is_some_and(|error: &Error| error.kind() == ErrorKind::Mismatch);
            let error = match self
                .attempt(admission, after_mismatch)
                .await
                .and_then(|exchange| self.accept(exchange, attempts, after_mismatch))
            {
                Ok(response) => {
                    trace::attempted(attempts, response.http_status());
                    return Ok(response);
                }
                Err(error) => error,
            };
            trace::failed(attempts, &error);
            // Nothing was sent this time, but an earlier attempt may have been executed.
            let error = if reached { error.at_least_unknown() } else { error };
            reached |= !error.is_surely_not_executed();
            match retries.wait(error).await {
                Ok(error) => last = Some(error),
                Err(error) => return Err(error.with_attempts(attempts)),
            }
        }
    }

    /// Makes one attempt, with a new signature. A response that is not a success is an error.
    async fn attempt(&self, admission: Admission<'_>, after_mismatch: bool) -> Result<Exchange, Error> {
        let (operation, settings) = (self.operation, &self.shared.settings);
        let mut headers = self.shared.headers.clone();
        if let Some(key) = &settings.two_factor {
            let detail = "the two-factor signature cannot be made; is the clock right, and the client id short?";
            let signature = settings.credentials.sign(key).ok_or_else(|| self.not_sent(ErrorKind::Config, detail))?;
            headers.insert(CF_SIGNATURE, signature);
        }
        let client = self.shared.client(after_mismatch).map_err(|error| error.in_call_of(operation))?;
        let request = self.request.with_headers(headers);
        let now = Instant::now();
        let cut = now.checked_add(self.limits.attempt_timeout()).map_or(self.deadline, |cut| cut.min(self.deadline));
        let _in_use = admission.spend();
        let exchange = attempt::attempt(operation, settings, client, request, cut).await?;
        if exchange.http_status.is_success() {
            return Ok(exchange);
        }
        Err(attempt::refusal(operation, exchange, settings))
    }

    fn not_sent(&self, kind: ErrorKind, detail: &str) -> Error {
        Error::without_response(self.operation, kind, Delivery::NotSent, detail)
    }

    /// Decodes a response with a success status, and checks that it is about the request's ids.
    fn accept(&self, exchange: Exchange, attempts: u32, after_mismatch: bool) -> Result<Response<T>, Error> {
        let operation = self.operation;
        // A write accepts any success status, unless the body is an error: its result may exist.
        let is_success = exchange.http_status == operation.success
            || !operation.idempotent && attempt::named_error(&exchange.body).is_none();
        let value = match crate::wire::from_slice::<T>(&exchange.body) {
            Ok(value) if is_success && !(self.request.is_blank)(&value) => value,
            _ => return Err(attempt::undecodable::<T>(operation, exchange)),
        };
        let (argument, other) = match (self.request.correlate)(&value) {
            Correlation::Named => {
                (self.request.log_unrecognized)(&value);
                return Ok(Response::new(value, exchange, attempts));
            }
            Correlation::Unnamed => return Err(attempt::undecodable::<T>(operation, exchange)),
            Correlation::Mismatch(argument, other) => (argument, other),
        };
        // Neither id is printed, because the other one may belong to another customer.
        let detail = format!("its `{argument}` is not the one that was sent");
        let mismatch = Error::with_response(operation, ErrorKind::Mismatch, detail, exchange);
        Err(match self.shared.connections.mismatch(&self.shared.quarantine, other.expose(), after_mismatch) {
            Ok(()) => mismatch,
            Err(error) => mismatch.with_source(error),
        })
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Shared { settings, connections, .. } = self.0.as_ref();
        let limits = &settings.limits;
        f.debug_struct("Transport")
            .field("host", &settings.host())
            .field("credentials", &settings.credentials)
            .field("api_version", &settings.api_version)
            .field("two_factor", &settings.two_factor)
            .field("timeout", &limits.timeout)
            .field("attempt_timeout", &limits.attempt_timeout())
            .field("connect_timeout", &settings.connect_timeout)
            .field("retry", &limits.retry)
            .field("rate_limit", &settings.rate_limit)
            .field("connections", connections)
            .field("max_response_bytes", &settings.max_response_bytes)
            .finish_non_exhaustive()
    }
}
