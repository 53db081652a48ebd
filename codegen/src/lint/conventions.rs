//! The conventions of this project: rules that the generator does not need, but its users and other tools that read the spec do.
//! Validators and generators for other languages ignore our keys, and read JSON Schema literally.

use heck::ToUpperCamelCase as _;

use crate::openapi::{Described, EVIDENCE, Operation, Pointer, Spec, entries, is_true, reference_name, text, walk};

use super::report::{Report, Schema};

/// Parts of names of fields that are likely to contain personal data or secrets.
const SENSITIVE_NAMES: &str = "
    aadhaar account address answer birth care_of customer dob email father gender house identifier ifsc ip_ latitude
    link longitude mobile mother name otp pan passport password phone photo pin remark secret signature spouse
    street token url voter";

/// The roles of nodes that state a fact about the API.
const FACTS: [&str; 4] = ["properties", "parameters", "headers", "examples"];

/// Every field, parameter, header and example has its evidence. A reference needs none, because its target has it.
pub(super) fn provenance(_: &Spec, Described { node, at, role }: Described<'_>, report: &mut Report<'_>) {
    if FACTS.contains(&role) && node.get("$ref").is_none() {
        let marks = EVIDENCE.map(|(mark, _)| mark).join(", ");
        report.require(at, node, "x-evidence", &format!("one of {marks}"));
    }
}

/// A field with a name that suggests a secret or personal data has `x-sensitive`.
pub(super) fn sensitivity(spec: &Spec, schema: &Schema<'_>, report: &mut Report<'_>) {
    for (name, property) in entries(schema.node.get("properties")) {
        // A record and an id have their own marks. An enum has none, because its values are printed.
        let target = reference_name(property.get("items").unwrap_or(property)).and_then(|name| spec.schema(name));
        let is_judged = target.is_some_and(|target| is_true(target, "x-id") || target.get("properties").is_some());
        let sounds = SENSITIVE_NAMES.split_whitespace().any(|part| name.to_lowercase().contains(part));
        let is_flag = text(property, "type") == Some("boolean");
        if sounds && !is_flag && !is_judged && property.get("x-sensitive").is_none() {
            let message = format!("`{name}` may be personal data or a secret");
            let help = "add `x-sensitive: true` to redact it, or `x-sensitive: false`";
            report.add(schema.at.push("properties").push(name), message, help);
        }
    }
}

/// Every operation has `x-idempotent`, and documents at least one error.
pub(super) fn operations(spec: &Spec, operation: &Operation<'_>, report: &mut Report<'_>) {
    if operation.node.get("x-idempotent").is_none() {
        let help = "add `x-idempotent: true` if sending it twice does no harm, else `x-idempotent: false`";
        report.add(&operation.at, "the operation does not say whether it is idempotent", help);
    }
    if !spec.responses(operation).iter().any(|response| response.status.starts_with(['4', '5'])) {
        let help = "add the error responses, by `$ref` to those that the operations share";
        report.add(operation.at.push("responses"), "the operation documents no error", help);
    }
}

/// A reference to a read enum allows other values. A sent enum needs that only if other values are sent.
pub(super) fn open_to_everybody(spec: &Spec, report: &mut Report<'_>) {
    let directions = spec.directions();
    walk(spec.root(), &mut |Described { node, at, .. }| {
        let Some(name) = node.get("$ref").and_then(|_| reference_name(node)) else { return };
        let Some(open_enum) = spec.open_enum(name).filter(|_| !at.as_ref().ends_with("/anyOf/0")) else { return };
        let schema = at.as_ref().strip_prefix("/components/schemas/").and_then(|at| at.split('/').next());
        let is_read = match schema {
            Some(schema) => directions.is_read(schema),
            None => !at.as_ref().contains("/parameters/"),
        };
        if is_read || is_true(open_enum.node, "x-accepts-unknown") {
            let message = format!("other tools that read this file would reject a new value of `{name}`");
            let help = format!("write `anyOf: [{{ $ref: \"#/components/schemas/{name}\" }}, {{ type: string }}]`");
            let at = at.as_ref();
            report.add(at.strip_suffix("/allOf/0").unwrap_or(at), message, help);
        }
    });
}

/// Other generators name the type of a property with alternatives after schema and property. No schema may have that name.
pub(super) fn names_of_alternatives(spec: &Spec, schema: &Schema<'_>, report: &mut Report<'_>) {
    for (property, node) in entries(schema.node.get("properties")) {
        let name = format!("{}{}", schema.name, property.to_upper_camel_case());
        let has_alternatives = node.get("anyOf").or_else(|| node.get("oneOf")).is_some();
        if has_alternatives && spec.schema(&name).is_some() {
            let message = format!("other tools give the name `{name}` to the values of `{property}`");
            let help = "rename the schema, and keep its Rust name by `x-rust-name`";
            report.add(Pointer::of(["components", "schemas", &name]), message, help);
        }
    }
}

/// OpenAPI 3.0 defines `nullable` only beside a `type`; some validators reject every value of a schema without one.
pub(super) fn nullable(_: &Spec, Described { node, at, .. }: Described<'_>, report: &mut Report<'_>) {
    if is_true(node, "nullable") && node.get("type").is_none() {
        let help = "add the type too, or remove it: a schema without a type accepts null";
        report.add(at, "`nullable` without a `type` beside it", help);
    }
}
