//! An error answer, as the spec documents it.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;

use super::fault::{Body, Refusing};
use crate::model::generated::constants::DOCUMENTED_ERRORS;
use crate::model::{ApiError, DocumentedError, ErrorCode};
use crate::wire::{Problem, ProblemKind};

/// What is answered.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// What did not fit, for the record.
    pub(super) problems: Vec<Problem>,
}

impl Answer {
    pub(super) fn json<T: Serialize>(status: StatusCode, value: &T) -> Self {
        let body = serde_json::to_vec(value).unwrap_or_default();
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        Self { status, headers, body: body.into(), problems: Vec::new() }
    }

    pub(super) fn with_problems(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }

    /// What a fault orders.
    pub(super) fn ordered(order: &Refusing) -> Self {
        let status = StatusCode::from_u16(order.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = match &order.body {
            Body::Documented(code) => {
                let row = DOCUMENTED_ERRORS.iter().find(|row| {
                    row.http_status == order.status
                        && code.as_ref().is_none_or(|code| row.code == Some(code.as_str()))
                        && (row.type_.is_some() || code.is_some())
                });
                Self::json(status, &row.map_or_else(|| undocumented(code.clone()), error))
            }
            Body::Html => {
                let page = format!("<html><body><h1>{status}</h1></body></html>\n");
                let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/html"))]);
                Self { status, headers, body: page.into(), problems: Vec::new() }
            }
            Body::Empty => Self { status, headers: HeaderMap::new(), body: Bytes::new(), problems: Vec::new() },
        };
        if let Some(seconds) = order.retry_after {
            answer.headers.insert(RETRY_AFTER, seconds.into());
        }
        answer
    }
}

/// A refusal of a request.
pub(super) struct Refusal {
    status: StatusCode,
    code: Option<ErrorCode>,
    /// The family of the error, where two share status and code.
    type_: Option<&'static str>,
    problems: Vec<Problem>,
    retry_after: Option<u64>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: ErrorCode) -> Self {
        Self { status, code: Some(code), type_: None, problems: Vec::new(), retry_after: None }
    }

    /// The same code is in two families: this one is of that of another error.
    pub(super) fn of_the_family_of(mut self, status: StatusCode, code: &ErrorCode) -> Self {
        self.type_ = DocumentedError::with_code(status.as_u16(), code.as_str()).and_then(|row| row.type_);
        self
    }

    /// Reported, not documented: a wrong path is answered without type and code.
    pub(super) fn no_route() -> Self {
        Self { status: StatusCode::NOT_FOUND, code: None, type_: None, problems: Vec::new(), retry_after: None }
    }

    pub(super) fn because(mut self, field: &str, kind: ProblemKind, rule: impl Into<String>) -> Self {
        self.problems.push(Problem::new(field, kind, rule));
        self
    }

    pub(super) fn with_problems(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }

    pub(super) fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    pub(super) fn into_answer(self) -> Answer {
        let code = self.code.as_ref().map(ErrorCode::as_str);
        let is_it = |row: &&DocumentedError| {
            row.http_status == self.status.as_u16()
                && row.code == code
                && (self.type_.is_none() || row.type_ == self.type_)
                // Of two with the same code, the one without a family is the one that was only reported.
                && (row.type_.is_some() || code.is_none())
        };
        let row = DOCUMENTED_ERRORS.iter().find(is_it);
        let mut answer = Answer::json(self.status, &row.map_or_else(|| undocumented(self.code), error));
        if let Some(seconds) = self.retry_after {
            answer.headers.insert(RETRY_AFTER, seconds.into());
        }
        answer.with_problems(self.problems)
    }
}

/// The body of a documented error; its meaning is the message.
fn error(row: &DocumentedError) -> ApiError {
    ApiError {
        type_: row.type_.map(str::to_owned),
        code: row.code.map(ErrorCode::from),
        message: Some(row.meaning.into()),
        ..ApiError::default()
    }
}

fn undocumented(code: Option<ErrorCode>) -> ApiError {
    let message = "The sandbox was told to answer so; the spec documents no such error.";
    ApiError { code, message: Some(message.into()), ..ApiError::default() }
}
