//! The rule that every example and default fits its schema (feature `examples`), checked by a JSON Schema validator.

use jsonschema::{Draft, Validator};
use serde_json::{Map, Value};

use crate::openapi::{Described, Pointer, Spec, entries, open_reference, walk};

use super::report::Report;

/// The roles of nodes that are schemas.
const SCHEMAS: [&str; 5] = ["properties", "schemas", "schema", "items", "additionalProperties"];

/// Every `example` and `default` of a schema, and every `example` and `examples` beside a schema.
pub(super) fn examples(spec: &Spec, report: &mut Report<'_>) {
    let document = as_json_schema(spec.root());
    walk(spec.root(), &mut |Described { node, at, role }| {
        let (schema, keys) = match node.get("schema") {
            _ if SCHEMAS.contains(&role) => (at.clone(), &["example", "default"][..]),
            Some(_) => (at.push("schema"), &["example"][..]),
            None => return,
        };
        let own = keys.iter().map(|key| (at.push(key), node.get(*key)));
        let named = entries(node.get("examples"));
        let named = named.map(|(name, example)| (at.push("examples").push(name).push("value"), example.get("value")));
        for (at, value) in own.chain(named).filter_map(|(at, value)| Some((at, value?))) {
            mismatch(&document, &schema, value, &at, report);
        }
    });
}

/// Reports every part of a value that does not fit its schema.
fn mismatch(document: &Value, schema: &Pointer, value: &Value, at: &Pointer, report: &mut Report<'_>) {
    match validator(document, schema) {
        Ok(validator) => {
            for error in validator.iter_errors(value) {
                let help = "correct the value or its schema; an example is a value that was seen on the wire";
                let at = format!("{at}{}", error.instance_path());
                report.add(at, format!("this does not fit its schema: {error}"), help);
            }
        }
        Err(error) => {
            let help = "correct the schema; an unresolved `$ref` is a separate finding";
            report.add(schema, format!("this is not a valid schema: {error}"), help);
        }
    }
}

/// A validator for the schema at a pointer of the document.
fn validator(document: &Value, schema: &Pointer) -> Result<Validator, String> {
    let mut whole: Map<String, Value> = document.as_object().cloned().unwrap_or_default();
    // A fragment of a URI must not contain the braces of a path.
    let escaped = schema.as_ref().replace('%', "%25").replace('{', "%7B").replace('}', "%7D");
    whole.insert("$ref".into(), format!("#{escaped}").into());
    jsonschema::options().with_draft(Draft::Draft202012).build(&whole.into()).map_err(|error| error.to_string())
}

/// The document as JSON Schema: with `nullable` of OpenAPI 3.0 translated, and with open enums closed.
fn as_json_schema(node: &Value) -> Value {
    match node {
        Value::Object(map) => {
            let mut map: Map<String, Value> =
                map.iter().map(|(key, value)| (key.clone(), as_json_schema(value))).collect();
            // An example of an open enum must be a known value. Otherwise a typo would be accepted as a new value.
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
