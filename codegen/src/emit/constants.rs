//! What of the spec is neither type nor operation, as constants: addresses, header names, limits, documented errors, samples.
//!
//! The hand-written wrapper takes every wire name from here, so that none is typed twice.

use std::collections::BTreeMap;

use heck::{ToShoutySnakeCase as _, ToUpperCamelCase as _};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use crate::openapi::{Finding, MEANINGS, Pointer, Spec, array, entries, is_true, text};

/// One constant.
struct Constant {
    name: String,
    doc: String,
    /// Type and value, as in `&str = "x"`.
    value: TokenStream,
    /// The node that it is from.
    at: Pointer,
}

/// The constants, without the module around them, sorted by name.
pub(super) fn constants(spec: &Spec) -> TokenStream {
    let constants: BTreeMap<String, Constant> =
        all(spec).into_iter().map(|constant| (constant.name.clone(), constant)).collect();
    let names = constants.keys().map(|name| format_ident!("{name}"));
    let docs = constants.values().map(|constant| &constant.doc);
    let values = constants.values().map(|constant| &constant.value);
    let errors = documented_errors(spec);
    quote! {
        #( #[doc = #docs] pub(crate) const #names: #values; )*
        #errors
    }
}

/// What callers tell documented errors apart by.
pub(super) fn meanings() -> TokenStream {
    let names = MEANINGS.iter().map(|(name, _)| format_ident!("{}", name.to_upper_camel_case()));
    let docs = MEANINGS.iter().map(|(_, words)| *words);
    quote! {
        /// What a documented error means to those who branch on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum ErrorMeaning { #( #[doc = #docs] #names, )* }
    }
}

/// Constants that share a name and differ: one of them would be hidden.
pub(crate) fn conflicts(spec: &Spec) -> Vec<Finding> {
    let mut seen: BTreeMap<String, Constant> = BTreeMap::new();
    let mut found = Vec::new();
    for constant in all(spec) {
        match seen.get(&constant.name) {
            Some(first) if first.value.to_string() != constant.value.to_string() => {
                let help = "let both say the same, or name them differently";
                let message = format!("this differs from #{}, and both would be `{}`", first.at, constant.name);
                found.push(spec.finding(&constant.at, message, help));
            }
            _ => drop(seen.insert(constant.name.clone(), constant)),
        }
    }
    found
}

fn all(spec: &Spec) -> Vec<Constant> {
    let mut found = Vec::new();
    let mut add = |name: &str, doc: &str, at: &Pointer, value: TokenStream| {
        found.push(Constant { name: name.to_shouty_snake_case(), doc: doc.to_owned(), value, at: at.clone() });
    };
    for (n, server) in array(spec.root().get("servers")).enumerate() {
        let (Some(name), Some(url)) = (text(server, "x-environment"), text(server, "url")) else { continue };
        let at = Pointer::of(["servers"]).push(n);
        add(&format!("{name}_url"), text(server, "description").unwrap_or_default(), &at, quote!(&str = #url));
    }
    for (name, doc) in headers(spec) {
        add(&format!("header {name}"), &doc, &Pointer::root(), quote!(&str = #name));
    }
    for operation in spec.operations() {
        let (id, path) = (text(operation.node, "operationId").unwrap_or_default(), operation.path);
        add(
            &format!("path {id}"),
            "The path of an operation, below the base URL.",
            &operation.at,
            quote!(&str = #path),
        );
        if let Some(limit) = operation.node.get("x-requests-per-minute").and_then(Value::as_u64) {
            let limit = u32::try_from(limit).unwrap_or(u32::MAX);
            add(
                &format!("requests per minute {id}"),
                "The documented limit of an operation.",
                &operation.at,
                quote!(u32 = #limit),
            );
        }
        for (n, parameter) in spec.parameters(&operation).enumerate() {
            let at = operation.at.push("parameters").push(n);
            let Some(name) = text(parameter, "name") else { continue };
            if text(parameter, "in") == Some("query") {
                add(&format!("query {name}"), "The name of an argument in the query.", &at, quote!(&str = #name));
            }
            let default = parameter.pointer("/schema/default").and_then(Value::as_str);
            if let (true, Some(default)) = (is_true(parameter, "x-transport"), default) {
                add(
                    &format!("default {name}"),
                    "What is sent unless the caller says otherwise.",
                    &at,
                    quote!(&str = #default),
                );
            }
        }
    }
    for hook in spec.webhooks() {
        for (n, parameter) in array(hook.node.get("parameters")).enumerate() {
            let default = parameter.pointer("/schema/default").and_then(Value::as_str);
            if let (Some(name), Some(default)) = (text(parameter, "name"), default) {
                let at = hook.at.push("parameters").push(n);
                add(
                    &format!("default {name}"),
                    "What is sent where nothing else is said.",
                    &at,
                    quote!(&str = #default),
                );
            }
        }
        let schema = spec.body(&hook).map(|(name, _)| name).unwrap_or_default();
        let node = spec.at(&format!("/components/schemas/{schema}")).and_then(|node| node.get("properties"));
        for (name, _) in entries(node) {
            add(&format!("field {schema} {name}"), "The name of a field of a webhook.", &hook.at, quote!(&str = #name));
        }
    }
    for (name, sample, at) in samples(spec) {
        add(&format!("sample {name}"), "A sample of a body, as JSON.", &at, quote!(&str = #sample));
    }
    found
}

/// Every header that the spec names, in lower case, with its description.
fn headers(spec: &Spec) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut add = |name: &str, node: &Value| {
        found.insert(name.to_lowercase(), text(node, "description").unwrap_or_default().to_owned());
    };
    for (_, scheme) in entries(spec.at("/components/securitySchemes")).filter(|(_, s)| text(s, "in") == Some("header"))
    {
        add(text(scheme, "name").unwrap_or_default(), scheme);
    }
    for operation in spec.operations() {
        for parameter in spec.parameters(&operation).filter(|p| text(p, "in") == Some("header")) {
            add(text(parameter, "name").unwrap_or_default(), parameter);
        }
        for response in spec.responses(&operation) {
            entries(response.node.get("headers")).for_each(|(name, node)| add(name, spec.resolve(node)));
        }
    }
    for hook in spec.webhooks() {
        array(hook.node.get("parameters")).for_each(|node| add(text(node, "name").unwrap_or_default(), node));
    }
    found
}

/// The samples of requests, of success answers and of webhooks: schema and name, JSON, place.
fn samples(spec: &Spec) -> Vec<(String, String, Pointer)> {
    let mut found = Vec::new();
    let mut add = |schema: Option<&str>, json: Option<&Value>, at: &Pointer| {
        let at = at.push("content").push("application/json").push("examples");
        for (name, example) in entries(json.and_then(|json| json.get("examples"))) {
            let value = example.get("value").map(Value::to_string).unwrap_or_default();
            found.push((format!("{} {name}", schema.unwrap_or_default()), value, at.push(name)));
        }
    };
    let error_schema = spec.error_schema();
    for operation in spec.operations() {
        if let Some((schema, json)) = spec.body(&operation) {
            add(Some(schema), Some(json), &operation.at.push("requestBody"));
        }
        for response in spec.responses(&operation).iter().filter(|r| r.schema_name() != error_schema) {
            add(response.schema_name(), response.json(), &response.at);
        }
    }
    for hook in spec.webhooks() {
        let (schema, json) = spec.body(&hook).unzip();
        add(schema, json, &hook.at.push("requestBody"));
    }
    found
}

fn documented_errors(spec: &Spec) -> TokenStream {
    let rows = spec.error_examples().into_iter().map(|example| {
        let field = |name: &str| match example.node.pointer(&format!("/value/{name}")).and_then(Value::as_str) {
            Some(value) => quote!(Some(#value)),
            None => quote!(None),
        };
        let (type_, code) = (field("type"), field("code"));
        let status: u16 = example.status.parse().unwrap_or_default();
        let meaning = text(example.node, "summary").unwrap_or_default();
        let advice = text(example.node, "x-advice").map_or_else(|| quote!(None), |advice| quote!(Some(#advice)));
        let means = text(example.node, "x-means").map(|means| format_ident!("{}", means.to_upper_camel_case()));
        let means = means.map_or_else(|| quote!(None), |means| quote!(Some(super::ErrorMeaning::#means)));
        quote! {
            super::DocumentedError {
                http_status: #status, type_: #type_, code: #code, meaning: #meaning, advice: #advice,
                means: #means,
            }
        }
    });
    quote! {
        /// Every documented error.
        pub(crate) static DOCUMENTED_ERRORS: &[super::DocumentedError] = &[ #( #rows, )* ];
    }
}
