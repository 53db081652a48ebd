//! A request that the generated code has built, on its way to being sent: URL, query and body, without what all requests of
//! a client share.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;
use reqwest::Body;

use super::config_error::ConfigError;
use super::error::{Delivery, Error, ErrorKind};
use super::operation::Operation;

/// The request of a call, and how to tell whether an answer belongs to it.
pub(crate) struct Request<T> {
    request: reqwest::Request,
    /// The body, which every attempt sends again.
    body: Option<Bytes>,
    /// The name of the first argument that the answer contradicts.
    pub(super) contradicts: Contradicts<T>,
    /// Whether an answer says nothing at all.
    pub(super) is_blank: fn(&T) -> bool,
}

pub(crate) type Contradicts<T> = Box<dyn Fn(&T) -> Option<&'static str> + Send + Sync>;

impl<T> Request<T> {
    /// A request that was built, and what the spec says of its answer.
    pub(crate) fn new(
        mut request: reqwest::Request,
        contradicts: impl Fn(&T) -> Option<&'static str> + Send + Sync + 'static,
        is_blank: fn(&T) -> bool,
    ) -> Self {
        // Bodies of this API are JSON in memory.
        let body = request.body_mut().take();
        let body = body.as_ref().and_then(Body::as_bytes).map(Bytes::copy_from_slice);
        Self { request, body, contradicts: Box::new(contradicts), is_blank }
    }

    /// What to send in one attempt.
    pub(super) fn with_headers(&self, mut headers: HeaderMap) -> reqwest::Request {
        let mut request = reqwest::Request::new(self.request.method().clone(), self.request.url().clone());
        headers.extend(self.request.headers().clone());
        *request.headers_mut() = headers;
        *request.body_mut() = self.body.clone().map(Body::from);
        request
    }
}

/// Why a request could not even be built. The names are progenitor's.
#[derive(Debug)]
pub(crate) enum RequestError {
    /// An argument does not fit; in progenitor's words, which name it and not its value.
    InvalidRequest(String),
    /// reqwest refuses.
    Build(reqwest::Error),
    /// There is no HTTP client to send it with.
    Client(ConfigError),
}

impl From<reqwest::Error> for RequestError {
    fn from(error: reqwest::Error) -> Self {
        Self::Build(error.without_url())
    }
}

impl RequestError {
    pub(crate) fn in_call_of(self, operation: &'static Operation) -> Error {
        let refuse = |kind, detail: &str| Error::without_answer(operation, kind, Delivery::NotSent, detail);
        match self {
            Self::InvalidRequest(words) => refuse(ErrorKind::InvalidRequest, &words),
            Self::Build(error) => refuse(ErrorKind::InvalidRequest, "the request cannot be built").with_source(error),
            Self::Client(error) => {
                refuse(ErrorKind::Config, "the HTTP client cannot be set up again").with_source(error)
            }
        }
    }
}

impl<T> fmt::Debug for Request<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").finish_non_exhaustive()
    }
}
