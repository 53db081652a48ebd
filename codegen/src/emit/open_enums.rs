//! The open enums: each string enum marked `x-open-enum` becomes a Rust enum that never fails and loses nothing.
//!
//! Emitted here are the variants and their words. The traits are the macro `open_enum!` of the library, so that they are
//! ordinary Rust that can be read and tested there.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::openapi::{OpenEnum, Spec, text};

/// All open enums of the spec.
pub(super) fn open_enums(spec: &Spec) -> TokenStream {
    spec.open_enums().iter().map(open_enum).collect()
}

fn open_enum(open_enum: &OpenEnum<'_>) -> TokenStream {
    let name = format_ident!("{}", open_enum.rust_name());
    let doc = format!(
        "{}\n\nAn open enum: a value that this version does not know is [`Unknown`](Self::Unknown), keeps its text and \
         encodes to it again. Match a value that came later by its text, `other if other.as_str() == \"NEW\"`: that \
         keeps working when a newer version gives it a name.",
        text(open_enum.node, "description").unwrap_or_default()
    );
    let values: Vec<&str> = open_enum.values().collect();
    let variants: Vec<_> = values.iter().map(|value| format_ident!("{}", open_enum.variant(value))).collect();
    let words: Vec<_> = values.iter().map(|value| open_enum.description(value).unwrap_or_default()).collect();
    let docs = values.iter().zip(&words).map(|(value, words)| format!("{words}\n\nOn the wire: `{value}`."));
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum #name {
            #( #[doc = #docs] #variants, )*
            /// A value that this version does not know.
            Unknown(crate::wire::UnknownValue),
        }
        crate::wire::open_enum::open_enum!(#name { #( #variants => #values, #words; )* });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_becomes_a_documented_variant_with_its_wire_text() {
        let text = "components: {schemas: {Kind: {x-open-enum: true, description: A kind., x-rust-name: K,\
                    enum: [ONE_TWO, a b, z-z], x-enum-names: {a b: Spaced}, x-enumDescriptions: {ONE_TWO: First.}}}}";
        let code = open_enums(&Spec::parse("s.yaml", text).unwrap()).to_string();
        for expected in ["pub enum K", "OneTwo => \"ONE_TWO\"", "Spaced => \"a b\"", "ZZ => \"z-z\"", "First."] {
            assert!(code.contains(expected), "{expected} in {code}");
        }
    }
}
