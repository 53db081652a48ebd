//! The rules: everything that would make the generated code wrong, or progenitor panic, said in words.
//!
//! Each rule is a function from the spec to findings; all of them run, so that one build shows everything.
//!
//! | file | rules about |
//! |---|---|
//! | `document.rs` | version, servers, `$ref`s, security schemes, keywords, the `x-` keys |
//! | `operations.rs` | operation ids, parameters, bodies, responses |
//! | `schemas.rs` | named schemas, properties, arguments |
//! | `requests.rs` | limits and required fields of what is sent |
//! | `name_conflicts.rs` | names of types, fields and arguments in Rust |
//! | `conventions.rs` | provenance, sensitivity, idempotency, documented errors |
//! | `choices.rs` | `x-exactly-one-of` |
//! | `constants.rs` | constants of the generated code |
//! | `examples.rs` | examples and defaults against their schemas (feature `examples`) |
//! | `enums.rs` | open enums and the error codes in the examples |
//! | `interop.rs` | what the tools of others would read otherwise |
//! | `lifecycle.rs` | the rows of `x-lifecycle` |
//! | `webhooks.rs` | the entries of `x-webhooks` |

mod choices;
mod constants;
mod conventions;
mod document;
mod enums;
#[cfg(feature = "examples")]
mod examples;
mod interop;
mod lifecycle;
mod name_conflicts;
mod operations;
mod requests;
mod schemas;
mod webhooks;

use crate::openapi::{Finding, Spec};

type Rule = fn(&Spec) -> Vec<Finding>;

const RULES: [Rule; 33] = [
    document::version,
    document::references,
    document::extensions,
    document::keywords,
    document::security,
    document::environments,
    operations::paths,
    operations::operation_ids,
    operations::parameters,
    operations::path_parameters,
    operations::echoes,
    operations::bodies,
    operations::responses,
    schemas::nesting,
    schemas::shapes,
    schemas::arguments,
    requests::limits,
    requests::required,
    name_conflicts::types,
    name_conflicts::properties,
    name_conflicts::arguments,
    choices::definitions,
    choices::uses,
    constants::conflicts,
    enums::open_enums,
    enums::error_examples,
    interop::open_to_everybody,
    interop::nullable,
    lifecycle::rows,
    webhooks::webhooks,
    conventions::provenance,
    conventions::sensitivity,
    conventions::operations,
];

/// What every rule finds, in no order.
pub(crate) fn findings(spec: &Spec) -> Vec<Finding> {
    let found = RULES.iter().flat_map(|rule| rule(spec));
    #[cfg(feature = "examples")]
    let found = found.chain(examples::examples(spec));
    found.collect()
}

#[cfg(test)]
mod tests;
