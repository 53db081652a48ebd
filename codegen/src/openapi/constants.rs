//! The values of a spec that are neither types nor operations: addresses, header names, limits, defaults, samples. Each has a name,
//! by which generated code holds it as a constant.

use heck::ToShoutySnakeCase as _;
use serde_json::Value;

use super::{Pointer, Spec, array, entries, is_true, text};

/// A value with its name.
pub(crate) struct Constant {
    pub(crate) name: String,
    pub(crate) doc: String,
    /// A text or a whole number.
    pub(crate) value: Value,
    /// The node that it is from.
    pub(crate) at: Pointer,
}

/// Collects constants.
#[derive(Default)]
struct Constants(Vec<Constant>);

impl Constants {
    fn add(&mut self, name: &str, doc: &str, at: &Pointer, value: impl Into<Value>) {
        let (name, doc) = (name.to_shouty_snake_case(), doc.to_owned());
        self.0.push(Constant { name, doc, value: value.into(), at: at.clone() });
    }

    /// The default of a parameter, if it has one.
    fn add_default(&mut self, parameter: &Value, at: &Pointer) {
        let default = parameter.pointer("/schema/default").and_then(Value::as_str);
        if let (Some(name), Some(default)) = (text(parameter, "name"), default) {
            self.add(&format!("default {name}"), "The value that is sent by default.", at, default);
        }
    }
}

impl Spec {
    /// All of them. A name may be there several times.
    pub(crate) fn constants(&self) -> Vec<Constant> {
        let mut found = Constants::default();
        for (n, server) in array(self.root().get("servers")).enumerate() {
            let (Some(name), Some(url)) = (text(server, "x-environment"), text(server, "url")) else { continue };
            let doc = text(server, "description").unwrap_or_default();
            found.add(&format!("{name}_url"), doc, &Pointer::of(["servers"]).push(n), url);
        }
        self.header_constants(&mut found);
        self.operation_constants(&mut found);
        self.webhook_constants(&mut found);
        self.sample_constants(&mut found);
        found.0
    }

    /// Every header that the spec names, in lower case, with its description.
    fn header_constants(&self, found: &mut Constants) {
        let schemes = entries(self.at("/components/securitySchemes")).map(|(_, scheme)| scheme);
        let operations = self.operations();
        let parameters = operations.iter().flat_map(|operation| self.parameters(operation));
        let in_header = schemes.chain(parameters).filter(|node| text(node, "in") == Some("header"));
        let responses = operations.iter().flat_map(|operation| self.responses(operation));
        let of_response = responses.flat_map(|response| entries(response.node.get("headers")));
        let hooks = self.webhooks();
        let of_hook = hooks.iter().flat_map(|hook| array(hook.node.get("parameters")));
        let named = in_header.chain(of_hook).map(|node| (text(node, "name").unwrap_or_default(), node));
        for (name, node) in named.chain(of_response.map(|(name, node)| (name, self.resolve(node)))) {
            let (name, doc) = (name.to_lowercase(), text(node, "description").unwrap_or_default());
            found.add(&format!("header {name}"), doc, &Pointer::root(), name.as_str());
        }
    }

    fn operation_constants(&self, found: &mut Constants) {
        for operation in self.operations() {
            let (id, at) = (text(operation.node, "operationId").unwrap_or_default(), &operation.at);
            found.add(&format!("path {id}"), "The path of an operation, below the base URL.", at, operation.path);
            if let Some(limit) = operation.node.get("x-requests-per-minute").and_then(Value::as_u64) {
                let doc = "The documented limit of an operation.";
                found.add(&format!("requests per minute {id}"), doc, at, u32::try_from(limit).unwrap_or(u32::MAX));
            }
            for (n, parameter) in self.parameters(&operation).enumerate() {
                let at = operation.at.push("parameters").push(n);
                let Some(name) = text(parameter, "name") else { continue };
                if text(parameter, "in") == Some("query") {
                    found.add(&format!("query {name}"), "The name of an argument in the query.", &at, name);
                }
                if is_true(parameter, "x-transport") {
                    found.add_default(parameter, &at);
                }
            }
        }
    }

    fn webhook_constants(&self, found: &mut Constants) {
        for hook in self.webhooks() {
            for (n, parameter) in array(hook.node.get("parameters")).enumerate() {
                found.add_default(parameter, &hook.at.push("parameters").push(n));
            }
            let schema = self.body(&hook).map(|(schema, _)| schema).unwrap_or_default();
            for (name, _) in entries(self.schema(schema).and_then(|node| node.get("properties"))) {
                let doc = "The name of a field of a webhook.";
                found.add(&format!("field {schema} {name}"), doc, &hook.at, name);
            }
        }
    }

    /// The samples of requests, of success responses and of webhooks.
    fn sample_constants(&self, found: &mut Constants) {
        let mut add = |schema: &str, examples: Option<&Value>, at: Pointer| {
            let at = at.push("content").push("application/json").push("examples");
            for (name, example) in entries(examples) {
                let sample = example.get("value").map(Value::to_string).unwrap_or_default();
                found.add(&format!("sample {schema} {name}"), "A sample of a body, as JSON.", &at.push(name), sample);
            }
        };
        for operation in self.operations().iter().chain(&self.webhooks()) {
            if let Some((schema, json)) = self.body(operation) {
                add(schema, json.get("examples"), operation.at.push("requestBody"));
            }
            if let Some(response) = self.success(operation) {
                let examples = response.json().and_then(|json| json.get("examples"));
                add(response.schema_name().unwrap_or_default(), examples, response.at);
            }
        }
    }
}
