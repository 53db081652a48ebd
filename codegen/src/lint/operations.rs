//! Rules about operations: what progenitor cannot take, and what the wrapper needs to know.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase as _;
use serde_json::Value;

use super::schemas::is_number_or_text;
use crate::openapi::{Finding, METHODS, Operation, Pointer, Spec, entries, is_true, reference_name, text};

pub(super) fn paths(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    if spec.operations().is_empty() {
        let help = "add a path with an operation, such as `/vkyc: { get: … }`";
        found.push(spec.finding("/paths", "there is no operation", help));
    }
    for (path, item) in entries(spec.root().get("paths")) {
        let at = Pointer::of(["paths", path]);
        if !path.starts_with('/') {
            found.push(spec.finding(&at, "the path does not start with a slash", "write `/path`"));
        }
        for (key, _) in entries(Some(item)) {
            if !METHODS.contains(&key) && !["summary", "description"].contains(&key) {
                let help =
                    "list the operations of a path under get, post, put, patch, delete, and parameters under those";
                found.push(spec.finding(at.push(key), format!("`{key}` cannot stand under a path"), help));
            }
        }
    }
    found
}

pub(super) fn operation_ids(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut seen: BTreeMap<String, Pointer> = BTreeMap::new();
    for operation in spec.operations() {
        if text(operation.node, "summary").is_none() {
            let help = "add `summary:` with one sentence; it opens the method's documentation";
            found.push(spec.finding(&operation.at, "summary is missing", help));
        }
        let Some(id) = text(operation.node, "operationId") else {
            let help = "add `operationId: <camelCaseName>`; it names the method of the generated client";
            found.push(spec.finding(&operation.at, "operationId is missing", help));
            continue;
        };
        let at = operation.at.push("operationId");
        let method = id.to_snake_case();
        if syn::parse_str::<syn::Ident>(&method).is_err() {
            let help = "use letters and digits, starting with a letter, as in `vkycGetStatus`";
            found.push(spec.finding(&at, format!("operationId `{id}` gives no Rust name"), help));
        }
        if let Some(first) = seen.insert(method, operation.at.clone()) {
            let help = "give each operation a name of its own";
            found.push(spec.finding(&at, format!("operationId `{id}` is taken by #{first}"), help));
        }
    }
    found
}

pub(super) fn parameters(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    for operation in spec.operations() {
        let at = operation.at.push("parameters");
        if operation.node.get("parameters").is_some_and(|list| !list.is_array()) {
            found.push(spec.finding(&at, "the parameters are not a list", "begin each with `- `"));
        }
        for (n, parameter) in spec.parameters(&operation).enumerate() {
            let at = at.push(n);
            let name = text(parameter, "name").unwrap_or_default();
            if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)) {
                let help = "name it with ASCII letters, digits, `_`, `-` and `.`";
                found.push(spec.finding(&at, "the parameter's name gives no Rust name", help));
            }
            match text(parameter, "in") {
                Some("query" | "path") if text(parameter, "description").is_none() => {
                    let help = "add `description:`; it documents the argument";
                    found.push(spec.finding(&at, "the parameter has no description", help));
                }
                Some("query" | "path") => {}
                Some("header") if is_true(parameter, "x-transport") => {}
                Some("header") => found.push(spec.finding(
                    &at,
                    "a header parameter that nobody sends",
                    "mark it `x-transport: true` and send it in src/transport, or remove it",
                )),
                _ => found.push(spec.finding(
                    &at,
                    "the parameter's `in` is not supported",
                    "use `in: query` or `in: path`; cookies are not supported",
                )),
            }
        }
    }
    found
}

/// The `{names}` in the path and the parameters that are `in: path` are the same.
pub(super) fn path_parameters(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    for operation in spec.operations() {
        let in_path: BTreeSet<&str> =
            operation.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        let given = spec.parameters(&operation).filter(|parameter| text(parameter, "in") == Some("path"));
        let given: BTreeSet<&str> = given.filter_map(|parameter| text(parameter, "name")).collect();
        for name in in_path.symmetric_difference(&given) {
            let help = format!(
                "write `{{{name}}}` in the path, and a parameter `{name}` with `in: path` and `required: true`"
            );
            let message = format!("`{name}` is in the path or among the parameters, not both");
            found.push(spec.finding(operation.at.push("parameters"), message, help));
        }
    }
    found
}

/// An argument that comes back in the answer says by which field, so that an answer about something else is noticed.
pub(super) fn echoes(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    for operation in spec.operations() {
        let is_comparable = |node: &Value| is_comparable(spec, node);
        let fields: BTreeMap<&str, &Value> = spec.success_fields(&operation).collect();
        let arguments = spec.parameters(&operation).enumerate().filter(|(_, p)| !is_true(p, "x-transport"));
        let arguments = arguments.map(|(n, argument)| {
            (operation.at.push("parameters").push(n), text(argument, "name").unwrap_or_default(), argument)
        });
        for (at, name, argument) in arguments.chain(body_ids(spec, &operation)) {
            match text(argument, "x-echoed-by") {
                Some(field) if !fields.contains_key(field) => {
                    let help = "name a property of the success response's schema, or remove `x-echoed-by`";
                    found.push(spec.finding(&at, format!("the answer has no field `{field}`"), help));
                }
                Some(field)
                    if !is_comparable(argument) || !fields.get(field).is_some_and(|field| is_comparable(field)) =>
                {
                    let help = "remove `x-echoed-by`; it is for texts, whole numbers, ids and open enums";
                    found.push(spec.finding(&at, format!("`{name}` and `{field}` cannot be compared"), help));
                }
                None if is_comparable(argument) && fields.get(name).is_some_and(|field| is_comparable(field)) => {
                    let help = format!("add `x-echoed-by: {name}`, so that an answer about something else is an error");
                    let message =
                        format!("the argument `{name}` comes back in the answer, and nothing compares the two");
                    found.push(spec.finding(&at, message, help));
                }
                _ => {}
            }
        }
    }
    found
}

/// Whether the same value is written in one way only, as far as anybody can tell: that of a time is not, and lists are not
/// compared.
fn is_comparable(spec: &Spec, node: &Value) -> bool {
    let node = node.get("schema").unwrap_or(node);
    let node = reference_name(node).and_then(|name| spec.schema(name)).unwrap_or(node);
    let is_time = matches!(text(node, "format"), Some("timestamp" | "date" | "date-time"));
    is_number_or_text(node) || matches!(text(node, "type"), Some("string" | "integer")) && !is_time
}

/// The fields of a body that are ids: what tells one customer's answer from another's.
fn body_ids<'a>(spec: &'a Spec, operation: &Operation<'a>) -> impl Iterator<Item = (Pointer, &'a str, &'a Value)> {
    let schema = spec.body(operation).map(|(name, _)| name).unwrap_or_default();
    let at = Pointer::of(["components", "schemas", schema, "properties"]);
    let properties = entries(spec.at(at.as_ref())).map(move |(name, property)| (at.push(name), name, property));
    properties.filter(|(_, _, property)| {
        let is_id = reference_name(property).and_then(|name| spec.schema(name)).is_some_and(|id| is_true(id, "x-id"));
        is_id || property.get("x-echoed-by").is_some()
    })
}

pub(super) fn bodies(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    for operation in spec.operations() {
        let Some(body) = operation.node.get("requestBody") else { continue };
        let (body, at) = (spec.resolve(body), operation.at.push("requestBody"));
        let media: Vec<_> = entries(body.get("content")).map(|(name, _)| name).collect();
        if media != ["application/json"] {
            let help = "describe one body, as `application/json`; write other kinds by hand in src/";
            found.push(spec.finding(&at, format!("the request body is {media:?}"), help));
            continue;
        }
        let schema = spec.body(&operation).and_then(|(name, _)| spec.schema(name));
        if schema.is_none_or(|schema| schema.get("properties").is_none()) {
            let help =
                "give it a `$ref` to a named object in components/schemas; `new` and the setters are made from it";
            found.push(spec.finding(&at, "the request body names no object", help));
        }
        if !is_true(body, "required") {
            let help = "add `required: true` beside `content:`; what may be left out is a field of the body";
            found.push(spec.finding(&at, "the request body may be left out", help));
        }
    }
    found
}

pub(super) fn responses(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    let error_schema = spec.error_schema();
    for operation in spec.operations() {
        let at = operation.at.push("responses");
        let mut bodies: Vec<&str> = Vec::new();
        for response in spec.responses(&operation) {
            let here = at.push(response.status);
            if !is_status(response.status) {
                let help = "name the response by its status, such as \"200\" or \"404\" (no `default`)";
                found.push(spec.finding(&here, format!("`{}` is not a status", response.status), help));
                continue;
            }
            let Some(schema) = response.schema_name() else {
                let help = "give it a JSON body: content, application/json, schema, `$ref` to a named schema";
                found.push(spec.finding(&here, "the response names no schema", help));
                continue;
            };
            let is_error = error_schema == Some(schema);
            if response.is_success() && !is_error {
                bodies.push(schema);
                if entries(response.json().and_then(|json| json.get("examples"))).next().is_none() {
                    let help = "add `examples:` beside the schema, with what was seen on the wire: the sandbox answers with the first";
                    found.push(spec.finding(&here, "the success has no example", help));
                }
            } else if !is_error {
                let first = error_schema.unwrap_or_default();
                let help = format!("use `{first}` for every error, and make it wide enough for this one");
                found.push(spec.finding(&here, format!("a second error body: `{schema}`, not `{first}`"), help));
            }
        }
        if bodies.len() != 1 {
            let help = "describe exactly one success response whose body is not the error's";
            found.push(spec.finding(&at, format!("{} success bodies", bodies.len()), help));
        }
    }
    found.extend(error_body_without_fields(spec, error_schema));
    found
}

/// The wrapper reads these fields of the error body.
fn error_body_without_fields(spec: &Spec, error_schema: Option<&str>) -> Vec<Finding> {
    let Some((_, at, node)) = spec.schemas().into_iter().find(|(name, ..)| Some(*name) == error_schema) else {
        return Vec::new();
    };
    let has = |field: &&str| node.pointer(&format!("/properties/{field}")).is_some_and(Value::is_object);
    let missing: Vec<_> = ["type", "code", "message"].into_iter().filter(|field| !has(field)).collect();
    if missing.is_empty() {
        return Vec::new();
    }
    vec![spec.finding(&at, format!("the error body lacks {}", missing.join(", ")), "add the properties")]
}

fn is_status(name: &str) -> bool {
    name.len() == 3 && name.parse::<u16>().is_ok_and(|code| (100..600).contains(&code))
}
