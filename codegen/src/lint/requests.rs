//! Rules about what is sent: only limits that are checked before it is, and only fields that somebody can set.

use serde_json::Value;

use crate::openapi::{
    Finding, LIMITS, Pointer, Spec, array, character_class, entries, is_true, reference_name, required_when_sent, text,
};

/// The limits that are checked, by type. Any other would be dropped, and nobody would know.
const CHECKED: [(&str, [&str; 3]); 3] = [
    ("array", ["maxItems", "minItems", "x-numbered-by"]),
    ("integer", ["maximum", "minimum", ""]),
    ("string", ["maxLength", "minLength", "pattern"]),
];

/// By these a schema is what another one says, and has no limits of its own.
const ELSEWHERE: [&str; 5] = ["$ref", "allOf", "anyOf", "enum", "oneOf"];

/// Every limit of what is sent, a body or an argument, is one that is checked.
pub(super) fn limits(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    let directions = spec.directions();
    for (_, at, node) in spec.schemas().into_iter().filter(|(schema, ..)| directions.is_sent(schema)) {
        unchecked(spec, node, &at, &mut found);
    }
    for operation in spec.operations() {
        let at = operation.at.push("parameters");
        for (n, parameter) in spec.parameters(&operation).enumerate().filter(|(_, p)| !is_true(p, "x-transport")) {
            let schema = parameter.get("schema").unwrap_or(&Value::Null);
            unchecked(spec, schema, &at.push(n).push("schema"), &mut found);
        }
    }
    found
}

/// The limits in one schema that are not checked, and in all that it holds.
fn unchecked(spec: &Spec, node: &Value, at: &Pointer, found: &mut Vec<Finding>) {
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
            let message = format!("`{key}` of what is sent would not be checked here");
            found.push(spec.finding(at.push(key), message, help(key)));
        }
    }
    for key in ["items", "additionalProperties"] {
        node.get(key).into_iter().for_each(|inner| unchecked(spec, inner, &at.push(key), found));
    }
    let properties = entries(node.get("properties")).filter(|(_, property)| !is_true(property, "readOnly"));
    properties.for_each(|(name, property)| unchecked(spec, property, &at.push("properties").push(name), found));
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

/// Whether each item of a list has a field that is a whole number.
fn is_numbered(spec: &Spec, list: &Value, field: &str) -> bool {
    let item = list.get("items").and_then(reference_name).and_then(|name| spec.schema(name));
    item.is_some_and(|item| {
        let number = entries(item.get("properties")).find(|(name, _)| *name == field).map(|(_, node)| node);
        number.is_some_and(|node| text(node, "type") == Some("integer")) && required_when_sent(item).any(|n| n == field)
    })
}

/// What has to be sent is a property, and one that may be sent.
pub(super) fn required(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    let directions = spec.directions();
    for (_, at, node) in spec.schemas().into_iter().filter(|(schema, ..)| directions.is_sent(schema)) {
        for key in ["required", "x-required-when-sent"] {
            for (n, name) in array(node.get(key)).enumerate() {
                let name = name.as_str().unwrap_or_default();
                let at = at.push(key).push(n);
                match entries(node.get("properties")).find(|(property, _)| *property == name) {
                    None => {
                        let help = "correct the name, or add the property";
                        found.push(spec.finding(&at, format!("there is no property `{name}`"), help));
                    }
                    Some((_, property)) if is_true(property, "readOnly") => {
                        let help = "remove it here, or `readOnly` there: what only answers have is not sent";
                        found.push(spec.finding(&at, format!("`{name}` is `readOnly`"), help));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    found
}
