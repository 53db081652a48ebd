//! From a request to what it is answered with: the record, the faults, the documented checks, the operation.
//!
//! ```text
//! request ─▶ recorded ─▶ delay ─▶ fault before? ─▶ checks ─▶ operation ─▶ fault after? ─▶ recorded ─▶ answer
//!                                                                                  └─ None: the connection is reset
//! ```

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use serde_json::Value;

use super::asked::Asked;
use super::fault::{Kind, Plan};
use super::operations;
use super::record::RecordedRequest;
use super::recording::{self, Served};
use super::refusal::{Answer, Refusal};
use super::server::{Body, response};
use super::shared::{Shared, lock};
use crate::model::generated::Route;
use crate::model::{ErrorCode, constants};
use crate::wire::ProblemKind;

/// The most bytes of a body that are read.
const MAX_BODY: usize = 1024 * 1024;

const REQUEST_ID: HeaderName = HeaderName::from_static(constants::HEADER_X_REQUEST_ID);

/// Answers one request. `None`: the connection is to be reset.
pub(super) async fn answer(shared: &Arc<Shared>, request: Request<Incoming>) -> Option<Response<Body>> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, MAX_BODY).collect().await.map(http_body_util::Collected::to_bytes).ok();
    let of_recording = recording::is_path(head.uri.path());
    let route = operations::find(&head.method, head.uri.path()).filter(|_| !of_recording);
    let met = if of_recording { None } else { Some(route.map_or("", |route| route.id)) };
    let plan = lock(&shared.faults).next(met);
    let number = record(shared, &head, body.as_ref(), route, &plan);
    if let Some(time) = plan.delay(false) {
        tokio::time::sleep(time).await;
    }
    let answer = match plan.answer() {
        Some((kind, false)) => struck(kind, None),
        struck_after => {
            let (answer, asked) = carry_out(shared, &head, body, route);
            if let Some(time) = plan.delay(true) {
                tokio::time::sleep(time).await;
            }
            match struck_after {
                Some((kind, _)) => struck(kind, Some((answer, &asked))),
                None => Some(answer),
            }
        }
    };
    let mut answer = answer;
    ended(shared, number, answer.as_mut());
    Some(response(answer?, plan.delivery()))
}

/// Keeps what came of a request, and tells who wants to hear of it. `None`: it is reset.
fn ended(shared: &Shared, number: u64, mut answer: Option<&mut Answer>) {
    let mut records = lock(&shared.records);
    let request = records.ended(number, |request| {
        let Some(answer) = &mut answer else { return };
        request.http_status = Some(answer.status.as_u16());
        request.problems = std::mem::take(&mut answer.problems);
        if let Ok(id) = HeaderValue::from_str(&request.request_id) {
            answer.headers.insert(REQUEST_ID, id);
        }
    });
    // Told without the lock: who is told may look at the record.
    let told = shared.hooks.request.as_ref().and_then(|hook| Some((hook, request?.clone())));
    drop(records);
    if let Some((hook, request)) = told {
        hook(&request);
    }
}

fn record(shared: &Shared, head: &Parts, body: Option<&Bytes>, route: Option<&'static Route>, plan: &Plan) -> u64 {
    let mut records = lock(&shared.records);
    let number = records.next();
    records.came(RecordedRequest {
        number,
        operation: route.map(|route| route.id),
        method: head.method.clone(),
        path: head.uri.path().into(),
        query: head.uri.query().unwrap_or_default().into(),
        body: body.map(|body| body.to_vec()).unwrap_or_default().into(),
        at: shared.clock.now(),
        problems: Vec::new(),
        faults: plan.names(),
        http_status: None,
        request_id: format!("sandbox-request-{number}"),
    });
    number
}

/// What a fault makes of a response, or puts in its place. `None`: a reset.
fn struck(kind: &Kind, answered: Option<(Answer, &Asked)>) -> Option<Answer> {
    match (kind, answered) {
        (Kind::Reset, _) => None,
        (Kind::Status(order), _) => Some(Answer::ordered(order)),
        (Kind::Malformed, Some((mut answer, _))) => {
            answer.body = answer.body.slice(..answer.body.len() / 2);
            Some(answer)
        }
        (Kind::WrongId, Some((answer, asked))) => Some(rewritten(answer, |fields| asked.confuse(fields))),
        (Kind::UnknownFields, Some((answer, _))) => Some(rewritten(answer, |fields| {
            fields.insert("sandbox_unknown_text".to_owned(), "new".into());
            fields.insert("sandbox_unknown_object".to_owned(), serde_json::json!({ "list": [1, null, true] }));
        })),
        (_, answered) => answered.map(|(answer, _)| answer),
    }
}

fn rewritten(mut answer: Answer, change: impl FnOnce(&mut serde_json::Map<String, Value>)) -> Answer {
    if let Ok(Value::Object(mut fields)) = serde_json::from_slice(&answer.body) {
        change(&mut fields);
        answer.body = serde_json::to_vec(&fields).unwrap_or_default().into();
    }
    answer
}

/// Checks a request and does what it asks for.
fn carry_out(
    shared: &Arc<Shared>,
    head: &Parts,
    body: Option<Bytes>,
    route: Option<&'static Route>,
) -> (Answer, Asked) {
    if recording::is_path(head.uri.path()) {
        return (download(shared, head), Asked::default());
    }
    let Some(route) = route else { return (Refusal::no_route().into_answer(), Asked::default()) };
    let mut left = None;
    let checked = shared
        .account
        .check_credentials(&head.headers)
        .and_then(|()| super::account::Account::check_version(&head.headers))
        .and_then(|()| shared.account.check_signature(&head.headers, shared.clock.now()))
        .and_then(|()| {
            left = lock(&shared.rate_limit).take(route.id);
            left.as_ref().map_or(Ok(()), super::account::RateLeft::check)
        })
        .and_then(|()| {
            let too_large = || Refusal::new(StatusCode::BAD_REQUEST, ErrorCode::CheckApiDocumentation);
            body.ok_or_else(|| {
                too_large().because("the body", ProblemKind::TooLong, "must have at most 1 MiB, and come whole")
            })
        })
        .and_then(|body| Asked::read(route, &head.uri, &body));
    let (mut answer, asked) = match checked {
        Ok(asked) => (operations::carry_out(shared, route, &asked), asked),
        Err(refusal) => (refusal.into_answer(), Asked::default()),
    };
    if let Some(left) = left {
        left.add_to(&mut answer.headers);
    }
    (answer, asked)
}

/// A recording, by a link of the sandbox's own.
fn download(shared: &Shared, head: &Parts) -> Answer {
    let found = if head.method == http::Method::GET {
        let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
        let age = shared.link_age.load(Ordering::Relaxed);
        shared.links.verify(path, query, shared.clock.now(), age).and_then(|number| {
            let mut state = lock(&shared.state);
            let kept = state.find(|vkyc| vkyc.reference_id == Some(number));
            kept.and_then(|kept| kept.recording.clone()).ok_or(recording::NO_SUCH)
        })
    } else {
        Err("The link is signed for GET.")
    };
    let Served { status, headers, body } = match found {
        Ok(bytes) => recording::serve(&bytes, &head.headers),
        Err(why) => recording::denied(why),
    };
    Answer { status, headers, body, problems: Vec::new() }
}
