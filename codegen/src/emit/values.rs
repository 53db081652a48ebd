//! The types of single values: ids, choices between two ids, and open enums. The output has only names and limits; macros of the
//! library implement the traits, so that the traits are tested there.
//!
//! A string enum with `x-open-enum` becomes a Rust enum that accepts any text and keeps it.

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::rules::text_limits;
use super::syntax::ident;
use crate::openapi::{Choice, OpenEnum, Spec, is_true, rust_name, text};

/// All ids and choices of the spec.
pub(super) fn ids(spec: &Spec) -> TokenStream {
    let ids = spec.schemas().into_iter().filter(|(_, _, node)| is_true(node, "x-id"));
    let ids = ids.map(|(name, _, node)| id(rust_name(name, node), node));
    let choices = spec.choices();
    let choices = choices.iter().map(|one| choice(spec, one));
    quote! { #( #ids )* #( #choices )* }
}

fn id(name: &str, node: &Value) -> TokenStream {
    let (ident, doc) = (format_ident!("{name}"), text(node, "description").unwrap_or_default());
    let debug = format_ident!("{}", if is_true(node, "x-sensitive") { "redacted" } else { "plain" });
    if text(node, "type") == Some("integer") {
        return quote!(crate::model::ids::number_id!(#[doc = #doc] #ident { #debug }););
    }
    let (words, (min, max, characters)) = (name.to_snake_case().replace('_', " "), text_limits(node));
    quote! {
        crate::model::ids::text_id!(#[doc = #doc] #ident {
            crate::model::ids::IdLimits { id: #words, min: #min, max: #max, characters: #characters }, #debug
        });
    }
}

/// The variant of a field.
pub(super) fn variant(field: &str) -> Ident {
    ident(&field.to_upper_camel_case())
}

fn choice(spec: &Spec, choice: &Choice<'_>) -> TokenStream {
    let (name, doc) = (ident(choice.name), text(choice.node, "description").unwrap_or_default());
    let (fields, words): (Vec<_>, Vec<_>) = choice.fields().map(|(field, _, words)| (field, words)).unzip();
    let variants: Vec<_> = fields.iter().map(|field| variant(field)).collect();
    let nodes = choice.fields().map(|(_, id, _)| (id, spec.schema(id).unwrap_or_default()));
    let nodes: Vec<_> = nodes.collect();
    let ids: Vec<_> = nodes.iter().map(|(id, node)| ident(rust_name(id, node))).collect();
    // A choice can be printed if all of its ids can.
    let display = nodes.iter().all(|(_, node)| !is_true(node, "x-sensitive")).then(|| {
        quote! {
            impl ::std::fmt::Display for #name {
                fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                    match self {
                        #( Self::#variants(id) => ::std::fmt::Display::fmt(id, f), )*
                    }
                }
            }
        }
    });
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum #name { #( #[doc = #words] #variants(#ids), )* }
        #display
        crate::model::refs_serde::tagged_text!(#name { #( #variants => #fields ),* });
        #(
            impl From<#ids> for #name {
                fn from(id: #ids) -> Self {
                    Self::#variants(id)
                }
            }
            impl From<&#ids> for #name {
                fn from(id: &#ids) -> Self {
                    Self::#variants(id.to_owned())
                }
            }
        )*
        impl From<&#name> for #name {
            fn from(choice: &#name) -> Self {
                choice.clone()
            }
        }
    }
}

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
    fn an_id_gets_its_limits_and_a_choice_its_conversions() {
        let text = "components: {schemas: {\
                    ThingId: {type: string, description: An id., x-id: true, minLength: 1, maxLength: 9, pattern: '^[a-z]+$'}, \
                    ThingNumber: {type: integer, x-id: true, x-sensitive: true}, \
                    OldId: {type: integer, x-id: true, x-rust-name: NewId}}}\n\
                    x-exactly-one-of: {ThingRef: {description: Which., of: [{field: thing_id, type: ThingId, description: Ours.}, {field: old, type: OldId, description: Old.}]}}\n";
        let code = ids(&Spec::parse("s.yaml", text).unwrap()).to_string();
        for expected in [
            "ThingId { crate :: model :: ids :: IdLimits { id : \"thing id\" , min : 1usize , max : 9usize",
            "ThingNumber { redacted }",
            "NewId { plain }",
            "Old (NewId)",
            "impl From < NewId > for ThingRef",
            "pub enum ThingRef { # [doc = \"Ours.\"] ThingId (ThingId)",
            "impl From < & ThingId > for ThingRef",
        ] {
            assert!(code.contains(expected), "{expected} in {code}");
        }
        assert!(!code.contains("OldId"), "{code}");
    }

    #[test]
    fn every_value_becomes_a_documented_variant_with_its_wire_text() {
        let text = "components: {schemas: {Kind: {x-open-enum: true, description: A kind., x-rust-name: K,\
                    enum: [ONE_TWO, a b, z-z], x-enum-varnames: [OneTwo, Spaced, ZZ], x-enumDescriptions: {ONE_TWO: First.}}}}";
        let code = open_enums(&Spec::parse("s.yaml", text).unwrap()).to_string();
        for expected in ["pub enum K", "OneTwo => \"ONE_TWO\"", "Spaced => \"a b\"", "ZZ => \"z-z\"", "First."] {
            assert!(code.contains(expected), "{expected} in {code}");
        }
    }
}
