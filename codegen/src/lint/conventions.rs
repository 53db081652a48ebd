//! The house rules: what the generator could do without, and users could not.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::openapi::{EVIDENCE, Finding, Pointer, Spec, array, entries, is_true, reference_name, text};

/// Parts of names that are likely to hold what must not be printed.
const TELLING: [&str; 36] = [
    "aadhaar",
    "account",
    "address",
    "answer",
    "birth",
    "care_of",
    "customer",
    "dob",
    "email",
    "father",
    "gender",
    "house",
    "identifier",
    "ifsc",
    "ip_",
    "latitude",
    "link",
    "longitude",
    "mobile",
    "mother",
    "name",
    "otp",
    "pan",
    "passport",
    "password",
    "phone",
    "photo",
    "pin",
    "remark",
    "secret",
    "signature",
    "spouse",
    "street",
    "token",
    "url",
    "voter",
];

/// Every field, parameter, header and example says how well it is known.
pub(super) fn provenance(spec: &Spec) -> Vec<Finding> {
    let marks: Vec<_> = EVIDENCE.iter().map(|(mark, _)| *mark).collect();
    let help = format!("add `x-evidence:`, one of {}", marks.join(", "));
    let without = stated(spec).0.into_iter().filter(|(_, (_, node))| text(node, "x-evidence").is_none());
    without
        .map(|(at, (what, _))| spec.finding(&at, format!("the {what} does not say how well it is known"), help.clone()))
        .collect()
}

/// What states a fact, by pointer: what it is, and its node. What is shared is there once.
#[derive(Default)]
struct Stated<'a>(BTreeMap<Pointer, (&'static str, &'a Value)>);

impl<'a> Stated<'a> {
    fn named(&mut self, what: &'static str, at: &Pointer, nodes: Option<&'a Value>) {
        // A reference says nothing itself; what it leads to does.
        let own = entries(nodes).filter(|(_, node)| node.get("$ref").is_none());
        self.0.extend(own.map(|(name, node)| (at.push(name), (what, node))));
    }

    fn listed(&mut self, what: &'static str, at: &Pointer, nodes: impl Iterator<Item = &'a Value>) {
        self.0.extend(nodes.enumerate().map(|(n, node)| (at.push(n), (what, node))));
    }
}

fn stated(spec: &Spec) -> Stated<'_> {
    let mut found = Stated::default();
    for (_, at, node) in spec.schemas() {
        found.named("field", &at.push("properties"), node.get("properties"));
    }
    let headers = Pointer::of(["components", "headers"]);
    found.named("header", &headers, spec.at(headers.as_ref()));
    let examples_of = |at: &Pointer| at.push("content").push("application/json").push("examples");
    for operation in spec.operations() {
        found.listed("parameter", &operation.at.push("parameters"), spec.parameters(&operation));
        for response in spec.responses(&operation) {
            found.named("header", &response.at.push("headers"), response.node.get("headers"));
            let examples = response.json().and_then(|json| json.get("examples"));
            found.named("example", &examples_of(&response.at), examples);
        }
    }
    for hook in spec.webhooks() {
        found.listed("header", &hook.at.push("parameters"), array(hook.node.get("parameters")));
        let examples = hook.json().and_then(|json| json.get("examples"));
        found.named("example", &examples_of(&hook.at.push("requestBody")), examples);
    }
    found
}

/// A field whose name sounds like a secret or a person's data says whether it is.
pub(super) fn sensitivity(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    for (_, at, node) in spec.schemas() {
        for (name, property) in entries(node.get("properties")) {
            // What refers to a record or an id is judged there. An enum is judged nowhere else: its values print.
            let is_judged = |node: &Value| {
                let target = reference_name(node).and_then(|name| spec.schema(name));
                target.is_some_and(|target| is_true(target, "x-id") || target.get("properties").is_some())
            };
            let is_told = property.get("items").map_or_else(|| is_judged(property), is_judged);
            let tells = text(property, "type") != Some("boolean");
            let sounds = TELLING.iter().any(|part| name.to_lowercase().contains(part));
            if tells && sounds && !is_told && property.get("x-sensitive").is_none() {
                let help = "add `x-sensitive: true`, so that it is never printed, or `x-sensitive: false`";
                let message = format!("`{name}` sounds like what must not be printed");
                found.push(spec.finding(at.push("properties").push(name), message, help));
            }
        }
    }
    found
}

/// Every operation says whether it may be sent twice, and documents at least one error.
pub(super) fn operations(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    for operation in spec.operations() {
        if operation.node.get("x-idempotent").is_none() {
            let help = "add `x-idempotent: true` if sending it twice does no harm, else `x-idempotent: false`";
            found.push(spec.finding(&operation.at, "the operation does not say whether it is idempotent", help));
        }
        let responses = spec.responses(&operation);
        let has_error = responses.iter().any(|r| r.status.starts_with(['4', '5']));
        if !has_error {
            let help = "add the error responses, by `$ref` to those that the operations share";
            let at = operation.at.push("responses");
            found.push(spec.finding(&at, "the operation documents no error", help));
        }
    }
    found
}
