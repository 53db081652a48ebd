//! The builder of a request: `new` takes the required fields, and a method sets each optional field.
//!
//! If a caller could swap arguments of `new` (`is_set_by_name`), it takes none of them. Then each required field has a method too, and
//! the rules reject a request without it before it is sent.
//!
//! The fields and their types are typify's. A type that is also read has only optional fields, and has the same methods.

use std::collections::BTreeSet;

use heck::ToSnakeCase as _;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use serde_json::Value;

use super::syntax::{RecordField, docs, ident, type_argument, type_name};
use super::values::variant;
use crate::openapi::{Choice, OpenEnum, Spec, array, field_name, is_true, reference_name, required_when_sent, text};

/// The methods of a sent struct.
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

    // In the order of `required` in the spec.
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
    let choice_setters = choices.iter().map(|choice| {
        let (ty, public) = (ident(choice.name), is_later(choice).then(|| quote!(pub)));
        choice_setter(choice, &quote!(#[must_use] #public), &quote!(#ty), &quote!(None), |id| quote!(Some(#id)))
    });
    let setters = fields.iter().filter(|field| {
        let is_set_otherwise = is_argument(field)
            || constant(field).is_some()
            || choices.iter().any(|choice| choice.holds(&field.wire))
            || is_true(field.property, "readOnly");
        !field.property.is_null() && !is_set_otherwise
    });
    let setters = setters.map(|field| setter(spec, field, is_required(field)));
    let doc = if is_by_name {
        let named = fields.iter().filter(|field| is_required(field) && constant(field).is_none());
        let names = named.map(|field| format!("`{}`", field.wire)).collect::<Vec<_>>().join(", ");
        format!(" No field is set yet. A request without {names} is not sent; the error names each missing field.")
    } else if arguments.is_empty() && chosen.is_empty() {
        " No field is set yet.".to_owned()
    } else {
        " Takes the required fields. The other methods set the optional ones.".to_owned()
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

/// The name of the method or argument of a choice.
pub(super) fn choice_name(choice: &Choice<'_>) -> Ident {
    ident(&choice.name.to_snake_case())
}

/// The method that sets a choice. `some` wraps the id of the chosen field, and `none` is the value of the others. `qualifiers` come
/// before `fn`.
pub(super) fn choice_setter(
    choice: &Choice<'_>,
    qualifiers: &TokenStream,
    ty: &TokenStream,
    none: &TokenStream,
    some: fn(TokenStream) -> TokenStream,
) -> TokenStream {
    let name = choice_name(choice);
    let docs = docs(text(choice.node, "description").unwrap_or_default());
    let fields: Vec<_> = choice.fields().map(|(field, ..)| field).collect();
    let targets = fields.iter().map(|field| ident(&field_name(field)));
    let arms = fields.iter().map(|chosen| {
        let variant = variant(chosen);
        let values = fields.iter().map(|field| if field == chosen { some(quote!(id)) } else { none.clone() });
        quote!(#ty::#variant(id) => ( #( #values, )* ))
    });
    quote! {
        #( #docs )*
        #qualifiers fn #name(mut self, #name: impl Into<#ty>) -> Self {
            ( #( self.#targets, )* ) = match #name.into() { #( #arms, )* };
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

/// An argument for a field, and the expression of the field's value.
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

/// The only value of a field's enum, which no caller has to pass. `None` if other values may be sent too.
fn only_value<'a>(spec: &'a Spec, property: &Value) -> Option<(OpenEnum<'a>, &'a str)> {
    let open_enum = spec.open_enum(reference_name(property)?).filter(|e| !is_true(e.node, "x-accepts-unknown"))?;
    let mut values = open_enum.values();
    let only = values.next().filter(|_| values.next().is_none())?;
    Some((open_enum, only))
}

/// Whether the required fields are set by name, because a caller could swap arguments of `new`: there are more than three, or two have
/// the same type. Texts, times and dates count as one type, because each can be made from a `&str`.
pub(super) fn is_set_by_name(spec: &Spec, schema: &Value) -> bool {
    let required = required_when_sent(schema).filter_map(|name| schema.get("properties")?.get(name));
    let required = required.filter(|property| only_value(spec, property).is_none());
    let types: Vec<_> = required.map(|property| reference_name(property).or_else(|| text(property, "type"))).collect();
    types.len() > 3 || types.iter().collect::<BTreeSet<_>>().len() < types.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn arguments_that_could_be_swapped_are_set_by_name() {
        let (text, time) = (json!({"type": "string"}), json!({"type": "string", "format": "timestamp"}));
        let (number, id) = (json!({"type": "integer"}), json!({"allOf": [{"$ref": "#/components/schemas/Id"}]}));
        let spec = Spec::parse("s.yaml", "openapi: 3.0.3").unwrap();
        for (properties, expected) in [
            (vec![], false),
            (vec![&text], false),
            (vec![&text, &number, &id], false),
            (vec![&text, &time], true),
            (vec![&id, &id], true),
            (vec![&text, &number, &id, &json!({"type": "boolean"})], true),
        ] {
            let names: Vec<_> = (0..properties.len()).map(|n| n.to_string()).collect();
            let fields: serde_json::Map<_, _> = names.iter().cloned().zip(properties.into_iter().cloned()).collect();
            let schema = json!({"required": names, "properties": fields});
            assert_eq!(is_set_by_name(&spec, &schema), expected, "{schema}");
        }
    }
}
