//! Rules about sent schemas: only limits that are checked before sending, and only required fields that can be set.

use serde_json::Value;

use crate::openapi::{
    LIMITS, Operation, Pointer, Spec, array, character_class, entries, is_true, property, reference_name,
    required_when_sent, text,
};

use super::report::{Report, Schema};

/// The limits that are checked, by type. Any other would be dropped silently.
const CHECKED: [(&str, [&str; 3]); 3] = [
    ("array", ["maxItems", "minItems", "x-numbered-by"]),
    ("integer", ["maximum", "minimum", ""]),
    ("string", ["maxLength", "minLength", "pattern"]),
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
    let is_elsewhere = ELSEWHERE.iter().any(|key| node.get(*key).is_some());
    let checked = CHECKED.iter().find(|(name, _)| text(node, "type") == Some(*name) && !is_elsewhere);
    let limits = LIMITS.iter().chain(&["uniqueItems", "x-numbered-by"]);
    for (key, value) in limits.filter_map(|key| Some((*key, node.get(*key)?))) {
        let is_checked = checked.is_some_and(|(_, keys)| keys.contains(&key));
        let is_understood = match key {
            "pattern" => value.as_str().is_some_and(|pattern| character_class(pattern).is_some()),
            "minimum" | "maximum" => value.is_i64(),
            "x-numbered-by" => value.as_str().is_some_and(|field| is_numbered(spec, node, field)),
            _ => value.is_u64(),
        };
        if !is_checked || !is_understood {
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
fn is_numbered(spec: &Spec, list: &Value, field: &str) -> bool {
    let item = list.get("items").and_then(reference_name).and_then(|name| spec.schema(name));
    item.is_some_and(|item| {
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
