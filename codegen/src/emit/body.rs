//! Bodies of requests without progenitor's builders of types: a body is a value of its type, or it is missing.

use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ItemStruct, Type, parse_quote};

use super::syntax::{type_argument, type_name};

/// The words for a body that nobody set.
const MISSING: &str = "the body is missing; set it before the request is sent";

/// Lets the field `body` hold the type itself: `Result<types::builder::T, String>` becomes `Result<types::T, String>`.
pub(super) fn without_builder(item: &mut ItemStruct) {
    let body = item.fields.iter_mut().find(|field| field.ident.as_ref().is_some_and(|name| name == "body"));
    if let Some(body) = body {
        let held = type_argument(&body.ty).map(type_name);
        let held: Option<Type> = held.and_then(|name| syn::parse_str(&format!("types::{name}")).ok());
        if let Some(held) = held.filter(|_| type_argument(&body.ty).is_some_and(is_builder)) {
            body.ty = parse_quote!(Result<#held, String>);
        }
    }
}

fn is_builder(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.iter().any(|segment| segment.ident == "builder"))
}

/// In `new`, an empty builder becomes the words that the body is missing.
pub(super) struct MustBeSet;

impl VisitMut for MustBeSet {
    fn visit_field_value_mut(&mut self, value: &mut syn::FieldValue) {
        if matches!(&value.member, syn::Member::Named(name) if name == "body") {
            let words = MISSING;
            let missing: Expr = parse_quote!(Err(#words.to_string()));
            value.expr = missing;
        }
        visit_mut::visit_field_value_mut(self, value);
    }
}
