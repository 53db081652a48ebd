//! Rules by which the spec means the same to other tools: validators, and generators for other languages. They ignore our keys, and
//! read JSON Schema literally.

use crate::openapi::{Described, Spec, is_true, reference_name, walk};

use super::report::Report;

/// A reference to an enum that is read says that other values may occur. A sent enum needs that only if we send other values.
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

/// OpenAPI 3.0 defines `nullable` only beside a `type`; some validators reject every value of a schema without one.
pub(super) fn nullable(_: &Spec, Described { node, at, .. }: Described<'_>, report: &mut Report<'_>) {
    if is_true(node, "nullable") && node.get("type").is_none() {
        let help = "add the type too, or remove it: a schema without a type accepts null";
        report.add(at, "`nullable` without a `type` beside it", help);
    }
}
