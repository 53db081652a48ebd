//! Readers of a single node, and names of the spec in Rust.

use std::collections::BTreeSet;

use heck::ToSnakeCase as _;
use serde_json::{Map, Value};

/// The entries of a mapping; empty if the node is not a mapping.
pub fn entries(node: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    node.and_then(Value::as_object).into_iter().flat_map(Map::iter).map(|(name, value)| (name.as_str(), value))
}

/// The items of a list; empty if the node is not a list.
pub fn array(node: Option<&Value>) -> impl Iterator<Item = &Value> {
    node.and_then(Value::as_array).into_iter().flatten()
}

/// Whether the value of a key is `true`.
#[must_use]
pub fn is_true(node: &Value, key: &str) -> bool {
    node.get(key).and_then(Value::as_bool) == Some(true)
}

/// The text of a key, without surrounding white space; `None` if it is empty.
#[must_use]
pub fn text<'a>(node: &'a Value, key: &str) -> Option<&'a str> {
    node.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty())
}

/// A property of a schema.
pub(crate) fn property<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema.get("properties")?.get(name)
}

/// The fields in `required` and `x-required-when-sent`, each once.
pub fn required_when_sent(schema: &Value) -> impl Iterator<Item = &str> {
    let names = ["required", "x-required-when-sent"].into_iter().flat_map(|key| array(schema.get(key)));
    let mut seen = BTreeSet::new();
    names.filter_map(Value::as_str).filter(move |name| seen.insert(*name))
}

/// The last segment of the `$ref` of a schema. The schema may wrap the `$ref` as the only entry of `allOf`, or as an
/// [`open_reference`].
#[must_use]
pub fn reference_name(schema: &Value) -> Option<&str> {
    let direct = schema.get("$ref");
    let wrapped = || match schema.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        Some([only]) => only.get("$ref"),
        _ => None,
    };
    direct.or_else(wrapped).or_else(|| open_reference(schema))?.as_str()?.rsplit('/').next()
}

/// The `$ref` of `anyOf: [{ $ref: … }, { type: string }]`, the portable form of an open enum: one of its values, or any other
/// text. The text may be `nullable`.
#[must_use]
pub fn open_reference(schema: &Value) -> Option<&Value> {
    let [known, other] = schema.get("anyOf")?.as_array()?.as_slice() else { return None };
    let is_any_text = text(other, "type") == Some("string")
        && entries(Some(other)).all(|(key, _)| ["type", "nullable"].contains(&key));
    known.get("$ref").filter(|_| is_any_text)
}

/// Whether a text is a Rust identifier and not a keyword.
pub(crate) fn is_identifier(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_ok()
}

/// The name of a property or parameter in Rust, as typify and progenitor make it: in snake case, with an underscore after a
/// keyword.
pub(crate) fn field_name(name: &str) -> String {
    let name = name.replace('\'', "").to_snake_case();
    match name.chars().next() {
        None => "x".to_owned(),
        Some(first) if !first.is_alphabetic() => format!("x{name}"),
        // `gen` is a keyword since Rust 2024, but not in syn.
        Some(_) if name == "gen" || !is_identifier(&name) => format!("{name}_"),
        Some(_) => name,
    }
}

/// The name of a schema in Rust: `x-rust-name`, or the schema's own.
pub(crate) fn rust_name<'a>(schema: &'a str, node: &'a Value) -> &'a str {
    text(node, "x-rust-name").unwrap_or(schema)
}
