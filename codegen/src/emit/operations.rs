//! The operations that progenitor made, with our own `send`, and nothing of progenitor's client in public.
//!
//! What progenitor writes is kept as it is wherever possible. Changed are: the constructor that would panic (dropped), `Debug`
//! (redacted), missing words (from the spec), the client (hidden behind `Operations`), and `send`, which gets our `Response`
//! and `Error`:
//!
//! ```text
//! pub async fn send(self) -> Result<crate::Response<T>, crate::Error>   written here: a fresh call, then …
//!   └─ async fn dispatch(self) -> Result<ResponseValue<T>, Error<()>>   … progenitor's send, made private
//! ```

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};
use quote::{ToTokens as _, quote};
use serde_json::Value;
use syn::{ImplItem, ImplItemFn, Item, ItemImpl, ItemStruct, Visibility, parse_quote};

use super::syntax::{ident, set_doc, type_argument};
use crate::openapi::{Operation, Spec, text};

/// Rewrites the items that are operations, or that operations need.
pub(super) fn rewrite(spec: &Spec, items: Vec<Item>) -> Vec<Item> {
    let rewritten = items.into_iter().map(|item| tidy_operations(spec, item));
    rewritten.chain(public_client()).collect()
}

/// What users see of progenitor's client: its operations, and nothing else of it.
fn public_client() -> [Item; 2] {
    let client = parse_quote! {
        /// Every operation of the spec, by its `operationId`.
        ///
        /// For operations that have no method of their own on `Client` yet. They share its credentials, time limits and
        /// errors.
        #[derive(Clone)]
        pub struct Operations(pub(crate) Client);
    };
    let debug = parse_quote! {
        impl ::std::fmt::Debug for Operations {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct("Operations").field("transport", &self.0.inner).finish_non_exhaustive()
            }
        }
    };
    [client, debug]
}

/// The name of an operation's builder, as progenitor makes it.
fn builder_ident(operation: &Operation<'_>) -> proc_macro2::Ident {
    ident(&text(operation.node, "operationId").unwrap_or_default().to_upper_camel_case())
}

fn tidy_operations(spec: &Spec, item: Item) -> Item {
    match item {
        Item::Struct(mut item) if item.ident == "Client" => {
            item.vis = parse_quote!(pub(crate));
            item.attrs = vec![parse_quote!(#[derive(Clone)])];
            set_doc(&mut item.attrs, "progenitor's client. Private: it hands out the HTTP client and the hooks.");
            Item::Struct(item)
        }
        Item::Impl(mut item) => {
            // `new` panics when TLS cannot start, and has timeouts of its own.
            item.items.retain(|item| !matches!(item, ImplItem::Fn(f) if f.sig.ident == "new"));
            let mut is_public = false;
            for function in functions(&mut item) {
                if function.sig.ident == "new_with_client" {
                    function.vis = parse_quote!(pub(crate));
                }
                if let Some(operation) = operation_of(spec, &function.sig.ident.to_string()) {
                    set_doc(&mut function.attrs, &operation_doc(&operation));
                    let builder = builder_ident(&operation);
                    function.block = parse_quote!({ builder::#builder::new(&self.0) });
                    is_public = true;
                }
            }
            if is_public {
                item.self_ty = parse_quote!(Operations);
            }
            Item::Impl(item)
        }
        Item::Mod(mut module) if module.ident == "builder" => {
            let (brace, items) = module.content.take().unwrap_or_default();
            let items = items.into_iter().flat_map(|item| tidy_builder(spec, item)).collect();
            module.content = Some((brace, items));
            Item::Mod(module)
        }
        other => other,
    }
}

fn tidy_builder(spec: &Spec, item: Item) -> Vec<Item> {
    match item {
        Item::Struct(mut item) => {
            let Some(operation) = operation_of(spec, &item.ident.to_string().to_snake_case()) else {
                return vec![Item::Struct(item)];
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
            let debug = builder_debug(&item);
            vec![Item::Struct(item), debug]
        }
        Item::Impl(mut item) => {
            let name = item.self_ty.to_token_stream().to_string();
            let name = name.split('<').next().unwrap_or_default().trim().to_snake_case();
            if let Some(operation) = operation_of(spec, &name) {
                tidy_builder_impl(spec, &operation, &mut item);
            }
            vec![Item::Impl(item)]
        }
        other => vec![other],
    }
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

fn tidy_builder_impl(spec: &Spec, operation: &Operation<'_>, item: &mut ItemImpl) {
    let mut send = None;
    for function in functions(item) {
        let name = function.sig.ident.to_string();
        match name.as_str() {
            "new" => function.vis = parse_quote!(pub(super)),
            "send" => {
                send = answer_type(function).map(|answer| send_with_our_types(spec, operation, &answer));
                function.sig.ident = ident("dispatch");
                function.vis = Visibility::Inherited;
                function.attrs.clear();
            }
            _ => {
                let words = spec
                    .parameters(operation)
                    .find(|p| text(p, "name").map(str::to_snake_case).as_ref() == Some(&name));
                let words = words.and_then(|p| text(p, "description")).unwrap_or("The body of the request.");
                set_doc(&mut function.attrs, words);
            }
        }
    }
    item.items.extend(send.map(ImplItem::Fn));
}

/// `T` of `-> Result<ResponseValue<T>, Error<()>>`.
fn answer_type(function: &ImplItemFn) -> Option<syn::Type> {
    let syn::ReturnType::Type(_, result) = &function.sig.output else { return None };
    type_argument(type_argument(result)?).cloned()
}

fn send_with_our_types(spec: &Spec, operation: &Operation<'_>, answer: &syn::Type) -> ImplItemFn {
    let id = text(operation.node, "operationId").unwrap_or_default();
    let (method, path) = (operation.method.to_uppercase(), operation.path);
    let doc = format!(" Sends the request, `{method} {path}`.");
    let is_record = answer.to_token_stream().to_string().starts_with("types ::");
    let builder = builder_ident(operation);
    let success: u16 = success_status(spec, operation);
    let idempotent = operation.node.get("x-idempotent").and_then(Value::as_bool);
    let idempotent = idempotent.unwrap_or(matches!(operation.method, "get" | "head"));
    let is_blank = if is_record { quote!(#answer::is_blank) } else { quote!(|_| false) };
    parse_quote! {
        #[doc = #doc]
        ///
        /// # Errors
        /// When the request could not be sent, or was not answered with success; see [`crate::ErrorKind`].
        pub async fn send(self) -> Result<crate::Response<#answer>, crate::Error> {
            const OPERATION: crate::transport::Operation =
                crate::transport::Operation { id: #id, method: #method, path: #path, success: #success, idempotent: #idempotent };
            let client = self.client.begin(&OPERATION);
            // Pinned where it is: the future is large, and every move would copy it.
            let dispatch = ::std::pin::pin!(#builder { client: &client, ..self }.dispatch());
            client.inner.complete(dispatch, #is_blank).await
        }
    }
}

/// The status of the one response that is a success.
fn success_status(spec: &Spec, operation: &Operation<'_>) -> u16 {
    let error_schema = spec.error_schema();
    let responses = spec.responses(operation);
    let success = responses.iter().find(|r| r.is_success() && r.schema_name() != error_schema);
    success.and_then(|response| response.status.parse().ok()).unwrap_or(200)
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
