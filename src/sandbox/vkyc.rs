//! Verifications over HTTP: how one stands, and how one begins.

use std::sync::Arc;

use http::StatusCode;
use serde_json::Value;

use super::asked::Asked;
use super::builder::InsufficientBalance;
use super::error::SandboxError;
use super::journey::Journey;
use super::refusal::Refusal;
use super::shared::{Shared, lock};
use super::state::Kept;
use super::users;
use crate::model::{ErrorCode, VerificationId, VideoKyc, constants};

const VERIFICATION_ID: &str = constants::QUERY_VERIFICATION_ID;
const REFERENCE_ID: &str = constants::QUERY_REFERENCE_ID;

pub(super) fn status(shared: &Arc<Shared>, asked: &Asked) -> Result<VideoKyc, Refusal> {
    let (ours, theirs) = (asked.text(VERIFICATION_ID), asked.number(REFERENCE_ID));
    let code = if ours.is_some() { ErrorCode::VerificationIdNotFound } else { ErrorCode::ReferenceIdNotFound };
    let is_it = |vkyc: &VideoKyc| match ours {
        Some(id) => vkyc.verification_id.as_deref() == Some(id),
        None => theirs.is_some() && vkyc.reference_id == theirs,
    };
    let mut state = lock(&shared.state);
    let kept: &mut Kept = state.find(is_it).ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, code))?;
    if kept.is_moved_by_status() {
        // It cannot fail: there is a further step.
        let _ = shared.step_of(kept);
    }
    Ok(shared.shown(kept))
}

/// Begins a verification for a user who exists. What was sent of the customer is echoed, as Cashfree does.
pub(super) fn initiate(shared: &Arc<Shared>, asked: &Asked) -> Result<VideoKyc, Refusal> {
    let refuse = |status, code| Refusal::new(status, code);
    let id = VerificationId::new(asked.text(VERIFICATION_ID).unwrap_or_default())
        .map_err(|_| refuse(StatusCode::BAD_REQUEST, ErrorCode::VerificationIdValueInvalid))?;
    let user = users::get(shared, asked)?;
    let taken = || refuse(StatusCode::CONFLICT, ErrorCode::VerificationIdAlreadyExists);
    if lock(&shared.state).with_id(id.as_str()).is_some() {
        return Err(taken());
    }
    let journey = match *lock(&shared.insufficient_balance) {
        Some(InsufficientBalance::AsError) => {
            return Err(refuse(StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::InsufficientBalance));
        }
        Some(InsufficientBalance::AsState) => Journey::rejected_no_balance(),
        None => lock(&shared.journey).clone(),
    };
    let begun = shared.begin(&id, journey, |vkyc| {
        (vkyc.user_id, vkyc.user_reference_id) = (user.user_id, user.user_reference_id);
    });
    let number = begun.map_err(|error| match error {
        SandboxError::Taken => taken(),
        // The journey was checked when it was set.
        _ => refuse(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::ApiError),
    })?;
    let mut state = lock(&shared.state);
    let shown = state.walking(number).map(|kept| shared.shown(kept));
    let shown = shown.map_err(|_| refuse(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::ApiError))?;
    let echoed: VideoKyc = serde_json::from_value(Value::Object(asked.body.clone())).unwrap_or_default();
    let (aadhaar_details, security_questions) = (echoed.aadhaar_details, echoed.security_questions);
    Ok(VideoKyc { aadhaar_details, security_questions, ..shown })
}
