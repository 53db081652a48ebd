//! Runs progenitor over a copy of the spec that has only the constructs that progenitor handles well.
//!
//! The copy lacks parts that other code handles (errors, credentials, limits of requests), parts that would make the client stricter
//! than the API (required fields of responses, closed objects), and examples in disguise (`default`).

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, InterfaceStyle};
use schemars::schema::{InstanceType, SchemaObject};
use serde_json::{Map, Value, json};
use syn::Item;

use super::builders::is_set_by_name;
use crate::openapi::{
    Directions, Finding, LIMITS, Pointer, Spec, array, entries, is_true, reference_name, rust_name, text, walk,
};

/// The copy for progenitor.
fn normalise(spec: &Spec) -> Value {
    let mut root = spec.root().clone();
    for operation in spec.operations() {
        let kept = spec.success(&operation).map(|response| (response.status.to_owned(), response.node.clone()));
        let arguments = spec.arguments(&operation).map(|(_, _, node)| node.clone()).collect();
        if let Some(node) = root.pointer_mut(operation.at.as_ref()) {
            if let Some(body) = node.get("requestBody").map(|body| spec.resolve(body).clone()) {
                put(node, "requestBody", body);
            }
            put(node, "responses", Value::Object(kept.into_iter().collect()));
            put(node, "parameters", Value::Array(arguments));
        }
    }
    let directions = spec.directions();
    let schemas = spec.schemas().into_iter().map(|(name, _, node)| {
        let mut copy = node.clone();
        if node.get("properties").is_some() {
            fit_direction(spec, &directions, name, &mut copy);
        }
        (rust_name(name, node).to_owned(), copy)
    });
    put(&mut root, "components", json!({ "schemas": schemas.collect::<Map<_, _>>() }));
    let mut all = Vec::new();
    walk(&root, &mut |node| all.push(node.at.clone()));
    for at in all {
        // The change of an outer node may have removed this one.
        if let Some(node) = root.pointer_mut(at.as_ref()) {
            relax(spec, node);
        }
    }
    root
}

/// Makes an object strict if it is only sent, and lenient otherwise.
fn fit_direction(spec: &Spec, directions: &Directions, name: &str, node: &mut Value) {
    let is_closed = directions.is_sent_only(name);
    // A required field that is set by name is absent until it is set.
    let keeps_required = directions.keeps_required(name) && !(is_closed && is_set_by_name(spec, node));
    let required = array(node.get("required")).filter(|_| keeps_required).cloned();
    let absent_is_unknown =
        entries(node.get("properties")).filter(|(_, property)| is_true(property, "x-absent-is-unknown"));
    let required: Vec<Value> = required.chain(absent_is_unknown.map(|(name, _)| json!(name))).collect();
    let properties = node.get_mut("properties").and_then(Value::as_object_mut);
    for (_, property) in properties.into_iter().flatten().filter(|(name, _)| !required.contains(&json!(name))) {
        if matches!(text(property, "type"), Some("array" | "object")) {
            put(property, "nullable", json!(true));
        }
    }
    put(node, "required", Value::Array(required));
    // The rules of requests check choices.
    node.as_object_mut().and_then(|node| node.remove("allOf"));
    // A response may contain unknown fields, which are kept. A request may not.
    if is_closed {
        put(node, "additionalProperties", json!(false));
    } else if node.get("additionalProperties").is_none_or(Value::is_boolean) {
        put(node, "additionalProperties", json!({ "nullable": true }));
    }
}

/// Removes constraints and defaults, and gives a reference its bare form and its Rust name.
fn relax(spec: &Spec, node: &mut Value) {
    // OpenAPI 3.0 ignores keys beside a `$ref`, so the spec wraps the `$ref`.
    if let Some((name, schema)) = reference_name(node).and_then(|name| Some((name, spec.schema(name)?))) {
        *node = json!({ "$ref": format!("#/components/schemas/{}", rust_name(name, schema)) });
    } else if let Some(map) = node.as_object_mut() {
        name_format(map);
        map.retain(|key, _| !LIMITS.contains(&key.as_str()) && key != "default" && !key.starts_with("x-"));
    }
}

/// Gives a value the format that progenitor replaces with a Rust type of the library.
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

fn put(node: &mut Value, key: &str, value: Value) {
    if let Some(map) = node.as_object_mut() {
        map.insert(key.to_owned(), value);
    }
}

/// The items of a module of progenitor's output.
pub(super) fn module(output: &syn::File, name: &str) -> Vec<Item> {
    let content = output.items.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == name => module.content.as_ref(),
        _ => None,
    });
    content.map(|(_, items)| items.clone()).unwrap_or_default()
}

/// The output of progenitor. Expects a spec without findings.
pub(super) fn generate(spec: &Spec) -> Result<syn::File, Finding> {
    let help = "simplify this part of the spec; progenitor's README describes what it supports";
    let refuse = |message: String| spec.finding("/paths", message, help);
    let document: OpenAPI = serde_path_to_error::deserialize(normalise(spec)).map_err(|error| {
        let pointer = error.path().iter().fold(Pointer::root(), |at, segment| at.push(segment));
        spec.finding(&pointer, format!("this is not OpenAPI 3.0: {}", error.inner()), "correct this part of the spec")
    })?;
    let settings = settings(spec);
    let tokens = without_panic(|| Generator::new(&settings).generate_tokens(&document))
        .map_err(|message| refuse(format!("progenitor cannot read a part of the spec: {message}")))?
        .map_err(|error| refuse(format!("progenitor refuses the spec: {error}")))?;
    syn::parse2(tokens).map_err(|error| refuse(format!("progenitor wrote code that does not parse: {error}")))
}

thread_local! {
    /// Whether a panic of this thread is expected.
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Runs progenitor, and turns its panics into errors: a build script must not print a backtrace for a mistake in a document. Panics of
/// other threads are printed as before.
fn without_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !EXPECTED.get() {
                usual(panic);
            }
        }));
    });
    EXPECTED.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    EXPECTED.set(false);
    outcome.map_err(|panic| match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast_ref::<&str>().copied().unwrap_or_default().to_owned(),
    })
}

fn settings(spec: &Spec) -> GenerationSettings {
    let mut settings = GenerationSettings::default();
    settings.with_interface(InterfaceStyle::Builder);
    let replaced = |node: &Value| is_true(node, "x-open-enum") || is_true(node, "x-id");
    for (schema, _, node) in spec.schemas().into_iter().filter(|(_, _, node)| replaced(node)) {
        let name = rust_name(schema, node);
        settings.with_replacement(name, format!("crate::model::generated::{name}"), std::iter::empty());
    }
    for (format, path) in [
        ("sensitive", "crate::wire::Sensitive<String>"),
        ("timestamp", "crate::wire::Timestamp"),
        ("number-or-text", "crate::wire::NumberOrText"),
        ("sensitive-number-or-text", "crate::wire::Sensitive<crate::wire::NumberOrText>"),
    ] {
        let schema = SchemaObject {
            instance_type: Some(InstanceType::String.into()),
            format: Some(format.to_owned()),
            ..SchemaObject::default()
        };
        settings.with_conversion(schema, path, std::iter::empty());
    }
    settings
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
    fn limits_defaults_and_our_own_keys_are_removed() {
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

    /// An operation with these schemas.
    fn operation(request: &str, answer: &str) -> String {
        let body = |schema: &str| format!("{{content: {{application/json: {{schema: {schema}}}}}}}");
        format!("{{/t: {{post: {{requestBody: {}, responses: {{'200': {}}}}}}}}}", body(request), body(answer))
    }

    #[test]
    fn only_a_schema_that_is_never_read_keeps_required_fields_and_is_closed() {
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
    fn formats_get_their_rust_types() {
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

    #[test]
    fn an_expected_panic_becomes_its_message() {
        let outcome: Result<(), String> = without_panic(|| panic!("one is not more than two"));
        assert_eq!(outcome, Err("one is not more than two".to_owned()));
        assert_eq!(without_panic(|| 7), Ok(7));
    }
}
