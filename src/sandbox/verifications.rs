//! The operations on verifications.

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use super::error_response::{ErrorResponse, documented};
use super::journey::Journey;
use super::parsed_request::ParsedRequest;
use super::state::{InsufficientBalance, State, StepOutcome};
use crate::model::{ErrorCode, VerificationId, VideoKyc, constants};

const VERIFICATION_ID: &str = constants::QUERY_VERIFICATION_ID;
const REFERENCE_ID: &str = constants::QUERY_REFERENCE_ID;

/// The verification in the response, and the step that the operation took.
type Reached = (VideoKyc, Option<StepOutcome>);

impl State {
    pub(super) fn status(&mut self, request: &ParsedRequest, now: Timestamp) -> Result<Reached, ErrorResponse> {
        let (id, reference) = (request.text(VERIFICATION_ID), request.number(REFERENCE_ID));
        let is_it = |vkyc: &VideoKyc| match id {
            Some(id) => vkyc.verification_id.as_deref() == Some(id),
            None => reference.is_some() && vkyc.reference_id == reference,
        };
        let code = if id.is_some() { ErrorCode::VerificationIdNotFound } else { ErrorCode::ReferenceIdNotFound };
        let stored = self.verifications.iter_mut().find(|stored| is_it(&stored.vkyc));
        let stored = stored.ok_or_else(|| documented(StatusCode::NOT_FOUND, code))?;
        let outcome = if stored.is_stepped_by_status() { stored.step(&self.links, now).ok() } else { None };
        Ok((stored.shown(&self.links, now), outcome))
    }

    /// Begins a verification of an existing user. The customer's data is echoed, as Cashfree does.
    pub(super) fn initiate(&mut self, request: &ParsedRequest, now: Timestamp) -> Result<Reached, ErrorResponse> {
        let id = VerificationId::new(request.text(VERIFICATION_ID).unwrap_or_default())
            .map_err(|_| documented(StatusCode::BAD_REQUEST, ErrorCode::VerificationIdValueInvalid))?;
        let user = self.user(request)?;
        if self.with_id(&id).is_some() {
            return Err(documented(StatusCode::CONFLICT, ErrorCode::VerificationIdAlreadyExists));
        }
        let journey = match self.insufficient_balance {
            Some(InsufficientBalance::AsError) => {
                return Err(documented(StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::InsufficientBalance));
            }
            Some(InsufficientBalance::AsState) => Journey::rejected_no_balance(),
            None => self.journey.clone(),
        };
        // It cannot fail: the id is free, and the journey was checked when it was set.
        let outcome = self.begin(&id, journey, Some(user), now);
        let outcome = outcome.map_err(|_| documented(StatusCode::INTERNAL_SERVER_ERROR, ErrorCode::ApiError))?;
        let echoed: VideoKyc = serde_json::from_value(Value::Object(request.body.clone())).unwrap_or_default();
        let (aadhaar_details, security_questions) = (echoed.aadhaar_details, echoed.security_questions);
        Ok((VideoKyc { aadhaar_details, security_questions, ..outcome.vkyc.clone() }, Some(outcome)))
    }
}
