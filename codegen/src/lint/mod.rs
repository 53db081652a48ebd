//! Pass 2, **lint**: everything that would make the generated code wrong, or progenitor panic, said in words.
//!
//! Each rule is a function from the spec to findings; all of them run, so that one build shows everything. The same
//! code serves `cargo xtask spec lint`.
//!
//! | file | rules about |
//! |---|---|
//! | `document.rs` | version, servers, `$ref`s, security schemes, keywords, the `x-` keys |
//! | `operations.rs` | operation ids, parameters, bodies, responses |
//! | `schemas.rs` | named schemas, properties, arguments |
//! | `house.rs` | provenance, sensitivity, idempotency, documented errors |
//! | `examples.rs` | examples and defaults against their schemas (feature `examples`) |
//! | `enums.rs` | open enums and the error codes in the examples |
//! | `lifecycle.rs` | the rows of `x-lifecycle` |
//! | `webhooks.rs` | the entries of `x-webhooks` |

mod document;
mod enums;
#[cfg(feature = "examples")]
mod examples;
mod house;
mod lifecycle;
mod operations;
mod schemas;
mod webhooks;

use crate::finding::{Finding, SpecError};
use crate::read::Spec;

/// How well a fact is known: the values of `x-evidence` and of `evidence` in a lifecycle row.
pub(crate) const EVIDENCE: [(&str, &str); 4] = [
    ("documented", "Cashfree documents it."),
    ("sample", "A sample of Cashfree's shows it."),
    ("inferred", "We conclude it from other facts."),
    ("reported", "Third parties report it; verify it in the sandbox before you rely on it."),
];

type Rule = fn(&Spec) -> Vec<Finding>;

const RULES: [Rule; 23] = [
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
    operations::bodies,
    operations::responses,
    schemas::names,
    schemas::shapes,
    schemas::arguments,
    facts,
    enums::open_enums,
    enums::error_examples,
    lifecycle::rows,
    webhooks::webhooks,
    house::provenance,
    house::sensitivity,
    house::operations,
];

/// Checks a spec against every rule.
///
/// # Errors
/// With one [`Finding`] for each thing that is wrong.
pub fn lint(spec: &Spec) -> Result<(), SpecError> {
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(spec)).collect();
    #[cfg(feature = "examples")]
    findings.extend(examples::examples(spec));
    findings.sort_by_key(|finding| finding.place);
    SpecError::check(findings)
}

/// Two facts of one name: the generated constants would hide one of them.
fn facts(spec: &Spec) -> Vec<Finding> {
    crate::facts::conflicts(spec)
}

#[cfg(test)]
mod tests;
