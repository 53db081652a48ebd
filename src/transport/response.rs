//! A success answer: the value, and what came around it.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use http::{HeaderMap, StatusCode};

use super::exchange::Exchange;
use crate::model::constants;
use crate::wire::Name;

/// A decoded answer. It derefs to the value, so `response.status` is the field of the resource.
///
/// `Debug` shows the value (with its sensitive fields redacted), the HTTP status and the request id.
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    exchange: Exchange,
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
    /// How long until the count starts anew.
    pub reset: Option<Duration>,
}

impl<T> Response<T> {
    pub(crate) fn new(value: T, exchange: Exchange, attempts: u32) -> Self {
        Self { value, exchange, attempts }
    }

    /// What came, without the value.
    pub(super) fn into_exchange(self) -> Exchange {
        self.exchange
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
            reset: number(constants::HEADER_X_RATELIMIT_RESET).map(Duration::from_secs),
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
