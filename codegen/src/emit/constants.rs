//! Constants of the values of a spec that are neither types nor operations, and the documented errors.
//!
//! The hand-written code takes every wire name from here, so that none is typed twice.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase as _;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use super::syntax::option;
use crate::openapi::{MEANINGS, Spec, text};

/// The constants by name, and the documented errors with their types.
pub(super) fn constants(spec: &Spec) -> TokenStream {
    let constants: BTreeMap<_, _> = spec.constants().into_iter().map(|it| (it.name.clone(), it)).collect();
    let names = constants.keys().map(|name| format_ident!("{name}"));
    let docs = constants.values().map(|constant| format!(" {}", constant.doc));
    let values = constants.values().map(|constant| match constant.value.as_str() {
        Some(text) => quote!(&str = #text),
        None => {
            let number = constant.value.as_u64().and_then(|number| u32::try_from(number).ok());
            quote!(u32 = #number)
        }
    });
    let errors = documented_errors(spec);
    let meanings = MEANINGS.iter().map(|(name, _)| format_ident!("{}", name.to_upper_camel_case()));
    let meaning_docs = MEANINGS.iter().map(|(_, words)| *words);
    quote! {
        /// The meaning of a documented error, for code that branches on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum ErrorMeaning { #( #[doc = #meaning_docs] #meanings, )* }

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
        pub(crate) mod constants {
            #( #[doc = #docs] pub(crate) const #names: #values; )*
            #errors
        }
    }
}

fn documented_errors(spec: &Spec) -> TokenStream {
    let rows = spec.error_examples().into_iter().map(|example| {
        let field = |name: &str| option(example.node.pointer(&format!("/value/{name}")).and_then(Value::as_str));
        let (type_, code, advice) = (field("type"), field("code"), option(text(example.node, "x-advice")));
        let status: u16 = example.status.parse().unwrap_or_default();
        let meaning = text(example.node, "summary").unwrap_or_default();
        let means = text(example.node, "x-means").map(|means| format_ident!("{}", means.to_upper_camel_case()));
        let means = option(means.map(|means| quote!(super::ErrorMeaning::#means)));
        quote! {
            super::DocumentedError {
                http_status: #status, type_: #type_, code: #code, meaning: #meaning, advice: #advice,
                means: #means,
            }
        }
    });
    quote! {
        /// Every documented error.
        pub(crate) static DOCUMENTED_ERRORS: &[super::DocumentedError] = &[ #( #rows, )* ];
    }
}
