//! How what is sent is made: `new` with what is required, and a method for each thing that may be left out.
//!
//! The fields and their types are typify's; a type that is also read has only optional fields, and gets the same methods.

use std::collections::BTreeSet;

use heck::ToSnakeCase as _;
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use syn::{Field, Item, ItemStruct, Type, parse_quote};

use super::ids::variant;
use super::syntax::{ident, inner_of_option, type_argument, type_name};
use super::types::{property, wire_name};
use crate::openapi::{Choice, OpenEnum, Spec, array, field_name, is_true, reference_name, required_when_sent, text};

/// The methods of a struct that is sent.
pub(super) fn methods(spec: &Spec, item: &ItemStruct, schema: &Value) -> Item {
    let choices: Vec<Choice<'_>> = spec.choices_of(schema).collect();
    let later: BTreeSet<&str> = array(schema.get("x-not-in-new")).filter_map(Value::as_str).collect();
    let mut new = New::default();
    let mut setters = Vec::new();
    let required: Vec<_> = required_when_sent(schema).collect();
    let fields: Vec<(&Field, String)> = item.fields.iter().map(|field| (field, wire_name(field))).collect();
    // In the order of `required`, which is that of the spec's author.
    for name in &required {
        let Some((field, _)) = fields.iter().find(|(_, wire)| wire == name) else { continue };
        match property(schema, name).and_then(|property| only_value(spec, property)) {
            Some((open_enum, value)) => new.constant(field, &open_enum, value),
            None => new.argument(field),
        }
    }
    for choice in &choices {
        if !later.contains(choice.name) {
            new.choice(choice);
        }
        setters.push(choice_setter(choice, later.contains(choice.name)));
    }
    for (field, wire) in &fields {
        let Some(property) = property(schema, wire) else { continue };
        let is_set_otherwise = required.contains(&wire.as_str())
            || choices.iter().any(|choice| choice.holds(wire))
            || is_true(property, "readOnly");
        if !is_set_otherwise {
            setters.extend(setter(spec, field, property));
        }
        if !new.sets(field) {
            new.nothing(field);
        }
    }
    if let Some(extra) = item.fields.iter().find(|field| wire_name(field) == "extra") {
        new.nothing(extra);
    }
    let (name, new) = (&item.ident, new.function());
    parse_quote! { impl #name { #new #( #setters )* } }
}

/// The one value of an enum that has no other, which nobody has to be asked for. Where others may be sent too, somebody does.
fn only_value<'a>(spec: &'a Spec, property: &'a Value) -> Option<(OpenEnum<'a>, &'a str)> {
    let open_enum = spec.open_enum(reference_name(property)?).filter(|e| !is_true(e.node, "x-accepts-unknown"))?;
    let mut values = open_enum.values();
    let only = values.next().filter(|_| values.next().is_none())?;
    Some((open_enum, only))
}

/// The parts of `new`.
#[derive(Default)]
struct New {
    arguments: Vec<TokenStream>,
    /// Names and values of fields.
    values: Vec<(String, TokenStream)>,
    choices: Vec<TokenStream>,
}

impl New {
    fn argument(&mut self, field: &Field) {
        let Some(name) = &field.ident else { return };
        let (ty, value) = taken(&field.ty, name);
        self.arguments.push(quote!(#name: #ty));
        let is_option = inner_of_option(&field.ty).is_some();
        self.values.push((name.to_string(), if is_option { quote!(Some(#value)) } else { value }));
    }

    fn constant(&mut self, field: &Field, open_enum: &OpenEnum<'_>, value: &str) {
        let (name, variant) = (ident(open_enum.rust_name()), ident(&open_enum.variant(value)));
        let value = quote!(#name::#variant);
        let is_option = inner_of_option(&field.ty).is_some();
        let value = if is_option { quote!(Some(#value)) } else { value };
        self.values.extend(field.ident.as_ref().map(|name| (name.to_string(), value)));
    }

    fn choice(&mut self, choice: &Choice<'_>) {
        let (name, ty) = (choice_name(choice), ident(choice.name));
        self.arguments.push(quote!(#name: impl Into<#ty>));
        self.choices.push(quote!(.#name(#name)));
    }

    fn nothing(&mut self, field: &Field) {
        self.values
            .extend(field.ident.as_ref().map(|name| (name.to_string(), quote!(::std::default::Default::default()))));
    }

    fn sets(&self, field: &Field) -> bool {
        field.ident.as_ref().is_some_and(|ident| self.values.iter().any(|(name, _)| ident == name))
    }

    fn function(self) -> TokenStream {
        let Self { arguments, values, choices } = self;
        let values = values.into_iter().map(|(name, value)| {
            let name = ident(&name);
            quote!(#name: #value)
        });
        let default_too = if arguments.is_empty() {
            "Nothing is set yet."
        } else {
            "What may be left out is set by the other methods."
        };
        let doc = format!(" Takes what is required. {default_too}");
        let doc = if arguments.is_empty() { format!(" {default_too}") } else { doc };
        quote! {
            #[doc = #doc]
            #[allow(clippy::new_without_default)]
            #[must_use]
            pub fn new(#( #arguments ),*) -> Self {
                Self { #( #values ),* } #( #choices )*
            }
        }
    }
}

/// The name by which a choice is set.
pub(super) fn choice_name(choice: &Choice<'_>) -> proc_macro2::Ident {
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
    let doc = text(choice.node, "description").unwrap_or_default();
    let spread = spread(choice, &quote!(#ty), &quote!(None), |id| quote!(Some(#id)));
    let visibility = if is_public { quote!(pub) } else { quote!() };
    quote! {
        #[doc = #doc]
        #[must_use]
        #visibility fn #name(mut self, #name: impl Into<#ty>) -> Self {
            #spread
            self
        }
    }
}

fn setter(spec: &Spec, field: &Field, property: &Value) -> Option<TokenStream> {
    let name = field.ident.as_ref()?;
    let (ty, value) = taken(&field.ty, name);
    let value = if inner_of_option(&field.ty).is_some() { quote!(Some(#value)) } else { value };
    let doc = text(property, "description").or_else(|| text(spec.resolve(property), "description")).unwrap_or_default();
    Some(quote! {
        #[doc = #doc]
        #[must_use]
        pub fn #name(mut self, #name: #ty) -> Self {
            self.#name = #value;
            self
        }
    })
}

/// What a caller may pass for a field of this type, and the field's value made from it.
fn taken(ty: &Type, name: &proc_macro2::Ident) -> (TokenStream, TokenStream) {
    let ty = inner_of_option(ty).unwrap_or(ty);
    match type_argument(ty).filter(|_| type_name(ty) == "Vec") {
        Some(item) => {
            (quote!(impl IntoIterator<Item = impl Into<#item>>), quote!(#name.into_iter().map(Into::into).collect()))
        }
        None => (quote!(impl Into<#ty>), quote!(#name.into())),
    }
}
