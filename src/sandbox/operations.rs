//! The operations of the spec. Those that keep a state have behaviour, which stands in a file for each resource; any other is
//! checked by the spec and answered with its sample.

use std::sync::Arc;

use http::{Method, StatusCode};
use serde::Serialize;
use serde_json::Value;

use super::asked::Asked;
use super::refusal::{Answer, Refusal};
use super::shared::Shared;
use super::{users, vkyc};
use crate::model::constants;
use crate::model::generated::{ROUTES, Route};

/// The operation that a request is of.
pub(super) fn find(method: &Method, path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.method == method.as_str() && is_at(route.path, path))
}

/// Whether a path is that of the spec, in which arguments stand in braces.
fn is_at(of_spec: &str, path: &str) -> bool {
    let is_there = |(due, part): (&str, &str)| due == part || (name_in_braces(due).is_some() && !part.is_empty());
    of_spec.split('/').count() == path.split('/').count() && of_spec.split('/').zip(path.split('/')).all(is_there)
}

/// The arguments that stand in a path, by the names that the spec has in braces, as they stand there.
pub(super) fn arguments_in<'a>(of_spec: &'a str, path: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    of_spec.split('/').zip(path.split('/')).filter_map(|(due, part)| Some((name_in_braces(due)?, part)))
}

fn name_in_braces(due: &str) -> Option<&str> {
    due.strip_prefix('{')?.strip_suffix('}')
}

/// Does what is asked for.
pub(super) fn carry_out(shared: &Arc<Shared>, route: &Route, asked: &Asked) -> Answer {
    let success = StatusCode::from_u16(route.success).unwrap_or(StatusCode::OK);
    let done = match (route.method, route.path) {
        ("GET", constants::PATH_VKYC_GET_STATUS) => vkyc::status(shared, asked).map(json),
        ("POST", constants::PATH_VKYC_INITIATE) => vkyc::initiate(shared, asked).map(json),
        ("POST", constants::PATH_VKYC_CREATE_USER) => users::create(shared, asked).map(json),
        ("GET", constants::PATH_VKYC_GET_USER) => users::get(shared, asked).map(json),
        ("PATCH", constants::PATH_VKYC_UPDATE_USER) => users::update(shared, asked).map(json),
        ("POST", constants::PATH_VKYC_CREATE_TOKEN) => Ok(json(users::token(shared))),
        _ => Ok(sample(route, asked)),
    };
    done.map_or_else(Refusal::into_answer, |body| Answer::json(success, &body))
}

fn json(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}

/// The sample of an operation, about what was asked for.
fn sample(route: &Route, asked: &Asked) -> Value {
    let mut sample: Value = route.sample.and_then(|sample| serde_json::from_str(sample).ok()).unwrap_or_default();
    if let Value::Object(fields) = &mut sample {
        asked.echo(fields);
    }
    sample
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_found_with_its_arguments() {
        for (of_spec, path, found) in [
            ("/user", "/user", true),
            ("/user", "/user/", false),
            ("/user", "/users", false),
            ("/agent/{agent_id}/desk", "/agent/7/desk", true),
            ("/agent/{agent_id}/desk", "/agent//desk", false),
            ("/agent/{agent_id}", "/agent/7/desk", false),
        ] {
            assert_eq!(is_at(of_spec, path), found, "{path}");
        }
        let found: Vec<_> = arguments_in("/agent/{agent_id}/desk/{desk}", "/agent/7/desk/a%20b").collect();
        assert_eq!(found, [("agent_id", "7"), ("desk", "a%20b")]);
    }

    #[test]
    fn an_operation_without_behaviour_answers_its_sample_about_what_was_asked() {
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
        let mut asked = Asked::default();
        asked.arguments.insert("agent_id".to_owned(), 7.into());
        asked.arguments.insert("unknown".to_owned(), 7.into());
        assert_eq!(sample(&route, &asked), serde_json::json!({"agent_id": 7, "name": "A", "tags": ["x"]}));
    }
}
