//! The path of a request: record, faults, documented checks, operation, response.
//!
//! ```text
//! request ─▶ recorded ─▶ delay ─▶ fault? ─▶ checks ─▶ parse ─▶ State::apply ─▶ fault? ─▶ recorded ─▶ response
//!                                                                                 └─ None: the connection is reset
//! ```

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Collected, Limited};
use hyper::body::Incoming;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::core::Core;
use super::error_response::{self, ErrorResponse, documented};
use super::fault::{Kind, Plan};
use super::lock::lock;
use super::parsed_request::ParsedRequest;
use super::record::RecordedRequest;
use super::response::Response;
use super::{recording, routes};
use crate::model::generated::Route;
use crate::model::{ErrorCode, constants};
use crate::wire::ProblemKind;

/// The most bytes of a body.
const MAX_BODY: usize = 1024 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static(constants::HEADER_X_REQUEST_ID);

/// Responds to a request. `None`: the connection must be reset.
pub(super) async fn respond(core: &Arc<Core>, request: Request<Incoming>) -> (Option<Response>, Plan) {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY).collect().await.map(Collected::to_bytes).ok();
    let is_recording = recording::is_path(head.uri.path());
    let route = routes::find(&head.method, head.uri.path()).filter(|_| !is_recording);
    let operation = route.map(|route| route.id);
    let plan = lock(&core.faults).next(if is_recording { None } else { Some(operation.unwrap_or_default()) });
    let number = record(core, &head, body.as_ref(), operation, plan.names());
    if let Some(time) = plan.delay(false) {
        tokio::time::sleep(time).await;
    }
    let mut response = match plan.response() {
        Some((kind, false)) => apply_fault(kind, None),
        fault => {
            let (response, parsed) = carry_out(core, &head, body, route);
            if let Some(time) = plan.delay(true) {
                tokio::time::sleep(time).await;
            }
            match fault {
                Some((kind, _)) => apply_fault(kind, Some((response, &parsed))),
                None => Some(response),
            }
        }
    };
    core.recorder.end(number, |request| {
        let Some(response) = &mut response else { return };
        request.http_status = Some(response.status.as_u16());
        request.problems = std::mem::take(&mut response.problems);
        if let Ok(id) = HeaderValue::from_str(&request.request_id) {
            response.headers.insert(REQUEST_ID, id);
        }
    });
    (response, plan)
}

fn record(
    core: &Core,
    head: &Parts,
    body: Option<&Bytes>,
    operation: Option<&'static str>,
    faults: Vec<&'static str>,
) -> u64 {
    core.recorder.begin(RecordedRequest {
        number: 0,
        operation,
        method: head.method.clone(),
        path: head.uri.path().into(),
        query: head.uri.query().unwrap_or_default().into(),
        body: body.map(|body| body.to_vec()).unwrap_or_default().into(),
        at: core.clock.now(),
        problems: Vec::new(),
        faults,
        http_status: None,
        request_id: String::new(),
    })
}

/// Replaces or changes a response. `None`: a reset.
fn apply_fault(kind: &Kind, response: Option<(Response, &ParsedRequest)>) -> Option<Response> {
    match (kind, response) {
        (Kind::Reset, _) => None,
        (Kind::Status(fault), _) => Some(*error_response::of_fault(fault)),
        (Kind::Malformed, Some((mut response, _))) => {
            response.body = response.body.slice(..response.body.len() / 2);
            Some(response)
        }
        (Kind::WrongId, Some((response, request))) => Some(rewritten(response, |fields| request.swap_ids(fields))),
        (Kind::UnknownFields, Some((response, _))) => Some(rewritten(response, |fields| {
            fields.insert("sandbox_unknown_text".to_owned(), "new".into());
            fields.insert("sandbox_unknown_object".to_owned(), json!({ "list": [1, null, true] }));
        })),
        (_, response) => response.map(|(response, _)| response),
    }
}

fn rewritten(mut response: Response, change: impl FnOnce(&mut Map<String, Value>)) -> Response {
    if let Ok(Value::Object(mut fields)) = serde_json::from_slice(&response.body) {
        change(&mut fields);
        response.body = serde_json::to_vec(&fields).unwrap_or_default().into();
    }
    response
}

/// Checks a request and carries it out.
fn carry_out(
    core: &Arc<Core>,
    head: &Parts,
    body: Option<Bytes>,
    route: Option<&'static Route>,
) -> (Response, ParsedRequest) {
    if recording::is_path(head.uri.path()) {
        return (download(core, head), ParsedRequest::default());
    }
    let Some(route) = route else { return (*error_response::no_route(), ParsedRequest::default()) };
    let mut rate_headers = HeaderMap::new();
    let parsed = core.merchant.check(&head.headers, core.clock.now()).and_then(|()| {
        if let Some((headers, allowed)) = lock(&core.state).rate_limit.take(route.id, Instant::now()) {
            rate_headers = headers;
            allowed?;
        }
        ParsedRequest::parse(route, &head.uri, &body.ok_or_else(too_large)?)
    });
    let (mut response, parsed) = match parsed {
        Ok(parsed) => (core.change(|state, now| state.apply(route, &parsed, now)).0, parsed),
        Err(error) => (*error, ParsedRequest::default()),
    };
    response.headers.extend(rate_headers);
    (response, parsed)
}

fn too_large() -> ErrorResponse {
    let error = documented(StatusCode::BAD_REQUEST, ErrorCode::CheckApiDocumentation);
    error.because("the body", ProblemKind::TooLong, "must be complete, with at most 1 MiB")
}

/// The recording of a link.
fn download(core: &Core, head: &Parts) -> Response {
    if head.method != Method::GET {
        return recording::denied("The link is signed for GET.");
    }
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    let found = lock(&core.state).recording(path, query, core.clock.now());
    match found {
        Ok(bytes) => recording::serve(&bytes, &head.headers),
        Err(reason) => recording::denied(reason),
    }
}
