//! A copy of the spec in which progenitor finds only what it does well.
//!
//! The truth stays in the spec; this copy drops what other code takes care of (errors, credentials, limits of requests), what
//! would make the client stricter than the API (what answers require, closed objects), and what are examples in disguise
//! (`default`).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::required::is_set_by_name;
use crate::openapi::{
    Directions, LIMITS, Spec, array, entries, is_true, open_reference, reference_name, rust_name, text, walk,
};

/// The copy for progenitor. Expects a spec without findings.
pub(super) fn normalise(spec: &Spec) -> Value {
    let mut root = spec.root().clone();
    let error_schema = spec.error_schema().map(str::to_owned);
    for operation in spec.operations() {
        let responses = spec.responses(&operation);
        let kept: Map<String, Value> = responses
            .iter()
            .filter(|r| r.is_success() && r.schema_name() != error_schema.as_deref())
            .map(|r| (r.status.to_owned(), r.node.clone()))
            .collect();
        let arguments = spec.parameters(&operation).filter(|p| !is_true(p, "x-transport")).cloned().collect();
        if let Some(node) = root.pointer_mut(operation.at.as_ref()) {
            put(node, "responses", Value::Object(kept));
            put(node, "parameters", Value::Array(arguments));
        }
    }
    if let Some(components) = root.get_mut("components").and_then(Value::as_object_mut) {
        components.retain(|key, _| key == "schemas" || key == "requestBodies");
    }
    let names: BTreeMap<String, String> =
        spec.schemas().iter().map(|(name, _, node)| ((*name).to_owned(), rust_name(name, node).to_owned())).collect();
    let directions = spec.directions();
    let mut all = Vec::new();
    walk(&root, &mut |node| all.push(node.at.clone()));
    for at in all {
        // What stood in a node may have gone with the change of that node.
        if let Some(node) = root.pointer_mut(at.as_ref()) {
            relax(node, &Treatment::of(spec, schema_at(at.as_ref()), &directions));
            rename(node, &names);
        }
    }
    if let Some(schemas) = root.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        *schemas = std::mem::take(schemas)
            .into_iter()
            .map(|(name, node)| (names.get(&name).cloned().unwrap_or(name), node))
            .collect();
    }
    root
}

/// The named schema that a pointer leads to; none for what stands within one.
fn schema_at(at: &str) -> Option<&str> {
    at.strip_prefix("/components/schemas/").filter(|name| !name.contains('/'))
}

/// How strict a schema is, by the way it travels.
struct Treatment {
    keeps_required: bool,
    is_closed: bool,
}

impl Treatment {
    fn of(spec: &Spec, schema: Option<&str>, directions: &Directions) -> Self {
        let is = |holds: fn(&Directions, &str) -> bool| schema.is_some_and(|schema| holds(directions, schema));
        let is_closed = is(Directions::is_sent_only);
        // A required field that is set by name is absent until it is set.
        let is_by_name =
            || schema.and_then(|schema| spec.schema(schema)).is_some_and(|node| is_set_by_name(spec, node));
        Self { keeps_required: is(Directions::keeps_required) && !(is_closed && is_by_name()), is_closed }
    }
}

/// Makes one schema as lenient as the wire is.
fn relax(node: &mut Value, treatment: &Treatment) {
    let absent_is_unknown: Vec<Value> = entries(node.get("properties"))
        .filter(|(_, property)| is_true(property, "x-absent-is-unknown"))
        .map(|(name, _)| json!(name))
        .collect();
    let required = array(node.get("required")).filter(|_| treatment.keeps_required);
    let required: Vec<Value> = required.cloned().chain(absent_is_unknown).collect();
    let Some(map) = node.as_object_mut() else { return };
    // By these, typify would check values on our side, or fill them in.
    LIMITS.iter().chain(&["default"]).for_each(|key| drop(map.remove(*key)));
    // OpenAPI 3.0 ignores what stands beside a `$ref`, so the spec wraps it; progenitor wants the bare one.
    if let Some(known) = open_reference(&Value::Object(map.clone())).cloned() {
        *map = Map::from_iter([("$ref".into(), known)]);
    } else if let Some([only]) = map.get("allOf").and_then(Value::as_array).map(Vec::as_slice) {
        *map = only.as_object().cloned().unwrap_or_default();
    }
    name_format(map);
    if let Some(properties) = map.get_mut("properties").and_then(Value::as_object_mut) {
        for (_, property) in properties.iter_mut().filter(|(name, _)| !required.contains(&json!(name))) {
            if matches!(text(property, "type"), Some("array" | "object")) {
                put(property, "nullable", Value::Bool(true));
            }
        }
        // An answer may hold more than the spec knows: keep it, whatever it is. A request may not.
        if treatment.is_closed {
            map.insert("additionalProperties".into(), json!(false));
        } else if map.get("additionalProperties").is_none_or(Value::is_boolean) {
            map.insert("additionalProperties".into(), json!({ "nullable": true }));
        }
        map.insert("required".into(), Value::Array(required));
    }
    map.retain(|key, _| !key.starts_with("x-"));
}

/// Gives what has a type of its own in Rust the format by which progenitor finds it.
fn name_format(map: &mut Map<String, Value>) {
    let is_sensitive = map.get("x-sensitive") == Some(&Value::Bool(true));
    let is_text = map.get("type") == Some(&json!("string"));
    let format = match map.get("format").and_then(Value::as_str) {
        _ if map.contains_key("oneOf") => {
            Some(if is_sensitive { "sensitive-number-or-text" } else { "number-or-text" })
        }
        _ if !is_text => return,
        Some("date" | "date-time" | "timestamp") => Some("timestamp"),
        _ if is_sensitive => Some("sensitive"),
        _ => None,
    };
    map.remove("oneOf");
    map.remove("format");
    if let Some(format) = format {
        map.insert("type".into(), json!("string"));
        map.insert("format".into(), json!(format));
    }
}

/// Lets a `$ref` point to the schema under its Rust name.
fn rename(node: &mut Value, names: &BTreeMap<String, String>) {
    let Some(name) = reference_name(node).and_then(|name| names.get(name)) else { return };
    let reference = json!(format!("#/components/schemas/{name}"));
    put(node, "$ref", reference);
}

fn put(node: &mut Value, key: &str, value: Value) {
    if let Some(map) = node.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalised(schema: &str) -> Value {
        normalised_with("{}", schema)
    }

    fn normalised_with(paths: &str, schema: &str) -> Value {
        let text = format!(
            "openapi: 3.0.3\npaths: {paths}\ncomponents:\n  schemas:\n    E: {{type: string, x-open-enum: true, x-rust-name: Renamed}}\n    T: {schema}\n"
        );
        normalise(&Spec::parse("s.yaml", &text).unwrap()).pointer("/components/schemas/T").unwrap().clone()
    }

    #[test]
    fn limits_defaults_and_our_own_keys_go() {
        let schema = "{type: string, maxLength: 3, pattern: x, default: y, x-evidence: sample}";
        assert_eq!(normalised(schema), json!({ "type": "string" }));
    }

    #[test]
    fn a_property_named_like_a_keyword_stays() {
        let t = normalised("{type: object, properties: {pattern: {type: string}, default: {type: integer}}}");
        assert_eq!(t.pointer("/properties/pattern/type"), Some(&json!("string")));
        assert_eq!(t.pointer("/properties/default/type"), Some(&json!("integer")));
    }

    #[test]
    fn objects_keep_unknown_fields_even_when_the_spec_closes_them() {
        let t = normalised("{type: object, additionalProperties: false, properties: {a: {type: string}}}");
        assert_eq!(t["additionalProperties"], json!({ "nullable": true }));
    }

    /// An operation whose request and answer are what they are told to be.
    fn operation(request: &str, answer: &str) -> String {
        let body = |schema: &str| format!("{{content: {{application/json: {{schema: {schema}}}}}}}");
        format!("{{/t: {{post: {{requestBody: {}, responses: {{'200': {}}}}}}}}}", body(request), body(answer))
    }

    #[test]
    fn what_is_sent_keeps_what_it_requires_and_is_closed_and_what_is_read_does_not() {
        let schema = "{type: object, required: [b], properties: {a: {type: array}, b: {type: array}}}";
        let t = "{$ref: '#/components/schemas/T'}";
        let sent = normalised_with(&operation(t, "{}"), schema);
        assert_eq!((&sent["required"], &sent["additionalProperties"]), (&json!(["b"]), &json!(false)));
        assert_eq!(sent.pointer("/properties/a/nullable"), Some(&json!(true)));
        assert_eq!(sent.pointer("/properties/b/nullable"), None);
        for (request, answer) in [("{}", t), (t, t)] {
            let read = normalised_with(&operation(request, answer), schema);
            assert_eq!((&read["required"], &read["additionalProperties"]), (&json!([]), &json!({ "nullable": true })));
            assert_eq!(read.pointer("/properties/b/nullable"), Some(&json!(true)));
        }
    }

    #[test]
    fn times_numbers_or_texts_and_other_formats_get_what_rust_has_for_them() {
        let format = |schema: &str| {
            normalised(&format!("{{type: object, properties: {{a: {schema}}}}}"))["properties"]["a"].clone()
        };
        let text = |format: &str| json!({ "type": "string", "format": format });
        assert_eq!(format("{type: string, format: date}"), text("timestamp"));
        assert_eq!(format("{type: string, format: uri}"), json!({ "type": "string" }));
        assert_eq!(format("{type: string, format: day-month-year, x-sensitive: true}"), text("sensitive"));
        assert_eq!(format("{oneOf: [{type: integer}, {type: string}]}"), text("number-or-text"));
        assert_eq!(
            format("{oneOf: [{type: integer}, {type: string}], x-sensitive: true}"),
            text("sensitive-number-or-text")
        );
        assert_eq!(format("{type: integer, format: int64}"), json!({ "type": "integer", "format": "int64" }));
    }

    #[test]
    fn a_wrapped_reference_becomes_bare_and_takes_the_rust_name() {
        let t = normalised(
            "{type: object, properties: {e: {allOf: [{$ref: '#/components/schemas/E'}], x-absent-is-unknown: true}}}",
        );
        assert_eq!(t.pointer("/properties/e"), Some(&json!({ "$ref": "#/components/schemas/Renamed" })));
        assert_eq!(t["required"], json!(["e"]));
    }

    #[test]
    fn an_open_reference_becomes_bare_too() {
        let t = normalised(
            "{type: object, properties: {e: {anyOf: [{$ref: '#/components/schemas/E'}, {type: string, nullable: true}]}}}",
        );
        assert_eq!(t.pointer("/properties/e"), Some(&json!({ "$ref": "#/components/schemas/Renamed" })));
    }

    #[test]
    fn sensitive_text_gets_the_format_that_maps_to_the_redacting_type() {
        let t = normalised("{type: object, properties: {a: {type: string, x-sensitive: true}}}");
        assert_eq!(t.pointer("/properties/a/format"), Some(&json!("sensitive")));
    }
}
