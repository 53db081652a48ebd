//! A response before it is sent.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;

use crate::wire::{Problem, ProblemKind};

#[derive(Default)]
pub(super) struct Response {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// The rules that the request breaks, for the record.
    pub(super) problems: Vec<Problem>,
}

impl Response {
    pub(super) fn new(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        Self { status, headers, body: body.into(), problems: Vec::new() }
    }

    pub(super) fn json(status: StatusCode, value: &impl Serialize) -> Self {
        Self::new(status, "application/json", serde_json::to_vec(value).unwrap_or_default())
    }

    pub(super) fn because(mut self: Box<Self>, field: &str, kind: ProblemKind, rule: impl Into<String>) -> Box<Self> {
        self.problems.push(Problem::new(field, kind, rule));
        self
    }

    pub(super) fn retry_after(mut self: Box<Self>, seconds: u64) -> Box<Self> {
        self.headers.insert(RETRY_AFTER, seconds.into());
        self
    }
}
