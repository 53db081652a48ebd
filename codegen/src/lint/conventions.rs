//! The conventions of this project: rules that the generator does not need, but its users do.

use crate::openapi::{Described, EVIDENCE, Operation, Spec, entries, is_true, reference_name, text};

use super::report::{Report, Schema};

/// Parts of names of fields that are likely to contain personal data or secrets.
const SENSITIVE_NAMES: &str = "
    aadhaar account address answer birth care_of customer dob email father gender house identifier ifsc ip_ latitude
    link longitude mobile mother name otp pan passport password phone photo pin remark secret signature spouse
    street token url voter";

/// The roles of nodes that state a fact.
const FACTS: [&str; 4] = ["properties", "parameters", "headers", "examples"];

/// Every field, parameter, header and example says how well it is known. A reference states nothing; its target does.
pub(super) fn provenance(_: &Spec, Described { node, at, role }: Described<'_>, report: &mut Report<'_>) {
    if FACTS.contains(&role) && node.get("$ref").is_none() {
        let marks = EVIDENCE.map(|(mark, _)| mark).join(", ");
        report.require(at, node, "x-evidence", &format!("one of {marks}"));
    }
}

/// A field whose name suggests a secret or personal data says whether it is sensitive.
pub(super) fn sensitivity(spec: &Spec, schema: &Schema<'_>, report: &mut Report<'_>) {
    for (name, property) in entries(schema.node.get("properties")) {
        // The fields of a record and an id are judged by themselves. An enum is not, since its values print.
        let target = reference_name(property.get("items").unwrap_or(property)).and_then(|name| spec.schema(name));
        let is_judged = target.is_some_and(|target| is_true(target, "x-id") || target.get("properties").is_some());
        let sounds = SENSITIVE_NAMES.split_whitespace().any(|part| name.to_lowercase().contains(part));
        let is_flag = text(property, "type") == Some("boolean");
        if sounds && !is_flag && !is_judged && property.get("x-sensitive").is_none() {
            let message = format!("`{name}` sounds like personal data or a secret");
            let help = "add `x-sensitive: true`, so that it is never printed, or `x-sensitive: false`";
            report.add(schema.at.push("properties").push(name), message, help);
        }
    }
}

/// Every operation says whether it may be sent twice, and documents at least one error.
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
