//! Rules about operations, for progenitor and for the hand-written code, and about `x-webhooks`, for the verifier and its tests.

use std::collections::{BTreeMap, BTreeSet};

use heck::ToSnakeCase as _;
use serde_json::Value;

use crate::openapi::{
    METHODS, Operation, Pointer, Spec, array, entries, is_identifier, is_true, property, reference_name, text,
};

use super::report::Report;
use super::schemas::is_number_or_text;

pub(super) fn paths(spec: &Spec, report: &mut Report<'_>) {
    if spec.operations().is_empty() {
        let help = "add a path with an operation, such as `/vkyc: { get: … }`";
        report.add("/paths", "there is no operation", help);
    }
    for (path, item) in entries(spec.root().get("paths")) {
        let at = Pointer::of(["paths", path]);
        if !path.starts_with('/') {
            report.add(&at, "the path does not start with a slash", "write `/path`");
        }
        for (key, _) in entries(Some(item)) {
            if !METHODS.contains(&key) && !["summary", "description"].contains(&key) {
                let help =
                    "list the operations of a path under get, post, put, patch, delete, and parameters under those";
                report.add(at.push(key), format!("`{key}` is not supported under a path"), help);
            }
        }
    }
}

pub(super) fn operation_ids(spec: &Spec, report: &mut Report<'_>) {
    let operations = spec.operations();
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for operation in &operations {
        report.require(&operation.at, operation.node, "summary", "one sentence");
        report.require(&operation.at, operation.node, "operationId", "camelCaseName");
        let Some(id) = text(operation.node, "operationId") else { continue };
        let at = operation.at.push("operationId");
        let method = id.to_snake_case();
        if is_identifier(&method) {
            report.claim(&mut taken, (id, method), &at, "give each operation its own name");
        } else {
            let help = "use letters and digits, starting with a letter, as in `vkycGetStatus`";
            report.add(&at, format!("operationId `{id}` gives no Rust name"), help);
        }
    }
}

pub(super) fn parameters(spec: &Spec, operation: &Operation<'_>, report: &mut Report<'_>) {
    let at = operation.at.push("parameters");
    if operation.node.get("parameters").is_some_and(|list| !list.is_array()) {
        report.add(&at, "the parameters are not a list", "begin each with `- `");
    }
    for (n, parameter) in spec.parameters(operation).enumerate() {
        let at = at.push(n);
        let name = text(parameter, "name").unwrap_or_default();
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c)) {
            let help = "name it with ASCII letters, digits, `_`, `-` and `.`";
            report.add(&at, "the parameter's name gives no Rust name", help);
        }
        match text(parameter, "in") {
            Some("query" | "path") => {
                report.require(&at, parameter, "description", "one sentence");
            }
            Some("header") if is_true(parameter, "x-transport") => {}
            Some("header") => {
                let help = "mark it `x-transport: true` and send it in src/transport, or remove it";
                report.add(&at, "no code sends this header parameter", help);
            }
            _ => {
                let help = "use `in: query` or `in: path`; cookies are not supported";
                report.add(&at, "the parameter's `in` is not supported", help);
            }
        }
    }
}

/// Every operation lists the headers of all requests. The client sends them anyway, but clients of other generators would not.
pub(super) fn required_headers(spec: &Spec, operation: &Operation<'_>, report: &mut Report<'_>) {
    let shared = entries(spec.at("/components/parameters"));
    for (key, header) in shared.filter(|(_, node)| is_true(node, "x-transport") && is_true(node, "required")) {
        let name = text(header, "name");
        if !spec.parameters(operation).any(|parameter| text(parameter, "name") == name) {
            let message = format!("the operation lacks the header `{}`", name.unwrap_or_default());
            let help = format!("add `- $ref: \"#/components/parameters/{key}\"` under `parameters:`");
            report.add(&operation.at, message, help);
        }
    }
}

/// The `{names}` in the path are the parameters with `in: path`.
pub(super) fn path_parameters(spec: &Spec, operation: &Operation<'_>, report: &mut Report<'_>) {
    let in_path: BTreeSet<&str> = operation.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
    let given = spec.parameters(operation).filter(|parameter| text(parameter, "in") == Some("path"));
    let given: BTreeSet<&str> = given.filter_map(|parameter| text(parameter, "name")).collect();
    for name in in_path.symmetric_difference(&given) {
        let message = format!("`{name}` is in the path or among the parameters, not both");
        let help =
            format!("write `{{{name}}}` in the path, and a parameter `{name}` with `in: path` and `required: true`");
        report.add(operation.at.push("parameters"), message, help);
    }
}

/// An argument that the response repeats names the field, so that a response with another value is an error.
pub(super) fn echoes(spec: &Spec, operation: &Operation<'_>, report: &mut Report<'_>) {
    let success = spec.success(operation).and_then(|response| spec.schema(response.record_name()?));
    for (at, name, argument) in spec.arguments(operation).chain(body_ids(spec, operation)) {
        let echo = text(argument, "x-echoed-by");
        let field = success.and_then(|schema| property(schema, echo.unwrap_or(name)));
        let is_comparable = is_comparable(spec, argument) && field.is_some_and(|field| is_comparable(spec, field));
        match echo {
            Some(echo) if field.is_none() => {
                let help = "name a property of the success response's schema, or remove `x-echoed-by`";
                report.add(&at, format!("the response has no field `{echo}`"), help);
            }
            Some(echo) if !is_comparable => {
                let help = "remove `x-echoed-by`; it is for texts, whole numbers, ids and open enums";
                report.add(&at, format!("`{name}` and `{echo}` cannot be compared"), help);
            }
            None if is_comparable => {
                let message = format!("the response repeats the argument `{name}`, but the two are not compared");
                let help = format!("add `x-echoed-by: {name}`, so that a response with another value is an error");
                report.add(&at, message, help);
            }
            _ => {}
        }
    }
}

/// Whether equal values are always written in the same way. Times are not, and lists are not compared.
fn is_comparable(spec: &Spec, node: &Value) -> bool {
    let node = node.get("schema").unwrap_or(node);
    let node = reference_name(node).and_then(|name| spec.schema(name)).unwrap_or(node);
    let is_time = matches!(text(node, "format"), Some("timestamp" | "date" | "date-time"));
    is_number_or_text(node) || matches!(text(node, "type"), Some("string" | "integer")) && !is_time
}

/// The fields of a body that are ids: they distinguish one customer's response from another's.
fn body_ids<'a>(spec: &'a Spec, operation: &Operation<'a>) -> impl Iterator<Item = (Pointer, &'a str, &'a Value)> {
    let schema = spec.body(operation).map(|(name, _)| name).unwrap_or_default();
    let at = Pointer::of(["components", "schemas", schema, "properties"]);
    let properties = entries(spec.at(at.as_ref())).map(move |(name, property)| (at.push(name), name, property));
    properties.filter(|(_, _, property)| {
        let is_id = reference_name(property).and_then(|name| spec.schema(name)).is_some_and(|id| is_true(id, "x-id"));
        is_id || property.get("x-echoed-by").is_some()
    })
}

pub(super) fn bodies(spec: &Spec, operation: &Operation<'_>, report: &mut Report<'_>) {
    let Some(body) = operation.node.get("requestBody") else { return };
    let (body, at) = (spec.resolve(body), operation.at.push("requestBody"));
    let media: Vec<_> = entries(body.get("content")).map(|(name, _)| name).collect();
    if media != ["application/json"] {
        let help = "describe one body, as `application/json`; write other kinds by hand in src/";
        report.add(&at, format!("the request body is {media:?}"), help);
        return;
    }
    let schema = spec.body(operation).and_then(|(name, _)| spec.schema(name));
    if schema.is_none_or(|schema| schema.get("properties").is_none()) {
        let help = "give it a `$ref` to a named object in components/schemas; `new` and the setters are made from it";
        report.add(&at, "the request body is not a named object", help);
    }
    if !is_true(body, "required") {
        let help = "add `required: true` beside `content:`; its fields may be optional";
        report.add(&at, "the request body is not required", help);
    }
}

pub(super) fn responses(spec: &Spec, operation: &Operation<'_>, report: &mut Report<'_>) {
    let error_schema = spec.error_schema().unwrap_or_default();
    let at = operation.at.push("responses");
    let mut successes = 0;
    for response in spec.responses(operation) {
        let here = at.push(response.status);
        let status = response.status.parse::<u16>().ok();
        if response.status.len() != 3 || status.is_none_or(|status| !(100..600).contains(&status)) {
            let help = "name the response by its status, such as \"200\" or \"404\" (no `default`)";
            report.add(&here, format!("`{}` is not a status", response.status), help);
            continue;
        }
        let Some(schema) = response.record_name() else {
            let help = "give it a JSON body: content, application/json, schema, `$ref` to a named schema; a list is `type: array` with `items: { $ref: … }`";
            report.add(&here, "the response has no named schema", help);
            continue;
        };
        if response.schema_name() == Some(error_schema) {
            continue;
        }
        if !response.is_success() {
            let list = if response.is_list() { "a list of " } else { "" };
            let message = format!("a second error body: {list}`{schema}`, not `{error_schema}`");
            let help = format!("use `{error_schema}` for every error, and add the fields of this one");
            report.add(&here, message, help);
            continue;
        }
        successes += 1;
        if spec.schema(schema).is_some_and(|schema| schema.get("properties").is_none()) {
            let help = "refer to an object with `properties`; put any other value into a property of an object";
            report.add(&here, "the success is neither an object nor a list of objects", help);
        }
        if response.examples().next().is_none() {
            let help =
                "add `examples:` beside the schema, as seen on the wire: the sandbox responds with the first one";
            report.add(&here, "the success has no example", help);
        }
    }
    if successes != 1 {
        let help = "describe exactly one success response, with another body than that of errors";
        report.add(&at, format!("{successes} success bodies"), help);
    }
}

/// The hand-written code reads these fields of the error body.
pub(super) fn error_body(spec: &Spec, report: &mut Report<'_>) {
    let Some((name, node)) = spec.error_schema().and_then(|name| Some((name, spec.schema(name)?))) else { return };
    for field in ["type", "code", "message"] {
        if !property(node, field).is_some_and(Value::is_object) {
            let at = Pointer::of(["components", "schemas", name]);
            report.add(at, format!("the error body lacks {field}"), "add the properties");
        }
    }
}

/// A webhook is a `post` with a summary, named headers, and a JSON body of a named schema with an example.
pub(super) fn webhook(spec: &Spec, hook: &Operation<'_>, report: &mut Report<'_>) {
    if hook.method != "post" {
        let message = format!("the webhook is a `{}`", hook.method);
        report.add(&hook.at, message, "describe it under `post:` only");
    }
    report.require(&hook.at, hook.node, "summary", "one sentence");
    for (n, parameter) in array(hook.node.get("parameters")).enumerate() {
        let complete = ["name", "description"].iter().all(|key| text(parameter, key).is_some());
        if text(parameter, "in") != Some("header") || !complete {
            let help = "write `name`, `in: header` and `description`; other parameters are not supported";
            report.add(hook.at.push("parameters").push(n), "this parameter is not a header with a description", help);
        }
    }
    let body =
        spec.body(hook).filter(|(name, _)| spec.schema(name).is_some_and(|node| node.get("properties").is_some()));
    match body {
        None => {
            let help = "give it a JSON body: requestBody, content, application/json, schema, `$ref` to a named object";
            report.add(&hook.at, "the webhook has no named schema", help);
        }
        Some((_, json)) if entries(json.get("examples")).next().is_none() => {
            let at = hook.at.push("requestBody");
            report.add(at, "the webhook has no example", "add one under `examples:`; tests send it");
        }
        Some(_) => {}
    }
}
