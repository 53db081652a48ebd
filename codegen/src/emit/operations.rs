//! The operations that progenitor made: its builders up to where a request is built, and our `Call` from there.
//!
//! ```text
//! fn request(self) -> Result<Request<T>, RequestError>   progenitor's `send`, cut where the request is built (request.rs)
//! pub fn send(self) -> Call<T>                           hands it to a call, with its `Operation`
//! ```
//!
//! Nothing of progenitor's client stays. Its builders get words from the spec, and a `Debug` that names the request only.

use heck::{ToShoutySnakeCase as _, ToSnakeCase as _, ToUpperCamelCase as _};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens as _, quote};
use serde_json::Value;
use syn::visit_mut::VisitMut;
use syn::{Block, ImplItem, ImplItemFn, Item, ItemImpl, ItemMod, ItemStruct, parse_quote};

use super::request::{self, BuiltRequest};
use super::syntax::{ident, set_doc, type_argument};
use super::{arguments, body, rules, sent};
use crate::openapi::{Choice, Finding, Operation, Response, Spec, entries, field_name, rust_name, text};

/// Rewrites the items that are operations, and drops the rest of progenitor's client.
pub(super) fn rewrite(spec: &Spec, items: Vec<Item>) -> Result<Vec<Item>, Finding> {
    let mut rewritten = operations(spec);
    rewritten.push(Item::Mod(types(spec)));
    for item in items {
        match item {
            Item::Impl(item) => rewritten.extend(starters(spec, item)),
            Item::Mod(module) if module.ident == "builder" => rewritten.push(Item::Mod(builders(spec, module)?)),
            _ => {}
        }
    }
    Ok(rewritten)
}

/// What users see of it all, and the list of operations.
fn operations(spec: &Spec) -> Vec<Item> {
    let constants = spec.operations().iter().map(constant_name).collect::<Vec<_>>();
    let file: syn::File = parse_quote! {
        use crate::transport::{Operation, Transport};

        /// Every operation of the spec, by its `operationId`.
        ///
        /// For operations that have no method of their own on `Client` yet. They share its credentials, time limits and
        /// errors.
        #[derive(Clone)]
        pub struct Operations(pub(crate) Transport);

        impl ::std::fmt::Debug for Operations {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct("Operations").field("transport", &self.0).finish_non_exhaustive()
            }
        }

        /// Every operation, in the order of its index.
        pub(crate) static OPERATIONS: &[&Operation] = &[ #( &builder::#constants ),* ];
    };
    file.items
}

/// What operations take and give, each under its name: a type that the spec gained needs no other line to be public.
fn types(spec: &Spec) -> ItemMod {
    let schemas = spec.schemas();
    let named = schemas.iter().map(|(name, _, node)| ident(rust_name(name, node)));
    let choices = spec.choices();
    let names = named.chain(choices.iter().map(|choice| ident(choice.name)));
    parse_quote! {
        /// The types of the spec.
        pub mod types {
            pub use crate::model::generated::{ #( #names ),* };
        }
    }
}

/// The name of an operation's builder, as progenitor makes it.
fn builder_name(operation: &Operation<'_>) -> Ident {
    ident(&text(operation.node, "operationId").unwrap_or_default().to_upper_camel_case())
}

fn constant_name(operation: &Operation<'_>) -> Ident {
    ident(&text(operation.node, "operationId").unwrap_or_default().to_shouty_snake_case())
}

/// `impl Client { fn get_thing(&self) -> builder::GetThing }`, for `Operations`. `None` for other `impl`s of the client.
fn starters(spec: &Spec, mut item: ItemImpl) -> Option<Item> {
    item.items.retain(|item| matches!(item, ImplItem::Fn(f) if operation_of(spec, &f.sig.ident.to_string()).is_some()));
    for function in functions(&mut item) {
        let operation = operation_of(spec, &function.sig.ident.to_string())?;
        set_doc(&mut function.attrs, &operation_doc(&operation));
        let builder = builder_name(&operation);
        function.block = parse_quote!({ builder::#builder::new(&self.0) });
    }
    item.self_ty = parse_quote!(Operations);
    (!item.items.is_empty()).then_some(Item::Impl(item))
}

/// `mod builder`: progenitor's builders under our imports, after the constants of their operations.
fn builders(spec: &Spec, mut module: ItemMod) -> Result<ItemMod, Finding> {
    let (brace, items) = module.content.take().unwrap_or_default();
    let imports: syn::File = parse_quote! {
        #[allow(unused_imports)]
        use progenitor_client::{RequestBuilderExt, encode_path};

        use crate::client::call::Call;
        use crate::model::generated as types;
        #[allow(unused_imports)]
        use crate::transport::{JsonBody, Operation, Request, RequestError as Error, Transport};
    };
    let mut rewritten = imports.items;
    rewritten.extend(spec.operations().iter().enumerate().map(|(index, operation)| constant(spec, operation, index)));
    for item in items {
        match item {
            Item::Use(_) => {}
            item => rewritten.extend(tidy_builder(spec, item)?),
        }
    }
    module.content = Some((brace, rewritten));
    Ok(module)
}

/// What the spec says of an operation, for the transport.
fn constant(spec: &Spec, operation: &Operation<'_>, index: usize) -> Item {
    let id = text(operation.node, "operationId").unwrap_or_default();
    let (constant, path, success) = (constant_name(operation), operation.path, success_status(spec, operation));
    let method = operation.method.to_uppercase();
    let (name, method) = (format!("{method} {path}"), ident(&method));
    let idempotent = operation.node.get("x-idempotent").and_then(Value::as_bool);
    let idempotent = idempotent.unwrap_or(matches!(operation.method, "get" | "head"));
    parse_quote! {
        pub(super) static #constant: Operation = Operation {
            id: #id,
            method: ::http::Method::#method,
            path: #path,
            name: #name,
            success: #success,
            idempotent: #idempotent,
            index: #index,
        };
    }
}

fn tidy_builder(spec: &Spec, item: Item) -> Result<Vec<Item>, Finding> {
    Ok(match item {
        Item::Struct(mut item) => {
            let Some(operation) = operation_of(spec, &item.ident.to_string().to_snake_case()) else {
                return Ok(vec![Item::Struct(item)]);
            };
            let id = text(operation.node, "operationId").unwrap_or_default();
            item.attrs = vec![
                parse_quote!(#[derive(Clone)]),
                parse_quote!(#[must_use = "a request does nothing until it is sent"]),
            ];
            set_doc(
                &mut item.attrs,
                &format!("The request of `{id}`: set its arguments, then [`send`](Self::send) it."),
            );
            let client = item.fields.iter_mut().find(|field| field.ident.as_ref().is_some_and(|name| name == "client"));
            if let Some(client) = client {
                client.ty = parse_quote!(&'a Transport);
            }
            if spec.body(&operation).is_some() {
                body::without_builder(&mut item);
            }
            let debug = builder_debug(&item);
            vec![Item::Struct(item), debug]
        }
        Item::Impl(mut item) => {
            let name = item.self_ty.to_token_stream().to_string();
            let name = name.split('<').next().unwrap_or_default().trim().to_snake_case();
            if let Some(operation) = operation_of(spec, &name) {
                tidy_builder_impl(spec, &operation, &mut item)?;
            }
            vec![Item::Impl(item)]
        }
        other => vec![other],
    })
}

/// The arguments are ids of people: `Debug` names the request and nothing else.
fn builder_debug(item: &ItemStruct) -> Item {
    let ident = &item.ident;
    let name = ident.to_string();
    let (generics, arguments, bounds) = item.generics.split_for_impl();
    parse_quote! {
        impl #generics ::std::fmt::Debug for #ident #arguments #bounds {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(#name).finish_non_exhaustive()
            }
        }
    }
}

fn tidy_builder_impl(spec: &Spec, operation: &Operation<'_>, item: &mut ItemImpl) -> Result<(), Finding> {
    let mut added = Vec::new();
    let choices: Vec<Choice<'_>> = spec.choices_of(operation.node).collect();
    item.items.retain(|item| {
        let is_chosen =
            |name: &str| choices.iter().any(|choice| choice.fields().any(|(field, ..)| field_name(field) == name));
        !matches!(item, ImplItem::Fn(f) if f.sig.ident == "body_map" || is_chosen(&f.sig.ident.to_string()))
    });
    for function in functions(item) {
        let name = function.sig.ident.to_string();
        match name.as_str() {
            "new" => {
                function.vis = parse_quote!(pub(super));
                function.sig.inputs = parse_quote!(client: &'a Transport);
                body::MustBeSet.visit_block_mut(&mut function.block);
                OurWords(spec, operation).visit_block_mut(&mut function.block);
            }
            "send" => {
                let answer =
                    answer_type(function).ok_or_else(|| unrecognised(spec, operation, "what `send` returns"))?;
                *function = request_fn(spec, operation, &answer, &function.block)?;
                added.push(send_fn(operation, &answer));
            }
            _ => {
                let words =
                    spec.parameters(operation).find(|p| text(p, "name").map(field_name).as_ref() == Some(&name));
                let words = words.and_then(|p| text(p, "description")).unwrap_or("The body of the request.");
                set_doc(&mut function.attrs, words);
                OurWords(spec, operation).visit_block_mut(&mut function.block);
            }
        }
    }
    added.extend(choices.iter().map(choice_fn));
    item.items.extend(added.into_iter().map(ImplItem::Fn));
    Ok(())
}

/// The method that sets which one of several arguments is sent.
fn choice_fn(choice: &Choice<'_>) -> ImplItemFn {
    let (name, ty) = (sent::choice_name(choice), ident(choice.name));
    let doc = format!(" {}", text(choice.node, "description").unwrap_or_default());
    let spread = sent::spread(choice, &quote!(types::#ty), &quote!(Ok(None)), |id| quote!(Ok(Some(#id))));
    parse_quote! {
        #[doc = #doc]
        pub fn #name(mut self, #name: impl Into<types::#ty>) -> Self {
            #spread
            self
        }
    }
}

/// Says in our words, with the names of the API, what progenitor says of an argument with those of Rust.
struct OurWords<'a>(&'a Spec, &'a Operation<'a>);

impl OurWords<'_> {
    fn instead_of(&self, words: &str) -> Option<String> {
        let missing = words.strip_suffix(" was not initialized");
        let unfit = || words.strip_prefix("conversion to `")?.split_once("` for ")?.1.split_once(" failed");
        let rust_name = missing.or_else(|| unfit().map(|(name, _)| name))?;
        let mut parameters = self.0.parameters(self.1);
        let parameter = parameters.find(|p| text(p, "name").is_some_and(|name| field_name(name) == rust_name));
        let name = parameter.and_then(|parameter| text(parameter, "name")).unwrap_or(rust_name);
        let type_ = parameter.and_then(|parameter| parameter.get("schema")).and_then(|schema| text(schema, "type"));
        let what = match type_ {
            Some("integer") => "is no whole number that fits; pass one between -2^63 and 2^63-1",
            Some("number") => "is no number",
            Some("string") => "is no text that the operation takes",
            _ => "does not fit what the operation takes",
        };
        let what = if missing.is_some() { "is missing; set it before the request is sent" } else { what };
        Some(format!("the argument `{name}` {what}"))
    }
}

impl VisitMut for OurWords<'_> {
    fn visit_lit_str_mut(&mut self, literal: &mut syn::LitStr) {
        if let Some(words) = self.instead_of(&literal.value()) {
            *literal = syn::LitStr::new(&words, literal.span());
        }
    }
}

/// progenitor wrote something else than this crate knows how to rewrite.
fn unrecognised(spec: &Spec, operation: &Operation<'_>, what: &str) -> Finding {
    let help =
        "if progenitor was updated, teach codegen/src/emit/request.rs what it writes now; else simplify the operation";
    spec.finding(&operation.at, format!("progenitor wrote something that is not recognised: {what}"), help)
}

/// `T` of `-> Result<ResponseValue<T>, Error<()>>`.
fn answer_type(function: &ImplItemFn) -> Option<syn::Type> {
    let syn::ReturnType::Type(_, result) = &function.sig.output else { return None };
    type_argument(type_argument(result)?).cloned()
}

/// progenitor's `send`, cut where the request is built.
fn request_fn(spec: &Spec, operation: &Operation<'_>, answer: &syn::Type, send: &Block) -> Result<ImplItemFn, Finding> {
    let constant = constant_name(operation).into_token_stream();
    let rule = spec.body(operation).map(|(schema, _)| rules::path(spec, schema));
    let built = request::cut(send, &constant, rule.as_ref()).map_err(|what| unrecognised(spec, operation, &what))?;
    let BuiltRequest { mut statements, name } = built;
    let unset = spec.choices_of(operation.node).map(|choice| unset_choice(&choice));
    let checks = unset.chain(arguments::check(spec, operation));
    // Before the request is built, and after the arguments are there.
    statements.splice(statements.len().saturating_sub(1)..statements.len().saturating_sub(1), checks);
    let mismatch = mismatch(spec, operation, answer);
    let is_record = answer.to_token_stream().to_string().starts_with("types ::");
    let is_blank = if is_record { quote!(#answer::is_blank) } else { quote!(|_| false) };
    Ok(parse_quote! {
        fn request(self) -> Result<Request<#answer>, Error> {
            #( #statements )*
            Ok(Request::new(#name, #mismatch, #is_blank))
        }
    })
}

/// Refuses to send nothing where one of several arguments is due.
fn unset_choice(choice: &Choice<'_>) -> syn::Stmt {
    let fields = choice.fields().map(|(field, ..)| ident(&field_name(field)));
    let words = format!("the argument `{}` is missing; set it before the request is sent", sent::choice_name(choice));
    parse_quote! {
        if #( #fields.is_none() )&&* {
            return Err(Error::InvalidRequest(#words.to_string()));
        }
    }
}

/// Finds the first argument that the answer mismatch: those of which the spec says by which field they come back.
fn mismatch(spec: &Spec, operation: &Operation<'_>, answer: &syn::Type) -> TokenStream {
    let schema = spec.body(operation).and_then(|(schema, _)| spec.schema(schema));
    let properties = entries(schema.and_then(|schema| schema.get("properties")));
    let in_body = properties.filter_map(|(name, property)| {
        let (field, argument) = (text(property, "x-echoed-by")?, ident(&field_name(name)));
        Some((name, quote!(body.#argument), field))
    });
    let arguments = spec.parameters(operation).filter_map(|parameter| {
        let (name, field) = (text(parameter, "name")?, text(parameter, "x-echoed-by")?);
        Some((name, ident(&field_name(name)).into_token_stream(), field))
    });
    let echoed = arguments.chain(in_body).map(|(name, argument, field)| {
        let field = ident(&field_name(field));
        quote!((#name, crate::wire::mismatch(&#argument, &answer.#field)))
    });
    let echoed: Vec<_> = echoed.collect();
    if echoed.is_empty() {
        return quote!(|_: &#answer| None);
    }
    quote! {
        move |answer: &#answer| {
            let arguments = [ #( #echoed ),* ];
            arguments.into_iter().find_map(|(name, contradicted)| contradicted.then_some(name))
        }
    }
}

fn send_fn(operation: &Operation<'_>, answer: &syn::Type) -> ImplItemFn {
    let (method, path, constant) = (operation.method.to_uppercase(), operation.path, constant_name(operation));
    let doc = format!(" A call of `{method} {path}` with these arguments: await it, or set its options first.");
    parse_quote! {
        #[doc = #doc]
        pub fn send(self) -> Call<#answer> {
            Call::new(self.client, &#constant, self.request())
        }
    }
}

/// The one response that is a success.
pub(super) fn success<'a>(spec: &'a Spec, operation: &Operation<'a>) -> Option<Response<'a>> {
    let error_schema = spec.error_schema();
    spec.responses(operation).into_iter().find(|r| r.is_success() && r.schema_name() != error_schema)
}

fn success_status(spec: &Spec, operation: &Operation<'_>) -> u16 {
    success(spec, operation).and_then(|response| response.status.parse().ok()).unwrap_or(200)
}

fn operation_of<'a>(spec: &'a Spec, method: &str) -> Option<Operation<'a>> {
    let id = |operation: &Operation<'_>| text(operation.node, "operationId").map(str::to_snake_case);
    spec.operations().into_iter().find(|operation| id(operation).as_deref() == Some(method))
}

fn operation_doc(operation: &Operation<'_>) -> String {
    let summary = text(operation.node, "summary").unwrap_or_default();
    let description = text(operation.node, "description").unwrap_or_default();
    let (method, path) = (operation.method.to_uppercase(), operation.path);
    format!("{summary}\n\nMakes a request of `{method} {path}`; `send` sends it.\n\n{description}")
}

fn functions(item: &mut ItemImpl) -> impl Iterator<Item = &mut ImplItemFn> {
    item.items.iter_mut().filter_map(|item| if let ImplItem::Fn(function) = item { Some(function) } else { None })
}
