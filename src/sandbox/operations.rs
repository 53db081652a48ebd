//! The operations of the spec. Those with a state have their own behaviour. For the others, the request is checked by the spec, and
//! the response is the sample.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

use super::clock::later;
use super::parsed_request::ParsedRequest;
use super::response::{ErrorResponse, Response, documented, records};
use super::state::State;
use super::verifications::{Id, StepOutcome};
use crate::model::generated::Route;
use crate::model::{ErrorCode, SdkToken, User, VideoKyc, constants};

const VERIFICATION_ID: &str = constants::QUERY_VERIFICATION_ID;
const REFERENCE_ID: &str = constants::QUERY_REFERENCE_ID;
const USER_ID: &str = constants::QUERY_USER_ID;
const USER_REFERENCE_ID: &str = constants::QUERY_USER_REFERENCE_ID;

/// The lifetime of a token.
const TOKEN: SignedDuration = SignedDuration::from_mins(10);

/// The body of a response, and the step that the operation took.
type Reached = (Value, Option<StepOutcome>);

impl State {
    /// Carries out an operation: its response, and the step that it took.
    pub(super) fn apply(
        &mut self,
        route: &Route,
        request: &ParsedRequest,
        now: Timestamp,
    ) -> Result<(Response, Option<StepOutcome>), ErrorResponse> {
        let (body, outcome) = match (route.method, route.path) {
            ("GET", constants::PATH_VKYC_GET_STATUS) => self.status(request, now)?,
            ("POST", constants::PATH_VKYC_INITIATE) => self.initiate(request, now)?,
            ("POST", constants::PATH_VKYC_CREATE_USER) => (json(self.create_user(request)?), None),
            ("GET", constants::PATH_VKYC_GET_USER) => (json(self.user(request)?), None),
            ("PATCH", constants::PATH_VKYC_UPDATE_USER) => (json(self.update_user(request)?), None),
            ("POST", constants::PATH_VKYC_CREATE_TOKEN) => (json(self.create_token(now)), None),
            _ => (sample(route, request), None),
        };
        let success = StatusCode::from_u16(route.success).unwrap_or(StatusCode::OK);
        Ok((Response::json(success, &body), outcome))
    }

    fn status(&mut self, request: &ParsedRequest, now: Timestamp) -> Result<Reached, ErrorResponse> {
        let (id, reference) = (request.text(VERIFICATION_ID), request.number(REFERENCE_ID));
        let (id, code) = match id {
            Some(id) => (Some(Id::Verification(id.to_owned())), ErrorCode::VerificationIdNotFound),
            None => (reference.map(Id::Reference), ErrorCode::ReferenceIdNotFound),
        };
        let links = &self.links;
        let reached = id.and_then(|id| {
            self.verifications.change(&id, |stored| {
                let outcome = if stored.is_stepped_by_status() { stored.step(links, now).ok() } else { None };
                (json(stored.shown(links, now)), outcome)
            })
        });
        reached.ok_or_else(|| documented(StatusCode::NOT_FOUND, code))
    }

    /// Begins a verification of an existing user. The customer's data is echoed, as Cashfree does.
    fn initiate(&mut self, request: &ParsedRequest, now: Timestamp) -> Result<Reached, ErrorResponse> {
        let user = self.user(request)?;
        let id = request.text(VERIFICATION_ID).unwrap_or_default();
        // The journey was checked when it was set, so only the id can be refused.
        let outcome = self.begin(id, self.journey.clone(), Some(user), now);
        let outcome = outcome.map_err(|_| documented(StatusCode::CONFLICT, ErrorCode::VerificationIdAlreadyExists))?;
        let echoed: VideoKyc = serde_json::from_value(Value::Object(request.body.clone())).unwrap_or_default();
        let (aadhaar_details, security_questions) = (echoed.aadhaar_details, echoed.security_questions);
        let shown = VideoKyc { aadhaar_details, security_questions, ..outcome.vkyc.clone() };
        Ok((json(shown), Some(outcome)))
    }

    /// Without a `user_id`, the sandbox assigns one.
    fn create_user(&mut self, request: &ParsedRequest) -> Result<User, ErrorResponse> {
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

    fn user(&self, request: &ParsedRequest) -> Result<User, ErrorResponse> {
        self.users.iter().find(|user| is_meant(user, request)).cloned().ok_or_else(not_found)
    }

    /// Changes only the fields in the request.
    fn update_user(&mut self, request: &ParsedRequest) -> Result<User, ErrorResponse> {
        let user = self.users.iter_mut().find(|user| is_meant(user, request)).ok_or_else(not_found)?;
        let Ok(Value::Object(mut fields)) = serde_json::to_value(&*user) else { return Err(not_found()) };
        fields.extend(request.body.clone());
        *user = read(fields);
        Ok(user.clone())
    }

    /// The subject is not checked: Cashfree does not say which id it is.
    fn create_token(&mut self, now: Timestamp) -> SdkToken {
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

fn json(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// The sample of an operation, about the requested subject.
fn sample(route: &Route, request: &ParsedRequest) -> Value {
    let mut sample: Value = route.sample.and_then(|sample| serde_json::from_str(sample).ok()).unwrap_or_default();
    records(&mut sample).into_iter().for_each(|fields| request.echo(fields));
    sample
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_of_an_operation_without_behaviour_is_its_sample_with_the_requested_ids() {
        let route = Route {
            id: "getAgent",
            method: "GET",
            path: "/agent",
            success: 200,
            arguments: &[],
            exactly_one_of: &[],
            body: None,
            sample: Some(r#"{"agent_id":1,"name":"A","tags":["x"]}"#),
        };
        let mut request = ParsedRequest::default();
        request.arguments.insert("agent_id".to_owned(), 7.into());
        request.arguments.insert("unknown".to_owned(), 7.into());
        assert_eq!(sample(&route, &request), serde_json::json!({"agent_id": 7, "name": "A", "tags": ["x"]}));
    }
}
