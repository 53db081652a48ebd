//! Rules about sent schemas: all limits are checked before sending, and all required fields can be set. Rules about
//! `x-exactly-one-of`: the definition of a choice, and the fields of operations and schemas that use it.

use std::collections::BTreeSet;

use heck::ToSnakeCase as _;
use serde_json::Value;

use crate::openapi::{
    LIMITS, Operation, Pointer, Spec, array, character_class, entries, is_identifier, is_true, property,
    reference_name, required_when_sent, text,
};

use super::report::{Report, Schema};

type Check = fn(&Value) -> bool;

/// The limits that are checked, by type. Any other limit would be ignored silently.
const CHECKED: [(&str, &str, Check); 7] = [
    ("array", "maxItems", Value::is_u64),
    ("array", "minItems", Value::is_u64),
    ("integer", "maximum", Value::is_i64),
    ("integer", "minimum", Value::is_i64),
    ("string", "maxLength", Value::is_u64),
    ("string", "minLength", Value::is_u64),
    ("string", "pattern", |pattern| pattern.as_str().and_then(character_class).is_some()),
];

/// Keys of schemas that have their limits elsewhere.
const ELSEWHERE: [&str; 5] = ["$ref", "allOf", "anyOf", "enum", "oneOf"];

/// Every limit of a sent schema is checked.
pub(super) fn limits(spec: &Spec, schema: &Schema<'_>, report: &mut Report<'_>) {
    if schema.is_sent {
        unchecked(spec, schema.node, &schema.at, report);
    }
}

/// Every limit of an argument is checked.
pub(super) fn argument_limits(spec: &Spec, operation: &Operation<'_>, report: &mut Report<'_>) {
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
        "pattern" => "write the pattern of a text as one character class, `^[A-Za-z]+$`, or remove it",
        "x-numbered-by" => {
            "name a whole number that each item of the list requires, by `required` or `x-required-when-sent`"
        }
        _ => {
            "remove it, or write whole numbers beside the `type`: minLength and maxLength of a text, minimum and maximum of an integer, minItems and maxItems of a list"
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

/// A choice has a description, and two or more fields with different ids.
pub(super) fn choices(spec: &Spec, report: &mut Report<'_>) {
    for choice in spec.choices() {
        let fields: BTreeSet<_> = choice.fields().map(|(field, ..)| field).collect();
        if text(choice.node, "description").is_none() || fields.len() < 2 {
            let help = "write `description:`, and under `of:` two or more of `{ field, type, description }`";
            report.add(&choice.at, "this is not a choice", help);
        }
        for (n, (field, id, description)) in choice.fields().enumerate() {
            let is_id = spec.schema(id).is_some_and(|node| is_true(node, "x-id"));
            if !is_id || description.is_empty() || !is_identifier(&field.to_snake_case()) {
                let help = "write the name on the wire, a schema that is `x-id: true`, and a sentence";
                report.add(choice.at.push("of").push(n), format!("`{field}` is not a choice of an id"), help);
            }
        }
    }
}

/// An operation that names a choice has its fields as arguments, and requires none of them.
pub(super) fn argument_choices(spec: &Spec, operation: &Operation<'_>, report: &mut Report<'_>) {
    let argument = |name: &str| spec.parameters(operation).find(|argument| text(argument, "name") == Some(name));
    let schema = |name: &str| argument(name).and_then(|argument| argument.get("schema"));
    let required = |name: &str| argument(name).is_some_and(|argument| is_true(argument, "required"));
    uses(spec, (&operation.at, operation.node), schema, required, report);
}

/// A schema that names a choice is only sent, has its fields as properties, and requires none of them.
pub(super) fn property_choices(spec: &Spec, schema: &Schema<'_>, report: &mut Report<'_>) {
    let (node, at) = (schema.node, &schema.at);
    for (n, name) in array(node.get("x-not-in-new")).enumerate() {
        if !array(node.get("x-exactly-one-of")).any(|own| own == name) {
            let help = "name it in `x-exactly-one-of` of this schema too, or remove it";
            report.add(at.push("x-not-in-new").push(n), "the schema does not have this choice", help);
        }
    }
    if schema.is_read && spec.choices_of(node).next().is_some() {
        let help = "remove it, or use the schema for the body of a request only";
        report.add(at.push("x-exactly-one-of"), "the choice is in a schema that is not only sent", help);
    }
    let portable: Value = spec.choices_of(node).map(|choice| choice.schema()).collect();
    if array(Some(&portable)).next().is_some() && node.get("allOf") != Some(&portable) {
        let help = format!("write `allOf: {}`", portable.to_string().replace('"', ""));
        report.add(at.push("x-exactly-one-of"), "other tools that read this file would send both or none", help);
    }
    let required = |name: &str| required_when_sent(node).any(|required| required == name);
    uses(spec, (at, node), |name| property(node, name), required, report);
}

/// Every name is that of a choice, whose fields have the right ids and are optional.
fn uses<'a>(
    spec: &'a Spec,
    (at, node): (&Pointer, &'a Value),
    schema: impl Fn(&str) -> Option<&'a Value>,
    required: impl Fn(&str) -> bool,
    report: &mut Report<'_>,
) {
    let at = at.push("x-exactly-one-of");
    let names = array(node.get("x-exactly-one-of")).enumerate().filter_map(|(n, name)| Some((n, name.as_str()?)));
    for (n, name) in names {
        let Some(choice) = spec.choices().into_iter().find(|choice| choice.name == name) else {
            let help = "correct the name, or add it to `x-exactly-one-of` at the root";
            report.add(at.push(n), format!("there is no choice `{name}`"), help);
            continue;
        };
        for (field, id, _) in choice.fields() {
            if schema(field).and_then(reference_name) != Some(id) || required(field) {
                let help = format!("add `{field}` with a `$ref` to `{id}`, and do not require it");
                report.add(&at, format!("`{name}` needs an optional `{field}`"), help);
            }
        }
    }
}
