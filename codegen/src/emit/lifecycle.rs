//! The lifecycle table: the rows of `x-lifecycle` as a table in Rust, with the enums that it speaks of.

use heck::ToUpperCamelCase as _;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use crate::openapi::{EVIDENCE, Spec, array, is_true, text};

/// `Phase`, `Actor`, `Evidence` and the table; nothing when the spec has no lifecycle.
pub(super) fn lifecycle(spec: &Spec) -> TokenStream {
    let Some(node) = spec.root().get("x-lifecycle") else { return TokenStream::new() };
    let phases = words(node, "phases");
    let actors = words(node, "actors");
    let phase = word_enum("Phase", "How far a verification has come.", &phases);
    let actor = word_enum("Actor", "Who has to act next.", &actors);
    let evidence = word_enum("Evidence", "How well a fact about the API is known.", &EVIDENCE);
    let advice = text(node, "unknown_advice").unwrap_or_default();
    let state = |key: &str| {
        let open_enum = text(node, key).and_then(|schema| spec.open_enum(schema));
        format_ident!("{}", open_enum.map_or("Status", |open_enum| open_enum.rust_name()))
    };
    let (status, sub_status) = (state("status"), state("sub_status"));
    let rows = array(node.get("rows")).map(|entry| row(spec, node, entry));
    quote! {
        #phase
        #actor
        #evidence
        /// One state, or without a sub-status a status alone, and what it means for the caller.
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
        }
        /// What each documented state means for the caller.
        pub(crate) static LIFECYCLE: &[LifecycleRow] = &[ #( #rows, )* ];
        /// What to do about a state without a row.
        pub(crate) const UNKNOWN_ADVICE: &str = #advice;
    }
}

fn row(spec: &Spec, lifecycle: &Value, row: &Value) -> TokenStream {
    let state = |key: &str| {
        let open_enum = spec.open_enum(text(lifecycle, key)?)?;
        let name = format_ident!("{}", open_enum.rust_name());
        let variant = format_ident!("{}", open_enum.variant(text(row, key)?));
        Some(quote!(#name::#variant))
    };
    let word = |key: &str| format_ident!("{}", text(row, key).unwrap_or("Unknown").to_upper_camel_case());
    let status = state("status");
    let sub_status = state("sub_status").map_or_else(|| quote!(None), |sub_status| quote!(Some(#sub_status)));
    let (phase, actor, evidence) = (word("phase"), word("actor"), word("evidence"));
    let is_final = is_true(row, "final");
    let outcome = format_ident!("{}", text(row, "outcome").unwrap_or("undecided").to_upper_camel_case());
    let advice = text(row, "advice").unwrap_or_default();
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
        }
    }
}

/// An enum of plain words: one variant each, and before them `Unknown`, so that it is less than all that is known: who waits
/// for a phase by `>=` does not stop at one that nobody knows.
fn word_enum(name: &str, doc: &str, words: &[(&str, &str)]) -> TokenStream {
    let name = format_ident!("{name}");
    let texts: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
    let docs = words.iter().map(|(_, doc)| *doc);
    let variants: Vec<_> = texts.iter().map(|word| format_ident!("{}", word.to_upper_camel_case())).collect();
    quote! {
        #[doc = #doc]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum #name {
            /// This version does not know.
            Unknown,
            #( #[doc = #docs] #variants, )*
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
        impl ::serde::Serialize for #name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
        /// A word that this version does not know is `Unknown`.
        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                let word = <::std::borrow::Cow<'de, str> as ::serde::Deserialize>::deserialize(deserializer)?;
                Ok(match word.as_ref() {
                    #( #texts => Self::#variants, )*
                    _ => Self::Unknown,
                })
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
x-lifecycle:
  status: S
  sub_status: U
  phases: [{name: early, description: Early.}]
  actors: [{name: you, description: You.}]
  rows:
    - {status: A_B, phase: early, actor: you, final: false, advice: Wait., evidence: sample}
    - {status: A_B, sub_status: C, phase: early, actor: you, final: true, outcome: abandoned, advice: Go., evidence: reported}
";
        let code = lifecycle(&Spec::parse("s.yaml", text).unwrap()).to_string();
        for expected in [
            "status : Status :: AB , sub_status : None",
            "sub_status : Some (U :: C) , phase : Phase :: Early , actor : Actor :: You , is_final : true , outcome : crate :: model :: outcome :: Outcome :: Abandoned",
            "is_final : false , outcome : crate :: model :: outcome :: Outcome :: Undecided",
            "Evidence :: Reported",
        ] {
            assert!(code.contains(expected), "{expected} in {code}");
        }
    }
}
