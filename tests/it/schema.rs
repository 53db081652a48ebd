//! The JSON Schema of the Rust types (feature `schemars`) and the spec agree in every field. Both are converted to the same form
//! and compared.

use std::collections::BTreeMap;

use cashfree_vkyc_codegen::openapi::reference_name;
use schemars::{Schema, schema_for};
use serde_json::Value;

use crate::support::example;

/// The properties of a field that both sides describe.
#[derive(Debug, PartialEq)]
struct Field {
    kind: String,
    known_values: Vec<String>,
    required: bool,
}

/// The formats that become a `Timestamp`.
const TIMES: [&str; 3] = ["date", "date-time", "timestamp"];

type Fields = BTreeMap<String, Field>;

/// The JSON Schema of the Rust type of each schema, by its name in the spec.
pub(crate) fn rust_schemas() -> Vec<(&'static str, Schema)> {
    macro_rules! all {
        ($($name:literal => $type:ty,)*) => { vec![$( ($name, schema_for!($type)) ),*] };
    }
    crate::schemas!(all)
}

/// A type may require less than the spec: a response may lack any field, and a builder begins without fields.
#[test]
fn the_types_and_the_spec_agree_field_by_field() {
    let resolve = |node: &Value| match reference_name(node) {
        Some(name) => example::named(name).clone(),
        None => node.clone(),
    };
    for (name, schema) in rust_schemas() {
        let mut in_spec = fields_of_spec(example::named(name), &resolve);
        let in_rust = fields_of_rust(schema.as_value());
        for (field, of_spec) in &mut in_spec {
            of_spec.required &= in_rust.get(field).is_some_and(|of_rust| of_rust.required);
        }
        assert_eq!(in_rust, in_spec, "{name}");
    }
}

fn fields_of_spec(node: &Value, resolve: &dyn Fn(&Value) -> Value) -> Fields {
    let required: Vec<_> = node["required"].as_array().into_iter().flatten().collect();
    let mut fields: Fields = properties(node)
        .map(|(name, property)| {
            let target = resolve(property);
            let type_ = target["type"].as_str().or_else(|| target.pointer("/oneOf/0/type")?.as_str());
            let kind = kind(
                type_,
                property["format"].as_str().and_then(|format| TIMES.contains(&format).then_some("timestamp")),
            );
            let field =
                Field { kind, known_values: texts(&target["enum"]), required: required.contains(&&Value::from(name)) };
            (name.to_owned(), field)
        })
        .collect();
    if node.get("enum").is_some() {
        fields
            .insert(String::new(), Field { kind: "string".into(), known_values: texts(&node["enum"]), required: true });
    }
    fields
}

fn fields_of_rust(schema: &Value) -> Fields {
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
    let mut fields: Fields = properties(schema)
        .map(|(name, property)| {
            // `Option` of a named type is `anyOf: [$ref, null]`.
            let option = property["anyOf"]
                .as_array()
                .and_then(|options| options.iter().find(|option| option.get("$ref").is_some()));
            let reference = option.unwrap_or(property)["$ref"].as_str();
            let target = reference.and_then(|r| schema.pointer(r.strip_prefix('#')?)).unwrap_or(property);
            let type_ = match &target["type"] {
                Value::Array(types) => types.iter().find(|type_| *type_ != "null").and_then(Value::as_str),
                type_ => type_.as_str(),
            };
            let kind = kind(type_, target["format"].as_str().filter(|format| *format == "timestamp"));
            let field = Field { kind, known_values: known(target), required: required.contains(&&Value::from(name)) };
            (name.to_owned(), field)
        })
        .collect();
    if !known(schema).is_empty() {
        fields.insert(String::new(), Field { kind: "string".into(), known_values: known(schema), required: true });
    }
    fields
}

fn properties(node: &Value) -> impl Iterator<Item = (&str, &Value)> {
    node["properties"].as_object().into_iter().flatten().map(|(name, property)| (name.as_str(), property))
}

fn kind(type_: Option<&str>, format: Option<&str>) -> String {
    format!("{} {}", type_.unwrap_or("anything"), format.unwrap_or("")).trim().to_owned()
}

fn known(schema: &Value) -> Vec<String> {
    texts(&schema["anyOf"][0]["enum"])
}

fn texts(values: &Value) -> Vec<String> {
    values.as_array().into_iter().flatten().map(|value| value.as_str().unwrap().to_owned()).collect()
}
