//! Rules about the named schemas and their properties. They allow only the constructs that `emit` supports, so that every field gets
//! lenient decoding, redaction and a description.

use serde_json::Value;

use crate::openapi::{
    Described, Operation, Pointer, Spec, array, character_class, entries, is_true, open_reference, reference_name,
    text, walk,
};

use super::report::{Report, Schema};

/// The formats that decode leniently, by type.
const FORMATS: [(&str, &[&str]); 4] = [
    ("string", &["timestamp", "date", "date-time", "day-month-year", "uri"]),
    ("integer", &["int32", "int64"]),
    ("number", &["double"]),
    ("boolean", &[]),
];

/// The keys of schemas in a schema. Their nesting is limited, because readers, writers and the compiler recurse over it.
const WITHIN: [&str; 7] = ["additionalProperties", "allOf", "anyOf", "items", "not", "oneOf", "properties"];
const MAX_WITHIN: usize = 8;

/// The keys that combine schemas.
const COMBINED: [&str; 3] = ["anyOf", "oneOf", "not"];

/// The nesting of schemas is limited.
pub(super) fn nesting(spec: &Spec, report: &mut Report<'_>) {
    let mut last: Option<String> = None;
    walk(spec.root(), &mut |Described { at, .. }| {
        let within = at.as_ref().split('/').filter(|step| WITHIN.contains(step)).count();
        // Outer nodes come first. Nodes inside the last reported one are not reported again.
        let is_inside = last.as_ref().is_some_and(|last| at.as_ref().starts_with(last));
        if within > MAX_WITHIN && !is_inside {
            let help = "name one of the outer schemas in components/schemas, and refer to it";
            report.add(at, format!("more than {MAX_WITHIN} nested schemas"), help);
            last = Some(format!("{at}/"));
        }
    });
}

/// A named schema is an object with properties, an enum, or an id.
pub(super) fn shapes(spec: &Spec, schema: &Schema<'_>, report: &mut Report<'_>) {
    let (at, node) = (&schema.at, schema.node);
    let has = |key: &&str| node.get(*key).is_some();
    let is_enum = has(&"enum") || is_true(node, "x-open-enum");
    let is_record = text(node, "type") == Some("object") && node.get("properties").is_some_and(Value::is_object);
    // The rules of choices check the content of `allOf`.
    let has_choice = spec.choices_of(node).next().is_some();
    if is_true(node, "x-id") {
        id(node, at, report);
    } else if !is_enum && (!is_record || (has(&"allOf") && !has_choice) || COMBINED.iter().any(has)) {
        let help =
            "name objects with `properties`, enums, and ids (`x-id: true`); write other shapes where they are used";
        report.add(at, "this shape cannot be a named schema", help);
    }
    for (name, property) in entries(node.get("properties")) {
        let at = at.push("properties").push(name);
        if name == "extra" {
            let help = "give it another name in hand-written code in src/, or remove it: unknown fields are in `extra`";
            report.add(&at, "`extra` is reserved for unknown fields", help);
        }
        if spec.description(property).is_empty() {
            report.require(&at, property, "description", "one sentence");
        }
        value(spec, property, &at, report);
    }
}

/// An id is a text with limits, or a whole number. An id that is too short is reported as empty, so the minimum is 1.
fn id(node: &Value, at: &Pointer, report: &mut Report<'_>) {
    let limit = |key: &str| node.get(key).and_then(Value::as_u64);
    let is_valid = match text(node, "type") {
        Some("integer") => true,
        Some("string") => {
            let pattern = text(node, "pattern").and_then(character_class);
            pattern.is_some() && limit("minLength") == Some(1) && limit("maxLength").is_some()
        }
        _ => false,
    };
    if !is_valid {
        let help = "write `type: string` with `minLength: 1`, a maxLength and a pattern like `^[A-Za-z]+$`, or `type: integer`";
        report.add(at, "this cannot be an id", help);
    }
    report.require(at, node, "description", "one sentence");
}

/// The arguments of operations are scalars, ids, or open enums.
pub(super) fn arguments(spec: &Spec, operation: &Operation<'_>, report: &mut Report<'_>) {
    for (at, _, argument) in spec.arguments(operation) {
        let schema = argument.get("schema").unwrap_or_default();
        value(spec, schema, &at, report);
        if is_true(schema, "x-sensitive") {
            let help = "remove it: requests never print arguments";
            report.add(&at, "an argument cannot be `x-sensitive`", help);
        }
    }
}

/// The value of a property or argument: a reference, a scalar, a list or map of those, or anything at all.
fn value(spec: &Spec, node: &Value, at: &Pointer, report: &mut Report<'_>) {
    let has = |key: &&str| node.get(*key).is_some();
    let reference = reference_name(node);
    let is_open_enum = open_reference(node).is_some() && reference.and_then(|name| spec.open_enum(name)).is_some();
    let (message, help) = if has(&"enum") {
        ("an enum without a name", "move the enum to components/schemas with `x-open-enum: true`, and refer to it")
    } else if is_number_or_text(node) {
        return;
    } else if !is_open_enum && COMBINED.iter().any(has) {
        (
            "alternatives are not supported",
            "describe the widest one, or remove the type; a whole number or a text is `oneOf: [{ type: integer }, { type: string }]`",
        )
    } else if has(&"allOf") && (reference.is_none() || has(&"properties")) {
        ("`allOf` is for wrapping one `$ref`", "write a separate schema in components/schemas")
    } else if reference.is_some() {
        return;
    } else if has(&"properties") {
        ("an object without a name", "move the object to components/schemas with `type: object`, and refer to it")
    } else {
        return typed(spec, node, at, report);
    };
    report.add(at, message, help);
}

/// A value that is described by its `type`.
fn typed(spec: &Spec, node: &Value, at: &Pointer, report: &mut Report<'_>) {
    match (node.get("type").map(Value::as_str), text(node, "format")) {
        (None, _) => {}
        (Some(None), _) => report.add(at, "the type is not text", "write one type; use `nullable: true` for null"),
        (Some(Some("array")), _) => match node.get("items") {
            Some(items) => value(spec, items, &at.push("items"), report),
            None => report.add(at, "a list without `items`", "describe the items of the list"),
        },
        (Some(Some("object")), _) => {
            if let Some(values) = node.get("additionalProperties").filter(|values| values.is_object()) {
                value(spec, values, &at.push("additionalProperties"), report);
            }
        }
        (Some(Some(scalar)), format) => match (FORMATS.iter().find(|(name, _)| *name == scalar), format) {
            (None, _) => {
                let help = "use string, integer, number, boolean, array or object";
                report.add(at, format!("there is no type `{scalar}`"), help);
            }
            (Some((_, formats)), Some(format)) if !formats.contains(&format) => {
                let help = format!("remove it, or use one of: {}", formats.join(", "));
                report.add(at, format!("the format `{format}` is not read leniently"), help);
            }
            _ => {}
        },
    }
}

/// Whether a schema is `oneOf` a whole number and a text, with no constraint except a minimum length.
pub(super) fn is_number_or_text(node: &Value) -> bool {
    let types: Vec<_> = array(node.get("oneOf")).map(|one| text(one, "type")).collect();
    let mut keys = array(node.get("oneOf")).flat_map(|one| entries(Some(one)));
    let is_plain = keys.all(|(key, value)| ["type", "format"].contains(&key) || (key == "minLength" && *value == 1));
    is_plain && (types == [Some("integer"), Some("string")] || types == [Some("string"), Some("integer")])
}
