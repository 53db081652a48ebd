//! The meaning of an error for code that branches on it, and whether its request was executed.
//!
//! | response to a write | executed? |
//! |---|---|
//! | none: nothing left this machine | no |
//! | a documented 429 | no |
//! | another documented error of the operation, with its code | no, unless it says "pending" |
//! | anything else: 408, 5xx, a gateway's page, an unknown code | maybe |

use http::StatusCode;

use super::super::{Delivery, ErrorKind};
use super::Error;
use crate::model::{DocumentedError, ErrorCode, ErrorMeaning};

impl Error {
    /// Returns the spec's advice for a documented error, such as an address that is not on the allow-list, a missing signature,
    /// or an empty wallet. While the outcome of a write is unknown, the advice is to ask for it.
    #[must_use]
    pub fn advice(&self) -> Option<&'static str> {
        if self.is_ambiguous_write() {
            return Some("Ask for it by its id before you send another.");
        }
        self.documented().and_then(|documented| documented.advice)
    }

    /// Whether the resource does not exist in this account and environment, by any of the documented errors. A wrong path, or a
    /// product that is not enabled, is also HTTP 404 but is not meant.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.category() == Some(ErrorMeaning::NotFound)
    }

    /// Whether the account was rejected: its keys, its allow-list, its second factor.
    #[must_use]
    pub fn is_authentication(&self) -> bool {
        self.category() == Some(ErrorMeaning::Authentication)
    }

    /// Whether a resource with this id exists already. False while it is unknown whether this call created it.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.category() == Some(ErrorMeaning::Conflict)
    }

    /// Whether an earlier request is still running: ask again later.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.category() == Some(ErrorMeaning::Pending)
    }

    /// Whether the merchant's wallet is empty: HTTP 422, or `REJECTED / INSUFFICIENT_BALANCE` in response to `Client::initiate`.
    #[must_use]
    pub fn is_insufficient_balance(&self) -> bool {
        self.category() == Some(ErrorMeaning::InsufficientBalance)
    }

    /// Whether to try again later: the same call may succeed then, or may have succeeded already. Try `initiate` again as
    /// `initiate_or_get` with the same id.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        self.is_retryable() || self.is_pending() || self.delivery() == Delivery::Unknown
    }

    /// Returns the HTTP status for a web service that responds to its own caller with this error.
    ///
    /// | error | status |
    /// |---|---|
    /// | an invalid id or field, before or after sending | 400 |
    /// | [`is_not_found`](Self::is_not_found) | 404 |
    /// | [`is_conflict`](Self::is_conflict) | 409 |
    /// | an error in your configuration: options, [`is_authentication`](Self::is_authentication), [`is_insufficient_balance`](Self::is_insufficient_balance) | 500 |
    /// | [`is_pending`](Self::is_pending), the rate limit, no connection | 503, with [`retry_after`](Self::retry_after) as `Retry-After` |
    /// | a timeout; a write whose outcome is unknown | 504 |
    /// | any other response, or none | 502 |
    ///
    /// ```
    /// # use cashfree_vkyc::{Error, VerificationId};
    /// let error = Error::from(VerificationId::new("no spaces").unwrap_err());
    /// assert_eq!(error.gateway_status(), 400);
    /// ```
    #[must_use]
    pub fn gateway_status(&self) -> StatusCode {
        if self.is_ambiguous_write() {
            return StatusCode::GATEWAY_TIMEOUT;
        }
        match (self.category(), self.kind()) {
            (Some(ErrorMeaning::NotFound), _) => StatusCode::NOT_FOUND,
            (Some(ErrorMeaning::Conflict), _) => StatusCode::CONFLICT,
            (Some(ErrorMeaning::Pending), _) => StatusCode::SERVICE_UNAVAILABLE,
            (Some(ErrorMeaning::Authentication | ErrorMeaning::InsufficientBalance), _) | (_, ErrorKind::Config) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            (_, ErrorKind::InvalidRequest) => StatusCode::BAD_REQUEST,
            (_, ErrorKind::Connect | ErrorKind::RateLimited) => StatusCode::SERVICE_UNAVAILABLE,
            (_, ErrorKind::Timeout) => StatusCode::GATEWAY_TIMEOUT,
            (_, ErrorKind::Api) if self.is_documented() && self.http_status() == Some(StatusCode::BAD_REQUEST) => {
                StatusCode::BAD_REQUEST
            }
            _ => StatusCode::BAD_GATEWAY,
        }
    }

    /// Returns the category that callers branch on. For an ambiguous write, a later refusal proves nothing.
    fn category(&self) -> Option<ErrorMeaning> {
        if self.is_ambiguous_write() {
            return None;
        }
        if let Some(documented) = self.0.documented {
            return documented.means;
        }
        let (status, code) = (self.http_status()?, self.code()?.as_str());
        // With a success status, a code has the meaning that it has with its own status.
        if status.is_success() {
            return DocumentedError::named(code)?.means;
        }
        DocumentedError::meaning_of(status.as_u16(), self.type_(), code)
    }

    /// Whether the request was certainly not executed and may be sent later: nothing was sent, or Cashfree itself says that the
    /// limit is exceeded. A gateway's 429 does not count.
    pub(crate) fn is_surely_not_executed(&self) -> bool {
        self.delivery() == Delivery::NotSent || self.kind() == ErrorKind::RateLimited && self.is_documented()
    }

    /// Whether Cashfree itself refused the request, with an error that the spec documents for the operation.
    pub(crate) fn is_documented_refusal(&self) -> bool {
        let is_ambiguous = |status: StatusCode| status == StatusCode::REQUEST_TIMEOUT || status.is_server_error();
        !self.is_pending() && !self.http_status().is_some_and(is_ambiguous) && self.is_documented()
    }

    fn is_documented(&self) -> bool {
        let Some((status, code)) = self.http_status().zip(self.code()) else { return false };
        let is_it = |row: &DocumentedError| row.http_status == status.as_u16() && row.code == Some(code.as_str());
        match status.is_success() {
            true => DocumentedError::named(code.as_str()).is_some(),
            false => self.is_documented_status(status) && DocumentedError::all().iter().any(is_it),
        }
    }

    fn is_documented_status(&self, status: StatusCode) -> bool {
        self.0.operation.is_some_and(|operation| operation.errors.contains(&status.as_u16()))
    }

    pub(super) fn is_ambiguous_write(&self) -> bool {
        self.delivery() == Delivery::Unknown && self.0.operation.is_some_and(|operation| !operation.idempotent)
    }

    pub(super) fn documented(&self) -> Option<&'static DocumentedError> {
        let code = self.code().map(ErrorCode::as_str);
        self.0.documented.or_else(|| DocumentedError::find(self.http_status()?.as_u16(), self.type_(), code))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use bytes::Bytes;
    use http::{HeaderMap, Method};

    use super::super::super::{Exchange, Operation, SOME_OPERATION};
    use super::*;
    use crate::model::{ApiError, IdError};

    fn refused(status: u16, code: &str) -> Error {
        let http_status = StatusCode::from_u16(status).unwrap();
        let kind = if status == 429 { ErrorKind::RateLimited } else { ErrorKind::Api };
        let exchange = Exchange { http_status, headers: HeaderMap::new(), body: Bytes::new() };
        let api = ApiError { code: Some(code.into()), ..ApiError::default() };
        Error::with_response(&SOME_OPERATION, kind, "", exchange).with_api(Some(api))
    }

    /// The operation documents 400 and 429.
    #[test]
    fn a_refusal_is_certain_only_with_a_code_that_the_operation_documents() {
        for (status, code, is_refusal) in [
            (400, "verification_id_missing", true),
            (400, "brand_new", false),
            (404, "verification_id_not_found", false),
            (200, "insufficient_balance", true),
            (200, "verification_pending", false),
            (500, "api_error", false),
            (408, "invalid_request", false),
        ] {
            assert_eq!(refused(status, code).is_documented_refusal(), is_refusal, "{status} {code}");
        }
        for (code, is_surely_not) in [("too_many_requests_per_ip", true), ("throttled", false)] {
            assert_eq!(refused(429, code).is_surely_not_executed(), is_surely_not, "{code}");
        }
    }

    #[test]
    fn every_error_has_a_status_for_the_callers_of_a_service() {
        let without = |kind| Error::without_response(&SOME_OPERATION, kind, Delivery::NotSent, "");
        static WRITE: LazyLock<Operation> =
            LazyLock::new(|| Operation { method: Method::POST, idempotent: false, ..SOME_OPERATION });
        let lost = |operation| Error::without_response(operation, ErrorKind::Io, Delivery::Unknown, "");
        for (error, expected) in [
            (IdError::Empty { id: "id" }.into(), 400),
            (without(ErrorKind::InvalidRequest), 400),
            (refused(400, "verification_id_missing"), 400),
            (refused(404, "verification_id_not_found"), 404),
            (refused(409, "verification_id_already_exists"), 409),
            (without(ErrorKind::Config), 500),
            (refused(401, "authentication_failed"), 500),
            (refused(403, "ip_validation_failed"), 500),
            (refused(422, "insufficient_balance"), 500),
            (refused(409, "verification_pending"), 503),
            (refused(429, "too_many_requests_per_ip"), 503),
            (without(ErrorKind::Connect), 503),
            (without(ErrorKind::Timeout), 504),
            (refused(400, "brand_new"), 502),
            (refused(500, "api_error"), 502),
            (without(ErrorKind::Tls), 502),
            (without(ErrorKind::Io), 502),
            (without(ErrorKind::Decode), 502),
            (without(ErrorKind::Mismatch), 502),
            (lost(&*WRITE), 504),
            (lost(&SOME_OPERATION), 502),
        ] {
            assert_eq!(error.gateway_status(), expected, "{error}");
            let may_pass = matches!(expected, 503 | 504)
                || matches!(error.kind(), ErrorKind::Io)
                || error.http_status() == Some(StatusCode::INTERNAL_SERVER_ERROR);
            assert_eq!(error.may_pass(), may_pass, "{error}");
        }
    }
}
