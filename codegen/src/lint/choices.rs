//! Rules about `x-exactly-one-of`: the definition of a choice, and the fields of operations and schemas that name one.

use std::collections::BTreeSet;

use heck::ToSnakeCase as _;
use serde_json::Value;

use crate::openapi::{
    Operation, Pointer, Spec, array, is_identifier, is_true, property, reference_name, required_when_sent, text,
};

use super::report::{Report, Schema};

/// A choice has a description, and two fields or more, each with its own id.
pub(super) fn definitions(spec: &Spec, report: &mut Report<'_>) {
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
pub(super) fn arguments(spec: &Spec, operation: &Operation<'_>, report: &mut Report<'_>) {
    let argument = |name: &str| spec.parameters(operation).find(|argument| text(argument, "name") == Some(name));
    let schema = |name: &str| argument(name).and_then(|argument| argument.get("schema"));
    let required = |name: &str| argument(name).is_some_and(|argument| is_true(argument, "required"));
    uses(spec, (&operation.at, operation.node), schema, required, report);
}

/// A schema that names a choice is only sent, has its fields as properties, and requires none of them.
pub(super) fn properties(spec: &Spec, schema: &Schema<'_>, report: &mut Report<'_>) {
    let (node, at) = (schema.node, &schema.at);
    for (n, name) in array(node.get("x-not-in-new")).enumerate() {
        if !array(node.get("x-exactly-one-of")).any(|own| own == name) {
            let help = "name it in `x-exactly-one-of` of this schema too, or remove it";
            report.add(at.push("x-not-in-new").push(n), "a choice that the schema does not have", help);
        }
    }
    if schema.is_read && spec.choices_of(node).next().is_some() {
        let help = "remove it, or use the schema for the body of a request only";
        report.add(at.push("x-exactly-one-of"), "a choice in a schema that is not only sent", help);
    }
    let required = |name: &str| required_when_sent(node).any(|required| required == name);
    uses(spec, (at, node), |name| property(node, name), required, report);
}

/// Every name is that of a choice, each field of which has the right id and may be left out.
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
                report.add(&at, format!("`{name}` needs a `{field}` that may be left out"), help);
            }
        }
    }
}
