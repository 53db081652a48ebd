//! The error type of every call: the operation, the response, the advice.
//!
//! It is opaque, so that it can grow: use its [`kind`](Error::kind) and accessors. `Display` and `Debug` never show a URL, a
//! query or a body, and of the headers only the request id and the media type. Of Cashfree's error body they show type and code.
//! Its message may repeat data of the request, so the spec's description replaces it. [`api`](Error::api) and
//! [`raw_body`](Error::raw_body) return the original.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use http::{HeaderMap, StatusCode};

#[cfg(feature = "axum")]
mod axum;
mod meaning;

use super::{Delivery, ErrorKind, Exchange, Operation, Response};
use crate::model::{ApiError, DocumentedError, ErrorCode, ErrorMeaning, IdError};
use crate::wire::{Name, Problem};

/// The error of a call that failed.
///
/// ```
/// use cashfree_vkyc::{Error, ErrorCode, ErrorKind};
///
/// fn explain(error: &Error) -> &'static str {
///     match (error.kind(), error.code()) {
///         _ if error.is_not_found() => "it has yet to be initiated",
///         _ if error.is_insufficient_balance() => "top up the wallet",
///         (_, Some(ErrorCode::IpValidationFailed)) => "add this machine's address to the allow-list",
///         (ErrorKind::RateLimited, _) => "slow down",
///         (ErrorKind::Timeout | ErrorKind::Connect | ErrorKind::Io, _) => "try again",
///         _ => "see the log",
///     }
/// }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    /// `None` for an id that was rejected before the call.
    operation: Option<&'static Operation>,
    delivery: Delivery,
    /// Details beyond the kind, in this crate's words.
    detail: String,
    exchange: Option<Exchange>,
    api: Option<ApiError>,
    field_path: Option<String>,
    /// The documented error, if status and code do not identify it.
    documented: Option<&'static DocumentedError>,
    attempts: u32,
    retry_after: Option<Duration>,
    source: Option<Box<dyn StdError + Send + Sync>>,
    problems: Vec<Problem>,
}

impl Error {
    /// Creates an error without a response.
    pub(crate) fn without_response(
        operation: impl Into<Option<&'static Operation>>,
        kind: ErrorKind,
        delivery: Delivery,
        detail: impl Into<String>,
    ) -> Self {
        Self(Box::new(Inner {
            kind,
            operation: operation.into(),
            delivery,
            detail: detail.into(),
            exchange: None,
            api: None,
            field_path: None,
            documented: None,
            attempts: 0,
            retry_after: None,
            source: None,
            problems: Vec::new(),
        }))
    }

    /// Creates an error about a response.
    pub(super) fn with_response(
        operation: &'static Operation,
        kind: ErrorKind,
        detail: impl Into<String>,
        exchange: Exchange,
    ) -> Self {
        Self::without_response(operation, kind, Delivery::Answered, detail).with_exchange(exchange)
    }

    pub(crate) fn with_source(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_problems(mut self, problems: Vec<Problem>) -> Self {
        self.0.problems = problems;
        self
    }

    pub(crate) fn with_exchange(mut self, exchange: Exchange) -> Self {
        self.0.exchange = Some(exchange);
        self.0.delivery = Delivery::Answered;
        self
    }

    pub(crate) fn with_api(mut self, api: Option<ApiError>) -> Self {
        self.0.api = api;
        self
    }

    pub(crate) fn with_field_path(mut self, path: Option<String>) -> Self {
        self.0.field_path = path;
        self
    }

    /// Raises the delivery to unknown: this attempt sent nothing, but earlier ones did.
    pub(crate) fn at_least_unknown(mut self) -> Self {
        if self.0.delivery == Delivery::NotSent {
            self.0.delivery = Delivery::Unknown;
        }
        self
    }

    /// The error of a response with a success status that reports a documented refusal.
    pub(crate) fn refused<T>(
        operation: &'static Operation,
        response: Response<T>,
        documented: &'static DocumentedError,
    ) -> Self {
        let attempts = response.attempts();
        let api = ApiError {
            type_: documented.type_.map(str::to_owned),
            code: documented.code.map(ErrorCode::from),
            ..ApiError::default()
        };
        let (detail, exchange) = ("the verification exists and was rejected", response.exchange);
        let mut error = Self::with_response(operation, ErrorKind::Api, detail, exchange)
            .with_api(Some(api))
            .with_attempts(attempts);
        error.0.documented = Some(documented);
        error
    }

    /// The error of a write whose id belongs to another customer, according to a response. Adds the reason to a refusal that says
    /// only "exists already".
    pub(crate) fn conflict(operation: &'static Operation, reason: &str, refusal: Option<Self>) -> Self {
        let refusal = refusal.filter(Self::is_conflict);
        let new = || {
            let mut error = Self::without_response(operation, ErrorKind::Api, Delivery::Answered, "");
            error.0.documented = DocumentedError::all().iter().find(|row| row.means == Some(ErrorMeaning::Conflict));
            error
        };
        let mut error = refusal.unwrap_or_else(new);
        error.0.detail = reason.to_owned();
        error
    }

    /// The error of a write whose id is in use, if the response does not name the customer.
    pub(crate) fn unattributed(operation: &'static Operation) -> Self {
        let detail = "the id is in use, and the response does not name the customer";
        Self::without_response(operation, ErrorKind::Api, Delivery::Answered, detail)
    }

    /// Marks the error of a write whose outcome is unknown.
    pub(crate) fn ambiguous(mut self, whom: &str) -> Self {
        self.0.delivery = Delivery::Unknown;
        let words = format!("it may have been carried out; before you send another, ask for {whom}");
        self.0.detail = if self.0.detail.is_empty() { words } else { format!("{}; {words}", self.0.detail) };
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    /// Returns the kind of error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the HTTP status, if there was a response.
    #[must_use]
    pub fn http_status(&self) -> Option<StatusCode> {
        self.0.exchange.as_ref().map(|exchange| exchange.http_status)
    }

    /// Returns the headers of the response, if there was one.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.exchange.as_ref().map(|exchange| &exchange.headers)
    }

    /// Returns Cashfree's error body, if the response had one in the documented format.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        self.0.api.as_ref()
    }

    /// Returns the code in Cashfree's error body. Match on it together with the HTTP status.
    #[must_use]
    pub fn code(&self) -> Option<&ErrorCode> {
        self.api()?.code.as_ref()
    }

    /// Returns the request id, for Cashfree's support. Cashfree does not document it; `None` if it was not sent.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.exchange.as_ref()?.request_id()
    }

    /// Returns the body of the response as received, up to the client's limit. It may contain personal data: do not log it.
    #[must_use]
    pub fn raw_body(&self) -> Option<&[u8]> {
        self.0.exchange.as_ref().map(|exchange| exchange.body.as_ref())
    }

    /// Returns the field where decoding stopped, as in `user_reference_id` or `items[3].name`. `None` if it was not at a field.
    #[must_use]
    pub fn field_path(&self) -> Option<&str> {
        self.0.field_path.as_deref()
    }

    /// Returns all problems of a request that was rejected before sending: fields and rules, without values.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.0.problems
    }

    /// Whether the request reached Cashfree.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// Returns the number of attempts, including those that could not connect. 0 if the call was rejected before sending.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns how long the server asks to wait before the next call: at most ten minutes by `Retry-After`, and at most a minute
    /// by Cashfree's own headers.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same call may succeed later: no connection, a broken one, a timeout, or the HTTP status 408, 429, 500, 502,
    /// 503 or 504. [`delivery`](Self::delivery) says whether it may be sent again.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Io | ErrorKind::RateLimited => true,
            ErrorKind::Api => {
                self.http_status().is_some_and(|status| [408, 500, 502, 503, 504].contains(&status.as_u16()))
            }
            _ => false,
        }
    }

    /// Whether the response is not Cashfree's: a gateway's page, a redirect to a login, a body that is not JSON of this API.
    pub(crate) fn is_non_api_response(&self) -> bool {
        let is_kind =
            matches!(self.kind(), ErrorKind::Api | ErrorKind::Decode | ErrorKind::Redirect | ErrorKind::TooLarge);
        is_kind && self.0.exchange.is_some() && self.0.api.is_none()
    }

    fn type_(&self) -> Option<&str> {
        self.api()?.type_.as_deref()
    }

    /// Returns the spec's description of this error. If status and code are ambiguous, a documented message decides.
    fn meaning(&self) -> Option<&'static str> {
        let said = |row: &&DocumentedError| self.message().is_some_and(|message| message == row.meaning);
        let documented = self.documented().or_else(|| DocumentedError::all().iter().find(said));
        documented.map(|row| row.meaning)
    }

    /// Returns Cashfree's message, which may repeat data of the request.
    fn message(&self) -> Option<&str> {
        self.api()?.message.as_ref().map(|message| message.expose().as_str())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(self.kind().words())?;
        if let Some(status) = self.http_status() {
            write!(f, ": {status}")?;
        }
        if let Some(type_) = self.type_() {
            write!(f, ", {}", Name(type_))?;
        }
        if let Some(code) = self.code() {
            write!(f, ", {code}")?;
        }
        if !self.0.detail.is_empty() {
            write!(f, ": {}", self.0.detail)?;
        }
        // The detail of a conflict is the reason for it, with the cure.
        let has_reason = self.is_conflict() && !self.0.detail.is_empty();
        if let Some(meaning) = self.meaning().filter(|_| !has_reason) {
            write!(f, ": {meaning}")?;
        }
        // For an ambiguous write, the detail contains it already, with the id.
        if let Some(advice) = self.advice().filter(|_| !has_reason && !self.is_ambiguous_write()) {
            write!(f, "{} {advice}", if self.meaning().is_some() { "" } else { "." })?;
        }
        if self.message().is_some_and(|message| self.meaning() != Some(message)) {
            f.write_str(" (Cashfree's message: see Error::api)")?;
        }
        if self.attempts() > 1 {
            write!(f, " ({} attempts)", self.attempts())?;
        }
        match self.request_id() {
            Some(id) => write!(f, " (request id {})", Name(id)),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `fn main() -> Result<…>` prints this, so the message with the cure comes first.
        f.debug_struct("Error")
            .field("message", &self.to_string())
            .field("kind", &self.kind())
            .field("operation", &self.0.operation.map_or("none", |operation| operation.id))
            .field("http_status", &self.http_status())
            .field("api", &self.api())
            .field("detail", &self.0.detail)
            .field("field_path", &self.field_path())
            .field("request_id", &self.request_id().map(Name))
            .field("delivery", &self.delivery())
            .field("attempts", &self.attempts())
            .field("retry_after", &self.retry_after())
            .field("source", &self.0.source)
            .finish_non_exhaustive()
    }
}

/// An invalid id becomes [`ErrorKind::InvalidRequest`], so `?` combines ids and calls.
///
/// ```
/// # use cashfree_vkyc::{Client, Error, Response, VerificationId, VideoKyc};
/// async fn status(client: &Client, id: &str) -> Result<Response<VideoKyc>, Error> {
///     client.status(VerificationId::new(id)?).await
/// }
/// ```
impl From<IdError> for Error {
    fn from(error: IdError) -> Self {
        Self::without_response(None, ErrorKind::InvalidRequest, Delivery::NotSent, error.to_string())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_can_be_sent_between_threads() {
        fn check<T: Send + Sync + StdError + 'static>() {}
        check::<Error>();
    }

    #[test]
    fn an_error_prints_its_reason_and_its_attempts_and_has_its_source() {
        let error = |detail: &str| {
            Error::without_response(&super::super::SOME_OPERATION, ErrorKind::Io, Delivery::Unknown, detail.to_owned())
        };
        let printed = error("the reason").with_attempts(1).to_string();
        assert!(printed.contains(": the reason") && !printed.contains("attempts)"), "{printed}");
        assert!(error("").with_attempts(2).to_string().contains(" (2 attempts)"));
        let error = error("").with_source(std::io::Error::other("the cause"));
        assert_eq!(error.source().map(ToString::to_string).as_deref(), Some("the cause"));
    }
}
