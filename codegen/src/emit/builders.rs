//! How a request is made: `new` takes the required fields, and a method sets each optional one.
//!
//! If arguments of `new` could be swapped (`required.rs`), it takes none of them: each required field has a method too, and the rules
//! name each one that is missing before the request is sent.
//!
//! The fields and their types are typify's. A type that is also read has only optional fields, and gets the same methods.

use heck::ToSnakeCase as _;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use serde_json::Value;

use super::ids::variant;
use super::record::RecordField;
use super::required::{is_set_by_name, only_value};
use super::syntax::{docs, ident, type_argument, type_name};
use crate::openapi::{Choice, Spec, array, field_name, is_true, required_when_sent, text};

/// The methods of a struct that is sent.
pub(super) fn methods(spec: &Spec, name: &Ident, fields: &[RecordField<'_>], schema: &Value) -> TokenStream {
    let required: Vec<&str> = required_when_sent(schema).collect();
    let is_required = |field: &RecordField<'_>| required.contains(&field.wire.as_str());
    let constant = |field: &RecordField<'_>| {
        let (open_enum, value) = only_value(spec, field.property).filter(|_| is_required(field))?;
        let (name, variant) = (ident(open_enum.rust_name()), ident(&open_enum.variant(value)));
        Some(quote!(#name::#variant))
    };
    let is_by_name = is_set_by_name(spec, schema);
    let is_argument = |field: &RecordField<'_>| !is_by_name && is_required(field) && constant(field).is_none();

    // In the order of `required`, which is that of the spec's author.
    let arguments =
        required.iter().filter_map(|name| fields.iter().find(|field| field.wire == *name && is_argument(field)));
    let arguments: Vec<_> = arguments.map(|field| argument(field).0).collect();
    let values = fields.iter().map(|field| {
        let given = is_argument(field).then(|| argument(field).1).or_else(|| constant(field));
        let value = match given {
            Some(given) if field.optional().is_some() => quote!(Some(#given)),
            Some(given) => given,
            None => quote!(::std::default::Default::default()),
        };
        let name = &field.ident;
        quote!(#name: #value)
    });
    let choices: Vec<Choice<'_>> = spec.choices_of(schema).collect();
    let is_later = |choice: &Choice<'_>| array(schema.get("x-not-in-new")).any(|later| later == choice.name);
    let chosen = choices.iter().filter(|choice| !is_later(choice));
    let (chosen, chosen_types): (Vec<_>, Vec<_>) = chosen.map(|it| (choice_name(it), ident(it.name))).unzip();
    let choice_setters = choices.iter().map(|choice| choice_setter(choice, is_later(choice)));
    let setters = fields.iter().filter(|field| {
        let is_set_otherwise = is_argument(field)
            || constant(field).is_some()
            || choices.iter().any(|choice| choice.holds(&field.wire))
            || is_true(field.property, "readOnly");
        !field.property.is_null() && !is_set_otherwise
    });
    let setters = setters.map(|field| setter(spec, field, is_required(field)));
    let doc = match (is_by_name, arguments.is_empty() && chosen.is_empty()) {
        (true, _) => {
            let named = fields.iter().filter(|field| is_required(field) && constant(field).is_none());
            let names: Vec<_> = named.map(|field| format!("`{}`", field.wire)).collect();
            format!(
                " Nothing is set yet. A request without {} is not sent; the error names what is missing.",
                names.join(", ")
            )
        }
        (false, true) => " Nothing is set yet.".to_owned(),
        (false, false) => " Takes what is required. What may be left out is set by the other methods.".to_owned(),
    };
    quote! {
        impl #name {
            #[doc = #doc]
            #[allow(clippy::new_without_default)]
            #[must_use]
            pub fn new(#( #arguments, )* #( #chosen: impl Into<#chosen_types> ),*) -> Self {
                Self { #( #values ),* } #( .#chosen(#chosen) )*
            }
            #( #choice_setters )*
            #( #setters )*
        }
    }
}

/// The name by which a choice is set.
pub(super) fn choice_name(choice: &Choice<'_>) -> Ident {
    ident(&choice.name.to_snake_case())
}

/// The statement that spreads a choice, whose type is `ty`, over its fields, each of which is what `some` makes of an id, or `none`.
pub(super) fn spread(
    choice: &Choice<'_>,
    ty: &TokenStream,
    none: &TokenStream,
    some: impl Fn(TokenStream) -> TokenStream,
) -> TokenStream {
    let fields: Vec<_> = choice.fields().map(|(field, ..)| field).collect();
    let targets = fields.iter().map(|field| ident(&field_name(field)));
    let argument = choice_name(choice);
    let arms = fields.iter().map(|chosen| {
        let variant = variant(chosen);
        let values = fields.iter().map(|field| if field == chosen { some(quote!(id)) } else { none.clone() });
        quote!(#ty::#variant(id) => ( #( #values, )* ))
    });
    quote!(( #( self.#targets, )* ) = match #argument.into() { #( #arms, )* };)
}

fn choice_setter(choice: &Choice<'_>, is_public: bool) -> TokenStream {
    let (name, ty) = (choice_name(choice), ident(choice.name));
    let docs = docs(text(choice.node, "description").unwrap_or_default());
    let spread = spread(choice, &quote!(#ty), &quote!(None), |id| quote!(Some(#id)));
    let visibility = is_public.then(|| quote!(pub));
    quote! {
        #( #docs )*
        #[must_use]
        #visibility fn #name(mut self, #name: impl Into<#ty>) -> Self {
            #spread
            self
        }
    }
}

fn setter(spec: &Spec, field: &RecordField<'_>, is_required: bool) -> TokenStream {
    let (name, (argument, value)) = (&field.ident, argument(field));
    let value = if field.optional().is_some() { quote!(Some(#value)) } else { value };
    let docs = docs(&format!("{}{}", spec.description(field.property), if is_required { " Required." } else { "" }));
    quote! {
        #( #docs )*
        #[must_use]
        pub fn #name(mut self, #argument) -> Self {
            self.#name = #value;
            self
        }
    }
}

/// An argument for a field, and the value made from it.
fn argument(field: &RecordField<'_>) -> (TokenStream, TokenStream) {
    let (name, ty) = (&field.ident, field.optional().unwrap_or(&field.ty));
    match type_argument(ty).filter(|_| type_name(ty) == "Vec") {
        Some(item) => (
            quote!(#name: impl IntoIterator<Item = impl Into<#item>>),
            quote!(#name.into_iter().map(Into::into).collect()),
        ),
        None => (quote!(#name: impl Into<#ty>), quote!(#name.into())),
    }
}
