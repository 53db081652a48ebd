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

use super::control;
use super::core::Core;
use super::fault::{Kind, Phase, Plan, RECORDING};
use super::lock::lock;
use super::merchant::other_version;
use super::parsed_request::{ParsedRequest, find_route};
use super::record::RecordedRequest;
use super::recording;
use super::response::{self, ErrorResponse, Response, documented};
use crate::model::generated::Route;
use crate::model::{ErrorCode, constants};
use crate::wire::ProblemKind;

/// The most bytes of a body.
const MAX_BODY: usize = 1024 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static(constants::HEADER_X_REQUEST_ID);

/// Responds to a request. `None`: the connection must be reset.
pub(super) async fn respond(core: &Arc<Core>, request: Request<Incoming>) -> Option<Response> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY).collect().await.map(Collected::to_bytes).ok();
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    if path.starts_with(control::PREFIX) {
        return Some(control::respond(core, &head.method, path, body.as_deref()).await);
    }
    let route = find_route(&head.method, path);
    let operation = route.map(|route| route.id);
    let target = if recording::is_path(path) { RECORDING } else { operation.unwrap_or_default() };
    let plan = lock(&core.faults).next(target);
    let id = core.recorder.begin(RecordedRequest {
        operation,
        method: head.method.clone(),
        path: path.into(),
        query: query.into(),
        body: body.as_deref().unwrap_or_default().to_vec().into(),
        at: core.clock.now(),
        problems: Vec::new(),
        faults: plan.names(),
        http_status: None,
        request_id: String::new(),
    });
    let mut response = carry_out(core, &head, body, route, &plan).await;
    core.recorder.end(&id, |request| {
        let Some(response) = &mut response else { return };
        request.http_status = Some(response.status);
        request.problems = std::mem::take(&mut response.problems);
        response.headers.extend(HeaderValue::from_str(&id).map(|id| (REQUEST_ID, id)));
    });
    response
}

/// Carries out a request with its faults. `None`: a reset.
async fn carry_out(
    core: &Arc<Core>,
    head: &Parts,
    body: Option<Bytes>,
    route: Option<&'static Route>,
    plan: &Plan,
) -> Option<Response> {
    let fault = plan.at(Phase::Response);
    plan.delay(false).await;
    let done = fault.is_none_or(|fault| fault.carried_out).then(|| operate(core, head, body, route));
    plan.delay(true).await;
    let mut response = match (fault.map(|fault| &fault.kind), done) {
        (Some(Kind::Reset), _) => None,
        (Some(Kind::Status(fault)), _) => Some(*response::of_fault(fault)),
        (Some(Kind::Malformed), Some((mut response, _))) => {
            response.body.truncate(response.body.len() / 2);
            Some(response)
        }
        (Some(Kind::WrongId), Some((response, request))) => {
            Some(rewritten(response, |fields| request.swap_ids(fields)))
        }
        (Some(Kind::UnknownFields), Some((response, _))) => Some(rewritten(response, |fields| {
            fields.insert("sandbox_unknown_text".to_owned(), "new".into());
            fields.insert("sandbox_unknown_object".to_owned(), json!({ "list": [1, null, true] }));
        })),
        (_, done) => done.map(|(response, _)| response),
    }?;
    response.transfer = plan.at(Phase::Body).map(|fault| fault.kind.clone());
    Some(response)
}

fn rewritten(mut response: Response, change: impl Fn(&mut Map<String, Value>)) -> Response {
    if let Ok(mut body) = serde_json::from_slice(&response.body) {
        response::records(&mut body).into_iter().for_each(change);
        response.body = serde_json::to_vec(&body).unwrap_or_default().into();
    }
    response
}

/// Checks a request, and changes the state. The parsed request is for faults.
fn operate(
    core: &Arc<Core>,
    head: &Parts,
    body: Option<Bytes>,
    route: Option<&'static Route>,
) -> (Response, ParsedRequest) {
    let Some(route) = route else {
        let is_recording = recording::is_path(head.uri.path());
        let mut response = if is_recording { download(core, head) } else { *response::no_route() };
        if !is_recording {
            response.explain(&format!("{} {} is not an operation of the spec", head.method, head.uri.path()));
        }
        return (response, ParsedRequest::default());
    };
    let mut rate_headers = HeaderMap::new();
    let parsed = core.merchant.check(&head.headers, core.clock.now()).and_then(|()| {
        lock(&core.state).rate_limit.take(route.id, Instant::now(), &mut rate_headers)?;
        ParsedRequest::parse(route, &head.uri, &body.ok_or_else(too_large)?)
    });
    let (result, parsed) = match parsed {
        Ok(parsed) => {
            (core.change(|state, now| state.apply(route, &parsed, now)).map(|(response, _)| response), parsed)
        }
        Err(error) => (Err(error), ParsedRequest::default()),
    };
    let mut response = result.unwrap_or_else(|error| *error);
    if !response.problems.is_empty() {
        let problems: Vec<_> = response.problems.iter().map(ToString::to_string).collect();
        response.explain(&problems.join("; "));
    } else {
        response.problems.extend(other_version(&head.headers));
    }
    response.headers.extend(rate_headers);
    (response, parsed)
}

fn too_large() -> ErrorResponse {
    let error = documented(StatusCode::BAD_REQUEST, ErrorCode::CheckApiDocumentation);
    error.because("the body", ProblemKind::TooLong, "must be complete, with at most 1 MiB")
}

/// The recording of a link, which is signed for GET.
fn download(core: &Core, head: &Parts) -> Response {
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    let found = match head.method {
        Method::GET => lock(&core.state).recording(path, query, core.clock.now()),
        _ => Err("The link is signed for GET."),
    };
    found.map_or_else(recording::denied, |bytes| recording::serve(&bytes, &head.headers))
}
