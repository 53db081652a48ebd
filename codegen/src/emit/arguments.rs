//! The arguments of a request. They are checked by the limits of the spec before the request is built; a body is checked by its rule.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use serde_json::Value;
use syn::{Field, Type};

use super::rules;
use super::syntax::{docs, ident, inner_of_option, type_argument, type_name};
use crate::openapi::{Operation, Spec, field_name, is_true, reference_name, text};

/// An argument of a request, or its body.
pub(super) struct Argument<'a> {
    pub(super) name: Ident,
    /// The name in the spec.
    pub(super) wire: &'a str,
    /// `path`, `query` or `body`.
    pub(super) place: &'a str,
    /// `T` of the field's `Result<T, String>`.
    pub(super) held: Type,
    doc: &'a str,
    /// The error when the argument is not set, and when it cannot be converted.
    missing: String,
    unfit: String,
}

impl<'a> Argument<'a> {
    /// The argument of a field of progenitor's builder. `None` for the field that holds the client.
    pub(super) fn of(spec: &'a Spec, operation: &Operation<'a>, field: &Field) -> Option<Self> {
        let name = field.ident.clone()?;
        let held = type_argument(&field.ty)?.clone();
        let mut parameters = spec.parameters(operation);
        let node = parameters.find(|node| text(node, "name").is_some_and(|wire| name == field_name(wire)));
        let word = |key| node.and_then(|node| text(node, key));
        let wire = word("name").unwrap_or("body");
        let (label, held) = match node {
            Some(_) => (format!("the argument `{wire}`"), held),
            // Progenitor's builder of the type is not used: a body is a value of the type.
            None => ("the body".to_owned(), syn::parse_str(&format!("types::{}", type_name(&held))).ok()?),
        };
        let unfit = match node.and_then(|node| text(node.get("schema")?, "type")) {
            Some("integer") => "is no whole number that fits; pass one between -2^63 and 2^63-1",
            Some("number") => "is no number",
            Some("string") => "is no text that the operation takes",
            _ => "does not fit what the operation takes",
        };
        let (place, doc) = (word("in").unwrap_or("body"), word("description").unwrap_or("The body of the request."));
        Some(Self { name, wire, place, held, doc, missing: missing(&label), unfit: format!("{label} {unfit}") })
    }

    /// The field before the argument is set.
    pub(super) fn unset(&self) -> TokenStream {
        let Self { name, missing, .. } = self;
        match inner_of_option(&self.held) {
            Some(_) => quote!(#name: Ok(None)),
            None => quote!(#name: Err(#missing.to_owned())),
        }
    }

    /// The method that sets the argument.
    pub(super) fn setter(&self) -> TokenStream {
        let Self { name, held, unfit, .. } = self;
        let docs = docs(self.doc);
        let optional = inner_of_option(held);
        let (ty, some) = (optional.unwrap_or(held), optional.map(|_| quote!(.map(Some))));
        quote! {
            #( #docs )*
            pub fn #name(mut self, #name: impl TryInto<#ty>) -> Self {
                self.#name = #name.try_into()#some.map_err(|_| #unfit.to_owned());
                self
            }
        }
    }
}

/// The error for an argument that is not set.
pub(super) fn missing(label: &str) -> String {
    format!("{label} is missing; set it before the request is sent")
}

/// The statement that checks the arguments. `None` where there is nothing to check.
pub(super) fn check(spec: &Spec, operation: &Operation<'_>) -> Option<TokenStream> {
    let arguments = spec.arguments(operation).filter_map(|(_, name, node)| Some((name, node.get("schema")?)));
    let checked: Vec<_> = arguments.filter(|(_, schema)| !was_checked(spec, schema)).collect();
    if checked.is_empty() {
        return None;
    }
    // An argument that is missing was rejected before.
    let fields = checked.iter().map(|(name, schema)| rules::field(spec, name, false, schema));
    let arguments = checked.iter().map(|(name, _)| {
        let argument = ident(&field_name(name));
        quote!((#name, ::serde_json::to_value(&#argument)))
    });
    let imports = rules::imports();
    Some(quote! {
        {
            #imports
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
