//! Rules by which the spec means the same to the tools of others: validators, and generators for other languages. They know none
//! of our keys, and JSON Schema as their authors read it.

use crate::openapi::{Finding, Spec, is_true, reference_name, walk};

/// An enum is open to everybody: whoever reads one is told that any other text may stand there. Of what is sent, that is so where
/// we send others too.
pub(super) fn open_to_everybody(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    let directions = spec.directions();
    walk(spec.root(), &mut |node, at| {
        let Some(name) = node.get("$ref").and_then(|_| reference_name(node)) else { return };
        let Some(open_enum) = spec.open_enum(name).filter(|_| !at.as_ref().ends_with("/anyOf/0")) else { return };
        let schema = at.as_ref().strip_prefix("/components/schemas/").and_then(|at| at.split('/').next());
        let is_read = match schema {
            Some(schema) => directions.is_read(schema),
            None => !at.as_ref().contains("/parameters/"),
        };
        if !is_read && !is_true(open_enum.node, "x-accepts-unknown") {
            return;
        }
        let message = format!("a value that is new in `{name}` would be wrong to others who read this file");
        let help = format!("write `anyOf: [{{ $ref: \"#/components/schemas/{name}\" }}, {{ type: string }}]`");
        let at = at.as_ref();
        found.push(spec.finding(at.strip_suffix("/allOf/0").unwrap_or(at), message, help));
    });
    found
}

/// OpenAPI 3.0 knows `nullable` beside a `type` only; some validators refuse every value of a schema that has it alone.
pub(super) fn nullable(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    walk(spec.root(), &mut |node, at| {
        if is_true(node, "nullable") && node.get("type").is_none() {
            let help = "say the type too, or remove it: what has no type may be null as it is";
            found.push(spec.finding(at, "`nullable` without a `type` beside it", help));
        }
    });
    found
}
