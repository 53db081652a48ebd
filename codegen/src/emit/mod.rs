//! Writes code: from a spec without findings to Rust.
//!
//! ```text
//! spec ─ normalise ─▶ progenitor ─┬─▶ types: what is read leniently, what is sent strictly ─┐
//!  │                              └─▶ operations: cut at the request ───────────────────────┼──────────▶ operations.rs
//!  ├─▶ open enums: known values, and an Unknown that keeps the text ────────────────────────┤
//!  ├─▶ ids, and the choices between two of them ────────────────────────────────────────────┤
//!  ├─▶ fields: a table for each response ────────────────────────────────────────────────────┤
//!  ├─▶ rules: what may be sent ─────────────────────────────────────────────────────────────┤
//!  ├─▶ lifecycle: what each state means ────────────────────────────────────────────────────┼─ prettyplease ▶ types.rs
//!  └─▶ constants: header names, limits, documented errors ──────────────────────────────────┘
//! ```
//!
//! Each is a function from a document to a document or to code. What they share of Rust's syntax stands in `syntax.rs`.

mod arguments;
mod body;
pub(crate) mod constants;
mod fields;
mod ids;
mod lifecycle;
mod normalise;
mod open_enums;
mod operations;
mod progenitor;
mod request;
mod rules;
mod sent;
mod syntax;
mod types;

use proc_macro2::TokenStream;
use quote::quote;

use crate::openapi::{Spec, SpecError};

/// The source of the types, and that of the operations. Expects a spec without findings.
pub(crate) fn emit(spec: &Spec) -> Result<(String, String), SpecError> {
    let halves = progenitor::halves(spec, normalise::normalise(spec))?;
    let types = syntax::tokens(&types::rewrite(spec, halves.types));
    let operations = syntax::tokens(&operations::rewrite(spec, halves.operations)?);
    let enums = open_enums::open_enums(spec);
    let (ids, fields, rules) = (ids::ids(spec), fields::fields(spec), rules::rules(spec));
    let (lifecycle, meanings) = (lifecycle::lifecycle(spec), constants::meanings());
    let constants = constants::constants(spec);
    let types = quote! {
        #types
        #enums
        #ids
        #fields
        #rules
        #lifecycle
        #meanings
        /// One error as the spec documents it: a row of [`DocumentedError::all`].
        #[derive(Debug)]
        pub struct DocumentedError {
            pub(crate) http_status: u16,
            pub(crate) type_: Option<&'static str>,
            pub(crate) code: Option<&'static str>,
            pub(crate) meaning: &'static str,
            pub(crate) advice: Option<&'static str>,
            pub(crate) means: Option<ErrorMeaning>,
        }
        /// Addresses, header names, limits, documented errors and samples.
        pub(crate) mod constants { #constants }
    };
    Ok((format_source(spec, types)?, format_source(spec, operations)?))
}

fn format_source(spec: &Spec, tokens: TokenStream) -> Result<String, SpecError> {
    let file = syn::parse2(tokens).map_err(|error| {
        let help = "this is a mistake in codegen/, not in the spec: mend the pass that wrote it";
        spec.finding("", format!("the generated code does not parse: {error}"), help)
    })?;
    Ok(format!("// Generated from the spec by cashfree-vkyc-codegen. Do not edit.\n\n{}", prettyplease::unparse(&file)))
}

#[cfg(test)]
mod tests;
