//! Rules about `x-webhooks`: what the verifier and its tests need.

use crate::openapi::{Operation, Spec, array, entries, text};

use super::report::Report;

/// A webhook is a `post` with a summary, named headers, and a JSON body of a named schema with an example.
pub(super) fn webhook(spec: &Spec, hook: &Operation<'_>, report: &mut Report<'_>) {
    if hook.method != "post" {
        report.add(
            &hook.at,
            format!("the webhook is a `{}`", hook.method),
            "describe it under `post:`, and nothing else",
        );
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
            report.add(&hook.at, "the webhook names no schema", help);
        }
        Some((_, json)) if entries(json.get("examples")).next().is_none() => {
            let at = hook.at.push("requestBody");
            report.add(at, "the webhook has no example", "add one under `examples:`; tests send it");
        }
        Some(_) => {}
    }
}
