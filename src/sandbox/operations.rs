//! The operations of the spec. Those that keep a state have behaviour here; any other is answered with its sample.

use std::sync::Arc;

use bytes::Bytes;
use http::{Method, StatusCode};
use serde_json::{Map, Value};

use super::refusal::{Answer, Refusal};
use super::shared::{Shared, lock};
use super::state::Kept;
use crate::model::{ErrorCode, VerificationId, VerificationIdError, VideoKyc, constants};

/// An operation of the spec.
pub(super) struct Route {
    pub(super) id: &'static str,
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) success: u16,
    pub(super) sample: Option<&'static str>,
}

static ROUTES: &[Route] = &[Route {
    id: "vkycGetStatus",
    method: "GET",
    path: constants::PATH_VKYC_GET_STATUS,
    success: 200,
    sample: Some(constants::SAMPLE_VIDEO_KYC_PUBLISHED),
}];

pub(super) fn find(method: &Method, path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.method == method.as_str() && route.path == path)
}

/// What a request asks with: the arguments of its query and the fields of its body, read as the spec types them.
#[derive(Default)]
pub(super) struct Asked {
    arguments: Map<String, Value>,
}

impl Asked {
    pub(super) fn read(_route: &Route, query: Option<&str>, _body: &Bytes) -> Result<Self, Refusal> {
        let arguments = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let arguments = arguments.map(|(name, value)| (name.into_owned(), value.into_owned().into())).collect();
        Ok(Self { arguments })
    }

    fn argument(&self, name: &str) -> Option<&str> {
        self.arguments.get(name).and_then(Value::as_str)
    }

    /// Makes another of every id that was asked for.
    pub(super) fn confuse(&self, fields: &mut Map<String, Value>) {
        for name in self.arguments.keys() {
            match fields.get_mut(name) {
                Some(Value::String(text)) => text.push_str("-other"),
                Some(value) => {
                    if let Some(number) = value.as_i64() {
                        *value = number.wrapping_add(1).into();
                    }
                }
                None => {}
            }
        }
    }
}

/// Does what is asked for.
pub(super) fn carry_out(shared: &Arc<Shared>, route: &Route, asked: &Asked) -> Answer {
    let done = match (route.method, route.path) {
        ("GET", constants::PATH_VKYC_GET_STATUS) => {
            status(shared, asked).map(|vkyc| Answer::json(success(route), &vkyc))
        }
        _ => Ok(sample(route)),
    };
    done.unwrap_or_else(Refusal::into_answer)
}

fn success(route: &Route) -> StatusCode {
    StatusCode::from_u16(route.success).unwrap_or(StatusCode::OK)
}

fn sample(route: &Route) -> Answer {
    let sample: Value = route.sample.and_then(|sample| serde_json::from_str(sample).ok()).unwrap_or_default();
    Answer::json(success(route), &sample)
}

fn status(shared: &Arc<Shared>, asked: &Asked) -> Result<VideoKyc, Refusal> {
    let (ours, theirs) = (constants::QUERY_VERIFICATION_ID, constants::QUERY_REFERENCE_ID);
    let bad = |code| Refusal::new(StatusCode::BAD_REQUEST, code);
    match (asked.argument(ours), asked.argument(theirs)) {
        (Some(id), None) => {
            VerificationId::new(id).map_err(|error| {
                let (code, rule) = match error {
                    VerificationIdError::Empty => (ErrorCode::VerificationIdMissing, "is empty"),
                    VerificationIdError::TooLong { .. } => (ErrorCode::VerificationIdLengthExceeded, "is too long"),
                    VerificationIdError::Character { .. } => {
                        (ErrorCode::VerificationIdValueInvalid, "has a character that is not allowed")
                    }
                };
                bad(code).because(ours, rule)
            })?;
            look(shared, |vkyc| vkyc.verification_id.as_deref() == Some(id))
                .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, ErrorCode::VerificationIdNotFound))
        }
        (None, Some(id)) => {
            let id: i64 = id
                .parse()
                .map_err(|_| bad(ErrorCode::ReferenceIdValueInvalid).because(theirs, "must be a whole number"))?;
            look(shared, |vkyc| vkyc.reference_id == Some(id))
                .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, ErrorCode::ReferenceIdNotFound))
        }
        // Cashfree does not say what both mean; a test had better hear of it.
        _ => {
            Err(bad(ErrorCode::InvalidRequest)
                .because("the query", format!("must name exactly one of {ours}, {theirs}")))
        }
    }
}

/// A verification as it is told, moved before where status calls move it.
fn look(shared: &Arc<Shared>, is_it: impl Fn(&VideoKyc) -> bool) -> Option<VideoKyc> {
    let mut state = lock(&shared.state);
    let kept: &mut Kept = state.find(is_it)?;
    if kept.is_moved_by_status().is_some() {
        // It cannot fail: there is a further step.
        let _ = shared.step_of(kept);
    }
    Some(shared.shown(kept))
}
