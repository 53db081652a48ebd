//! Control over HTTP, for tests in other languages: functions of [`Sandbox`](super::Sandbox) below `/_sandbox/`.
//!
//! | request | body | function |
//! |---|---|---|
//! | `POST /_sandbox/verifications/ID/journey` | `{"journey": NAME}` | `begin` |
//! | `POST /_sandbox/verifications/ID/advance`, `…/finish` | | `advance`, `finish` |
//! | `POST /_sandbox/journey` | `{"journey": NAME}` | `set_journey` |
//! | `POST /_sandbox/faults` | [`NewFault`] | `inject` |
//! | `POST /_sandbox/reset` | | `reset` |
//! | `GET /_sandbox/requests` | | `requests` |
//!
//! These requests need no credentials, get no faults and are not recorded. Like the API, they are served on loopback only.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::core::Core;
use super::error::SandboxError;
use super::fault::Fault;
use super::handle::Verification;
use super::journey::Journey;
use super::lock::lock;
use super::operation_id::unknown_id;
use super::record::RecordedRequest;
use super::response::Response;

/// The prefix of the paths.
pub(super) const PREFIX: &str = "/_sandbox/";

const PATHS: &str = "GET /_sandbox/requests, POST /_sandbox/reset, /_sandbox/faults, /_sandbox/journey, \
                     /_sandbox/verifications/ID/journey, /_sandbox/verifications/ID/advance, /_sandbox/verifications/ID/finish";

/// The HTTP status of an error response, and the reason.
type Refusal = (StatusCode, String);

/// Responds to a request whose path begins with [`PREFIX`]. `body` is `None` if it is too large.
pub(super) async fn respond(core: &Arc<Core>, method: &Method, path: &str, body: Option<&[u8]>) -> Response {
    match carry_out(core, method, path, body).await {
        Ok(result) => Response::json(StatusCode::OK, &result),
        Err((status, reason)) => Response::json(status, &json!({ "message": reason })),
    }
}

async fn carry_out(core: &Arc<Core>, method: &Method, path: &str, body: Option<&[u8]>) -> Result<Value, Refusal> {
    let parts: Vec<_> = path.strip_prefix(PREFIX).unwrap_or_default().split('/').collect();
    let due = match parts.as_slice() {
        ["requests"] => Method::GET,
        ["reset" | "faults" | "journey"] | ["verifications", _, "journey" | "advance" | "finish"] => Method::POST,
        _ => return Err((StatusCode::NOT_FOUND, format!("there is no {path}; the paths are {PATHS}"))),
    };
    if *method != due {
        return Err((StatusCode::METHOD_NOT_ALLOWED, format!("{path} takes {due}")));
    }
    match parts.as_slice() {
        ["requests"] => return Ok(core.recorder.requests().iter().map(entry).collect()),
        ["reset"] => core.reset(),
        ["faults"] => lock(&core.faults).inject(read::<NewFault>(body)?.fault().map_err(bad)?),
        ["journey"] => lock(&core.state).journey = journey(body)?,
        ["verifications", id, "journey"] => {
            return state(Verification::begin(core, id, journey(body)?).and_then(|begun| begun.state()));
        }
        ["verifications", id, step] => {
            let no_journey = || {
                let reason = format!("{id} has no journey: begin one with POST {PREFIX}verifications/{id}/journey");
                (StatusCode::NOT_FOUND, reason)
            };
            let verification = Verification::find(core, id).ok_or_else(no_journey)?;
            let reached = if *step == "finish" { verification.finish().await } else { verification.advance().await };
            return state(reached);
        }
        _ => {}
    }
    Ok(json!({}))
}

fn bad(reason: impl ToString) -> Refusal {
    (StatusCode::BAD_REQUEST, reason.to_string())
}

fn read<T: DeserializeOwned>(body: Option<&[u8]>) -> Result<T, Refusal> {
    let body = body.ok_or_else(|| (StatusCode::PAYLOAD_TOO_LARGE, "the body has more than 1 MiB".to_owned()))?;
    serde_json::from_slice(body).map_err(|error| bad(format!("the body is not the expected JSON object: {error}")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    journey: String,
}

/// The predefined journey that a body names.
fn journey(body: Option<&[u8]>) -> Result<Journey, Refusal> {
    let Named { journey } = read(body)?;
    let named = Journey::ready_made();
    let names: Vec<_> = named.iter().map(|(name, _)| *name).collect();
    let unknown = bad(format!("there is no such journey; the journeys are {}", names.join(", ")));
    named.into_iter().find(|(name, _)| *name == journey).map(|(_, journey)| journey).ok_or(unknown)
}

/// The state that was reached, as a status call shows it.
fn state(reached: Result<impl serde::Serialize, SandboxError>) -> Result<Value, Refusal> {
    let vkyc = reached.map_err(|error| {
        let status = match error {
            SandboxError::Taken | SandboxError::Over { .. } => StatusCode::CONFLICT,
            SandboxError::Gone => StatusCode::NOT_FOUND,
            SandboxError::Stopped => StatusCode::SERVICE_UNAVAILABLE,
            SandboxError::Id(_) | SandboxError::Journey { .. } => StatusCode::BAD_REQUEST,
        };
        (status, error.to_string())
    })?;
    Ok(serde_json::to_value(vkyc).unwrap_or_default())
}

/// An entry of the record, with the data that the tested code sent.
fn entry(request: &RecordedRequest) -> Value {
    json!({
        "operation": request.operation,
        "method": request.method.as_str(),
        "path": request.path.expose(),
        "query": request.query.expose(),
        "body": String::from_utf8_lossy(request.body.expose()),
        "at": request.at.to_string(),
        "problems": request.problems.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "faults": request.faults,
        "http_status": request.http_status.map(|status| status.as_u16()),
        "request_id": request.request_id,
    })
}

/// A fault as JSON. Its fields are the functions of [`Fault`]: the first group creates one, and the others narrow it.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct NewFault {
    status: Option<u16>,
    delay_ms: Option<u64>,
    slow_body_ms: Option<u64>,
    reset: bool,
    truncated: bool,
    malformed: bool,
    wrong_id: bool,
    unknown_fields: bool,

    retry_after: Option<u64>,
    code: Option<String>,
    html: bool,
    empty: bool,
    carried_out: bool,
    times: Option<NonZeroU32>,
    rate: Option<f64>,
    on: Option<String>,
    on_recordings: bool,
}

impl NewFault {
    fn fault(self) -> Result<Fault, String> {
        let begun = [
            self.status.map(Fault::status),
            self.delay_ms.map(|time| Fault::delay(Duration::from_millis(time))),
            self.slow_body_ms.map(|time| Fault::slow_body(Duration::from_millis(time))),
            self.reset.then(Fault::reset),
            self.truncated.then(Fault::truncated),
            self.malformed.then(Fault::malformed),
            self.wrong_id.then(Fault::wrong_id),
            self.unknown_fields.then(Fault::unknown_fields),
        ];
        let mut begun = begun.into_iter().flatten();
        let (Some(mut fault), None) = (begun.next(), begun.next()) else {
            return Err(
                "a fault has exactly one of status, delay_ms, slow_body_ms, reset, truncated, malformed, wrong_id and \
                        unknown_fields"
                    .to_owned(),
            );
        };
        let is_of_status = self.retry_after.is_some() || self.code.is_some() || self.html || self.empty;
        if self.status.is_none() && is_of_status {
            return Err("retry_after, code, html and empty require status".to_owned());
        }
        if self.status.is_some_and(|status| !(200..=599).contains(&status)) {
            return Err("status must be a number from 200 to 599".to_owned());
        }
        if self.rate.is_some_and(|rate| !(0.0..=1.0).contains(&rate)) {
            return Err("rate must be a number from 0 to 1".to_owned());
        }
        if let Some(problem) = self.on.as_deref().and_then(unknown_id) {
            return Err(format!("on {problem}"));
        }
        fault = if self.html { fault.html() } else { fault };
        fault = if self.empty { fault.empty() } else { fault };
        fault = if self.carried_out { fault.carried_out() } else { fault };
        fault = if self.on_recordings { fault.on_recordings() } else { fault };
        fault = with(fault, self.retry_after, Fault::retry_after);
        fault = with(fault, self.code, Fault::code);
        fault = with(fault, self.times.map(NonZeroU32::get), Fault::times);
        fault = with(fault, self.rate, Fault::rate);
        Ok(with(fault, self.on, Fault::on))
    }
}

fn with<T>(fault: Fault, value: Option<T>, change: impl FnOnce(Fault, T) -> Fault) -> Fault {
    match value {
        Some(value) => change(fault, value),
        None => fault,
    }
}
