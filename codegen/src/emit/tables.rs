//! The lifecycle table: the rows of `x-lifecycle`, with their enums. Also the constants of values that are neither types nor
//! operations, and the documented errors.
//!
//! Hand-written code takes every wire name from here, so that no name is typed twice.

use std::collections::BTreeMap;

use heck::ToUpperCamelCase as _;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::syntax::{ident, option};
use crate::openapi::{EVIDENCE, MEANINGS, Spec, array, is_true, text};

/// `Phase`, `Actor`, `Evidence` and the table; nothing when the spec has no lifecycle.
pub(super) fn lifecycle(spec: &Spec) -> TokenStream {
    let Some(node) = spec.root().get("x-lifecycle") else { return TokenStream::new() };
    let phase = word_enum("Phase", "The progress of a verification.", &words(node, "phases"));
    let actor = word_enum("Actor", "The party that acts next.", &words(node, "actors"));
    let evidence = word_enum("Evidence", "How well a fact about the API is known.", &EVIDENCE);
    let advice = text(node, "unknown_advice").unwrap_or_default();
    let name = |key: &str| Some(ident(spec.open_enum(text(node, key)?)?.rust_name()));
    let (status, sub_status) = (name("status"), name("sub_status"));
    let event = name("event").map(|name| {
        quote! {
            /// The event that is sent when a verification reaches the state.
            #[cfg(feature = "sandbox")]
            pub(crate) event: Option<#name>,
        }
    });
    let stages = stages(node);
    let rows = array(node.get("rows")).map(|entry| row(spec, node, entry));
    quote! {
        #phase
        #stages
        #actor
        #evidence
        /// The meaning of a state for the caller. Without a sub-status, of a status alone.
        #[derive(Debug)]
        pub(crate) struct LifecycleRow {
            pub(crate) status: #status,
            pub(crate) sub_status: Option<#sub_status>,
            pub(crate) phase: Phase,
            pub(crate) actor: Actor,
            pub(crate) is_final: bool,
            pub(crate) outcome: crate::model::outcome::Outcome,
            pub(crate) advice: &'static str,
            pub(crate) evidence: Evidence,
            #event
        }
        /// The meaning of each documented state.
        pub(crate) static LIFECYCLE: &[LifecycleRow] = &[ #( #rows, )* ];
        /// The advice for a state without a row.
        pub(crate) const UNKNOWN_ADVICE: &str = #advice;
    }
}

fn row(spec: &Spec, lifecycle: &Value, row: &Value) -> TokenStream {
    let state = |key: &str| {
        let open_enum = spec.open_enum(text(lifecycle, key)?)?;
        let (name, variant) = (ident(open_enum.rust_name()), ident(&open_enum.variant(text(row, key)?)));
        Some(quote!(#name::#variant))
    };
    let word = |key: &str| format_ident!("{}", text(row, key).unwrap_or("Unknown").to_upper_camel_case());
    let status = state("status");
    let sub_status = option(state("sub_status"));
    let (phase, actor, evidence) = (word("phase"), word("actor"), word("evidence"));
    let is_final = is_true(row, "final");
    let outcome = format_ident!("{}", text(row, "outcome").unwrap_or("undecided").to_upper_camel_case());
    let advice = text(row, "advice").unwrap_or_default();
    let event = lifecycle.get("event").map(|_| {
        let event = option(state("event"));
        quote!(#[cfg(feature = "sandbox")] event: #event,)
    });
    quote! {
        LifecycleRow {
            status: #status,
            sub_status: #sub_status,
            phase: Phase::#phase,
            actor: Actor::#actor,
            is_final: #is_final,
            outcome: crate::model::outcome::Outcome::#outcome,
            advice: #advice,
            evidence: Evidence::#evidence,
            #event
        }
    }
}

/// The order of the phases. A customer may alternate between some of them, which then have the same position.
fn stages(lifecycle: &Value) -> TokenStream {
    let mut stage = 0_u8;
    let arms = array(lifecycle.get("phases")).enumerate().map(|(n, phase)| {
        stage += u8::from(n > 0 && !is_true(phase, "may_return"));
        let name = format_ident!("{}", text(phase, "name").unwrap_or("Unknown").to_upper_camel_case());
        quote!(Self::#name => Some(#stage),)
    });
    quote! {
        impl Phase {
            /// The position in the order of phases. Phases between which a customer may alternate have the same position.
            /// `None` for an unknown phase.
            pub(crate) const fn stage(self) -> Option<u8> {
                match self {
                    Self::Unknown => None,
                    #( #arms )*
                }
            }
        }
    }
}

/// An enum of plain words, with one variant each. `Unknown` is less than all others, so that a wait for a phase with `>=` does not
/// stop at an unknown phase. serde requires it to be the last variant.
fn word_enum(name: &str, doc: &str, words: &[(&str, &str)]) -> TokenStream {
    let name = format_ident!("{name}");
    let texts: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let docs = words.iter().map(|(_, doc)| *doc);
    let numbers = (1..=words.len()).map(Literal::usize_unsuffixed);
    let variants: Vec<_> = texts.iter().map(|word| format_ident!("{}", word.to_upper_camel_case())).collect();
    quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Deserialize, ::serde::Serialize)]
        #[non_exhaustive]
        pub enum #name {
            #( #[doc = #docs] #[serde(rename = #texts)] #variants = #numbers, )*
            /// This version does not know the word.
            #[serde(other, rename = "unknown")]
            Unknown = 0,
        }
        impl #name {
            /// The word in lower case, as in the spec.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    #( Self::#variants => #texts, )*
                    Self::Unknown => "unknown",
                }
            }
        }
        impl ::std::fmt::Display for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    }
}

/// A list of `{name, description}`.
fn words<'a>(lifecycle: &'a Value, list: &str) -> Vec<(&'a str, &'a str)> {
    array(lifecycle.get(list))
        .filter_map(|entry| Some((text(entry, "name")?, text(entry, "description").unwrap_or_default())))
        .collect()
}

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
    let errors = spec.error_examples();
    let errors = errors.iter().map(|(_, status, example)| documented_error(status, example));
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
            /// Every documented error.
            pub(crate) static DOCUMENTED_ERRORS: &[super::DocumentedError] = &[ #( #errors, )* ];
        }
    }
}

fn documented_error(status: &str, example: &Value) -> TokenStream {
    let field = |name: &str| option(example.pointer(&format!("/value/{name}")).and_then(Value::as_str));
    let (type_, code, advice) = (field("type"), field("code"), option(text(example, "x-advice")));
    let status: u16 = status.parse().unwrap_or_default();
    let meaning = text(example, "summary").unwrap_or_default();
    let means = text(example, "x-means").map(|means| format_ident!("{}", means.to_upper_camel_case()));
    let means = option(means.map(|means| quote!(super::ErrorMeaning::#means)));
    quote! {
        super::DocumentedError {
            http_status: #status, type_: #type_, code: #code, meaning: #meaning, advice: #advice, means: #means,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_name_the_variants_of_the_two_enums() {
        let text = "
components:
  schemas:
    S: {x-open-enum: true, x-rust-name: Status, enum: [A_B]}
    U: {x-open-enum: true, enum: [C]}
    E: {x-open-enum: true, x-rust-name: EventType, enum: [D]}
x-lifecycle:
  status: S
  sub_status: U
  event: E
  phases: [{name: early}, {name: middle}, {name: later, may_return: true}, {name: late}]
  actors: [{name: you, description: You.}]
  rows:
    - {status: A_B, phase: early, actor: you, event: D, final: false, advice: Wait., evidence: sample}
    - {status: A_B, sub_status: C, phase: early, actor: you, final: true, outcome: abandoned, advice: Go., evidence: reported}
";
        let code = lifecycle(&Spec::parse("s.yaml", text).unwrap()).to_string();
        for expected in [
            "status : Status :: AB , sub_status : None",
            "sub_status : Some (U :: C) , phase : Phase :: Early , actor : Actor :: You , is_final : true , outcome : crate :: model :: outcome :: Outcome :: Abandoned",
            "is_final : false , outcome : crate :: model :: outcome :: Outcome :: Undecided",
            "Evidence :: Reported , # [cfg (feature = \"sandbox\")] event : None",
            "Evidence :: Sample , # [cfg (feature = \"sandbox\")] event : Some (EventType :: D)",
            "Self :: Early => Some (0u8) , Self :: Middle => Some (1u8) , Self :: Later => Some (1u8) , Self :: Late => Some (2u8)",
        ] {
            assert!(code.contains(expected), "{expected} in {code}");
        }
    }
}
