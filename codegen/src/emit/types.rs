//! The types that progenitor made, with lenient decoding and without sensitive values in `Debug`.
//!
//! The rules are in one place, here: which attribute a field gets follows from its type, never from its name.
//!
//! | field's type | read from | written |
//! |---|---|---|
//! | `Option` of a scalar | its own kind, a number for a text, a numeric text for an integer; `""`, `null`, absent are `None` | unless `None` |
//! | open enum | text; `""`, `null`, absent are `Unknown("")` | unless empty |
//! | other `Option`s | their own kind; `""`, `null` and absent are `None` | unless `None` |
//!
//! Each struct also gets words from the spec and a `Debug` that redacts. A type that is read gets `is_blank` and `differs_from`; a
//! type that is sent gets the methods of `builders.rs`. A type that is only sent is strict: its fields are those of the spec, and
//! private.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use syn::{Attribute, Field, Fields, Ident, Item, ItemStruct, parse_quote};

use super::builders;
use super::record::{RecordField, Shape};
use super::syntax::{set_doc, source, type_name};
use crate::openapi::{EVIDENCE, Spec, is_true, rust_name, text};

/// Rewrites the structs among `items` and adds their `impl`s.
pub(super) fn rewrite(spec: &Spec, items: Vec<Item>) -> TokenStream {
    let rewritten = items.into_iter().map(|item| match item {
        Item::Struct(item) if matches!(item.fields, Fields::Named(_)) => record(spec, item),
        other => quote!(#other),
    });
    rewritten.collect()
}

fn record(spec: &Spec, mut item: ItemStruct) -> TokenStream {
    let name = item.ident.clone();
    let (schemas, directions) = (spec.schemas(), spec.directions());
    let found = schemas.iter().find(|(schema, _, node)| name == rust_name(schema, node));
    let (schema, node) = found.map_or(("", &Value::Null), |(schema, _, node)| (*schema, *node));
    let is_strict = directions.is_sent_only(schema);
    let fields = RecordField::all(spec, &item, node);
    for (field, info) in item.fields.iter_mut().zip(&fields) {
        if is_strict {
            field.vis = parse_quote!(pub(crate));
        } else {
            decode_leniently(field, info);
        }
        document(spec, field, info);
    }
    item.attrs.retain(|attribute| !attribute.path().is_ident("derive"));
    // Before the attributes that the derived code reads.
    item.attrs.insert(0, parse_quote!(#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]));
    if !is_strict {
        item.attrs.insert(0, parse_quote!(#[derive(Default)]));
        item.attrs.push(parse_quote!(#[non_exhaustive]));
    }
    item.attrs.push(parse_quote!(#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]));
    set_doc(&mut item.attrs, text(node, "description").unwrap_or(&name.to_string()));
    let debug = debug_impl(&name, &fields);
    let read = (!is_strict).then(|| read_impl(&name, &fields));
    let sent = directions.is_sent(schema).then(|| builders::methods(spec, &name, &fields, node));
    quote!(#item #debug #read #sent)
}

fn decode_leniently(field: &mut Field, info: &RecordField<'_>) {
    let wire = &info.wire;
    let rename = (info.ident != wire).then(|| quote!(rename = #wire,));
    let attribute: Attribute = match info.shape {
        Shape::OptionalScalar => parse_quote!(#[serde(
            #rename default, deserialize_with = "crate::wire::decode::optional", skip_serializing_if = "Option::is_none"
        )]),
        Shape::OptionalOther => parse_quote!(#[serde(
            #rename default, deserialize_with = "crate::wire::decode::optional_other", skip_serializing_if = "Option::is_none"
        )]),
        Shape::OpenEnum => {
            let is_empty = format!("{}::is_empty", source(&info.ty)).replace(' ', "");
            parse_quote!(#[serde(
                #rename default, deserialize_with = "crate::wire::decode::or_default", skip_serializing_if = #is_empty
            )])
        }
        Shape::RequiredScalar => parse_quote!(#[serde(#rename deserialize_with = "crate::wire::decode::required")]),
        Shape::Extra => parse_quote!(#[serde(flatten, deserialize_with = "crate::wire::decode::extra")]),
        Shape::Other => return,
    };
    field.attrs.retain(|attribute| !attribute.path().is_ident("serde"));
    field.attrs.push(attribute);
}

/// Words for a field: the spec's description, its example and how well it is known.
fn document(spec: &Spec, field: &mut Field, RecordField { shape, property, .. }: &RecordField<'_>) {
    if *shape == Shape::Extra {
        let doc = "Fields that this version does not know, as they came. `Debug` prints their names only.";
        return set_doc(&mut field.attrs, doc);
    }
    let mut doc = spec.description(property).to_owned();
    if let Some(example) = property.get("example") {
        doc.push_str(&format!("\n\nExample: `{example}`."));
    }
    let evidence = text(property, "x-evidence").and_then(|mark| EVIDENCE.iter().find(|(name, _)| *name == mark));
    if let Some((_, words)) = evidence {
        doc.push_str(&format!("\n\nSource: {words}"));
    }
    set_doc(&mut field.attrs, &doc);
}

/// `Debug` without values that must not be printed.
fn debug_impl(name: &Ident, fields: &[RecordField<'_>]) -> TokenStream {
    let label = name.to_string();
    let entries = fields.iter().map(|field| {
        let (ident, label, optional) = (&field.ident, field.ident.to_string(), field.optional());
        let held = type_name(optional.unwrap_or(&field.ty));
        let value = match (held.as_str(), optional) {
            _ if field.shape == Shape::Extra => quote!(&crate::wire::sensitive::NamesOnly(&self.#ident)),
            // `Sensitive` redacts itself; other types cannot.
            (held, Some(_)) if is_true(field.property, "x-sensitive") && held != "Sensitive" => {
                quote!(&self.#ident.as_ref().map(|_| crate::wire::sensitive::Redacted))
            }
            (held, None) if is_true(field.property, "x-sensitive") && held != "Sensitive" => {
                quote!(&crate::wire::sensitive::Redacted)
            }
            // A server may put any character into a text.
            ("String", Some(_)) => quote!(&self.#ident.as_deref().map(crate::wire::Escaped)),
            ("String", None) => quote!(&crate::wire::Escaped(&self.#ident)),
            _ => quote!(&self.#ident),
        };
        quote!(.field(#label, #value))
    });
    quote! {
        impl ::std::fmt::Debug for #name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(#label) #( #entries )* .finish()
            }
        }
    }
}

/// The checks of a type that is read.
fn read_impl(name: &Ident, fields: &[RecordField<'_>]) -> TokenStream {
    let fields = || fields.iter().filter(|field| field.shape != Shape::Extra);
    let absent = fields().map(|RecordField { ident, shape, .. }| match shape {
        Shape::OptionalScalar | Shape::OptionalOther => Some(quote!(self.#ident.is_none())),
        Shape::OpenEnum => Some(quote!(self.#ident.is_empty())),
        // A required field is present in every value that was decoded.
        Shape::RequiredScalar | Shape::Other | Shape::Extra => None,
    });
    let is_blank = match absent.collect::<Option<Vec<_>>>().as_deref() {
        None => quote!(false),
        Some([]) => quote!(true),
        Some(absent) => quote!(#( #absent )&&*),
    };
    let differs = fields().map(|RecordField { ident, property, .. }| {
        if is_true(property, "x-signed-link") {
            let link = quote!(crate::wire::sensitive::without_query);
            quote!(#link(&self.#ident) != #link(&other.#ident))
        } else {
            quote!(self.#ident != other.#ident)
        }
    });
    let differs: Vec<_> = differs.collect();
    let differs = if differs.is_empty() { quote!(false) } else { quote!(#( #differs )||*) };
    quote! {
        impl #name {
            /// Whether the value has no field of the spec.
            pub(crate) fn is_blank(&self) -> bool {
                #is_blank
            }

            /// Whether a field of the spec differs. A link that is signed anew for every response is compared without its signature.
            pub(crate) fn differs_from(&self, other: &Self) -> bool {
                #differs
            }
        }
    }
}
