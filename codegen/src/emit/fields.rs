//! A table of the fields of each response, so that a program can print a record without knowing its fields.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

use super::syntax::ident;
use crate::openapi::{Spec, entries, reference_name, rust_name, text};

/// `FIELDS` of each schema that is the body of a success.
pub(super) fn fields(spec: &Spec) -> TokenStream {
    let operations = spec.operations();
    let responses = operations.iter().filter_map(|operation| spec.success(operation)?.schema_name());
    let responses: BTreeSet<&str> = responses.collect();
    let schemas = spec.schemas();
    let tables = schemas.iter().filter(|(name, _, node)| responses.contains(name) && node.get("properties").is_some());
    let tables = tables.map(|(name, at, node)| {
        let mut properties: Vec<_> = entries(node.get("properties")).collect();
        properties.sort_by_key(|(name, _)| spec.place(at.push("properties").push(name).as_ref()));
        let rows = properties.into_iter().map(|(name, property)| {
            let (label, is_sensitive) = (name.replace('_', " "), is_sensitive(spec, property));
            quote!(Field::new(#name, #label, #is_sensitive))
        });
        let name = ident(rust_name(name, node));
        quote! {
            impl #name {
                /// The fields, in the order of the spec.
                pub const FIELDS: &'static [crate::model::Field] = {
                    use crate::model::Field;
                    &[ #( #rows, )* ]
                };
            }
        }
    });
    tables.collect()
}

/// Whether a value must not be printed: by the mark of the spec, else when it is a record or a list.
fn is_sensitive(spec: &Spec, property: &Value) -> bool {
    let target = reference_name(property).and_then(|name| spec.schema(name)).unwrap_or(property);
    let mark = [property, target].into_iter().find_map(|node| node.get("x-sensitive")?.as_bool());
    mark.unwrap_or_else(|| matches!(text(target, "type"), Some("array" | "object")))
}
