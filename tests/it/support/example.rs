//! Values for the schemas of the spec: an example that the spec has, or a value that is made from the type.
//!
//! Valid requests are made here and nowhere else, so that a new required field changes no test.

use std::sync::LazyLock;

use cashfree_vkyc::{Initiate, NewUser};
use cashfree_vkyc_codegen::Spec;
use cashfree_vkyc_codegen::openapi::{Operation, array, entries, is_true, reference_name, required_when_sent, text};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// The spec, with a name for every object.
pub(crate) static SPEC: LazyLock<Spec> = LazyLock::new(|| super::spec().with_names());

/// A request for a verification of a user.
pub(crate) fn initiate(verification_id: &str, user_id: &str) -> Initiate {
    typed("InitiateRequest", json!({ "verification_id": verification_id, "user_id": user_id }))
}

/// A customer with this phone, and without an id.
pub(crate) fn new_user(phone: &str) -> NewUser {
    typed("NewUser", json!({ "phone": phone }))
}

/// A value of the type that is generated for a schema, with what the schema requires and these fields.
pub(crate) fn typed<T: DeserializeOwned>(schema: &str, fields: Value) -> T {
    let body = body(schema, fields);
    serde_json::from_str(&body.to_string()).unwrap_or_else(|error| panic!("{schema}: {error} in {body}"))
}

/// An object with what a schema requires when it is sent, and these fields. `null` leaves a field out.
pub(crate) fn body(schema: &str, fields: Value) -> Value {
    let Value::Object(fields) = fields else { panic!("{schema}: {fields} is no object") };
    let mut body = required(named(schema));
    for choice in choices(named(schema)).filter(|choice| choice.iter().any(|field| fields.contains_key(*field))) {
        choice.iter().for_each(|field| drop(body.remove(*field)));
    }
    body.extend(fields);
    body.retain(|_, value| !value.is_null());
    body.into()
}

/// A value of an argument of an operation.
pub(crate) fn argument(operation: &str, name: &str) -> Value {
    let operations = SPEC.operations();
    let operation = operations.iter().find(|found| text(found.node, "operationId") == Some(operation)).unwrap();
    let parameter = parameters(operation).find(|parameter| text(parameter, "name") == Some(name)).unwrap();
    value_of_argument(parameter)
}

/// The path of an operation and its query, with the arguments that the spec requires.
pub(crate) fn target(operation: &Operation<'_>) -> String {
    let (mut path, mut query) = (operation.path.to_owned(), Vec::new());
    for parameter in parameters(operation).filter(|parameter| is_true(parameter, "required")) {
        let (name, value) = (text(parameter, "name").unwrap(), value_of_argument(parameter));
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        match text(parameter, "in") {
            Some("path") => path = path.replace(&format!("{{{name}}}"), &value),
            Some("query") => query.push(format!("{name}={value}")),
            _ => {}
        }
    }
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

fn parameters<'a>(operation: &Operation<'a>) -> impl Iterator<Item = &'a Value> {
    array(operation.node.get("parameters")).map(|parameter| SPEC.resolve(parameter))
}

fn value_of_argument(parameter: &Value) -> Value {
    parameter.get("example").cloned().unwrap_or_else(|| value(&parameter["schema"]))
}

/// A value of a schema or a property: its example, or one of its type.
pub(crate) fn value(node: &Value) -> Value {
    if let Some(example) = node.get("example") {
        return example.clone();
    }
    if let Some(name) = reference_name(node) {
        return value(named(name));
    }
    if let Some(alternative) = array(node.get("oneOf")).next() {
        return value(alternative);
    }
    if let Some(first) = array(node.get("enum")).next() {
        return first.clone();
    }
    match (text(node, "type"), text(node, "format")) {
        (Some("array"), _) => json!([value(&node["items"])]),
        (Some("boolean"), _) => json!(true),
        (Some("integer"), _) => node.get("minimum").cloned().unwrap_or(json!(1)),
        (Some("number"), _) => json!(1.5),
        (Some("string"), Some("timestamp" | "date" | "date-time")) => json!("2025-07-19"),
        (Some("string"), Some("day-month-year")) => json!("19-07-2025"),
        (Some("string"), Some("uri")) => json!("https://example.com/"),
        (Some("string"), _) => {
            // A pattern is one class of characters: its first is a member.
            let character = text(node, "pattern").and_then(|pattern| pattern.strip_prefix("^[")?.chars().next());
            let length = node["minLength"].as_u64().unwrap_or_default().max(1);
            (0..length).map(|_| character.unwrap_or('a')).collect::<String>().into()
        }
        _ => required(node).into(),
    }
}

/// A named schema.
pub(crate) fn named(schema: &str) -> &'static Value {
    SPEC.at(&format!("/components/schemas/{schema}")).unwrap_or_else(|| panic!("the spec has no schema {schema}"))
}

/// The fields that an object must have when it is sent, one of each choice included.
fn required(schema: &Value) -> Map<String, Value> {
    let chosen = choices(schema).map(|choice| choice[0]);
    let names = required_when_sent(schema).chain(chosen);
    names.map(|name| (name.to_owned(), value(&schema["properties"][name]))).collect()
}

/// The fields of each choice that a schema names.
fn choices(schema: &Value) -> impl Iterator<Item = Vec<&'static str>> {
    let definition = |name: &Value| SPEC.at(&format!("/x-exactly-one-of/{}/of", name.as_str()?));
    let choices = array(schema.get("x-exactly-one-of")).filter_map(definition);
    choices.map(|choice| array(Some(choice)).filter_map(|field| text(field, "field")).collect())
}

/// The examples of bodies and of fields, each with the name of its schema. That of a field is an object with the field alone.
pub(crate) fn examples() -> Vec<(String, Value)> {
    let mut found = Vec::new();
    collect(SPEC.root(), &mut found);
    for (schema, node) in entries(SPEC.at("/components/schemas")) {
        let fields = entries(node.get("properties")).filter(|(_, property)| property.get("example").is_some());
        found.extend(fields.map(|(name, property)| (schema.to_owned(), json!({ name: property["example"] }))));
    }
    found
}

/// The examples of the bodies below a node. Of a list, the items.
fn collect(node: &Value, found: &mut Vec<(String, Value)>) {
    let schema = node.get("schema").unwrap_or_default();
    let is_list = text(schema, "type") == Some("array");
    if let Some(name) = reference_name(if is_list { &schema["items"] } else { schema }) {
        for (_, example) in entries(node.get("examples")) {
            let value = &example["value"];
            let bodies = if is_list { array(Some(value)).collect() } else { vec![value] };
            found.extend(bodies.into_iter().map(|body| (name.to_owned(), body.clone())));
        }
    }
    let children = entries(Some(node)).filter(|(key, _)| *key != "value").map(|(_, child)| child);
    children.chain(array(Some(node))).for_each(|child| collect(child, found));
}
