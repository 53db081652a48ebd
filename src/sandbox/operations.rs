//! The operations of the spec. Those with a state have their own behaviour. The others are checked by the spec, and their response
//! is the sample.

use http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::error_response::ErrorResponse;
use super::parsed_request::ParsedRequest;
use super::response::Response;
use super::state::{State, StepOutcome};
use crate::model::constants;
use crate::model::generated::Route;

impl State {
    /// Carries out an operation: its response, and the step that it took.
    pub(super) fn apply(
        &mut self,
        route: &Route,
        request: &ParsedRequest,
        now: Timestamp,
    ) -> (Response, Option<StepOutcome>) {
        let success = StatusCode::from_u16(route.success).unwrap_or(StatusCode::OK);
        match self.carry_out(route, request, now) {
            Ok((body, outcome)) => (Response::json(success, &body), outcome),
            Err(error) => (*error, None),
        }
    }

    fn carry_out(
        &mut self,
        route: &Route,
        request: &ParsedRequest,
        now: Timestamp,
    ) -> Result<(Value, Option<StepOutcome>), ErrorResponse> {
        let body = match (route.method, route.path) {
            ("GET", constants::PATH_VKYC_GET_STATUS) => {
                return self.status(request, now).map(|(vkyc, outcome)| (json(vkyc), outcome));
            }
            ("POST", constants::PATH_VKYC_INITIATE) => {
                return self.initiate(request, now).map(|(vkyc, outcome)| (json(vkyc), outcome));
            }
            ("POST", constants::PATH_VKYC_CREATE_USER) => json(self.create_user(request)?),
            ("GET", constants::PATH_VKYC_GET_USER) => json(self.user(request)?),
            ("PATCH", constants::PATH_VKYC_UPDATE_USER) => json(self.update_user(request)?),
            ("POST", constants::PATH_VKYC_CREATE_TOKEN) => json(self.create_token(now)),
            _ => sample(route, request),
        };
        Ok((body, None))
    }
}

fn json(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// The sample of an operation, about the requested subject.
fn sample(route: &Route, request: &ParsedRequest) -> Value {
    let mut sample: Value = route.sample.and_then(|sample| serde_json::from_str(sample).ok()).unwrap_or_default();
    if let Value::Object(fields) = &mut sample {
        request.echo(fields);
    }
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
