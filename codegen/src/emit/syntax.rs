//! Small pieces of Rust's syntax that the emitters share, and the fields of typify's structs.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use serde_json::Value;
use syn::{Attribute, GenericArgument, Ident, ItemStruct, PathArguments, Type, parse_quote};

use crate::openapi::{entries, field_name};

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

/// `T` of `Vec<T>`.
pub(super) fn inner_of_vec(ty: &Type) -> Option<&Type> {
    type_argument(ty).filter(|_| type_name(ty) == "Vec")
}

/// The last name of a type's path, without its arguments.
pub(super) fn type_name(ty: &Type) -> String {
    let Type::Path(path) = ty else { return String::new() };
    path.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

/// Documentation, with one attribute per line.
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

/// A field of a struct, with its property in the spec.
pub(super) struct RecordField<'a> {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    /// Whether it holds unknown fields.
    pub(super) is_extra: bool,
    /// The name on the wire.
    pub(super) wire: String,
    /// Null if the schema has no such property.
    pub(super) property: &'a Value,
}

impl<'a> RecordField<'a> {
    /// The fields of the struct of `schema`.
    pub(super) fn all(item: &ItemStruct, schema: &'a Value) -> Vec<Self> {
        let fields = item.fields.iter().filter_map(|field| {
            let ident = field.ident.clone()?;
            let property = entries(schema.get("properties")).find(|(name, _)| ident == field_name(name));
            let (wire, property) =
                property.map_or_else(|| (ident.to_string(), &Value::Null), |(name, node)| (name.to_owned(), node));
            let mut serde = field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde"));
            let is_extra = serde.any(|attribute| source(attribute).contains("flatten"));
            Some(Self { ident, ty: field.ty.clone(), is_extra, wire, property })
        });
        fields.collect()
    }

    /// `T` of a field of the type `Option<T>`.
    pub(super) fn optional(&self) -> Option<&Type> {
        inner_of_option(&self.ty)
    }
}
