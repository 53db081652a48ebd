//! The house rules: what the generator could do without, and users could not.

use crate::finding::Finding;
use crate::lint::EVIDENCE;
use crate::model::{entries, reference_name, text};
use crate::read::Spec;

/// Parts of names that are likely to hold what must not be printed.
const TELLING: [&str; 15] = [
    "aadhaar", "account", "address", "birth", "dob", "email", "ip_", "link", "mobile", "pan", "phone", "remark",
    "secret", "token", "url",
];

/// Every field and parameter says how well it is known.
pub(super) fn provenance(spec: &Spec) -> Vec<Finding> {
    let marks: Vec<_> = EVIDENCE.iter().map(|(mark, _)| *mark).collect();
    let cure = format!("add `x-evidence:`, one of {}", marks.join(", "));
    let mut found = Vec::new();
    for (_, at, node) in spec.schemas() {
        let at = at.push("properties");
        let without = entries(node.get("properties")).filter(|(_, property)| text(property, "x-evidence").is_none());
        found.extend(without.map(|(name, _)| {
            spec.finding(&at.push(name).0, "the field does not say how well it is known", cure.clone())
        }));
    }
    for operation in spec.operations() {
        let at = operation.at.push("parameters");
        let parameters = spec.parameters(&operation).enumerate();
        let without = parameters.filter(|(_, parameter)| text(parameter, "x-evidence").is_none());
        found.extend(without.map(|(n, _)| {
            spec.finding(&at.push(&n.to_string()).0, "the parameter does not say how well it is known", cure.clone())
        }));
    }
    found
}

/// A field whose name sounds like a secret or a person's data says whether it is.
pub(super) fn sensitivity(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    for (_, at, node) in spec.schemas() {
        for (name, property) in entries(node.get("properties")) {
            let is_text = matches!(text(property, "type"), Some("string")) && text(property, "format").is_none();
            let sounds = TELLING.iter().any(|part| name.to_lowercase().contains(part));
            let is_enum = reference_name(property).is_some();
            if is_text && sounds && !is_enum && property.get("x-sensitive").is_none() {
                let cure = "add `x-sensitive: true`, so that it is never printed, or `x-sensitive: false`";
                let message = format!("`{name}` sounds like what must not be printed");
                found.push(spec.finding(&at.push("properties").push(name).0, message, cure));
            }
        }
    }
    found
}

/// Every operation says whether it may be sent twice, and documents at least one error.
pub(super) fn operations(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    for operation in spec.operations() {
        if operation.node.get("x-idempotent").is_none() {
            let cure = "add `x-idempotent: true` if sending it twice does no harm, else `x-idempotent: false`";
            found.push(spec.finding(&operation.at.0, "the operation does not say whether it is idempotent", cure));
        }
        let responses = spec.responses(&operation);
        let has_error = responses.iter().any(|r| r.status.starts_with(['4', '5']));
        if !has_error {
            let cure = "add the error responses, by `$ref` to those that the operations share";
            let at = operation.at.push("responses");
            found.push(spec.finding(&at.0, "the operation documents no error", cure));
        }
    }
    found
}
