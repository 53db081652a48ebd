//! Turns `spec/vkyc.yaml` into the generated half of the crate `cashfree-vkyc`, at build time.
//!
//! ```text
//! spec/vkyc.yaml ──▶ openapi/   reads it, with the line of every node, and names every object
//!                      ├──▶ lint/   reports all problems at once, each with help
//!                      └──▶ emit/   types.rs · operations.rs
//! ```
//!
//! `lint` and `emit` import `openapi`, but not each other. There is no other input, so the same spec always gives the same output.
//!
//! ```
//! let spec = cashfree_vkyc_codegen::Spec::parse("my.yaml", "openapi: 3.1.0")?;
//! let error = cashfree_vkyc_codegen::generate(&spec).unwrap_err();
//! assert!(error.to_string().contains("my.yaml:1:10 #/openapi: OpenAPI 3.1.0 is not supported"));
//! # Ok::<(), cashfree_vkyc_codegen::SpecError>(())
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod emit;
mod lint;
pub mod openapi;

pub use openapi::{Finding, Spec, SpecError};

/// The generated source, formatted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Generated {
    /// Types, open enums, the lifecycle table and the constants. Needs no HTTP stack.
    pub types: String,
    /// The operations. Needs reqwest and progenitor-client.
    pub operations: String,
}

/// Checks a spec against every rule.
///
/// # Errors
/// With one [`Finding`] for each problem.
pub fn lint(spec: &Spec) -> Result<(), SpecError> {
    let spec = &spec.with_names();
    let mut findings = lint::findings(spec);
    findings.sort_by_key(|finding| finding.place);
    SpecError::check(findings)
}

/// Generates the code for a spec.
///
/// # Errors
/// With all findings of [`lint`](fn@lint), or else the errors of openapiv3 and progenitor.
pub fn generate(spec: &Spec) -> Result<Generated, SpecError> {
    lint(spec)?;
    let (types, operations) = emit::emit(&spec.with_names())?;
    Ok(Generated { types, operations })
}

#[cfg(test)]
mod tests;
