//! The rules: everything that would make the generated code wrong, or progenitor panic, is a finding.
//!
//! A rule is a function that adds findings to a [`Report`]. Rules are grouped by what they are about: the document, an operation,
//! a webhook, a named schema, or any node. All of them run, so that one build shows everything.
//!
//! | file | rules about |
//! |---|---|
//! | `document.rs` | version, servers, `$ref`s, security schemes, keywords, the `x-` keys |
//! | `operations.rs` | operation ids, parameters, bodies, responses |
//! | `schemas.rs` | named schemas, properties, arguments |
//! | `requests.rs` | limits and required fields of sent schemas |
//! | `name_conflicts.rs` | names of types, fields, arguments and constants in Rust |
//! | `conventions.rs` | provenance, sensitivity, idempotency, documented errors |
//! | `choices.rs` | `x-exactly-one-of` |
//! | `examples.rs` | examples and defaults against their schemas (feature `examples`) |
//! | `enums.rs` | open enums and the error codes in the examples |
//! | `interop.rs` | constructs that other tools read differently |
//! | `lifecycle.rs` | the rows of `x-lifecycle` |
//! | `webhooks.rs` | the entries of `x-webhooks` |

mod choices;
mod conventions;
mod document;
mod enums;
#[cfg(feature = "examples")]
mod examples;
mod interop;
mod lifecycle;
mod name_conflicts;
mod operations;
mod report;
mod requests;
mod schemas;
mod webhooks;

use crate::openapi::{Described, Finding, Operation, Spec, walk};
use report::{Report, Schema};

const DOCUMENT: [fn(&Spec, &mut Report<'_>); 10] = [
    document::version,
    operations::paths,
    operations::operation_ids,
    operations::error_body,
    schemas::nesting,
    name_conflicts::types,
    name_conflicts::constants,
    choices::definitions,
    enums::error_examples,
    interop::open_to_everybody,
];

const OPERATION: [fn(&Spec, &Operation<'_>, &mut Report<'_>); 10] = [
    operations::parameters,
    operations::path_parameters,
    operations::echoes,
    operations::bodies,
    operations::responses,
    schemas::arguments,
    requests::arguments,
    name_conflicts::arguments,
    choices::arguments,
    conventions::operations,
];

const SCHEMA: [fn(&Spec, &Schema<'_>, &mut Report<'_>); 7] = [
    schemas::shapes,
    requests::limits,
    requests::required,
    name_conflicts::properties,
    choices::properties,
    enums::open_enums,
    conventions::sensitivity,
];

const NODE: [fn(&Spec, Described<'_>, &mut Report<'_>); 7] = [
    document::references,
    document::extensions,
    document::keywords,
    document::security,
    document::servers,
    interop::nullable,
    conventions::provenance,
];

/// The findings of every rule, unsorted.
pub(crate) fn findings(spec: &Spec) -> Vec<Finding> {
    let mut report = Report::new(spec);
    DOCUMENT.iter().for_each(|rule| rule(spec, &mut report));
    for operation in spec.operations() {
        OPERATION.iter().for_each(|rule| rule(spec, &operation, &mut report));
    }
    for hook in spec.webhooks() {
        webhooks::webhook(spec, &hook, &mut report);
    }
    let directions = spec.directions();
    for (name, at, node) in spec.schemas() {
        let (is_sent, is_read) = (directions.is_sent(name), directions.is_read(name));
        let schema = Schema { at, name, node, is_sent, is_read };
        SCHEMA.iter().for_each(|rule| rule(spec, &schema, &mut report));
    }
    walk(spec.root(), &mut |node| NODE.iter().for_each(|rule| rule(spec, node, &mut report)));
    report.found.extend(lifecycle::rows(spec));
    #[cfg(feature = "examples")]
    examples::examples(spec, &mut report);
    report.found
}

#[cfg(test)]
mod tests;
