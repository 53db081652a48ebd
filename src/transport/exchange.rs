//! One exchange: the operation that is asked for, the whole response as it came, and a success with its decoded value.

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
    /// The path as the spec has it, with the names of its parameters rather than their values.
    pub(crate) path: &'static str,
    /// Method and path, as OpenTelemetry names the span of a call.
    pub(crate) name: &'static str,
    /// The HTTP status of its success.
    pub(crate) success: u16,
    /// The HTTP statuses of its documented errors.
    pub(crate) errors: &'static [u16],
    /// Whether sending it twice does no harm.
    pub(crate) idempotent: bool,
    /// Its place in the generated list, and in what a client prepares for each.
    pub(crate) index: usize,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.id, self.name)
    }
}

/// For tests of what needs one and does not look at it.
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
    /// The id of this exchange, for Cashfree's support.
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.headers.get(REQUEST_ID)?.to_str().ok().filter(|id| !id.is_empty()).map(without_secrets)
    }
}

/// Cashfree counts requests by the minute, so its own headers never mean a longer wait.
const WINDOW: Duration = Duration::from_secs(60);

/// The longest wait by `Retry-After`, for which Cashfree documents no maximum. During a longer one, a watch would ignore events.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(600);

/// The wait that the server asks for: by `Retry-After`, or else by Cashfree's own headers. Nobody waits longer than the maximum of
/// the header.
pub(crate) fn retry_after(headers: &HeaderMap, http_status: StatusCode) -> Option<Duration> {
    // The count of the minute is in every response. It asks to wait only when it is used up.
    let reset = || (http_status == StatusCode::TOO_MANY_REQUESTS).then(|| rate_limit_reset(headers)).flatten();
    delay(headers, constants::HEADER_RETRY_AFTER, LONGEST_RETRY_AFTER)
        .or_else(|| delay(headers, constants::HEADER_X_RATELIMIT_RETRY, WINDOW))
        .or_else(reset)
}

fn rate_limit_reset(headers: &HeaderMap) -> Option<Duration> {
    delay(headers, constants::HEADER_X_RATELIMIT_RESET, WINDOW)
}

/// Reads a header that is a number of seconds, a unix time in seconds or milliseconds, or an HTTP date. A time that has passed is no
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

/// A decoded answer. It derefs to the value, so `response.status` is the field of the resource.
///
/// `Debug` shows the value (with its sensitive fields redacted), the HTTP status and the request id.
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    /// The response without the value.
    pub(super) exchange: Exchange,
    attempts: u32,
}

/// What a response says of the account's rate limit. Not every response does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RateLimitState {
    /// How many requests a minute the account may send.
    pub limit: Option<u64>,
    /// How many of them are left.
    pub remaining: Option<u64>,
    /// How long until the count starts anew: at most a minute.
    pub reset: Option<Duration>,
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, exchange: Exchange, attempts: u32) -> Self {
        Self { value, exchange, attempts }
    }

    /// The same answer, where other calls were made for it before.
    pub(crate) fn after_attempts(mut self, attempts: u32) -> Self {
        self.attempts += attempts;
        self
    }

    /// How many attempts it took, the successful one included.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// What the response says of the account's rate limit. `None` when it says nothing.
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

    /// The value, without what came around it.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The HTTP status of the response.
    #[must_use]
    pub const fn http_status(&self) -> StatusCode {
        self.exchange.http_status
    }

    /// The headers of the response.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.exchange.headers
    }

    /// The body of the response as it came, for an archive, a hash or a report. It holds personal data: do not log it.
    #[must_use]
    pub fn raw_body(&self) -> &[u8] {
        &self.exchange.body
    }

    /// The id of this exchange, for Cashfree's support. Cashfree does not document it; `None` when it was not sent.
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
