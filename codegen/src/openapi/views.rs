//! The parts of a document that other modules use, each with the pointer of its node. Values that are neither types nor operations
//! (addresses, header names, limits, defaults, samples) become named constants of the generated code.

use heck::{ToShoutySnakeCase as _, ToUpperCamelCase as _};
use serde_json::{Value, json};

use super::{METHODS, Pointer, Spec, array, entries, is_true, reference_name, rust_name, text};

/// One operation of the spec, or one webhook.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Operation<'a> {
    /// The pointer of its node.
    pub at: Pointer,
    /// Its path, as `/vkyc`; for a webhook, its name.
    pub path: &'a str,
    /// Its method in lower case.
    pub method: &'static str,
    /// Its description.
    pub node: &'a Value,
}

/// One response of an operation, with its `$ref` resolved.
#[derive(Clone, Debug)]
pub(crate) struct Response<'a> {
    pub(crate) at: Pointer,
    pub(crate) status: &'a str,
    pub(crate) node: &'a Value,
}

/// One string enum with `x-open-enum`.
#[derive(Clone, Debug)]
pub(crate) struct OpenEnum<'a> {
    pub(crate) at: Pointer,
    pub(crate) schema: &'a str,
    pub(crate) node: &'a Value,
}

/// Several fields or arguments of which exactly one is sent: an entry of `x-exactly-one-of`.
#[derive(Clone, Debug)]
pub(crate) struct Choice<'a> {
    pub(crate) at: Pointer,
    /// The name of the enum.
    pub(crate) name: &'a str,
    pub(crate) node: &'a Value,
}

impl Spec {
    /// The operations, in the order of their paths.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation<'_>> {
        self.operations_under("paths")
    }

    /// The requests that the API sends to its users.
    pub(crate) fn webhooks(&self) -> Vec<Operation<'_>> {
        self.operations_under("x-webhooks")
    }

    fn operations_under(&self, key: &str) -> Vec<Operation<'_>> {
        let mut found = Vec::new();
        for (path, item) in entries(self.root().get(key)) {
            let at = Pointer::of([key, path]);
            let methods = METHODS.into_iter().filter_map(|method| Some((method, item.get(method)?)));
            found.extend(methods.map(|(method, node)| Operation { at: at.push(method), path, method, node }));
        }
        found
    }

    /// The named schemas with their pointers.
    pub(crate) fn schemas(&self) -> Vec<(&str, Pointer, &Value)> {
        let at = Pointer::of(["components", "schemas"]);
        entries(self.at(at.as_ref())).map(|(name, node)| (name, at.push(name), node)).collect()
    }

    /// The string enums with `x-open-enum`.
    pub(crate) fn open_enums(&self) -> Vec<OpenEnum<'_>> {
        let marked = self.schemas().into_iter().filter(|(_, _, node)| is_true(node, "x-open-enum"));
        marked.map(|(schema, at, node)| OpenEnum { at, schema, node }).collect()
    }

    /// An open enum by the name of its schema.
    pub(crate) fn open_enum(&self, schema: &str) -> Option<OpenEnum<'_>> {
        self.open_enums().into_iter().find(|e| e.schema == schema)
    }

    /// The definitions of choices between fields.
    pub(crate) fn choices(&self) -> Vec<Choice<'_>> {
        let at = Pointer::of(["x-exactly-one-of"]);
        entries(self.at(at.as_ref())).map(|(name, node)| Choice { at: at.push(name), name, node }).collect()
    }

    /// The choices of an operation or a schema.
    pub(crate) fn choices_of<'a>(&'a self, node: &'a Value) -> impl Iterator<Item = Choice<'a>> {
        let names = array(node.get("x-exactly-one-of")).filter_map(Value::as_str);
        names.filter_map(|name| self.choices().into_iter().find(|choice| choice.name == name))
    }

    /// The name of the schema of an operation's body, and the media type that contains it.
    pub(crate) fn body<'a>(&'a self, operation: &Operation<'a>) -> Option<(&'a str, &'a Value)> {
        let body = self.resolve(operation.node.get("requestBody")?);
        let json = body.pointer("/content/application~1json")?;
        Some((reference_name(json.get("schema")?)?, json))
    }

    /// A named schema.
    pub(crate) fn schema(&self, name: &str) -> Option<&Value> {
        self.at(Pointer::of(["components", "schemas", name]).as_ref())
    }

    /// The responses of an operation. The pointer of a `$ref` is that of its target.
    pub(crate) fn responses<'a>(&'a self, operation: &Operation<'a>) -> Vec<Response<'a>> {
        let at = operation.at.push("responses");
        let list = entries(operation.node.get("responses"));
        list.map(|(status, node)| {
            let own = at.push(status);
            let (node, at) = self.follow(node, own.clone()).unwrap_or((node, own));
            Response { at, status, node }
        })
        .collect()
    }

    /// The parameters of an operation, with `$ref`s resolved.
    pub(crate) fn parameters<'a>(&'a self, operation: &Operation<'a>) -> impl Iterator<Item = &'a Value> {
        array(operation.node.get("parameters")).map(|node| self.resolve(node))
    }

    /// The arguments of an operation: its parameters except those that the transport sends, with pointer and name.
    pub(crate) fn arguments<'a>(
        &'a self,
        operation: &Operation<'a>,
    ) -> impl Iterator<Item = (Pointer, &'a str, &'a Value)> {
        let at = operation.at.push("parameters");
        let parameters = self.parameters(operation).enumerate().filter(|(_, node)| !is_true(node, "x-transport"));
        parameters.map(move |(n, node)| (at.push(n), text(node, "name").unwrap_or_default(), node))
    }

    /// The description of a property: its own, or that of the schema that it refers to.
    pub(crate) fn description<'a>(&'a self, property: &'a Value) -> &'a str {
        let target = || text(self.schema(reference_name(property)?)?, "description");
        text(property, "description").or_else(target).unwrap_or_default()
    }

    /// The HTTP status of the success response.
    pub(crate) fn success_status(&self, operation: &Operation<'_>) -> u16 {
        self.success(operation).and_then(|response| response.status.parse().ok()).unwrap_or(200)
    }

    /// The response of an operation that is a success.
    pub(crate) fn success<'a>(&'a self, operation: &Operation<'a>) -> Option<Response<'a>> {
        let error_schema = self.error_schema();
        self.responses(operation).into_iter().find(|r| r.is_success() && r.schema_name() != error_schema)
    }

    /// The schema that errors share: that of the first error response.
    pub(crate) fn error_schema(&self) -> Option<&str> {
        let operations = self.operations();
        let errors = operations.iter().flat_map(|operation| self.responses(operation));
        errors.filter(|r| !r.is_success()).find_map(|r| r.schema_name())
    }

    /// Every documented error, once, in the order of the document: the pointer of its example, the status, and the example.
    pub(crate) fn error_examples(&self) -> Vec<(Pointer, &str, &Value)> {
        let error_schema = self.error_schema();
        let mut found: Vec<(Pointer, &str, &Value)> = Vec::new();
        for operation in self.operations() {
            let responses = self.responses(&operation).into_iter();
            for response in responses.filter(|r| r.schema_name().is_some() && r.schema_name() == error_schema) {
                for (at, example) in response.examples() {
                    if !found.iter().any(|(other, status, _)| *other == at && *status == response.status) {
                        found.push((at, response.status, example));
                    }
                }
            }
        }
        found
    }

    /// The constants. A name may occur several times.
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
            let schema = success.record_name().unwrap_or_default();
            let subject = if success.is_list() { format!("list of {schema}") } else { schema.to_owned() };
            found.add_samples(&subject, success.json(), &success.at);
        }
    }
}

impl<'a> Response<'a> {
    pub(crate) fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }

    /// The description of the JSON body.
    pub(crate) fn json(&self) -> Option<&'a Value> {
        self.node.get("content")?.get("application/json")
    }

    /// The examples of the JSON body.
    pub(crate) fn examples(&self) -> impl Iterator<Item = (Pointer, &'a Value)> + use<'a> {
        let at = self.at.push("content").push("application/json").push("examples");
        let examples = self.json().and_then(|json| json.get("examples"));
        entries(examples).map(move |(name, node)| (at.push(name), node))
    }

    /// The name of the component that describes the JSON body.
    pub(crate) fn schema_name(&self) -> Option<&'a str> {
        reference_name(self.json()?.get("schema")?)
    }

    /// Whether the JSON body is a list.
    pub(crate) fn is_list(&self) -> bool {
        self.json().and_then(|json| text(json.get("schema")?, "type")) == Some("array")
    }

    /// The name of the component that describes the JSON body, or each item of a list.
    pub(crate) fn record_name(&self) -> Option<&'a str> {
        let items = || reference_name(self.json()?.get("schema")?.get("items")?);
        if self.is_list() { items() } else { self.schema_name() }
    }
}

impl<'a> Choice<'a> {
    /// The fields, each with the schema of its id and its description.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> + use<'a> {
        let word = |entry, key| text(entry, key).unwrap_or_default();
        array(self.node.get("of")).map(move |e| (word(e, "field"), word(e, "type"), word(e, "description")))
    }

    /// The choice as JSON Schema, for tools that do not know `x-exactly-one-of`.
    pub(crate) fn schema(&self) -> Value {
        json!({ "oneOf": self.fields().map(|(field, ..)| json!({ "required": [field] })).collect::<Value>() })
    }

    /// Whether a field belongs to the choice.
    pub(crate) fn holds(&self, field: &str) -> bool {
        self.fields().any(|(name, ..)| name == field)
    }
}

impl<'a> OpenEnum<'a> {
    /// The enum's name in Rust.
    pub(crate) fn rust_name(&self) -> &'a str {
        rust_name(self.schema, self.node)
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        array(self.node.get("enum")).filter_map(Value::as_str)
    }

    pub(crate) fn description(&self, value: &str) -> Option<&'a str> {
        self.node.get("x-enumDescriptions")?.get(value)?.as_str()
    }

    /// The Rust name of a value: the one that the spec gives, or the value in upper camel case.
    pub(crate) fn variant(&self, value: &str) -> String {
        let place = self.values().position(|other| other == value);
        let given = place.and_then(|n| self.node.get("x-enum-varnames")?.get(n)?.as_str());
        given.map_or_else(|| value.to_upper_camel_case(), str::to_owned)
    }
}

/// A value with its name.
pub(crate) struct Constant {
    pub(crate) name: String,
    pub(crate) doc: String,
    /// A text or a whole number.
    pub(crate) value: Value,
    /// The pointer of its node.
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
