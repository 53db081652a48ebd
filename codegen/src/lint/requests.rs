//! Rules about sent schemas: only limits that are checked before sending, and only required fields that can be set.

use serde_json::Value;

use crate::openapi::{
    LIMITS, Operation, Pointer, Spec, array, character_class, entries, is_true, property, reference_name,
    required_when_sent, text,
};

use super::report::{Report, Schema};

type Check = fn(&Value) -> bool;

/// The limits that are checked, by type. Any other would be dropped silently.
const CHECKED: [(&str, &str, Check); 7] = [
    ("array", "maxItems", Value::is_u64),
    ("array", "minItems", Value::is_u64),
    ("integer", "maximum", Value::is_i64),
    ("integer", "minimum", Value::is_i64),
    ("string", "maxLength", Value::is_u64),
    ("string", "minLength", Value::is_u64),
    ("string", "pattern", |pattern| pattern.as_str().and_then(character_class).is_some()),
];

/// Keys by which a schema is described elsewhere, so that it has no own limits.
const ELSEWHERE: [&str; 5] = ["$ref", "allOf", "anyOf", "enum", "oneOf"];

/// Every limit of a sent schema is checked.
pub(super) fn limits(spec: &Spec, schema: &Schema<'_>, report: &mut Report<'_>) {
    if schema.is_sent {
        unchecked(spec, schema.node, &schema.at, report);
    }
}

/// Every limit of an argument is checked.
pub(super) fn arguments(spec: &Spec, operation: &Operation<'_>, report: &mut Report<'_>) {
    for (at, _, argument) in spec.arguments(operation) {
        unchecked(spec, argument.get("schema").unwrap_or_default(), &at.push("schema"), report);
    }
}

/// Reports the limits of a schema, and of the schemas in it, that are not checked.
fn unchecked(spec: &Spec, node: &Value, at: &Pointer, report: &mut Report<'_>) {
    let own_type = text(node, "type").filter(|_| !ELSEWHERE.iter().any(|key| node.get(*key).is_some()));
    let limits = LIMITS.iter().chain(&["uniqueItems", "x-numbered-by"]);
    for (key, value) in limits.filter_map(|key| Some((*key, node.get(*key)?))) {
        let is_checked = match key {
            "x-numbered-by" => own_type == Some("array") && is_numbered(spec, node, value),
            _ => CHECKED.iter().any(|(of, name, fits)| own_type == Some(of) && *name == key && fits(value)),
        };
        if !is_checked {
            report.add(at.push(key), format!("`{key}` would not be checked before sending"), help(key));
        }
    }
    for key in ["items", "additionalProperties"] {
        node.get(key).into_iter().for_each(|inner| unchecked(spec, inner, &at.push(key), report));
    }
    let properties = entries(node.get("properties")).filter(|(_, property)| !is_true(property, "readOnly"));
    properties.for_each(|(name, property)| unchecked(spec, property, &at.push("properties").push(name), report));
}

fn help(key: &str) -> &'static str {
    match key {
        "pattern" => "write the pattern of a text as one character class, `^[A-Za-z]+$`, or leave it out",
        "x-numbered-by" => {
            "name a whole number that each item of the list requires, by `required` or `x-required-when-sent`"
        }
        _ => {
            "leave it out, or write whole numbers: minLength and maxLength of a text, minimum and maximum of an integer, minItems and maxItems of a list, beside its `type`"
        }
    }
}

/// Whether each item of a list requires a field that is a whole number.
fn is_numbered(spec: &Spec, list: &Value, field: &Value) -> bool {
    let item = list.get("items").and_then(reference_name).and_then(|name| spec.schema(name));
    item.zip(field.as_str()).is_some_and(|(item, field)| {
        let is_number = property(item, field).is_some_and(|field| text(field, "type") == Some("integer"));
        is_number && required_when_sent(item).any(|name| name == field)
    })
}

/// A required field of a sent schema is a property that may be sent.
pub(super) fn required(_: &Spec, schema: &Schema<'_>, report: &mut Report<'_>) {
    for key in ["required", "x-required-when-sent"].into_iter().filter(|_| schema.is_sent) {
        for (n, name) in array(schema.node.get(key)).enumerate() {
            let name = name.as_str().unwrap_or_default();
            let at = schema.at.push(key).push(n);
            match property(schema.node, name) {
                None => {
                    report.add(&at, format!("there is no property `{name}`"), "correct the name, or add the property");
                }
                Some(property) if is_true(property, "readOnly") => {
                    let help = "remove it here, or `readOnly` there: a field that only responses have is not sent";
                    report.add(&at, format!("`{name}` is `readOnly`"), help);
                }
                Some(_) => {}
            }
        }
    }
}
