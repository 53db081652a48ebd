//! Rewrites the types of progenitor: lenient decoding, and no sensitive values in `Debug`.
//!
//! The attributes of a field depend on its type, never on its name:
//!
//! | field's type | read from | written |
//! |---|---|---|
//! | `Option` of a scalar | its own type, a number for a text, a numeric text for an integer; `""`, `null`, absent are `None` | unless `None` |
//! | open enum | text; `""`, `null`, absent are `Unknown("")` | unless empty |
//! | other `Option`s | their own type; `""`, `null` and absent are `None` | unless `None` |
//!
//! Any other value of such a field is kept in `extra`, and the field is absent. The library's `wire/record.rs` reads every
//! record, by the list of fields that this module writes. A required field is strict.
//!
//! Each struct also gets documentation from the spec and a `Debug` that redacts. A read type gets `is_blank`, `differs_from` and
//! `unrecognized`; a sent type gets the methods of `builders.rs`. A type that is only sent is strict: its fields are private, and it
//! has no fields beyond the spec. A response also gets a table of its fields, so that a program can print it without knowing them.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use syn::{Field, Ident, Item, ItemStruct, parse_quote};

use super::builders;
use super::syntax::{RecordField, ident, set_doc, source, type_argument, type_name};
use crate::openapi::{Directions, EVIDENCE, Pointer, Spec, entries, is_true, reference_name, rust_name, text};

/// Types of the generated code that `crate::wire::decode` reads leniently, beside the open enums.
const SCALARS: [&str; 10] =
    ["NumberOrText", "String", "Sensitive", "Timestamp", "bool", "f64", "i32", "i64", "u32", "u64"];

/// The structs among `items`, rewritten, with their `impl`s. Nothing else of progenitor's types is used: `builders.rs` writes the
/// builders, and `values.rs` the other types.
pub(super) fn types(spec: &Spec, items: Vec<Item>) -> TokenStream {
    let (schemas, directions) = (spec.schemas(), spec.directions());
    let records = items.into_iter().filter_map(|item| match item {
        Item::Struct(item) => Some(record(spec, &schemas, &directions, item)),
        _ => None,
    });
    records.collect()
}

fn record(
    spec: &Spec,
    schemas: &[(&str, Pointer, &Value)],
    directions: &Directions,
    mut item: ItemStruct,
) -> TokenStream {
    let name = item.ident.clone();
    let found = schemas.iter().find(|(schema, _, node)| name == rust_name(schema, node));
    let (schema, node) = found.map_or(("", &Value::Null), |(schema, _, node)| (*schema, *node));
    let is_strict = directions.is_sent_only(schema);
    let fields = RecordField::all(&item, node);
    for (field, info) in item.fields.iter_mut().zip(&fields) {
        if is_strict {
            field.vis = parse_quote!(pub(crate));
        } else {
            encode_what_is_present(spec, field, info);
        }
        document(spec, field, info);
    }
    item.attrs.retain(|attribute| !attribute.path().is_ident("derive"));
    // The derive must precede its helper attributes.
    item.attrs.insert(0, parse_quote!(#[derive(Clone, PartialEq, ::serde::Serialize)]));
    if is_strict {
        item.attrs.insert(0, parse_quote!(#[derive(::serde::Deserialize)]));
    } else {
        item.attrs.insert(0, parse_quote!(#[derive(Default)]));
        item.attrs.push(parse_quote!(#[non_exhaustive]));
    }
    item.attrs.push(parse_quote!(#[cfg_attr(feature = "schemars", derive(::schemars::JsonSchema))]));
    set_doc(&mut item.attrs, text(node, "description").unwrap_or(&name.to_string()));
    let debug = debug_impl(&name, &fields);
    let read = (!is_strict).then(|| read_impl(&name, &fields));
    let decode = (!is_strict).then(|| decode_impl(spec, &name, &fields));
    let unrecognized = (!is_strict).then(|| unrecognized_impl(spec, &name, &fields));
    let sent = directions.is_sent(schema).then(|| builders::methods(spec, &name, &fields, node));
    quote!(#item #debug #decode #read #unrecognized #sent)
}

/// How a field is read.
#[derive(PartialEq)]
enum Reader {
    /// Leniently, and absent if that fails.
    Scalar,
    /// By its type's own rules, and absent if that fails.
    Other,
    /// Strictly: it is required.
    Required,
}

fn reader(spec: &Spec, field: &RecordField<'_>) -> Reader {
    let optional = field.optional();
    let name = type_name(optional.unwrap_or(&field.ty));
    match optional {
        _ if is_open_enum(spec, &name) => Reader::Scalar,
        Some(_) if SCALARS.contains(&name.as_str()) => Reader::Scalar,
        Some(_) => Reader::Other,
        None => Reader::Required,
    }
}

fn is_open_enum(spec: &Spec, name: &str) -> bool {
    spec.open_enums().iter().any(|open_enum| open_enum.rust_name() == name)
}

/// Replaces the attributes for serde, so that absent fields are not written.
fn encode_what_is_present(spec: &Spec, field: &mut Field, info: &RecordField<'_>) {
    let is_absent = match reader(spec, info) {
        // The other fields are flattened by typify.
        Reader::Required => return,
        _ if info.optional().is_some() => "Option::is_none".to_owned(),
        _ => format!("{}::is_empty", source(&info.ty)).replace(' ', ""),
    };
    let wire = &info.wire;
    let rename = (info.ident != wire).then(|| quote!(rename = #wire,));
    field.attrs.retain(|attribute| !attribute.path().is_ident("serde"));
    field.attrs.push(parse_quote!(#[serde(#rename default, skip_serializing_if = #is_absent)]));
}

/// Documents a field: the spec's description, its example and its evidence.
fn document(spec: &Spec, field: &mut Field, RecordField { is_extra, property, .. }: &RecordField<'_>) {
    if *is_extra {
        let doc =
            "Unknown fields, and values that this version cannot read, unchanged. `Debug` prints only their names.";
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
        // `Sensitive` redacts itself; other types cannot.
        let is_redacted = is_true(field.property, "x-sensitive") && held != "Sensitive";
        let value = match optional {
            _ if field.is_extra => quote!(&crate::wire::sensitive::NamesOnly(&self.#ident)),
            Some(_) if is_redacted => quote!(&self.#ident.as_ref().map(|_| crate::wire::sensitive::Redacted)),
            None if is_redacted => quote!(&crate::wire::sensitive::Redacted),
            // A text of a server may contain any character.
            Some(_) if held == "String" => quote!(&self.#ident.as_deref().map(crate::wire::Escaped)),
            None if held == "String" => quote!(&crate::wire::Escaped(&self.#ident)),
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

/// The list of fields from which the library reads a record.
fn decode_impl(spec: &Spec, name: &Ident, fields: &[RecordField<'_>]) -> TokenStream {
    let fields: Vec<_> = fields.iter().filter(|field| !field.is_extra).collect();
    let wires: Vec<_> = fields.iter().map(|field| &field.wire).collect();
    let numbers: Vec<_> = (0_u32..).take(fields.len()).collect();
    let readers = fields.iter().map(|field| {
        let ident = &field.ident;
        match reader(spec, field) {
            Reader::Scalar => quote!(crate::wire::record::scalar(&mut self.#ident, entries)),
            Reader::Other => quote!(crate::wire::record::other(&mut self.#ident, entries)),
            Reader::Required => quote!(entries.next_value().map(|value| { self.#ident = value; None })),
        }
    });
    quote! {
        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                crate::wire::record::read(deserializer)
            }
        }
        impl crate::wire::record::Record for #name {
            fn field(name: &str) -> Option<(u32, &'static str)> {
                match name {
                    #( #wires => Some((#numbers, #wires)), )*
                    _ => None,
                }
            }
            fn read_field<'de, A: ::serde::de::MapAccess<'de>>(
                &mut self,
                field: u32,
                entries: &mut A,
            ) -> ::std::result::Result<Option<::serde_json::Value>, A::Error> {
                match field {
                    #( #numbers => #readers, )*
                    _ => entries.next_value().map(Some),
                }
            }
            fn extra(&mut self) -> &mut ::serde_json::Map<::std::string::String, ::serde_json::Value> {
                &mut self.extra
            }
        }
    }
}

/// The list of data in a value and its records that the spec does not describe.
fn unrecognized_impl(spec: &Spec, name: &Ident, fields: &[RecordField<'_>]) -> TokenStream {
    let label = name.to_string();
    let is_record = |name: &str| {
        spec.schemas()
            .iter()
            .any(|(schema, _, node)| rust_name(schema, node) == name && node.get("properties").is_some())
    };
    let found = fields.iter().filter_map(|field| {
        let (ident, wire, ty) = (&field.ident, &field.wire, field.optional().unwrap_or(&field.ty));
        let item = type_argument(ty).filter(|_| type_name(ty) == "Vec");
        let (values, path) = match (field.optional(), item) {
            (Some(_), Some(_)) => (quote!(self.#ident.iter().flatten()), format!("{wire}[]")),
            (None, Some(_)) => (quote!(self.#ident.iter()), format!("{wire}[]")),
            (Some(_), None) => (quote!(self.#ident.iter()), wire.clone()),
            (None, None) => (quote!(::std::iter::once(&self.#ident)), wire.clone()),
        };
        match type_name(item.unwrap_or(ty)).as_str() {
            name if is_open_enum(spec, name) => Some(quote! {
                let unknown = #values.filter(|value| value.is_unrecognized());
                found.extend(unknown.map(|_| crate::wire::Unrecognized::value(#path)));
            }),
            name if is_record(name) => Some(quote! {
                let within = #values.flat_map(|record| record.unrecognized());
                found.extend(within.map(|found| found.within(#path)));
            }),
            _ => None,
        }
    });
    let found: Vec<_> = found.collect();
    let binding = if found.is_empty() { quote!(let found) } else { quote!(let mut found) };
    quote! {
        impl #name {
            /// The data that the spec does not describe, by name and kind, without values: unknown fields, unknown values of open
            /// enums, and values that could not be read. Includes the records in this one.
            pub fn unrecognized(&self) -> impl Iterator<Item = crate::wire::Unrecognized> + use<> {
                #binding = crate::wire::unrecognized::in_extra::<Self>(&self.extra);
                #( #found )*
                found.into_iter()
            }

            /// Logs the same, each entry once in this process.
            pub(crate) fn log_unrecognized(&self) {
                crate::wire::unrecognized::log(#label, self.unrecognized());
            }
        }
    }
}

/// The checks of a type that is read.
fn read_impl(name: &Ident, fields: &[RecordField<'_>]) -> TokenStream {
    let fields = fields.iter().filter(|field| !field.is_extra);
    let differs = fields.map(|RecordField { ident, property, .. }| {
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
                !self.differs_from(&Self::default())
            }

            /// Whether a field of the spec differs. A link with a new signature in every response is compared without the signature.
            pub(crate) fn differs_from(&self, other: &Self) -> bool {
                #differs
            }
        }
    }
}

/// The table `FIELDS` of each schema that is the body of a success.
pub(super) fn fields(spec: &Spec) -> TokenStream {
    let operations = spec.operations();
    let responses = operations.iter().filter_map(|operation| spec.success(operation)?.record_name());
    let responses: BTreeSet<&str> = responses.collect();
    let tables = responses.into_iter().filter_map(|name| {
        let (node, at) = (spec.schema(name)?, Pointer::of(["components", "schemas", name, "properties"]));
        let mut properties: Vec<_> = entries(Some(node.get("properties")?)).collect();
        properties.sort_by_key(|(name, _)| spec.place(at.push(name).as_ref()));
        let rows = properties.into_iter().map(|(name, property)| {
            let (label, is_sensitive) = (name.replace('_', " "), is_sensitive(spec, property));
            quote!(Field::new(#name, #label, #is_sensitive))
        });
        let name = ident(rust_name(name, node));
        Some(quote! {
            impl #name {
                /// The fields, in the order of the spec.
                pub const FIELDS: &'static [crate::model::Field] = {
                    use crate::model::Field;
                    &[ #( #rows, )* ]
                };
            }
        })
    });
    tables.collect()
}

/// Whether a value must not be printed: by `x-sensitive`, or else if it is a record or a list.
fn is_sensitive(spec: &Spec, property: &Value) -> bool {
    let target = reference_name(property).and_then(|name| spec.schema(name)).unwrap_or(property);
    let mark = [property, target].into_iter().find_map(|node| node.get("x-sensitive")?.as_bool());
    mark.unwrap_or_else(|| matches!(text(target, "type"), Some("array" | "object")))
}
