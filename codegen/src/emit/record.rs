//! The fields of typify's structs, each with the property that it was made from.

use serde_json::Value;
use syn::{Field, Ident, ItemStruct, Type};

use super::syntax::{inner_of_option, source, type_name};
use crate::openapi::{Spec, entries, field_name};

/// Types of the generated code that `crate::wire::decode` reads leniently, beside the open enums.
const SCALARS: [&str; 10] =
    ["NumberOrText", "String", "Sensitive", "Timestamp", "bool", "f64", "i32", "i64", "u32", "u64"];

/// How a field is decoded.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Shape {
    OptionalScalar,
    OptionalOther,
    OpenEnum,
    RequiredScalar,
    /// The fields that the spec does not know.
    Extra,
    Other,
}

/// A field of a struct.
pub(super) struct RecordField<'a> {
    pub(super) ident: Ident,
    pub(super) ty: Type,
    pub(super) shape: Shape,
    /// The name on the wire.
    pub(super) wire: String,
    /// Null where the schema has no such property.
    pub(super) property: &'a Value,
}

impl<'a> RecordField<'a> {
    /// The fields of a struct that was made from `schema`.
    pub(super) fn all(spec: &Spec, item: &ItemStruct, schema: &'a Value) -> Vec<Self> {
        item.fields.iter().filter_map(|field| Self::of(spec, field, schema)).collect()
    }

    fn of(spec: &Spec, field: &Field, schema: &'a Value) -> Option<Self> {
        let ident = field.ident.clone()?;
        let mut properties = entries(schema.get("properties"));
        let (wire, property) = match properties.find(|(name, _)| ident == field_name(name)) {
            Some((name, property)) => (name.to_owned(), property),
            None => (ident.to_string(), &Value::Null),
        };
        Some(Self { ident, ty: field.ty.clone(), shape: shape(spec, field), wire, property })
    }

    /// `T` of a field of the type `Option<T>`.
    pub(super) fn optional(&self) -> Option<&Type> {
        inner_of_option(&self.ty)
    }
}

fn shape(spec: &Spec, field: &Field) -> Shape {
    if field.attrs.iter().any(|attribute| attribute.path().is_ident("serde") && source(attribute).contains("flatten")) {
        return Shape::Extra;
    }
    let is_enum = |name: &str| spec.open_enums().iter().any(|open_enum| open_enum.rust_name() == name);
    let is_scalar = |name: &str| SCALARS.contains(&name) || is_enum(name);
    let name = type_name(inner_of_option(&field.ty).unwrap_or(&field.ty));
    match inner_of_option(&field.ty) {
        Some(_) if is_scalar(&name) => Shape::OptionalScalar,
        Some(_) => Shape::OptionalOther,
        None if is_enum(&name) => Shape::OpenEnum,
        None if is_scalar(&name) => Shape::RequiredScalar,
        None => Shape::Other,
    }
}
