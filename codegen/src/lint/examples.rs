//! The rule that every example and default is what its schema describes (feature `examples`), by a JSON Schema validator.

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value};

use crate::openapi::{Finding, Pointer, Spec, entries, open_reference, walk};

/// Every `example`, `examples` and `default` beside or within a schema.
pub(super) fn examples(spec: &Spec) -> Vec<Finding> {
    let document = as_json_schema(spec.root());
    let mut found = Vec::new();
    walk(spec.root(), &mut |node, at| {
        let mut check = |schema: &Pointer, value: &Value, at: Pointer| {
            found.extend(mismatch(spec, &document, schema, value, &at));
        };
        if is_schema(at) {
            for key in ["example", "default"] {
                if let Some(value) = node.get(key) {
                    check(at, value, at.push(key));
                }
            }
        } else if node.get("schema").is_some() {
            let schema = at.push("schema");
            if let Some(value) = node.get("example") {
                check(&schema, value, at.push("example"));
            }
            for (name, example) in entries(node.get("examples")) {
                if let Some(value) = example.get("value") {
                    check(&schema, value, at.push("examples").push(name).push("value"));
                }
            }
        }
    });
    found
}

/// Whether a pointer leads to a schema, by what stands before it.
fn is_schema(at: &Pointer) -> bool {
    let mut steps = at.as_ref().rsplit('/');
    let (last, above) = (steps.next().unwrap_or_default(), steps.next().unwrap_or_default());
    ["properties", "schemas"].contains(&above) || ["schema", "items", "additionalProperties"].contains(&last)
}

/// Everything that is wrong with a value.
fn mismatch(spec: &Spec, document: &Value, schema: &Pointer, value: &Value, at: &Pointer) -> Vec<Finding> {
    let validator = match validator(document, schema) {
        Ok(validator) => validator,
        Err(words) => {
            let help = "mend the schema; `$ref`s that lead nowhere are told apart";
            return vec![spec.finding(schema, format!("this is no schema: {words}"), help)];
        }
    };
    let help = "correct the value, or the schema that it stands with; an example is what was seen on the wire";
    let told = |error: jsonschema::ValidationError<'_>| {
        let place = format!("{}{}", at, error.instance_path());
        spec.finding(&place, format!("this does not fit its schema: {error}"), help)
    };
    validator.iter_errors(value).map(told).collect()
}

/// A validator for the schema at a pointer of the document.
fn validator(document: &Value, schema: &Pointer) -> Result<Validator, String> {
    let mut whole: Map<String, Value> = document.as_object().cloned().unwrap_or_default();
    // A fragment of a URI, in which the braces of a path cannot stand.
    let escaped = schema.as_ref().replace('%', "%25").replace('{', "%7B").replace('}', "%7D");
    whole.insert("$ref".into(), format!("#{escaped}").into());
    jsonschema::options().with_draft(Draft::Draft202012).build(&whole.into()).map_err(|error| error.to_string())
}

/// The document with OpenAPI 3.0's `nullable` as JSON Schema says it, and with open enums closed.
fn as_json_schema(node: &Value) -> Value {
    match node {
        Value::Object(map) => {
            let mut map: Map<String, Value> =
                map.iter().map(|(key, value)| (key.clone(), as_json_schema(value))).collect();
            // An example of an open enum is a value that we know; else a slip of the pen would pass for a new one.
            if let Some(known) = open_reference(node) {
                map.remove("anyOf");
                map.insert("$ref".into(), known.clone());
            }
            if map.get("nullable") == Some(&Value::Bool(true)) {
                if let Some(Value::String(one)) = map.get("type").cloned() {
                    map.insert("type".into(), vec![one, "null".into()].into());
                }
                if let Some(Value::Array(values)) = map.get_mut("enum") {
                    values.push(Value::Null);
                }
            }
            map.into()
        }
        Value::Array(items) => items.iter().map(as_json_schema).collect(),
        other => other.clone(),
    }
}
