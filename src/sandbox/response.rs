//! A response before it is sent, and the errors that the spec documents.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value};

use super::fault::{ErrorFault, Kind};
use crate::model::generated::constants::DOCUMENTED_ERRORS;
use crate::model::{ApiError, DocumentedError, ErrorCode};
use crate::wire::{Problem, ProblemKind};

#[derive(Default)]
pub(super) struct Response {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The rules that the request breaks, for the record.
    pub(super) problems: Vec<Problem>,
    /// The fault of the transfer of the body.
    pub(super) transfer: Option<Kind>,
}

pub(super) type ErrorResponse = Box<Response>;

impl Response {
    pub(super) fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self { status, headers, body: body.into(), ..Self::default() }
    }

    pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Self {
        Self::new(status, "application/json", serde_json::to_vec(value).unwrap_or_default())
    }

    pub(super) fn because(self: Box<Self>, field: &str, kind: ProblemKind, rule: impl Into<String>) -> Box<Self> {
        self.because_of(Problem::new(field, kind, rule))
    }

    pub(super) fn because_of(mut self: Box<Self>, problem: Problem) -> Box<Self> {
        self.problems.push(problem);
        self
    }

    /// Adds the reason to the message of an error, for callers that do not see the record.
    pub(super) fn explain(&mut self, reason: &str) {
        self.change_message(|message| format!("{message} ({reason})"));
    }

    pub(super) fn change_message(&mut self, change: impl FnOnce(&str) -> String) {
        let Ok(mut error) = serde_json::from_slice::<ApiError>(&self.body) else { return };
        error.message = error.message.map(|message| change(message.expose()).into());
        self.body = serde_json::to_vec(&error).unwrap_or_default().into();
    }

    pub(super) fn retry_after(mut self: Box<Self>, seconds: u64) -> Box<Self> {
        self.headers.insert(RETRY_AFTER, seconds.into());
        self
    }
}

/// The objects of a body: itself, or those in its list.
pub(super) fn records(body: &mut Value) -> Vec<&mut Map<String, Value>> {
    match body {
        Value::Object(fields) => vec![fields],
        Value::Array(items) => items.iter_mut().filter_map(Value::as_object_mut).collect(),
        _ => Vec::new(),
    }
}

/// The error that is documented for this status and code.
pub(super) fn documented(status: StatusCode, code: ErrorCode) -> ErrorResponse {
    // If two rows have the same code, the one without a type was only reported by third parties.
    let fits = |row: &DocumentedError| row.code == Some(code.as_str()) && row.type_.is_some();
    error(status, fits, Some(&code))
}

/// The same for a code that is documented with two types: the row with the type of another error.
pub(super) fn documented_like(status: StatusCode, code: ErrorCode, other: (u16, ErrorCode)) -> ErrorResponse {
    let family = DocumentedError::with_code(other.0, other.1.as_str()).and_then(|row| row.type_);
    error(status, |row| row.code == Some(code.as_str()) && row.type_ == family, Some(&code))
}

/// The response to an unknown path, as reported by third parties. It has neither type nor code.
pub(super) fn no_route() -> ErrorResponse {
    error(StatusCode::NOT_FOUND, |row| row.code.is_none(), None)
}

/// The response that a fault asks for.
pub(super) fn of_fault(fault: &ErrorFault) -> ErrorResponse {
    let status = StatusCode::from_u16(fault.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let fits = |row: &DocumentedError| match &fault.code {
        Some(code) => row.code == Some(code.as_str()),
        None => row.type_.is_some(),
    };
    let response = match &fault.page {
        Some(page) => Box::new(Response::new(status, "text/html", page.clone())),
        None => error(status, fits, fault.code.as_ref()),
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
