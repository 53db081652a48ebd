//! The operations: for each, a builder of its request, and a `Call` that sends it.
//!
//! ```text
//! pub fn argument(self, …) -> Self                       sets an argument
//! fn request(self) -> Result<Request<T>, RequestError>   checks the arguments and builds the request (request.rs)
//! pub fn send(self) -> Call<T>                           passes the request to a call, with its `Operation`
//! ```
//!
//! Progenitor decides the fields of the builder and how they become a request. Its client is not used.

use heck::{ToShoutySnakeCase as _, ToSnakeCase as _, ToUpperCamelCase as _};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Block, ImplItem, ImplItemFn, Item, ItemStruct, Type};

use super::builders;
use super::request::{self, Argument};
use super::syntax::{docs, ident, inner_of_vec, type_argument, type_name};
use crate::openapi::{Choice, Finding, Operation, Spec, entries, field_name, is_true, rust_name, text};

/// The operations, from the items of progenitor's `mod builder`.
pub(super) fn operations(spec: &Spec, items: &[Item]) -> Result<TokenStream, Finding> {
    let operations = spec.operations();
    let constants = operations.iter().map(constant_name);
    let starters = operations.iter().map(starter);
    let builders = operations.iter().enumerate().map(|(index, operation)| builder(spec, operation, index, items));
    let builders = builders.collect::<Result<Vec<_>, _>>()?;
    let (schemas, choices) = (spec.schemas(), spec.choices());
    let types = schemas.iter().map(|(name, _, node)| rust_name(name, node)).chain(choices.iter().map(|it| it.name));
    let types = types.map(ident);
    Ok(quote! {
        use crate::transport::{Operation, Transport};

        /// Every operation of the spec, by its `operationId`.
        ///
        /// For operations without a method on `Client`. They share its credentials, time limits and errors.
        #[derive(Clone, Debug)]
        pub struct Operations(pub(crate) Transport);

        impl Operations { #( #starters )* }

        /// Every operation, in the order of its index.
        pub(crate) static OPERATIONS: &[&Operation] = &[ #( &builder::#constants ),* ];

        /// All types of the spec. A new type is public without another line.
        pub mod types {
            pub use crate::model::generated::{ #( #types ),* };
        }

        /// The requests of the operations.
        pub mod builder {
            #[allow(unused_imports)]
            use progenitor_client::encode_path;

            use crate::client::call::Call;
            use crate::model::generated as types;
            #[allow(unused_imports)]
            use crate::transport::{JsonBody, Operation, Request, RequestError as Error, Transport};

            #( #builders )*
        }
    })
}

fn id<'a>(operation: &Operation<'a>) -> &'a str {
    text(operation.node, "operationId").unwrap_or_default()
}

/// The name that progenitor gives to the builder of an operation.
fn builder_name(operation: &Operation<'_>) -> Ident {
    ident(&id(operation).to_upper_camel_case())
}

fn constant_name(operation: &Operation<'_>) -> Ident {
    ident(&id(operation).to_shouty_snake_case())
}

/// The method of `Operations` that starts a request.
fn starter(operation: &Operation<'_>) -> TokenStream {
    let summary = text(operation.node, "summary").unwrap_or_default();
    let description = text(operation.node, "description").unwrap_or_default();
    let (method, path) = (operation.method.to_uppercase(), operation.path);
    let docs = docs(&format!("{summary}\n\nBuilds a request for `{method} {path}`; `send` sends it.\n\n{description}"));
    let (name, builder) = (ident(&id(operation).to_snake_case()), builder_name(operation));
    quote! {
        #( #docs )*
        pub fn #name(&self) -> builder::#builder<'_> {
            builder::#builder::new(&self.0)
        }
    }
}

/// The facts of the spec about an operation, for the transport.
fn constant(spec: &Spec, operation: &Operation<'_>, index: usize) -> TokenStream {
    let (id, constant, path) = (id(operation), constant_name(operation), operation.path);
    let method = operation.method.to_uppercase();
    let (name, method) = (format!("{method} {path}"), ident(&method));
    let success = spec.success_status(operation);
    let errors = spec.responses(operation).into_iter().filter_map(|response| response.status.parse::<u16>().ok());
    let errors = errors.filter(|status| *status != success);
    let idempotent = is_true(operation.node, "x-idempotent");
    quote! {
        pub(super) static #constant: Operation = Operation {
            id: #id,
            method: ::http::Method::#method,
            path: #path,
            name: #name,
            success: #success,
            errors: &[ #( #errors ),* ],
            idempotent: #idempotent,
            index: #index,
        };
    }
}

/// The constant of an operation, and the builder of its request.
fn builder(spec: &Spec, operation: &Operation<'_>, index: usize, items: &[Item]) -> Result<TokenStream, Finding> {
    let name = builder_name(operation);
    let unrecognised = |what: &str| {
        let help = "if progenitor was updated, adapt codegen/src/emit/request.rs to its new output; else simplify the operation";
        spec.finding(&operation.at, format!("progenitor wrote unknown code: {what}"), help)
    };
    let (item, send) = find_builder(items, &name).ok_or_else(|| unrecognised("the builder of the request"))?;
    let response = response_type(send).ok_or_else(|| unrecognised("the type that `send` returns"))?;
    let choices: Vec<Choice<'_>> = spec.choices_of(operation.node).collect();
    let arguments = item.fields.iter().filter_map(|field| Argument::of(spec, operation, field));
    let arguments: Vec<Argument> = arguments.collect();
    let fields = arguments.iter().map(|Argument { name, held, .. }| quote!(#name: Result<#held, String>));
    let unset = arguments.iter().map(Argument::unset);
    let is_chosen = |argument: &&Argument| choices.iter().any(|choice| choice.holds(argument.wire));
    let setters = arguments.iter().filter(|argument| !is_chosen(argument)).map(Argument::setter);
    let choice_setters = choices.iter().map(|choice| {
        let name = ident(choice.name);
        let (ty, none) = (quote!(types::#name), quote!(Ok(None)));
        builders::choice_setter(choice, &quote!(pub), &ty, &none, |id| quote!(Ok(Some(#id))))
    });
    let request = request(spec, operation, &arguments, response, &send.block).map_err(|what| unrecognised(&what))?;
    let (constant, constant_name) = (constant(spec, operation, index), constant_name(operation));
    let doc = format!(" The request of `{}`: set its arguments, then [`send`](Self::send) it.", id(operation));
    let (method, path, debug) = (operation.method.to_uppercase(), operation.path, name.to_string());
    let send_doc = format!(" A call of `{method} {path}`: await it, or set its options first.");
    Ok(quote! {
        #constant

        #[doc = #doc]
        #[derive(Clone)]
        #[must_use = "a request does nothing until it is sent"]
        pub struct #name<'a> { client: &'a Transport, #( #fields ),* }

        // The arguments may identify people.
        impl ::std::fmt::Debug for #name<'_> {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(#debug).finish_non_exhaustive()
            }
        }

        impl<'a> #name<'a> {
            pub(super) fn new(client: &'a Transport) -> Self {
                Self { client, #( #unset ),* }
            }
            #( #setters )*
            #( #choice_setters )*
            #request
            #[doc = #send_doc]
            pub fn send(self) -> Call<#response> {
                Call::new(self.client, &#constant_name, self.request())
            }
        }
    })
}

/// One of progenitor's builders, and its `send`.
fn find_builder<'a>(items: &'a [Item], name: &Ident) -> Option<(&'a ItemStruct, &'a ImplItemFn)> {
    let builder = items.iter().find_map(|item| match item {
        Item::Struct(item) if item.ident == *name => Some(item),
        _ => None,
    })?;
    let send = items.iter().find_map(|item| match item {
        Item::Impl(item) if *name == type_name(&item.self_ty) => item.items.iter().find_map(|item| match item {
            ImplItem::Fn(function) if function.sig.ident == "send" => Some(function),
            _ => None,
        }),
        _ => None,
    })?;
    Some((builder, send))
}

/// `T` of `-> Result<ResponseValue<T>, Error<()>>`.
fn response_type(function: &ImplItemFn) -> Option<&Type> {
    let syn::ReturnType::Type(_, result) = &function.sig.output else { return None };
    type_argument(type_argument(result)?)
}

/// The method that checks the arguments and builds the request.
fn request(
    spec: &Spec,
    operation: &Operation<'_>,
    arguments: &[Argument<'_>],
    response: &Type,
    send: &Block,
) -> Result<TokenStream, String> {
    let names: Vec<_> = arguments.iter().map(|argument| &argument.name).collect();
    let name = ident("request");
    let built = request::build(spec, operation, arguments, &constant_name(operation), send)?;
    let request = quote!(let #name = #built;);
    let unset = spec.choices_of(operation.node).map(|choice| unset_choice(&choice));
    let check = request::check_arguments(spec, operation);
    let (note_ids, correlation) = correlation(spec, operation, response);
    let (is_blank, log) = match inner_of_vec(response) {
        None => (quote!(#response::is_blank), quote!(#response::log_unrecognized)),
        Some(item) => (
            quote!(|items| items.iter().any(#item::is_blank)),
            quote!(|items| items.iter().for_each(#item::log_unrecognized)),
        ),
    };
    Ok(quote! {
        fn request(self) -> Result<Request<#response>, Error> {
            let Self { client, #( #names ),* } = self;
            #( let #names = #names.map_err(Error::InvalidRequest)?; )*
            #( #unset )*
            #check
            #request
            #note_ids
            Ok(Request::new(#name, #correlation, #is_blank, #log))
        }
    })
}

/// Rejects a request that has no argument of a choice.
fn unset_choice(choice: &Choice<'_>) -> TokenStream {
    let fields = choice.fields().map(|(field, ..)| ident(&field_name(field)));
    let words = request::missing(&format!("the argument `{}`", builders::choice_name(choice)));
    quote! {
        if #( #fields.is_none() )&&* {
            return Err(Error::InvalidRequest(#words.to_owned()));
        }
    }
}

/// The ids of the request that a response repeats (`x-echoed-by`): a statement that stores them, and a closure that compares them.
fn correlation(spec: &Spec, operation: &Operation<'_>, response: &Type) -> (TokenStream, TokenStream) {
    let schema = spec.body(operation).and_then(|(schema, _)| spec.schema(schema));
    let properties = entries(schema.and_then(|schema| schema.get("properties")));
    let in_body = properties.map(|(name, property)| (name, property, quote!(body.)));
    let parameters = spec.parameters(operation).filter_map(|node| Some((text(node, "name")?, node, quote!())));
    let (ids, echoes): (Vec<_>, Vec<_>) = parameters
        .chain(in_body)
        .filter_map(|(name, node, holder)| {
            let echoed_by = text(node, "x-echoed-by")?;
            let (argument, field) = (ident(&field_name(name)), ident(&field_name(echoed_by)));
            let unreadable = quote!(response.extra.get(#echoed_by));
            let echo = quote!((#name, crate::wire::echo(&#holder #argument, &response.#field, #unreadable)));
            Some((quote!(crate::wire::sent_id(&#holder #argument)), echo))
        })
        .unzip();
    if ids.is_empty() {
        return (quote!(), quote!(|_: &#response| crate::wire::Correlation::Named));
    }
    let note = quote!(client.note_ids([ #( #ids ),* ]););
    let correlation = quote!(crate::wire::correlate([ #( #echoes ),* ]));
    let closure = match inner_of_vec(response) {
        None => quote!(move |response: &#response| #correlation),
        Some(_) => quote!(move |items: &#response| {
            items.iter().map(|response| #correlation).collect::<crate::wire::Correlation>()
        }),
    };
    (note, closure)
}
