//! Rules about open enums, and about the error codes that the examples use.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::openapi::{Finding, OpenEnum, Spec, array, entries, is_true, reference_name, text};

pub(super) fn open_enums(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    for (schema, at, node) in spec.schemas() {
        let open = is_true(node, "x-open-enum");
        if open || node.get("enum").is_some() {
            let open_enum = OpenEnum { at: at.clone(), schema, node };
            if !open {
                let help = "add `x-open-enum: true`; a closed enum would fail on the next value that Cashfree adds";
                found.push(spec.finding(&open_enum.at, "this enum is closed", help));
            }
            found.extend(values(spec, &open_enum));
            found.extend(words(spec, &open_enum));
        }
        for (name, property) in entries(node.get("properties")) {
            let open = reference_name(property).is_some_and(|target| spec.open_enum(target).is_some());
            if is_true(property, "x-absent-is-unknown") && !open {
                let at = at.push("properties").push(name);
                let help = "remove it, or let the property be an open enum (`anyOf` with its `$ref`)";
                found.push(spec.finding(&at, "`x-absent-is-unknown` on what is no open enum", help));
            }
        }
    }
    found
}

/// Every value is a text, stands once, and has a Rust name of its own.
fn values(spec: &Spec, open_enum: &OpenEnum<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let at = open_enum.at.push("enum");
    if array(open_enum.node.get("enum")).next().is_none() {
        let help = "list the known values under `enum:`, or drop the enum and keep `type: string`";
        found.push(spec.finding(&open_enum.at, "the enum has no values", help));
    }
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for (n, value) in array(open_enum.node.get("enum")).enumerate() {
        let at = at.push(n);
        let Some(value) = value.as_str().filter(|value| !value.is_empty()) else {
            found.push(spec.finding(&at, "a value that is not text", "put it in quotes"));
            continue;
        };
        let variant = open_enum.variant(value);
        let help = format!("give `{value}` another name under `x-enum-names`");
        if variant == "Unknown" || syn::parse_str::<syn::Ident>(&variant).is_err() {
            found.push(spec.finding(&at, format!("`{variant}` cannot be the name of a variant"), help));
        } else if let Some(other) = taken.insert(variant.clone(), value) {
            let message = format!("`{value}` and `{other}` would both be `{variant}`");
            found.push(spec.finding(&at, message, help));
        }
    }
    found
}

/// Every value has a sentence, and no sentence or name is for a value that is not there.
fn words(spec: &Spec, open_enum: &OpenEnum<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let values: BTreeSet<&str> = open_enum.values().collect();
    let at = open_enum.at.push("x-enumDescriptions");
    for value in values.iter().filter(|value| open_enum.description(value).is_none()) {
        let help = format!("add `{value}: <one sentence>` there");
        found.push(spec.finding(&at, format!("`{value}` has no description"), help));
    }
    for key in ["x-enumDescriptions", "x-enum-names"] {
        let at = open_enum.at.push(key);
        for (value, _) in entries(open_enum.node.get(key)).filter(|(value, _)| !values.contains(value)) {
            let help = "remove the entry, or add the value to `enum`";
            found.push(spec.finding(at.push(value), format!("`{value}` is not a value of the enum"), help));
        }
    }
    if text(open_enum.node, "description").is_none() {
        found.push(spec.finding(&open_enum.at, "the enum has no description", "add `description:`"));
    }
    found
}

/// Every example of an error says what it means; its codes and those of the enum agree.
pub(super) fn error_examples(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    let error_schema = spec.error_schema();
    let error_node = spec.schemas().into_iter().find(|(name, ..)| Some(*name) == error_schema);
    let code = error_node.and_then(|(_, _, node)| reference_name(node.pointer("/properties/code")?));
    let Some(codes) = code.and_then(|name| spec.open_enum(name)) else { return found };
    let known: BTreeSet<&str> = codes.values().collect();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for example in spec.error_examples() {
        if text(example.node, "summary").is_none() {
            found.push(spec.finding(&example.at, "the error has no summary", "add `summary:` with one sentence"));
        }
        let Some(code) = example.node.pointer("/value/code").and_then(Value::as_str) else { continue };
        used.insert(code);
        if !known.contains(code) {
            let help = format!("add the code to the enum at #{}", codes.at);
            found.push(spec.finding(&example.at, format!("`{code}` is not a known error code"), help));
        }
    }
    for code in known.difference(&used) {
        let help = "add an example of the error that carries it, or remove the code";
        found.push(spec.finding(codes.at.push("enum"), format!("no error example has the code `{code}`"), help));
    }
    found
}
