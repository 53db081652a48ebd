//! Error responses, as the spec documents them.

use http::StatusCode;

use super::fault::{ErrorBody, ErrorFault};
use super::response::Response;
use crate::model::generated::constants::DOCUMENTED_ERRORS;
use crate::model::{ApiError, DocumentedError, ErrorCode};

pub(super) type ErrorResponse = Box<Response>;

/// The error that is documented for this status and code.
pub(super) fn documented(status: StatusCode, code: ErrorCode) -> ErrorResponse {
    // Of two rows with the same code, the one without a family was only reported.
    let fits = |row: &DocumentedError| row.code == Some(code.as_str()) && row.type_.is_some();
    error(status, fits, Some(&code))
}

/// The same for a code that is documented in two families: the one in the family of another error.
pub(super) fn documented_like(status: StatusCode, code: ErrorCode, other: (u16, ErrorCode)) -> ErrorResponse {
    let family = DocumentedError::with_code(other.0, other.1.as_str()).and_then(|row| row.type_);
    error(status, |row| row.code == Some(code.as_str()) && row.type_ == family, Some(&code))
}

/// The response to an unknown path. It was reported, and has neither type nor code.
pub(super) fn no_route() -> ErrorResponse {
    error(StatusCode::NOT_FOUND, |row| row.code.is_none(), None)
}

/// The response that a fault asks for.
pub(super) fn of_fault(fault: &ErrorFault) -> ErrorResponse {
    let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let response = match &fault.body {
        ErrorBody::Documented(None) => error(status, |row| row.type_.is_some(), None),
        ErrorBody::Documented(Some(code)) => error(status, |row| row.code == Some(code.as_str()), Some(code)),
        ErrorBody::Html => {
            let page = format!("<html><body><h1>{status}</h1></body></html>\n");
            Box::new(Response::new(status, "text/html", page))
        }
        ErrorBody::Empty => Box::new(Response { status, ..Response::default() }),
    };
    match fault.retry_after {
        Some(seconds) => response.retry_after(seconds),
        None => response,
    }
}

/// The first documented error of this status that fits. Its meaning is the message.
fn error(status: StatusCode, fits: impl Fn(&DocumentedError) -> bool, code: Option<&ErrorCode>) -> ErrorResponse {
    let row = DOCUMENTED_ERRORS.iter().find(|row| row.http_status == status.as_u16() && fits(row));
    let undocumented = "A test asked for this response; the spec documents no such error.";
    let error = ApiError {
        type_: row.and_then(|row| row.type_).map(str::to_owned),
        code: row.map_or_else(|| code.cloned(), |row| row.code.map(ErrorCode::from)),
        message: Some(row.map_or(undocumented, |row| row.meaning).into()),
        ..ApiError::default()
    };
    Box::new(Response::json(status, &error))
}
