//! The parts of a document that others ask for, each with the pointer of its node.

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use serde_json::Value;

use super::{METHODS, Pointer, Spec, array, entries, is_true, reference_name, text};

/// One operation of the spec.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Operation<'a> {
    /// Where it stands.
    pub at: Pointer,
    /// Its path, as `/vkyc`.
    pub path: &'a str,
    /// Its method in lower case.
    pub method: &'static str,
    /// What is said of it.
    pub node: &'a Value,
}

/// One request that the API sends to its users: an entry of `x-webhooks`.
#[derive(Clone, Debug)]
pub(crate) struct Webhook<'a> {
    pub(crate) at: Pointer,
    pub(crate) node: &'a Value,
}

/// One response of an operation, its `$ref` followed.
#[derive(Clone, Debug)]
pub(crate) struct Response<'a> {
    pub(crate) at: Pointer,
    pub(crate) status: &'a str,
    pub(crate) node: &'a Value,
}

/// One string enum that is marked `x-open-enum`.
#[derive(Clone, Debug)]
pub(crate) struct OpenEnum<'a> {
    pub(crate) at: Pointer,
    pub(crate) schema: &'a str,
    pub(crate) node: &'a Value,
}

/// One of several fields or arguments, of which exactly one is sent: an entry of `x-exactly-one-of`.
#[derive(Clone, Debug)]
pub(crate) struct Choice<'a> {
    pub(crate) at: Pointer,
    /// The name of the enum.
    pub(crate) name: &'a str,
    pub(crate) node: &'a Value,
}

/// One documented error: an example of an error response.
#[derive(Clone, Debug)]
pub(crate) struct ErrorExample<'a> {
    pub(crate) at: Pointer,
    pub(crate) status: &'a str,
    pub(crate) node: &'a Value,
}

impl Spec {
    /// The operations, in the order of their paths.
    #[must_use]
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let mut found = Vec::new();
        for (path, item) in entries(self.root().get("paths")) {
            let at = Pointer::of(["paths", path]);
            for method in METHODS {
                if let Some(node) = item.get(method) {
                    found.push(Operation { at: at.push(method), path, method, node });
                }
            }
        }
        found
    }

    /// The requests that the API sends, each under `post` as in OpenAPI 3.1.
    pub(crate) fn webhooks(&self) -> Vec<Webhook<'_>> {
        let at = Pointer::of(["x-webhooks"]);
        let hooks = entries(self.root().get("x-webhooks"));
        hooks
            .filter_map(|(name, item)| Some(Webhook { at: at.push(name).push("post"), node: item.get("post")? }))
            .collect()
    }

    /// The named schemas with their pointers.
    pub(crate) fn schemas(&self) -> Vec<(&str, Pointer, &Value)> {
        let at = Pointer::of(["components", "schemas"]);
        entries(self.at(at.as_ref())).map(|(name, node)| (name, at.push(name), node)).collect()
    }

    pub(crate) fn open_enums(&self) -> Vec<OpenEnum<'_>> {
        let schemas = self.schemas().into_iter();
        schemas
            .filter(|(_, _, node)| is_true(node, "x-open-enum"))
            .map(|(schema, at, node)| OpenEnum { at, schema, node })
            .collect()
    }

    pub(crate) fn open_enum(&self, schema: &str) -> Option<OpenEnum<'_>> {
        self.open_enums().into_iter().find(|e| e.schema == schema)
    }

    /// The named schemas that are ids.
    pub(crate) fn ids(&self) -> impl Iterator<Item = (&str, Pointer, &Value)> {
        self.schemas().into_iter().filter(|(_, _, node)| is_true(node, "x-id"))
    }

    /// What is said of choices between fields.
    pub(crate) fn choices(&self) -> Vec<Choice<'_>> {
        let at = Pointer::of(["x-exactly-one-of"]);
        entries(self.at(at.as_ref())).map(|(name, node)| Choice { at: at.push(name), name, node }).collect()
    }

    /// The choices that an operation or a schema names.
    pub(crate) fn choices_of<'a>(&'a self, node: &'a Value) -> impl Iterator<Item = Choice<'a>> {
        let names = array(node.get("x-exactly-one-of")).filter_map(Value::as_str);
        names.filter_map(|name| self.choices().into_iter().find(|choice| choice.name == name))
    }

    /// The name of the schema of an operation's body, and the media type that holds it.
    pub(crate) fn body<'a>(&'a self, operation: &Operation<'a>) -> Option<(&'a str, &'a Value)> {
        let body = self.resolve(operation.node.get("requestBody")?);
        let json = body.pointer("/content/application~1json")?;
        Some((reference_name(json.get("schema")?)?, json))
    }

    /// A named schema.
    pub(crate) fn schema(&self, name: &str) -> Option<&Value> {
        self.at(Pointer::of(["components", "schemas", name]).as_ref())
    }

    /// The responses of an operation; for one that is a `$ref`, the pointer is that of its target.
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

    /// The parameters of an operation, `$ref`s followed.
    pub(crate) fn parameters<'a>(&'a self, operation: &Operation<'a>) -> impl Iterator<Item = &'a Value> {
        array(operation.node.get("parameters")).map(|node| self.resolve(node))
    }

    /// The description of a property: its own, or that of the schema that it refers to.
    pub(crate) fn description<'a>(&'a self, property: &'a Value) -> &'a str {
        let target = || text(self.schema(reference_name(property)?)?, "description");
        text(property, "description").or_else(target).unwrap_or_default()
    }

    /// The success response of an operation.
    pub(crate) fn success<'a>(&'a self, operation: &Operation<'a>) -> Option<Response<'a>> {
        let error_schema = self.error_schema();
        self.responses(operation).into_iter().find(|r| r.is_success() && r.schema_name() != error_schema)
    }

    /// The HTTP status of the success response.
    pub(crate) fn success_status(&self, operation: &Operation<'_>) -> u16 {
        self.success(operation).and_then(|response| response.status.parse().ok()).unwrap_or(200)
    }

    /// The fields of the success response of an operation.
    pub(crate) fn success_fields<'a>(
        &'a self,
        operation: &Operation<'a>,
    ) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let schema = self.success(operation).and_then(|response| self.schema(response.schema_name()?));
        entries(schema.and_then(|schema| schema.get("properties")))
    }

    /// The schema that errors share: what the non-2xx responses name. `None` when there is no error response.
    pub(crate) fn error_schema(&self) -> Option<&str> {
        let operations = self.operations();
        let errors = operations.iter().flat_map(|operation| self.responses(operation));
        errors.filter(|r| !r.is_success()).find_map(|r| r.schema_name())
    }

    /// Every documented error, once, in the order of the document.
    pub(crate) fn error_examples(&self) -> Vec<ErrorExample<'_>> {
        let error_schema = self.error_schema();
        let mut found: Vec<ErrorExample<'_>> = Vec::new();
        for operation in self.operations() {
            let responses = self.responses(&operation).into_iter();
            for response in responses.filter(|r| r.schema_name().is_some() && r.schema_name() == error_schema) {
                let at = response.at.push("content").push("application/json").push("examples");
                for (name, node) in entries(response.json().and_then(|json| json.get("examples"))) {
                    let at = at.push(name);
                    if !found.iter().any(|e| e.at.0 == at.0 && e.status == response.status) {
                        found.push(ErrorExample { at, status: response.status, node });
                    }
                }
            }
        }
        found
    }
}

impl<'a> Response<'a> {
    pub(crate) fn is_success(&self) -> bool {
        self.status.starts_with('2')
    }

    pub(crate) fn json(&self) -> Option<&'a Value> {
        self.node.get("content")?.get("application/json")
    }

    /// The name of the component that describes the JSON body.
    pub(crate) fn schema_name(&self) -> Option<&'a str> {
        reference_name(self.json()?.get("schema")?)
    }
}

impl<'a> Webhook<'a> {
    pub(crate) fn json(&self) -> Option<&'a Value> {
        self.node.pointer("/requestBody/content/application~1json")
    }

    /// The name of the component that describes the body.
    pub(crate) fn schema_name(&self) -> Option<&'a str> {
        reference_name(self.json()?.get("schema")?)
    }
}

impl<'a> Choice<'a> {
    /// Each field with its id's schema and words.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> + use<'a> {
        let words = |entry, key| text(entry, key).unwrap_or_default();
        array(self.node.get("of")).map(move |e| (words(e, "field"), words(e, "type"), words(e, "description")))
    }

    /// Whether a field is one of those.
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
        let given = self.node.get("x-enum-names").and_then(|names| names.get(value)).and_then(Value::as_str);
        given.map_or_else(|| value.to_upper_camel_case(), str::to_owned)
    }
}

/// The name of a property or parameter in Rust, as typify and progenitor make it: in snake case, with an underscore behind what
/// is a keyword.
pub(crate) fn field_name(name: &str) -> String {
    let name = name.replace('\'', "").to_snake_case();
    match name.chars().next() {
        None => "x".to_owned(),
        Some(first) if !first.is_alphabetic() => format!("x{name}"),
        // `gen` is a keyword since Rust 2024, and to syn it is none.
        Some(_) if name == "gen" || syn::parse_str::<syn::Ident>(&name).is_err() => format!("{name}_"),
        Some(_) => name,
    }
}

/// The name of a schema in Rust: `x-rust-name`, or the schema's own.
pub(crate) fn rust_name<'a>(schema: &'a str, node: &'a Value) -> &'a str {
    node.get("x-rust-name").and_then(Value::as_str).unwrap_or(schema)
}
