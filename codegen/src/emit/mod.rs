//! Writes code: from a spec without findings to Rust.
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
//! Each is a function from a document to a document or to code. They share the pieces of Rust's syntax in `syntax.rs`.

mod arguments;
mod builders;
mod constants;
mod fields;
mod ids;
mod lifecycle;
mod normalise;
mod open_enums;
mod operations;
mod progenitor;
mod record;
mod request;
mod required;
mod rules;
mod syntax;
mod types;

use proc_macro2::TokenStream;

use crate::openapi::{Spec, SpecError};

/// The source of the types, and that of the operations. Expects a spec without findings.
pub(crate) fn emit(spec: &Spec) -> Result<(String, String), SpecError> {
    let generated = progenitor::generate(spec, normalise::normalise(spec))?;
    let operations = operations::operations(spec, &generated.builders)?;
    let mut types = types::rewrite(spec, generated.types);
    for emitter in
        [open_enums::open_enums, ids::ids, fields::fields, rules::rules, lifecycle::lifecycle, constants::constants]
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
