//! Small pieces of Rust's syntax that the emitters share.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, format_ident};
use syn::{Attribute, GenericArgument, Item, PathArguments, Type, parse_quote};

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

/// Replaces the documentation among `attributes`, one attribute a line as a person would write it.
pub(super) fn set_doc(attributes: &mut Vec<Attribute>, doc: &str) {
    attributes.retain(|attribute| !attribute.path().is_ident("doc"));
    let lines = doc.lines().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    let docs: Vec<Attribute> = lines.map(|line| parse_quote!(#[doc = #line])).collect();
    attributes.splice(0..0, docs);
}

/// The tokens of items, for the emitter.
pub(super) fn tokens(items: &[Item]) -> TokenStream {
    items.iter().map(|item| item.to_token_stream()).collect()
}

/// An identifier from text that lint has checked.
pub(super) fn ident(text: &str) -> proc_macro2::Ident {
    format_ident!("{text}")
}
