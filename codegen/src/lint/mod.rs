//! The rules. They find everything that would make the generated code wrong or make progenitor panic.
//!
//! A rule is a function that adds findings to a [`Report`]. Its subject is the document, an operation, a webhook, a named schema, or
//! any node. All rules run, so that one build shows all problems.
//!
//! | file | rules about |
//! |---|---|
//! | `document.rs` | version, servers, `$ref`s, security schemes, keywords, the `x-` keys |
//! | `operations.rs` | operation ids, parameters, bodies, responses, the entries of `x-webhooks` |
//! | `schemas.rs` | named schemas, properties, arguments |
//! | `requests.rs` | limits and required fields of sent schemas, `x-exactly-one-of` |
//! | `name_conflicts.rs` | names of types, fields, arguments and constants in Rust |
//! | `conventions.rs` | provenance, sensitivity, idempotency, documented errors, constructs that other tools read differently |
//! | `examples.rs` | examples and defaults against their schemas (feature `examples`) |
//! | `enums.rs` | open enums, the error codes in the examples, the rows of `x-lifecycle` |

mod conventions;
mod document;
mod enums;
#[cfg(feature = "examples")]
mod examples;
mod name_conflicts;
mod operations;
mod report;
mod requests;
mod schemas;

use crate::openapi::{Described, Finding, Operation, Spec, walk};
use report::{Report, Schema};

const DOCUMENT: [fn(&Spec, &mut Report<'_>); 11] = [
    document::version,
    operations::paths,
    operations::operation_ids,
    operations::error_body,
    schemas::nesting,
    name_conflicts::types,
    name_conflicts::constants,
    requests::choices,
    enums::error_examples,
    enums::lifecycle,
    conventions::open_to_everybody,
];

const OPERATION: [fn(&Spec, &Operation<'_>, &mut Report<'_>); 11] = [
    operations::parameters,
    operations::required_headers,
    operations::path_parameters,
    operations::echoes,
    operations::bodies,
    operations::responses,
    schemas::arguments,
    requests::argument_limits,
    name_conflicts::arguments,
    requests::argument_choices,
    conventions::operations,
];

const SCHEMA: [fn(&Spec, &Schema<'_>, &mut Report<'_>); 8] = [
    schemas::shapes,
    requests::limits,
    requests::required,
    name_conflicts::properties,
    requests::property_choices,
    enums::open_enums,
    conventions::sensitivity,
    conventions::names_of_alternatives,
];

const NODE: [fn(&Spec, Described<'_>, &mut Report<'_>); 7] = [
    document::references,
    document::extensions,
    document::keywords,
    document::security,
    document::servers,
    conventions::nullable,
    conventions::provenance,
];

/// The findings of every rule, unsorted.
pub(crate) fn findings(spec: &Spec) -> Vec<Finding> {
    let mut report = Report { spec, found: Vec::new() };
    DOCUMENT.iter().for_each(|rule| rule(spec, &mut report));
    for operation in spec.operations() {
        OPERATION.iter().for_each(|rule| rule(spec, &operation, &mut report));
    }
    for hook in spec.webhooks() {
        operations::webhook(spec, &hook, &mut report);
    }
    let directions = spec.directions();
    for (name, at, node) in spec.schemas() {
        let (is_sent, is_read) = (directions.is_sent(name), directions.is_read(name));
        let schema = Schema { at, name, node, is_sent, is_read };
        SCHEMA.iter().for_each(|rule| rule(spec, &schema, &mut report));
    }
    walk(spec.root(), &mut |node| NODE.iter().for_each(|rule| rule(spec, node, &mut report)));
    #[cfg(feature = "examples")]
    examples::examples(spec, &mut report);
    report.found
}

#[cfg(test)]
mod tests;
