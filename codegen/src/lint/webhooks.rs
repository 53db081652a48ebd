//! Rules about `x-webhooks`: what the verifier and its tests need to find.

use crate::openapi::{Finding, METHODS, Pointer, Spec, array, entries, text};

/// A webhook is one `post` with a summary, named headers, and a JSON body of a named schema with an example.
pub(super) fn webhooks(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    for (name, item) in entries(spec.root().get("x-webhooks")) {
        let at = Pointer::of(["x-webhooks", name]);
        let methods: Vec<_> = METHODS.into_iter().filter(|method| item.get(method).is_some()).collect();
        if methods != ["post"] {
            let help = "describe it under `post:`, and nothing else";
            found.push(spec.finding(&at, format!("the webhook is {methods:?}"), help));
        }
    }
    for hook in spec.webhooks() {
        if text(hook.node, "summary").is_none() {
            found.push(spec.finding(&hook.at, "summary is missing", "add `summary:` with one sentence"));
        }
        for (n, parameter) in array(hook.node.get("parameters")).enumerate() {
            let complete = ["name", "description"].iter().all(|key| text(parameter, key).is_some());
            if text(parameter, "in") != Some("header") || !complete {
                let at = hook.at.push("parameters").push(n);
                let help = "write `name`, `in: header` and `description`; other parameters are not supported";
                found.push(spec.finding(&at, "this parameter is no header with words", help));
            }
        }
        let known = |schema: &str| {
            spec.schemas().iter().any(|(name, _, node)| *name == schema && node.get("properties").is_some())
        };
        if !hook.schema_name().is_some_and(known) {
            let help = "give it a JSON body: requestBody, content, application/json, schema, `$ref` to a named object";
            found.push(spec.finding(&hook.at, "the webhook names no schema", help));
        } else if entries(hook.json().and_then(|json| json.get("examples"))).next().is_none() {
            let at = hook.at.push("requestBody");
            found.push(spec.finding(&at, "the webhook has no example", "add one under `examples:`; tests send it"));
        }
    }
    found
}
