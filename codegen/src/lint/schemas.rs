//! Rules about the named schemas and their properties: only shapes that the passes after this one know what to do with, so
//! that no field slips through without lenient decoding, redaction and words.

use serde_json::Value;

use crate::openapi::{
    Finding, Pointer, Spec, array, character_class, entries, is_true, open_reference, reference_name, text, walk,
};

/// The formats that decode leniently, by type.
const FORMATS: [(&str, &[&str]); 4] = [
    ("string", &["timestamp", "date", "date-time", "day-month-year", "uri"]),
    ("integer", &["int32", "int64"]),
    ("number", &["double"]),
    ("boolean", &[]),
];

/// The keys by which a schema stands in another, and how many may do so: each is a type within a type, and whoever reads,
/// writes or compiles those recurses.
const WITHIN: [&str; 7] = ["additionalProperties", "allOf", "anyOf", "items", "not", "oneOf", "properties"];
const MAX_WITHIN: usize = 8;

/// No schema is nested without end.
pub(super) fn nesting(spec: &Spec) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    walk(spec.root(), &mut |_, at| {
        let within = at.as_ref().split('/').filter(|step| WITHIN.contains(step)).count();
        // Outer nodes come first: what stands in the last one that was told is told with it.
        let is_told = |last: &Finding| at.as_ref().starts_with(&format!("{}/", last.pointer));
        if within > MAX_WITHIN && !found.last().is_some_and(is_told) {
            let help = "name one of the schemas that it stands in, in components/schemas, and refer to it";
            found.push(spec.finding(at, format!("more than {MAX_WITHIN} schemas within each other"), help));
        }
    });
    found
}

/// A named schema is an object with properties, or an enum.
pub(super) fn shapes(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    for (_, at, node) in spec.schemas() {
        let is_enum = node.get("enum").is_some() || is_true(node, "x-open-enum");
        let is_record = text(node, "type") == Some("object") && node.get("properties").is_some_and(Value::is_object);
        let is_combined = ["allOf", "anyOf", "oneOf", "not"].iter().any(|key| node.get(*key).is_some());
        if is_true(node, "x-id") {
            found.extend(id(spec, node, &at));
        } else if !is_enum && (!is_record || is_combined) {
            let help =
                "name objects with `properties`, enums, and ids (`x-id: true`); write other shapes where they are used";
            found.push(spec.finding(&at, "this shape cannot be a named schema", help));
        }
        for (name, property) in entries(node.get("properties")) {
            let at = at.push("properties").push(name);
            if name == "extra" {
                let help =
                    "give it another name with a wrapper in src/, or leave it out: unknown fields are kept in `extra`";
                found.push(spec.finding(&at, "`extra` is where unknown fields are kept", help));
            }
            if text(property, "description").or_else(|| text(spec.resolve(property), "description")).is_none() {
                let help = "add `description:`; it documents the field";
                found.push(spec.finding(&at, "the property has no description", help));
            }
            found.extend(value(spec, property, &at));
        }
    }
    found
}

/// An id is a text with limits, or a whole number. Whoever makes an id of a text that is too short is told that it is empty.
fn id(spec: &Spec, node: &Value, at: &Pointer) -> Vec<Finding> {
    let limited =
        node.get("minLength").and_then(Value::as_u64) == Some(1) && node.get("maxLength").is_some_and(Value::is_u64);
    let is_text = text(node, "type") == Some("string")
        && text(node, "pattern").is_some_and(|pattern| character_class(pattern).is_some());
    let is_number = text(node, "type") == Some("integer");
    let mut found = Vec::new();
    if !(is_number || is_text && limited) {
        let help = "write `type: string` with `minLength: 1`, a maxLength and a pattern like `^[A-Za-z]+$`, or `type: integer`";
        found.push(spec.finding(at, "this cannot be an id", help));
    }
    if text(node, "description").is_none() {
        found.push(spec.finding(at, "the id has no description", "add `description:`; it documents the type"));
    }
    found
}

/// The arguments of operations are scalars, ids, or open enums.
pub(super) fn arguments(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    for operation in spec.operations() {
        let at = operation.at.push("parameters");
        for (n, parameter) in spec.parameters(&operation).enumerate() {
            let at = at.push(n);
            let schema = parameter.get("schema").unwrap_or(&Value::Null);
            found.extend(value(spec, schema, &at));
            if is_true(schema, "x-sensitive") {
                let help = "remove it: an argument has to be sent, and requests print no arguments";
                found.push(spec.finding(&at, "an argument cannot be `x-sensitive`", help));
            }
        }
    }
    found
}

/// What stands in one place: a reference, a scalar, a list or map of those, or anything at all.
fn value(spec: &Spec, node: &Value, at: &Pointer) -> Vec<Finding> {
    let refuse = |message: String, help: &str| vec![spec.finding(at, message, help)];
    if node.get("enum").is_some() {
        let help = "move the enum to components/schemas with `x-open-enum: true`, and refer to it";
        return refuse("an enum that has no name".into(), help);
    }
    if is_number_or_text(node) {
        return Vec::new();
    }
    let is_open =
        open_reference(node).is_some() && reference_name(node).and_then(|name| spec.open_enum(name)).is_some();
    if !is_open && ["anyOf", "oneOf", "not"].iter().any(|key| node.get(*key).is_some()) {
        return refuse(
            "alternatives are not supported".into(),
            "describe the widest one, or leave the type out; what is a whole number or a text is `oneOf: [{ type: integer }, { type: string }]`",
        );
    }
    if node.get("allOf").is_some() && (reference_name(node).is_none() || node.get("properties").is_some()) {
        return refuse("`allOf` is for wrapping one `$ref`".into(), "write a schema of its own in components/schemas");
    }
    if reference_name(node).is_some() {
        return Vec::new();
    }
    let format = text(node, "format");
    match text(node, "type") {
        Some("array") => match node.get("items") {
            Some(items) => value(spec, items, &at.push("items")),
            None => refuse("a list without `items`".into(), "say what the list holds"),
        },
        _ if node.get("properties").is_some() => {
            let help = "move the object to components/schemas with `type: object`, and refer to it";
            refuse("an object that has no name".into(), help)
        }
        Some("object") => match node.get("additionalProperties") {
            Some(values) if values.is_object() => value(spec, values, &at.push("additionalProperties")),
            _ => Vec::new(),
        },
        Some(scalar) => match FORMATS.iter().find(|(name, _)| *name == scalar) {
            Some((_, formats)) if format.is_none_or(|format| formats.contains(&format)) => Vec::new(),
            Some((_, formats)) => {
                let help = format!("leave it out, or use one of: {}", formats.join(", "));
                refuse(format!("the format `{}` is not read leniently", format.unwrap_or_default()), &help)
            }
            None => {
                refuse(format!("there is no type `{scalar}`"), "use string, integer, number, boolean, array or object")
            }
        },
        None if node.get("type").is_none() => Vec::new(),
        None => refuse("the type is not text".into(), "write one type; use `nullable: true` for null"),
    }
}

/// `oneOf` a whole number and a text, without more.
pub(super) fn is_number_or_text(node: &Value) -> bool {
    let types: Vec<_> = array(node.get("oneOf")).map(|one| text(one, "type")).collect();
    let is_plain =
        array(node.get("oneOf")).all(|one| entries(Some(one)).all(|(key, _)| ["type", "format"].contains(&key)));
    is_plain && (types == [Some("integer"), Some("string")] || types == [Some("string"), Some("integer")])
}
