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
//! Each struct also gets words from the spec and a `Debug` that redacts; what is read gets `is_blank` and `differs_from`, what
//! is sent the methods of `sent.rs`. What is only sent is strict: its fields are those of the spec, and private.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use serde_json::Value;
use syn::{Attribute, Field, Item, ItemStruct, Meta, parse_quote};

use super::sent;
use super::syntax::{inner_of_option, set_doc, type_name};
use crate::openapi::{EVIDENCE, Spec, array, entries, is_true, rust_name, text};

/// Types of the generated code that `crate::wire::decode` reads leniently, beside the open enums.
const SCALARS: [&str; 10] =
    ["NumberOrText", "String", "Sensitive", "Timestamp", "bool", "f64", "i32", "i64", "u32", "u64"];

/// What a field holds, as far as decoding is concerned.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    OptionalScalar,
    OptionalOther,
    OpenEnum,
    RequiredScalar,
    Extra,
    Other,
}

/// Rewrites the structs among `items` and adds their `impl`s.
pub(super) fn rewrite(spec: &Spec, items: Vec<Item>) -> Vec<Item> {
    let mut out = Vec::new();
    for item in items {
        match item {
            Item::Struct(mut item) if is_record(&item) => {
                let added = record(spec, &mut item);
                out.push(Item::Struct(item));
                out.extend(added);
            }
            other => out.push(other),
        }
    }
    out
}

fn is_record(item: &ItemStruct) -> bool {
    matches!(item.fields, syn::Fields::Named(_))
}

fn record(spec: &Spec, item: &mut ItemStruct) -> Vec<Item> {
    let name = item.ident.to_string();
    let (schemas, directions) = (spec.schemas(), spec.directions());
    let found = schemas.iter().find(|(schema, _, node)| rust_name(schema, node) == name);
    let schema = found.map(|(_, _, node)| *node);
    let is_sent = found.is_some_and(|(schema, ..)| directions.is_sent(schema));
    let is_strict = found.is_some_and(|(schema, ..)| directions.is_sent_only(schema));
    let enums: Vec<String> = spec.open_enums().iter().map(|e| e.rust_name().to_owned()).collect();
    let mut fields = Vec::new();
    for field in &mut item.fields {
        let wire = wire_name(field);
        let property = schema.and_then(|schema| property(schema, &wire));
        let shape = shape(field, &enums);
        if is_strict {
            field.vis = parse_quote!(pub(crate));
        } else {
            decode_leniently(field, shape, &wire);
        }
        document(spec, field, shape, property);
        fields.push((field.clone(), shape, property.is_some_and(|property| is_true(property, "x-sensitive"))));
    }
    item.attrs.retain(|attribute| !attribute.path().is_ident("derive"));
    // Before what they read.
    item.attrs.insert(0, parse_quote!(#[derive(Clone, PartialEq, ::serde::Deserialize, ::serde::Serialize)]));
    if !is_strict {
        item.attrs.insert(0, parse_quote!(#[derive(Default)]));
        item.attrs.push(parse_quote!(#[non_exhaustive]));
    }
    item.attrs.push(parse_quote!(#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]));
    set_doc(&mut item.attrs, schema.and_then(|schema| text(schema, "description")).unwrap_or(&name));
    let mut added = vec![debug_impl(item, &fields)];
    if !is_strict {
        added.extend([blank_impl(item, &fields), differs_impl(item, schema)]);
    }
    added.extend(schema.filter(|_| is_sent).map(|schema| sent::methods(spec, item, schema)));
    added
}

/// The property of a schema, or of one of the schemas that it is all of.
pub(super) fn property<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    let own = entries(schema.get("properties")).find(|(property, _)| *property == name).map(|(_, node)| node);
    own.or_else(|| array(schema.get("allOf")).find_map(|part| property(part, name)))
}

fn shape(field: &Field, enums: &[String]) -> Shape {
    if serde_words(field).contains("flatten") {
        return Shape::Extra;
    }
    let is_enum = |name: &str| enums.iter().any(|e| e == name);
    let is_scalar = |name: &str| SCALARS.contains(&name) || is_enum(name);
    match inner_of_option(&field.ty).map(type_name) {
        Some(inner) if is_scalar(&inner) => Shape::OptionalScalar,
        Some(_) => Shape::OptionalOther,
        None if is_enum(&type_name(&field.ty)) => Shape::OpenEnum,
        None if is_scalar(&type_name(&field.ty)) => Shape::RequiredScalar,
        None => Shape::Other,
    }
}

fn decode_leniently(field: &mut Field, shape: Shape, wire: &str) {
    let rename = field.ident.as_ref().filter(|ident| *ident != wire).map(|_| quote!(rename = #wire,));
    let attribute: Attribute = match shape {
        Shape::OptionalScalar => parse_quote!(#[serde(
            #rename default, deserialize_with = "crate::wire::decode::optional", skip_serializing_if = "Option::is_none"
        )]),
        Shape::OptionalOther => parse_quote!(#[serde(
            #rename default, deserialize_with = "crate::wire::decode::optional_other", skip_serializing_if = "Option::is_none"
        )]),
        Shape::OpenEnum => {
            let is_empty = format!("{}::is_empty", field.ty.to_token_stream()).replace(' ', "");
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
fn document(spec: &Spec, field: &mut Field, shape: Shape, property: Option<&Value>) {
    if shape == Shape::Extra {
        let doc = "Fields that this version does not know, as they came. `Debug` prints their names only.";
        return set_doc(&mut field.attrs, doc);
    }
    let Some(property) = property else { return };
    let description = text(property, "description").or_else(|| text(spec.resolve(property), "description"));
    let mut doc = description.unwrap_or_default().to_owned();
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
fn debug_impl(item: &ItemStruct, fields: &[(Field, Shape, bool)]) -> Item {
    let ident = &item.ident;
    let name = ident.to_string();
    let entries = fields.iter().filter_map(|(field, shape, sensitive)| {
        let ident = field.ident.as_ref()?;
        let label = ident.to_string();
        Some(match (shape, sensitive) {
            (Shape::Extra, _) => quote!(.field(#label, &crate::wire::sensitive::NamesOnly(&self.#ident))),
            // `Sensitive` redacts itself; other types cannot.
            (_, true) if type_name(inner_of_option(&field.ty).unwrap_or(&field.ty)) != "Sensitive" => {
                match inner_of_option(&field.ty) {
                    Some(_) => quote!(.field(#label, &self.#ident.as_ref().map(|_| crate::wire::sensitive::Redacted))),
                    None => quote!(.field(#label, &crate::wire::sensitive::Redacted)),
                }
            }
            // Whatever a server sends may stand in a text.
            _ if is_string(&field.ty) => quote!(.field(#label, &crate::wire::Escaped(&self.#ident))),
            _ if inner_of_option(&field.ty).is_some_and(is_string) => {
                quote!(.field(#label, &self.#ident.as_deref().map(crate::wire::Escaped)))
            }
            _ => quote!(.field(#label, &self.#ident)),
        })
    });
    parse_quote! {
        impl ::std::fmt::Debug for #ident {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(#name) #( #entries )* .finish()
            }
        }
    }
}

fn is_string(ty: &syn::Type) -> bool {
    type_name(ty) == "String"
}

/// Whether a decoded value says nothing at all: then the answer was not what it claimed to be.
fn blank_impl(item: &ItemStruct, fields: &[(Field, Shape, bool)]) -> Item {
    let ident = &item.ident;
    let checks: Vec<TokenStream> = fields
        .iter()
        .filter_map(|(field, shape, _)| {
            let ident = field.ident.as_ref()?;
            match shape {
                Shape::OptionalScalar | Shape::OptionalOther => Some(quote!(self.#ident.is_none())),
                Shape::OpenEnum => Some(quote!(self.#ident.is_empty())),
                Shape::RequiredScalar | Shape::Other | Shape::Extra => None,
            }
        })
        .collect();
    // What has to be there was there, or it would not have been decoded.
    let has_required = fields.iter().any(|(_, shape, _)| matches!(shape, Shape::RequiredScalar | Shape::Other));
    let all = match (has_required, checks.is_empty()) {
        (true, _) => quote!(false),
        (false, true) => quote!(true),
        (false, false) => quote!(#( #checks )&&*),
    };
    parse_quote! {
        impl #ident {
            /// Whether no field of the spec is there.
            pub(crate) fn is_blank(&self) -> bool {
                #all
            }
        }
    }
}

/// Whether something moved: of the fields of the spec, all count.
fn differs_impl(item: &ItemStruct, schema: Option<&Value>) -> Item {
    let ident = &item.ident;
    let fields = item.fields.iter().filter(|field| !serde_words(field).contains("flatten"));
    let differ = fields.filter_map(|field| {
        let name = field.ident.as_ref()?;
        let property = schema.and_then(|schema| property(schema, &wire_name(field)));
        Some(if property.is_some_and(|property| is_true(property, "x-signed-link")) {
            let link = quote!(crate::wire::sensitive::without_query);
            quote!(#link(&self.#name) != #link(&other.#name))
        } else {
            quote!(self.#name != other.#name)
        })
    });
    let differ: Vec<TokenStream> = differ.collect();
    let any = if differ.is_empty() { quote!(false) } else { quote!(#( #differ )||*) };
    parse_quote! {
        impl #ident {
            /// Whether a field of the spec differs. Of a link that is signed anew for every answer, only where it leads counts.
            pub(crate) fn differs_from(&self, other: &Self) -> bool {
                #any
            }
        }
    }
}

/// The name of a field on the wire: serde's `rename`, or the field's own.
pub(super) fn wire_name(field: &Field) -> String {
    let words = serde_words(field);
    let renamed = words.split("rename = \"").nth(1).and_then(|rest| rest.split('"').next());
    let own = || field.ident.as_ref().map(ToString::to_string).unwrap_or_default();
    renamed.map_or_else(own, str::to_owned)
}

fn serde_words(field: &Field) -> String {
    let serde = field.attrs.iter().filter(|attribute| attribute.path().is_ident("serde"));
    serde.filter_map(|a| if let Meta::List(list) = &a.meta { Some(list.tokens.to_string()) } else { None }).collect()
}
