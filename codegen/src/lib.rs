//! Turns `spec/vkyc.yaml` into the generated half of the crate `cashfree-vkyc`, at build time.
//!
//! ```text
//! spec/vkyc.yaml
//!    │ read        YAML → JSON, with the line of every node            read.rs
//!    │ lint        all mistakes at once, each with its cure            lint/
//!    │ normalise   a copy in which progenitor finds what it likes      normalise.rs
//!    ├─▶ open enums       known variants and an Unknown that keeps     open_enums.rs
//!    ├─▶ lifecycle table  what each state means                        lifecycle.rs
//!    ├─▶ facts            header names, limits, documented errors      facts.rs
//!    └─▶ progenitor ──▶ structs: lenient decoding, redaction           structs.rs
//!                   └─▶ operations: our Response and Error             client.rs
//!                              │
//!                              ▼
//!                   types.rs · operations.rs  (prettyplease)
//! ```
//!
//! Every pass is a function from a document to a document or to code. None reads anything but the spec that it is
//! given, so the same bytes in give the same bytes out.
//!
//! ```
//! let spec = cashfree_vkyc_codegen::Spec::parse("my.yaml", "openapi: 3.1.0")?;
//! let error = cashfree_vkyc_codegen::generate(&spec).unwrap_err();
//! assert!(error.to_string().contains("my.yaml:1:10 #/openapi: OpenAPI 3.1.0 is not supported"));
//! # Ok::<(), cashfree_vkyc_codegen::SpecError>(())
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod client;
mod facts;
mod finding;
mod lifecycle;
mod lint;
mod model;
mod normalise;
mod open_enums;
mod read;
mod structs;

use proc_macro2::TokenStream;
use quote::quote;

pub use finding::{Finding, SpecError};
pub use lint::lint;
pub use normalise::LIMITS;
pub use read::Spec;

/// The generated source, formatted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Generated {
    /// Types, open enums, the lifecycle table and the facts. Needs no HTTP stack.
    pub types: String,
    /// The operations. Needs reqwest and progenitor-client.
    pub operations: String,
}

/// Generates the code for a spec.
///
/// # Errors
/// With everything that [`lint`] finds, or with what openapiv3 and progenitor refuse.
pub fn generate(spec: &Spec) -> Result<Generated, SpecError> {
    lint(spec)?;
    let halves = client::client(spec, normalise::normalise(spec))?;
    let structs = structs::tokens(&structs::rewrite(spec, halves.types));
    let enums = open_enums::open_enums(spec);
    let lifecycle = lifecycle::lifecycle(spec);
    let facts = facts::facts(spec);
    let types = quote! {
        #structs
        #enums
        #lifecycle
        /// One error as the spec documents it.
        #[derive(Debug)]
        pub(crate) struct DocumentedError {
            pub(crate) http_status: u16,
            pub(crate) type_: Option<&'static str>,
            pub(crate) code: Option<&'static str>,
            pub(crate) meaning: &'static str,
            pub(crate) advice: Option<&'static str>,
        }
        /// Addresses, header names, limits, documented errors and samples.
        pub(crate) mod constants { #facts }
    };
    Ok(Generated {
        types: format_source(spec, types)?,
        operations: format_source(spec, structs::tokens(&halves.operations))?,
    })
}

fn format_source(spec: &Spec, tokens: TokenStream) -> Result<String, SpecError> {
    let file = syn::parse2(tokens).map_err(|error| {
        let cure = "this is a mistake in codegen/, not in the spec: mend the pass that wrote it";
        spec.finding("", format!("the generated code does not parse: {error}"), cure)
    })?;
    Ok(format!("// Generated from the spec by cashfree-vkyc-codegen. Do not edit.\n\n{}", prettyplease::unparse(&file)))
}

#[cfg(test)]
mod tests;
