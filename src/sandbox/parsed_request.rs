//! Finds the operation of a request, and parses it: the arguments of its path and query and the fields of its body, checked by the rules of the spec.

use bytes::Bytes;
use http::{Method, StatusCode, Uri};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::response::{ErrorResponse, documented};
use crate::model::generated::{ROUTES, Route};
use crate::model::{DocumentedError, ErrorCode};
use crate::wire::rules::{ObjectRule, Rule};
use crate::wire::{Problem, ProblemKind};

const QUERY: &str = "the query";
const BODY: &str = "the body";

/// The operation of a request.
pub(super) fn find_route(method: &Method, path: &str) -> Option<&'static Route> {
    ROUTES.iter().find(|route| route.method == method.as_str() && matches(route.path, path))
}

/// Whether a path matches one of the spec, whose arguments are in braces.
fn matches(pattern: &str, path: &str) -> bool {
    let part_matches =
        |(pattern, part): (&str, &str)| pattern == part || (argument_name(pattern).is_some() && !part.is_empty());
    pattern.split('/').count() == path.split('/').count() && pattern.split('/').zip(path.split('/')).all(part_matches)
}

/// The arguments in a path, with their names in the spec, still encoded.
fn path_arguments<'a>(pattern: &'a str, path: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    pattern.split('/').zip(path.split('/')).filter_map(|(pattern, part)| Some((argument_name(pattern)?, part)))
}

fn argument_name(pattern: &str) -> Option<&str> {
    pattern.strip_prefix('{')?.strip_suffix('}')
}

#[derive(Default)]
pub(super) struct ParsedRequest {
    pub(super) arguments: Map<String, Value>,
    pub(super) body: Map<String, Value>,
}

impl ParsedRequest {
    pub(super) fn parse(route: &Route, uri: &Uri, body: &Bytes) -> Result<Self, ErrorResponse> {
        let (arguments, mut problems) = arguments(route, uri);
        let (body, of_body) = match (route.body, body.as_ref()) {
            (None, b"") => (Value::Null, Vec::new()),
            (None, _) => (Value::Null, vec![Problem::new(BODY, ProblemKind::Unexpected, "must be empty")]),
            (Some(rule), bytes) => match serde_json::from_slice(bytes) {
                Ok(body) => {
                    let problems = rule.check(&body);
                    (body, problems)
                }
                Err(_) => (Value::Null, vec![Problem::new(BODY, ProblemKind::WrongType, "must be JSON")]),
            },
        };
        problems.extend(of_body);
        if problems.is_empty() {
            let body = if let Value::Object(fields) = body { fields } else { Map::new() };
            return Ok(Self { arguments, body });
        }
        Err(error_response(problems))
    }

    /// A value of the body, or else of path or query.
    fn get(&self, name: &str) -> Option<&Value> {
        self.body.get(name).or_else(|| self.arguments.get(name))
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(Value::as_i64)
    }

    /// Copies the requested values into a response.
    pub(super) fn echo(&self, fields: &mut Map<String, Value>) {
        for (name, requested) in self.arguments.iter().chain(&self.body) {
            if let Some(value) = fields.get_mut(name).filter(|value| !value.is_object() && !value.is_array()) {
                value.clone_from(requested);
            }
        }
    }

    /// Replaces each requested id in a response by another one.
    pub(super) fn swap_ids(&self, fields: &mut Map<String, Value>) {
        for name in self.arguments.keys().chain(self.body.keys()) {
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

/// The arguments of path and query, each with the type of its rule, and their problems.
fn arguments(route: &Route, uri: &Uri) -> (Map<String, Value>, Vec<Problem>) {
    let (mut found, mut problems) = (Map::new(), Vec::new());
    let in_path = path_arguments(route.path, uri.path());
    let in_path = in_path.map(|(name, value)| (name.into(), percent_decode_str(value).decode_utf8_lossy()));
    for (name, value) in in_path.chain(form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())) {
        let rule = route.arguments.iter().find(|argument| argument.name == name).map(|argument| argument.rule);
        let value = match rule {
            Some(Rule::Integer { .. } | Rule::Number) => value.parse::<serde_json::Number>().map(Value::Number).ok(),
            Some(Rule::Boolean) => value.parse().map(Value::Bool).ok(),
            _ => None,
        }
        .unwrap_or_else(|| value.into());
        if found.insert(name.clone().into_owned(), value).is_some() {
            problems.push(Problem::new(name_of(route, &name), ProblemKind::Repeated, "is repeated"));
        }
    }
    let rule = Rule::Object(ObjectRule { fields: route.arguments, exactly_one_of: route.exactly_one_of });
    let value = Value::Object(found);
    problems.extend(rule.check(&value).into_iter().map(|problem| {
        // The rules call any object the body.
        if problem.field() == BODY { Problem::new(QUERY, problem.kind(), problem.rule()) } else { problem }
    }));
    let Value::Object(found) = value else { return (Map::new(), problems) };
    (found, problems)
}

/// The name, if it is the name of an argument.
fn name_of<'a>(route: &Route, name: &'a str) -> &'a str {
    if route.arguments.iter().any(|argument| argument.name == name) { name } else { QUERY }
}

/// The documented error of a field and its problem, or else a general one.
fn error_response(problems: Vec<Problem>) -> ErrorResponse {
    let status = StatusCode::BAD_REQUEST;
    let is_documented = |code: &String| DocumentedError::with_code(status.as_u16(), code).is_some();
    let of_a_field = problems.iter().map(code_of).find(is_documented).map(ErrorCode::from);
    let choice = problems.iter().any(|problem| problem.kind() == ProblemKind::NotExactlyOne);
    let is_of_choice = of_a_field.is_none() && choice;
    let general = if choice { ErrorCode::InvalidRequest } else { ErrorCode::CheckApiDocumentation };
    let mut response = documented(status, of_a_field.unwrap_or(general));
    if is_of_choice {
        // Documented for GET /vkyc without an id. Here also used for other ids, and for both.
        response.change_message(|_| "Not exactly one of the ids was sent.".to_owned());
    }
    response.problems = problems;
    response
}

/// The code that Cashfree would use for the problem of a field.
fn code_of(problem: &Problem) -> String {
    let suffix = match problem.kind() {
        ProblemKind::Empty | ProblemKind::Missing => "missing",
        ProblemKind::TooLong | ProblemKind::TooMany => "length_exceeded",
        _ => "value_invalid",
    };
    format!("{}_{suffix}", problem.field())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::rules::{Field, TextForm, TextRule};

    const TEXT: Rule = Rule::Text(TextRule { min: 1, max: 5, characters: &[], form: TextForm::Any });

    #[test]
    fn an_argument_in_the_path_is_checked_like_one_in_the_query() {
        let fields = &[
            Field { name: "agent_id", required: true, rule: &TEXT },
            Field { name: "n", required: false, rule: &Rule::Number },
        ];
        let route = Route {
            id: "bookShift",
            method: "GET",
            path: "/agent/{agent_id}/shift",
            success: 200,
            arguments: fields,
            exactly_one_of: &[],
            body: None,
            sample: None,
        };
        let parse = |uri: &str| ParsedRequest::parse(&route, &uri.parse().unwrap(), &Bytes::new());
        let request = parse("/agent/a%20+b/shift?n=2").unwrap_or_default();
        assert_eq!(serde_json::json!(request.arguments), serde_json::json!({"agent_id": "a +b", "n": 2}));
        assert!(parse("/agent/abcdef/shift").is_err());
        assert!(parse("/agent/abc/shift?agent_id=abd").is_err(), "the argument is repeated");
    }

    #[test]
    fn a_path_is_found_with_its_arguments() {
        for (pattern, path, found) in [
            ("/user", "/user", true),
            ("/user", "/user/", false),
            ("/user", "/users", false),
            ("/agent/{agent_id}/desk", "/agent/7/desk", true),
            ("/agent/{agent_id}/desk", "/agent//desk", false),
            ("/agent/{agent_id}", "/agent/7/desk", false),
        ] {
            assert_eq!(matches(pattern, path), found, "{path}");
        }
        let found: Vec<_> = path_arguments("/agent/{agent_id}/desk/{desk}", "/agent/7/desk/a%20b").collect();
        assert_eq!(found, [("agent_id", "7"), ("desk", "a%20b")]);
    }
}
