//! A request that the generated code has built: URL, query and body, without the parts that all requests of a client share.

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use reqwest::Body;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{ConfigError, Delivery, Error, ErrorKind, Operation};
use crate::wire::rules::Rule;
use crate::wire::{Correlation, Problem};

/// The request of a call, and the checks of its response.
pub(crate) struct Request<T> {
    request: reqwest::Request,
    /// Compares the ids of the request with those of a response.
    pub(crate) correlate: Correlate<T>,
    /// Whether a response has no documented field at all.
    pub(super) is_blank: fn(&T) -> bool,
    /// Logs the data of a response that the spec does not describe.
    pub(super) log_unrecognized: fn(&T),
}

type Correlate<T> = Box<dyn Fn(&T) -> Correlation + Send + Sync>;

impl<T> Request<T> {
    /// A request, and the spec's description of its response.
    pub(crate) fn new(
        request: reqwest::Request,
        correlate: impl Fn(&T) -> Correlation + Send + Sync + 'static,
        is_blank: fn(&T) -> bool,
        log_unrecognized: fn(&T),
    ) -> Self {
        Self { request, correlate: Box::new(correlate), is_blank, log_unrecognized }
    }

    /// Creates the request of one attempt. `reqwest::Request::try_clone` allocates more, for an unset timeout.
    pub(super) fn with_headers(&self, mut headers: HeaderMap) -> reqwest::Request {
        let mut request = reqwest::Request::new(self.request.method().clone(), self.request.url().clone());
        headers.extend(self.request.headers().clone());
        *request.headers_mut() = headers;
        // Bodies of this API are JSON in memory.
        *request.body_mut() = self.request.body().and_then(Body::as_bytes).map(|body| body.to_vec().into());
        request
    }
}

/// A body that satisfies the rules of the spec.
pub(crate) struct JsonBody(Vec<u8>);

impl JsonBody {
    /// Serialises a body, or returns all of its problems.
    pub(crate) fn of(rule: &Rule, body: &impl Serialize) -> Result<Self, RequestError> {
        let unwritable = |_| RequestError::InvalidRequest("the body cannot be written as JSON".into());
        let value = serde_json::to_value(body).map_err(unwritable)?;
        check(rule, &value)?;
        serde_json::to_vec(&value).map(Self).map_err(unwritable)
    }

    /// Adds the body to a request.
    pub(crate) fn put_into(self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.header(CONTENT_TYPE, HeaderValue::from_static("application/json")).body(self.0)
    }
}

/// Checks the arguments of a request like a body. An absent argument is omitted.
#[allow(dead_code, reason = "a spec need not have arguments with limits")]
pub(crate) fn check_arguments<const N: usize>(
    rule: &Rule,
    arguments: [(&str, serde_json::Result<Value>); N],
) -> Result<(), RequestError> {
    let mut there = Map::new();
    for (name, value) in arguments {
        let unwritable = |_| RequestError::InvalidRequest(format!("the argument `{name}` cannot be written"));
        let value = value.map_err(unwritable)?;
        if !value.is_null() {
            there.insert(name.to_owned(), value);
        }
    }
    check(rule, &there.into())
}

fn check(rule: &Rule, value: &Value) -> Result<(), RequestError> {
    let problems = rule.check(value);
    if problems.is_empty() { Ok(()) } else { Err(RequestError::Problems(problems)) }
}

/// The reason why a request could not be built. The names are progenitor's.
#[derive(Debug)]
pub(crate) enum RequestError {
    /// An argument is not valid; progenitor's message names it and not its value.
    InvalidRequest(String),
    /// The body or the arguments break rules of the spec.
    Problems(Vec<Problem>),
    /// reqwest rejects the request.
    Build(Arc<reqwest::Error>),
    /// There is no HTTP client to send it with.
    Client(Arc<ConfigError>),
}

impl From<reqwest::Error> for RequestError {
    fn from(error: reqwest::Error) -> Self {
        Self::Build(Arc::new(error.without_url()))
    }
}

impl RequestError {
    pub(crate) fn in_call_of(&self, operation: &'static Operation) -> Error {
        let refuse = |kind, detail: &str| Error::without_response(operation, kind, Delivery::NotSent, detail);
        match self {
            Self::InvalidRequest(words) => refuse(ErrorKind::InvalidRequest, words),
            Self::Problems(problems) => {
                let words: Vec<_> = problems.iter().map(ToString::to_string).collect();
                refuse(ErrorKind::InvalidRequest, &words.join("; ")).with_problems(problems.clone())
            }
            Self::Build(error) => {
                refuse(ErrorKind::InvalidRequest, "the request cannot be built").with_source(Arc::clone(error))
            }
            Self::Client(error) => {
                refuse(ErrorKind::Config, "the HTTP client cannot be set up again").with_source(Arc::clone(error))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::to_value;

    use super::*;
    use crate::wire::rules::{Field, ObjectRule, TextForm, TextRule};

    static ARGUMENTS: Rule = Rule::Object(ObjectRule {
        fields: &[
            Field {
                name: "id",
                required: false,
                rule: &Rule::Text(TextRule { min: 2, max: 4, characters: &[], form: TextForm::Any }),
            },
            Field { name: "kind", required: false, rule: &Rule::OneOf(&["A"]) },
        ],
        exactly_one_of: &[],
    });

    fn problems(id: Option<&str>, kind: Option<&str>) -> Vec<String> {
        match check_arguments(&ARGUMENTS, [("id", to_value(id)), ("kind", to_value(kind))]) {
            Err(RequestError::Problems(problems)) => problems.iter().map(ToString::to_string).collect(),
            other => other.map(|()| Vec::new()).unwrap(),
        }
    }

    #[test]
    fn all_problems_of_the_arguments_are_reported_and_an_absent_one_has_none() {
        assert!(problems(None, None).is_empty() && problems(Some("ab"), Some("A")).is_empty());
        let found = problems(Some("CANARY"), Some("CANARY"));
        assert_eq!(found, ["id must have at most 4 characters", "kind must be one of A"]);
    }
}
