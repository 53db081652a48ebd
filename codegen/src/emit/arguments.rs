//! The arguments of a request, checked by the limits of the spec before it is built; its body is checked by the rules of
//! `rules.rs`.

use quote::quote;
use serde_json::Value;
use syn::{Stmt, parse_quote};

use super::rules;
use super::syntax::ident;
use crate::openapi::{Operation, Spec, field_name, is_true, reference_name, text};

/// The statement that checks them. `None` where there is nothing to check.
pub(super) fn check(spec: &Spec, operation: &Operation<'_>) -> Option<Stmt> {
    let parameters = spec.parameters(operation).filter(|parameter| !is_true(parameter, "x-transport"));
    let checked: Vec<_> = parameters
        .filter_map(|parameter| Some((text(parameter, "name")?, parameter.get("schema")?)))
        .filter(|(_, schema)| !was_checked(spec, schema))
        .collect();
    if checked.is_empty() {
        return None;
    }
    // What is missing has been told.
    let fields = checked.iter().map(|(name, schema)| rules::field(spec, name, false, schema));
    let arguments = checked.iter().map(|(name, _)| {
        let argument = ident(&field_name(name));
        quote!((#name, ::serde_json::to_value(&#argument)))
    });
    Some(parse_quote! {
        {
            #[allow(unused_imports)]
            use crate::wire::rules::{Field, ListRule, ObjectRule, Rule, TextForm, TextRule};
            static ARGUMENTS: Rule = Rule::Object(ObjectRule { fields: &[ #( #fields ),* ], exactly_one_of: &[] });
            crate::transport::check_arguments(&ARGUMENTS, [ #( #arguments ),* ])?;
        }
    })
}

/// An id was checked when it was made. Of one that is a number, only that it is one.
fn was_checked(spec: &Spec, schema: &Value) -> bool {
    let target = reference_name(schema).and_then(|name| spec.schema(name)).filter(|target| is_true(target, "x-id"));
    target.is_some_and(|target| ["minimum", "maximum"].iter().all(|key| target.get(*key).is_none()))
}
