//! The fields of typify's structs, each with the property that it was made from.

use serde_json::Value;
use syn::{Ident, ItemStruct, Type};

use super::syntax::{inner_of_option, source};
use crate::openapi::{entries, field_name};

/// A field of a struct.
pub(super) struct RecordField<'a> {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    /// Whether it holds the fields that the spec does not know.
    pub(super) is_extra: bool,
    /// The name on the wire.
    pub(super) wire: String,
    /// Null where the schema has no such property.
    pub(super) property: &'a Value,
}

impl<'a> RecordField<'a> {
    /// The fields of a struct that was made from `schema`.
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
