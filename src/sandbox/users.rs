//! The operations on users, and tokens.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::clock::later;
use super::error_response::{ErrorResponse, documented};
use super::parsed_request::ParsedRequest;
use super::state::State;
use crate::model::{ErrorCode, SdkToken, User, constants};

const USER_ID: &str = constants::QUERY_USER_ID;
const USER_REFERENCE_ID: &str = constants::QUERY_USER_REFERENCE_ID;

/// The lifetime of a token.
const TOKEN: SignedDuration = SignedDuration::from_mins(10);

impl State {
    /// Without a `user_id`, the sandbox assigns one.
    pub(super) fn create_user(&mut self, request: &ParsedRequest) -> Result<User, ErrorResponse> {
        if request.text(USER_ID).is_some() && self.users.iter().any(|user| is_meant(user, request)) {
            return Err(documented(StatusCode::BAD_REQUEST, ErrorCode::UserIdAlreadyExists));
        }
        let number = self.next_id();
        let mut user = read(request.body.clone());
        user.user_reference_id = Some(number);
        user.user_id = user.user_id.or_else(|| Some(format!("sandbox_user_{number}").into()));
        self.users.push(user.clone());
        Ok(user)
    }

    pub(super) fn user(&self, request: &ParsedRequest) -> Result<User, ErrorResponse> {
        self.users.iter().find(|user| is_meant(user, request)).cloned().ok_or_else(not_found)
    }

    /// Changes only the fields in the request.
    pub(super) fn update_user(&mut self, request: &ParsedRequest) -> Result<User, ErrorResponse> {
        let user = self.users.iter_mut().find(|user| is_meant(user, request)).ok_or_else(not_found)?;
        let Ok(Value::Object(mut fields)) = serde_json::to_value(&*user) else { return Err(not_found()) };
        fields.extend(request.body.clone());
        *user = read(fields);
        Ok(user.clone())
    }

    /// The subject is not checked: Cashfree does not say which id it is.
    pub(super) fn create_token(&mut self, now: Timestamp) -> SdkToken {
        SdkToken {
            access_token: Some(format!("sandbox-token-{}", self.next_id()).into()),
            expiry: Some(later(now, TOKEN).into()),
            ..SdkToken::default()
        }
    }
}

/// Whether the query or the body names this user.
fn is_meant(user: &User, request: &ParsedRequest) -> bool {
    match (request.text(USER_ID), request.number(USER_REFERENCE_ID)) {
        (Some(id), _) => user.user_id.as_ref().is_some_and(|known| known.expose() == id),
        (None, Some(id)) => user.user_reference_id == Some(id),
        (None, None) => false,
    }
}

fn read(fields: Map<String, Value>) -> User {
    serde_json::from_value(Value::Object(fields)).unwrap_or_default()
}

fn not_found() -> ErrorResponse {
    documented(StatusCode::NOT_FOUND, ErrorCode::UserIdNotFound)
}
