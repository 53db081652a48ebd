//! What the sandbox answers: the documented checks, in the order in which a caller meets them.

use std::sync::PoisonError;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use serde::Serialize;

use super::state::State;
use crate::model::{ApiError, DocumentedError, ErrorCode, IdError, VerificationId, VideoKyc, constants};

/// Answers one request.
pub(super) fn answer<B>(state: &State, request: &Request<B>) -> Response<Full<Bytes>> {
    let result = match (request.method(), request.uri().path()) {
        (&Method::GET, constants::PATH_VKYC_GET_STATUS) => {
            check_credentials(state, request.headers()).and_then(|()| status(state, request.uri().query()))
        }
        // Reported, not documented: a wrong path is answered without type and code.
        _ => Err(Refusal { status: StatusCode::NOT_FOUND, code: None }),
    };
    match result {
        Ok(verification) => json(StatusCode::OK, &verification),
        Err(refusal) => json(refusal.status, &refusal.body()),
    }
}

/// A documented error.
struct Refusal {
    status: StatusCode,
    code: Option<ErrorCode>,
}

impl Refusal {
    /// The error body; the documented meaning is the message.
    fn body(&self) -> ApiError {
        let code = self.code.as_ref().map(ErrorCode::as_str);
        let documented = code.and_then(|code| DocumentedError::with_code(self.status.as_u16(), code));
        ApiError {
            type_: documented.and_then(|error| error.type_).map(str::to_owned),
            message: documented.map(|error| error.meaning.to_owned()),
            code: self.code.clone(),
            ..ApiError::default()
        }
    }
}

/// Missing credentials are 400, wrong ones 401.
fn check_credentials(state: &State, headers: &HeaderMap) -> Result<(), Refusal> {
    let [id, secret] = &state.credentials;
    for (name, code) in [
        (constants::HEADER_X_CLIENT_ID, ErrorCode::XClientIdMissing),
        (constants::HEADER_X_CLIENT_SECRET, ErrorCode::XClientSecretMissing),
    ] {
        if headers.get(name).is_none_or(HeaderValue::is_empty) {
            return Err(refuse(StatusCode::BAD_REQUEST, code));
        }
    }
    let is_pair = headers.get(constants::HEADER_X_CLIENT_ID) == Some(id)
        && headers.get(constants::HEADER_X_CLIENT_SECRET) == Some(secret);
    if is_pair { Ok(()) } else { Err(refuse(StatusCode::UNAUTHORIZED, ErrorCode::AuthenticationFailed)) }
}

fn status(state: &State, query: Option<&str>) -> Result<VideoKyc, Refusal> {
    let arguments: Vec<_> = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect();
    let argument = |name: &str| arguments.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_ref());
    match (argument(constants::QUERY_VERIFICATION_ID), argument(constants::QUERY_REFERENCE_ID)) {
        (Some(id), None) => by_verification_id(state, id),
        (None, Some(id)) => by_reference_id(state, id),
        // Cashfree does not say what both mean; a test had better hear of it.
        _ => Err(refuse(StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest)),
    }
}

fn by_verification_id(state: &State, id: &str) -> Result<VideoKyc, Refusal> {
    VerificationId::new(id).map_err(|error| {
        let code = match error {
            IdError::Empty { .. } => ErrorCode::VerificationIdMissing,
            IdError::TooLong { .. } => ErrorCode::VerificationIdLengthExceeded,
            IdError::Character { .. } => ErrorCode::VerificationIdValueInvalid,
        };
        refuse(StatusCode::BAD_REQUEST, code)
    })?;
    find(state, |verification| verification.verification_id.as_deref() == Some(id))
        .ok_or_else(|| refuse(StatusCode::NOT_FOUND, ErrorCode::VerificationIdNotFound))
}

fn by_reference_id(state: &State, id: &str) -> Result<VideoKyc, Refusal> {
    let id: i64 = id.parse().map_err(|_| refuse(StatusCode::BAD_REQUEST, ErrorCode::ReferenceIdValueInvalid))?;
    find(state, |verification| verification.reference_id == Some(id))
        .ok_or_else(|| refuse(StatusCode::NOT_FOUND, ErrorCode::ReferenceIdNotFound))
}

fn find(state: &State, is_it: impl Fn(&VideoKyc) -> bool) -> Option<VideoKyc> {
    let verifications = state.verifications.lock().unwrap_or_else(PoisonError::into_inner);
    verifications.iter().find(|verification| is_it(verification)).cloned()
}

fn refuse(status: StatusCode, code: ErrorCode) -> Refusal {
    Refusal { status, code: Some(code) }
}

fn json<T: Serialize>(status: StatusCode, value: &T) -> Response<Full<Bytes>> {
    let body = serde_json::to_vec(value).unwrap_or_default();
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers
        .insert(HeaderName::from_static(constants::HEADER_X_REQUEST_ID), HeaderValue::from_static("sandbox-request"));
    response
}
