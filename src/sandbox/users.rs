//! Users and tokens over HTTP.

use std::sync::Arc;

use http::StatusCode;
use jiff::SignedDuration;
use serde_json::{Map, Value};

use super::asked::Asked;
use super::clock::later;
use super::refusal::Refusal;
use super::shared::{Shared, lock};
use crate::model::{ErrorCode, SdkToken, User, constants};

const USER_ID: &str = constants::QUERY_USER_ID;
const USER_REFERENCE_ID: &str = constants::QUERY_USER_REFERENCE_ID;

/// How long a token is good for.
const TOKEN: SignedDuration = SignedDuration::from_mins(10);

/// Makes a user. Without an id of the merchant's, the sandbox makes one up.
pub(super) fn create(shared: &Arc<Shared>, asked: &Asked) -> Result<User, Refusal> {
    let mut state = lock(&shared.state);
    if asked.text(USER_ID).is_some() && state.users.iter().any(|user| is_meant(user, asked)) {
        return Err(Refusal::new(StatusCode::BAD_REQUEST, ErrorCode::UserIdAlreadyExists));
    }
    let number = state.next_id();
    let mut user = read(asked.body.clone());
    user.user_reference_id = Some(number);
    user.user_id = user.user_id.or_else(|| Some(format!("sandbox_user_{number}").into()));
    state.users.push(user.clone());
    Ok(user)
}

pub(super) fn get(shared: &Arc<Shared>, asked: &Asked) -> Result<User, Refusal> {
    lock(&shared.state).users.iter().find(|user| is_meant(user, asked)).cloned().ok_or_else(not_found)
}

/// Changes what is sent of a user, and no more.
pub(super) fn update(shared: &Arc<Shared>, asked: &Asked) -> Result<User, Refusal> {
    let mut state = lock(&shared.state);
    let user = state.users.iter_mut().find(|user| is_meant(user, asked)).ok_or_else(not_found)?;
    let Ok(Value::Object(mut fields)) = serde_json::to_value(&*user) else { return Err(not_found()) };
    fields.extend(asked.body.clone());
    *user = read(fields);
    Ok(user.clone())
}

/// A token. Whether what it is asked for exists is not looked at: Cashfree does not say which of its ids that is.
pub(super) fn token(shared: &Arc<Shared>) -> SdkToken {
    let number = lock(&shared.state).next_id();
    SdkToken {
        access_token: Some(format!("sandbox-token-{number}").into()),
        expiry: Some(later(shared.clock.now(), TOKEN).into()),
        ..SdkToken::default()
    }
}

/// Whether this user is named in the query or in the body.
fn is_meant(user: &User, asked: &Asked) -> bool {
    match (asked.text(USER_ID), asked.number(USER_REFERENCE_ID)) {
        (Some(id), _) => user.user_id.as_ref().is_some_and(|ours| ours.expose() == id),
        (None, Some(id)) => user.user_reference_id.as_ref().is_some_and(|theirs| *theirs == id),
        (None, None) => false,
    }
}

fn read(fields: Map<String, Value>) -> User {
    serde_json::from_value(Value::Object(fields)).unwrap_or_default()
}

fn not_found() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, ErrorCode::UserIdNotFound)
}
