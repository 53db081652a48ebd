//! Rules about open enums, and about the error codes in examples.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::openapi::{OpenEnum, Spec, array, entries, is_identifier, is_true, property, reference_name};

use super::report::{Report, Schema};

pub(super) fn open_enums(spec: &Spec, schema: &Schema<'_>, report: &mut Report<'_>) {
    let (at, node) = (&schema.at, schema.node);
    let is_open = is_true(node, "x-open-enum");
    if !is_open && node.get("enum").is_some() {
        let help = "add `x-open-enum: true`; a closed enum would fail on the next value that Cashfree adds";
        report.add(at, "this enum is closed", help);
    }
    if is_open || node.get("enum").is_some() {
        let open_enum = OpenEnum { at: at.clone(), schema: schema.name, node };
        values(&open_enum, report);
        descriptions(&open_enum, report);
    }
    for (name, field) in entries(node.get("properties")) {
        let is_open = reference_name(field).is_some_and(|target| spec.open_enum(target).is_some());
        if is_true(field, "x-absent-is-unknown") && !is_open {
            let help = "remove it, or let the property be an open enum (`anyOf` with its `$ref`)";
            report.add(at.push("properties").push(name), "`x-absent-is-unknown` is for open enums only", help);
        }
    }
}

/// Every value is a text, occurs once, and has its own Rust name.
fn values(open_enum: &OpenEnum<'_>, report: &mut Report<'_>) {
    let at = open_enum.at.push("enum");
    if array(open_enum.node.get("enum")).next().is_none() {
        let help = "list the known values under `enum:`, or drop the enum and keep `type: string`";
        report.add(&open_enum.at, "the enum has no values", help);
    }
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for (n, value) in array(open_enum.node.get("enum")).enumerate() {
        let at = at.push(n);
        let Some(value) = value.as_str().filter(|value| !value.is_empty()) else {
            report.add(&at, "a value that is not text", "put it in quotes");
            continue;
        };
        let variant = open_enum.variant(value);
        let help = format!("give `{value}` another name under `x-enum-names`");
        if variant == "Unknown" || !is_identifier(&variant) {
            report.add(&at, format!("`{variant}` cannot be the name of a variant"), help);
        } else {
            report.claim(&mut taken, (value, variant), &at, &help);
        }
    }
}

/// Every value has a description, and no description or name belongs to an unknown value.
fn descriptions(open_enum: &OpenEnum<'_>, report: &mut Report<'_>) {
    let values: BTreeSet<&str> = open_enum.values().collect();
    let at = open_enum.at.push("x-enumDescriptions");
    for value in values.iter().filter(|value| open_enum.description(value).is_none()) {
        report.add(&at, format!("`{value}` has no description"), format!("add `{value}: <one sentence>` there"));
    }
    for key in ["x-enumDescriptions", "x-enum-names"] {
        let at = open_enum.at.push(key);
        for (value, _) in entries(open_enum.node.get(key)).filter(|(value, _)| !values.contains(value)) {
            let help = "remove the entry, or add the value to `enum`";
            report.add(at.push(value), format!("`{value}` is not a value of the enum"), help);
        }
    }
    report.require(&open_enum.at, open_enum.node, "description", "one sentence");
}

/// Every example of an error has a summary. The codes in the examples are those of the enum.
pub(super) fn error_examples(spec: &Spec, report: &mut Report<'_>) {
    let error_schema = spec.error_schema().and_then(|name| spec.schema(name));
    let code = error_schema.and_then(|node| reference_name(property(node, "code")?));
    let Some(codes) = code.and_then(|name| spec.open_enum(name)) else { return };
    let known: BTreeSet<&str> = codes.values().collect();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for example in spec.error_examples() {
        report.require(&example.at, example.node, "summary", "one sentence");
        let Some(code) = example.node.pointer("/value/code").and_then(Value::as_str) else { continue };
        used.insert(code);
        if !known.contains(code) {
            let help = format!("add the code to the enum at #{}", codes.at);
            report.add(&example.at, format!("`{code}` is not a known error code"), help);
        }
    }
    for code in known.difference(&used) {
        let help = "add an example of the error with this code, or remove the code";
        report.add(codes.at.push("enum"), format!("no error example has the code `{code}`"), help);
    }
}
