//! Rules about `x-exactly-one-of`: what a choice is made of, and that those who name it have its fields.

use std::collections::BTreeSet;

use heck::ToSnakeCase as _;
use serde_json::Value;

use crate::openapi::{
    Choice, Finding, Pointer, Spec, array, entries, is_true, reference_name, required_when_sent, text,
};

/// A choice has words, and two fields or more, each with an id of its own.
pub(super) fn definitions(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    for choice in spec.choices() {
        let fields: BTreeSet<_> = choice.fields().map(|(field, ..)| field).collect();
        if text(choice.node, "description").is_none() || fields.len() < 2 {
            let help = "write `description:`, and under `of:` two or more of `{ field, type, description }`";
            found.push(spec.finding(&choice.at, "this is no choice", help));
        }
        for (n, (field, id, words)) in choice.fields().enumerate() {
            let is_id = spec.schema(id).is_some_and(|node| is_true(node, "x-id"));
            if !is_id || words.is_empty() || !is_field(field) {
                let help = "write the name on the wire, a schema that is `x-id: true`, and a sentence";
                found.push(spec.finding(
                    choice.at.push("of").push(n),
                    format!("`{field}` is no choice of an id"),
                    help,
                ));
            }
        }
    }
    found
}

fn is_field(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(&name.to_snake_case()).is_ok()
}

/// Who names a choice has its fields, and none of them is required.
pub(super) fn uses(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    for operation in spec.operations() {
        let arguments: Vec<_> = spec.parameters(&operation).collect();
        let argument = |name: &str| arguments.iter().find(|argument| text(argument, "name") == Some(name)).copied();
        found.extend(names(spec, &operation.at, operation.node, "x-exactly-one-of"));
        for choice in spec.choices_of(operation.node) {
            let schema = |name: &str| argument(name).and_then(|argument| argument.get("schema"));
            let required = |name: &str| argument(name).is_some_and(|argument| is_true(argument, "required"));
            found.extend(fields(spec, &operation.at, &choice, &schema, &required));
        }
    }
    let directions = spec.directions();
    for (schema, at, node) in spec.schemas() {
        found.extend(names(spec, &at, node, "x-exactly-one-of"));
        found.extend(names(spec, &at, node, "x-not-in-new"));
        let own = |name: &Value| array(node.get("x-exactly-one-of")).any(|own| own == name);
        for (n, _) in array(node.get("x-not-in-new")).enumerate().filter(|(_, name)| !own(name)) {
            let help = "name it in `x-exactly-one-of` of this schema too, or remove it";
            found.push(spec.finding(at.push("x-not-in-new").push(n), "a choice that the schema does not have", help));
        }
        for choice in spec.choices_of(node) {
            if directions.is_read(schema) {
                let help = "remove it, or use the schema for the body of a request only";
                found.push(spec.finding(at.push("x-exactly-one-of"), "a choice in what is not only sent", help));
            }
            let property = |name: &str| entries(node.get("properties")).find(|(n, _)| *n == name).map(|(_, node)| node);
            let required = |name: &str| required_when_sent(node).any(|required| required == name);
            found.extend(fields(spec, &at, &choice, &property, &required));
        }
    }
    found
}

/// Every name is that of a choice.
fn names(spec: &Spec, at: &Pointer, node: &Value, key: &str) -> Vec<Finding> {
    let names = array(node.get(key)).enumerate().filter_map(|(n, name)| Some((n, name.as_str()?)));
    let unknown = names.filter(|(_, name)| !spec.choices().iter().any(|choice| choice.name == *name));
    let help = "correct the name, or add it to `x-exactly-one-of` at the root";
    unknown.map(|(n, name)| spec.finding(at.push(key).push(n), format!("there is no choice `{name}`"), help)).collect()
}

fn fields<'a>(
    spec: &Spec,
    at: &Pointer,
    choice: &Choice<'a>,
    schema: &dyn Fn(&str) -> Option<&'a Value>,
    required: &dyn Fn(&str) -> bool,
) -> Vec<Finding> {
    let wrong =
        choice.fields().filter(|(field, id, _)| schema(field).and_then(reference_name) != Some(id) || required(field));
    let at = at.push("x-exactly-one-of");
    wrong
        .map(|(field, id, _)| {
            let help = format!("add `{field}` with a `$ref` to `{id}`, and do not require it");
            spec.finding(&at, format!("`{}` needs a `{field}` that may be left out", choice.name), help)
        })
        .collect()
}
