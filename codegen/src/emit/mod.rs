//! Writes Rust code from a spec without findings.
//!
//! ```text
//! spec ─ normalise ─▶ progenitor ─┬─▶ types: lenient to read, strict to send ─────────────────┐
//!  │                              └─▶ operations: progenitor's requests, our calls ───────────┼──────────▶ operations.rs
//!  ├─▶ open enums: known values, and an Unknown that keeps the text ────────────────────────┤
//!  ├─▶ ids, and the choices between two of them ────────────────────────────────────────────┤
//!  ├─▶ fields: a table for each response ───────────────────────────────────────────────────┤
//!  ├─▶ rules: what a request may contain ───────────────────────────────────────────────────┤
//!  ├─▶ lifecycle: the meaning of each state ────────────────────────────────────────────────┼─ prettyplease ▶ types.rs
//!  └─▶ constants: header names, limits, documented errors ──────────────────────────────────┘
//! ```
//!
//! Each arrow is a function from a document to a document or to code. They share the pieces of Rust's syntax in `syntax.rs`.

mod builders;
mod operations;
mod progenitor;
mod request;
mod rules;
mod syntax;
mod tables;
mod types;
mod values;

use proc_macro2::TokenStream;

use crate::openapi::{Spec, SpecError};

/// The source of the types, and that of the operations. Expects a spec without findings.
pub(crate) fn emit(spec: &Spec) -> Result<(String, String), SpecError> {
    let output = progenitor::generate(spec)?;
    let operations = operations::operations(spec, &progenitor::module(&output, "builder"))?;
    let mut types = types::types(spec, progenitor::module(&output, "types"));
    for emitter in [values::open_enums, values::ids, types::fields, rules::rules, tables::lifecycle, tables::constants]
    {
        types.extend(emitter(spec));
    }
    Ok((format_source(spec, types)?, format_source(spec, operations)?))
}

fn format_source(spec: &Spec, tokens: TokenStream) -> Result<String, SpecError> {
    let file = syn::parse2(tokens).map_err(|error| {
        let help = "this is a mistake in codegen/, not in the spec: correct the emitter that wrote it";
        spec.finding("", format!("the generated code does not parse: {error}"), help)
    })?;
    Ok(format!("// Generated from the spec by cashfree-vkyc-codegen. Do not edit.\n\n{}", prettyplease::unparse(&file)))
}

#[cfg(test)]
mod tests;
