//! Small pieces of Rust's syntax that the emitters share.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::{Attribute, GenericArgument, Ident, PathArguments, Type, parse_quote};

/// The first `T` of `Name<T>`.
pub(super) fn type_argument(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let PathArguments::AngleBracketed(list) = &path.path.segments.last()?.arguments else { return None };
    list.args.iter().find_map(|argument| if let GenericArgument::Type(ty) = argument { Some(ty) } else { None })
}

/// `T` of `Option<T>`.
pub(super) fn inner_of_option(ty: &Type) -> Option<&Type> {
    type_argument(ty).filter(|_| type_name(ty) == "Option")
}

/// The last name of a type's path, without its arguments.
pub(super) fn type_name(ty: &Type) -> String {
    let Type::Path(path) = ty else { return String::new() };
    path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

/// Documentation, one attribute a line as a person would write it.
pub(super) fn docs(text: &str) -> Vec<Attribute> {
    let lines = text.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    lines.map(|line| parse_quote!(#[doc = #line])).collect()
}

/// Replaces the documentation among `attributes`.
pub(super) fn set_doc(attributes: &mut Vec<Attribute>, text: &str) {
    attributes.retain(|attribute| !attribute.path().is_ident("doc"));
    attributes.splice(0..0, docs(text));
}

/// An `Option` in the generated code.
pub(super) fn option(value: Option<impl ToTokens>) -> TokenStream {
    value.map_or_else(|| quote!(None), |value| quote!(Some(#value)))
}

/// The source of a piece of syntax, to compare it with text.
pub(super) fn source(piece: impl ToTokens) -> String {
    piece.to_token_stream().to_string()
}

/// An identifier from text that lint has checked.
pub(super) fn ident(text: &str) -> Ident {
    format_ident!("{text}")
}
