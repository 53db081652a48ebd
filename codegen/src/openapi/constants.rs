//! The values of a spec that are neither types nor operations: addresses, header names, limits, defaults, samples. Each has a name,
//! by which generated code holds it as a constant.

use heck::ToShoutySnakeCase as _;
use serde_json::Value;

use super::{Operation, Pointer, Spec, array, entries, text};

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

    /// The name of a header, in lower case, with its description.
    fn add_header(&mut self, name: &str, node: &Value, at: &Pointer) {
        let name = name.to_lowercase();
        self.add(&format!("header {name}"), text(node, "description").unwrap_or_default(), at, name.as_str());
    }

    /// The name of a header or an argument in the query. A header may have a default.
    fn add_parameter(&mut self, node: &Value, at: &Pointer) {
        let name = text(node, "name").unwrap_or_default();
        match text(node, "in") {
            Some("query") => self.add(&format!("query {name}"), "The name of an argument in the query.", at, name),
            Some("header") => {
                self.add_header(name, node, at);
                if let Some(default) = node.pointer("/schema/default").and_then(Value::as_str) {
                    self.add(&format!("default {name}"), "The value that is sent by default.", at, default);
                }
            }
            _ => {}
        }
    }

    /// The samples of a body.
    fn add_samples(&mut self, schema: &str, json: Option<&Value>, at: &Pointer) {
        let at = at.push("content").push("application/json").push("examples");
        for (name, example) in entries(json.and_then(|json| json.get("examples"))) {
            let sample = example.get("value").map(Value::to_string).unwrap_or_default();
            self.add(&format!("sample {schema} {name}"), "A sample of a body, as JSON.", &at.push(name), sample);
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
        let schemes = Pointer::of(["components", "securitySchemes"]);
        for (name, scheme) in entries(self.at(schemes.as_ref())) {
            found.add_parameter(scheme, &schemes.push(name));
        }
        for operation in self.operations() {
            self.operation_constants(&operation, &mut found);
            let (id, at) = (text(operation.node, "operationId").unwrap_or_default(), &operation.at);
            found.add(&format!("path {id}"), "The path of an operation, below the base URL.", at, operation.path);
            if let Some(limit) = operation.node.get("x-requests-per-minute").and_then(Value::as_u64) {
                let doc = "The documented limit of an operation.";
                found.add(&format!("requests per minute {id}"), doc, at, u32::try_from(limit).unwrap_or(u32::MAX));
            }
        }
        for hook in self.webhooks() {
            self.operation_constants(&hook, &mut found);
            let schema = self.body(&hook).map(|(schema, _)| schema).unwrap_or_default();
            for (name, _) in entries(self.schema(schema).and_then(|node| node.get("properties"))) {
                let doc = "The name of a field of a webhook.";
                found.add(&format!("field {schema} {name}"), doc, &hook.at, name);
            }
        }
        found.0
    }

    /// Parameters, headers of responses, and samples of requests and success responses.
    fn operation_constants(&self, operation: &Operation<'_>, found: &mut Constants) {
        let at = operation.at.push("parameters");
        self.parameters(operation).enumerate().for_each(|(n, node)| found.add_parameter(node, &at.push(n)));
        for response in self.responses(operation) {
            let at = response.at.push("headers");
            for (name, node) in entries(response.node.get("headers")) {
                found.add_header(name, self.resolve(node), &at.push(name));
            }
        }
        if let Some((schema, json)) = self.body(operation) {
            found.add_samples(schema, Some(json), &operation.at.push("requestBody"));
        }
        if let Some(success) = self.success(operation) {
            found.add_samples(success.schema_name().unwrap_or_default(), success.json(), &success.at);
        }
    }
}
