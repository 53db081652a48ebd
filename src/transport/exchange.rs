//! One exchange: the operation, the raw response, and a success with its decoded value.

use std::fmt;
use std::ops::Deref;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, StatusCode};

use crate::model::constants;
use crate::wire::Name;
use crate::wire::secrets::without_secrets;

/// An operation of the spec.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: &'static str,
    pub(crate) method: Method,
    /// The path in the spec, with the names of its parameters instead of their values.
    pub(crate) path: &'static str,
    /// Method and path, as OpenTelemetry names the span of a call.
    pub(crate) name: &'static str,
    /// The HTTP status of its success.
    pub(crate) success: u16,
    /// The HTTP statuses of its documented errors.
    pub(crate) errors: &'static [u16],
    /// Whether it may be sent twice.
    pub(crate) idempotent: bool,
    /// Its index in the generated list, and in a client's prepared data.
    pub(crate) index: usize,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.id, self.name)
    }
}

/// An operation for tests that do not depend on its values.
#[cfg(test)]
pub(crate) static SOME_OPERATION: Operation = Operation {
    id: "someOperation",
    method: Method::GET,
    path: "/some",
    name: "GET /some",
    success: 200,
    errors: &[400, 429],
    idempotent: true,
    index: 0,
};

const REQUEST_ID: HeaderName = HeaderName::from_static(constants::HEADER_X_REQUEST_ID);

/// Status, headers and body of a response.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) http_status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Exchange {
    /// Returns the request id, for Cashfree's support.
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.headers.get(REQUEST_ID)?.to_str().ok().filter(|id| !id.is_empty()).map(without_secrets)
    }
}

/// Cashfree counts requests by the minute, so its own headers never mean a longer wait.
const WINDOW: Duration = Duration::from_secs(60);

/// The longest wait by `Retry-After`, for which Cashfree documents no maximum. During a longer one, a watch would ignore events.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(600);

/// Returns the wait that the server asks for: by `Retry-After`, or else by Cashfree's own headers, at most the maximum of the
/// header.
pub(crate) fn retry_after(headers: &HeaderMap, http_status: StatusCode) -> Option<Duration> {
    // Every response has the count of the minute. It asks for a wait only with a 429.
    let reset = || (http_status == StatusCode::TOO_MANY_REQUESTS).then(|| rate_limit_reset(headers)).flatten();
    delay(headers, constants::HEADER_RETRY_AFTER, LONGEST_RETRY_AFTER)
        .or_else(|| delay(headers, constants::HEADER_X_RATELIMIT_RETRY, WINDOW))
        .or_else(reset)
}

fn rate_limit_reset(headers: &HeaderMap) -> Option<Duration> {
    delay(headers, constants::HEADER_X_RATELIMIT_RESET, WINDOW)
}

/// Parses a header that is a number of seconds, a unix time in seconds or milliseconds, or an HTTP date. A time in the past is no
/// delay.
fn delay(headers: &HeaderMap, name: &str, longest: Duration) -> Option<Duration> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    let time = match text.parse() {
        Ok(seconds @ ..1_000_000_000) => return Some(Duration::from_secs(seconds).min(longest)),
        Ok(seconds @ ..1_000_000_000_000) => UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?,
        Ok(millis) => UNIX_EPOCH.checked_add(Duration::from_millis(millis))?,
        Err(_) => httpdate::parse_http_date(text).ok()?,
    };
    Some(time.duration_since(SystemTime::now()).unwrap_or_default().min(longest))
}

/// A decoded response. It derefs to the value, so `response.status` is the field of the resource.
///
/// `Debug` shows the value (sensitive fields redacted), the HTTP status and the request id.
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    /// The raw response.
    pub(super) exchange: Exchange,
    attempts: u32,
}

/// The account's rate limit, according to a response. Not every response has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RateLimitState {
    /// The number of requests a minute that the account may send.
    pub limit: Option<u64>,
    /// The number of requests that are left.
    pub remaining: Option<u64>,
    /// The time until the count starts again: at most a minute.
    pub reset: Option<Duration>,
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, exchange: Exchange, attempts: u32) -> Self {
        Self { value, exchange, attempts }
    }

    /// Adds the attempts of earlier calls to those of this response.
    pub(crate) fn after_attempts(mut self, attempts: u32) -> Self {
        self.attempts += attempts;
        self
    }

    /// Returns the number of attempts, including the successful one.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// Returns the account's rate limit, if the response has it.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimitState> {
        let number = |name| self.exchange.headers.get(name)?.to_str().ok()?.trim().parse().ok();
        let state = RateLimitState {
            limit: number(constants::HEADER_X_RATELIMIT_LIMIT),
            remaining: number(constants::HEADER_X_RATELIMIT_REMAINING),
            reset: rate_limit_reset(&self.exchange.headers),
        };
        let says_something = state.limit.is_some() || state.remaining.is_some() || state.reset.is_some();
        says_something.then_some(state)
    }

    /// Returns the value, without the rest of the response.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// Returns the HTTP status of the response.
    #[must_use]
    pub const fn http_status(&self) -> StatusCode {
        self.exchange.http_status
    }

    /// Returns the headers of the response.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.exchange.headers
    }

    /// Returns the body as received, for an archive, a hash or a report. It contains personal data: do not log it.
    #[must_use]
    pub fn raw_body(&self) -> &[u8] {
        &self.exchange.body
    }

    /// Returns the request id, for Cashfree's support. Cashfree does not document it; `None` if it was not sent.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.exchange.request_id()
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> AsRef<T> for Response<T> {
    fn as_ref(&self) -> &T {
        &self.value
    }
}

impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("http_status", &self.http_status())
            .field("request_id", &self.request_id().map(Name))
            .field("attempts", &self.attempts)
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn each_header_of_the_rate_limit_counts_alone() {
        let state = |name, value| {
            let headers = HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]);
            Response::new((), Exchange { http_status: StatusCode::OK, headers, body: Bytes::new() }, 1).rate_limit()
        };
        for name in [
            constants::HEADER_X_RATELIMIT_LIMIT,
            constants::HEADER_X_RATELIMIT_REMAINING,
            constants::HEADER_X_RATELIMIT_RESET,
        ] {
            assert!(state(name, "7").is_some(), "{name}");
            assert!(state(name, "soon").is_none(), "{name}");
        }
        assert!(state("date", "7").is_none());
    }
}
