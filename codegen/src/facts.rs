//! The facts of the spec that are neither type nor operation: addresses, header names, limits, documented errors, samples.
//!
//! The hand-written wrapper takes every wire name from here, so that none is typed twice.

use std::collections::BTreeMap;

use heck::ToShoutySnakeCase as _;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use crate::finding::Finding;
use crate::model::{array, entries, is_true, text};
use crate::read::{Pointer, Spec};

/// One constant.
struct Fact {
    name: String,
    doc: String,
    /// Type and value, as in `&str = "x"`.
    value: TokenStream,
    /// The node that it is from.
    at: Pointer,
}

/// The constants, without the module around them, sorted by name.
pub(crate) fn facts(spec: &Spec) -> TokenStream {
    let constants: BTreeMap<String, Fact> = all(spec).into_iter().map(|fact| (fact.name.clone(), fact)).collect();
    let names = constants.keys().map(|name| format_ident!("{name}"));
    let docs = constants.values().map(|fact| &fact.doc);
    let values = constants.values().map(|fact| &fact.value);
    let errors = documented_errors(spec);
    quote! {
        #( #[doc = #docs] pub(crate) const #names: #values; )*
        #errors
    }
}

/// Facts that share a name and differ.
pub(crate) fn conflicts(spec: &Spec) -> Vec<Finding> {
    let mut seen: BTreeMap<String, Fact> = BTreeMap::new();
    let mut found = Vec::new();
    for fact in all(spec) {
        match seen.get(&fact.name) {
            Some(first) if first.value.to_string() != fact.value.to_string() => {
                let cure = "let both say the same, or name them differently";
                let message = format!("this differs from #{}, and both would be `{}`", first.at, fact.name);
                found.push(spec.finding(&fact.at.0, message, cure));
            }
            _ => drop(seen.insert(fact.name.clone(), fact)),
        }
    }
    found
}

fn all(spec: &Spec) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut add = |name: &str, doc: &str, at: &Pointer, value: TokenStream| {
        facts.push(Fact { name: name.to_shouty_snake_case(), doc: doc.to_owned(), value, at: at.clone() });
    };
    for (n, server) in array(spec.root().get("servers")).enumerate() {
        let (Some(name), Some(url)) = (text(server, "x-environment"), text(server, "url")) else { continue };
        let at = Pointer::root().push("servers").push(&n.to_string());
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
            let at = operation.at.push("parameters").push(&n.to_string());
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
            if let Some(Limits { min, max, ranges }) = limits(parameter) {
                let ranges = ranges.iter().map(|(first, last)| quote!((#first, #last)));
                add(&format!("{name}_min"), "Fewest characters.", &at, quote!(usize = #min));
                add(&format!("{name}_max"), "Most characters.", &at, quote!(usize = #max));
                add(
                    &format!("{name}_characters"),
                    "Allowed characters.",
                    &at,
                    quote!(&[(char, char)] = &[ #( #ranges, )* ]),
                );
            }
        }
    }
    for hook in spec.webhooks() {
        for (n, parameter) in array(hook.node.get("parameters")).enumerate() {
            let default = parameter.pointer("/schema/default").and_then(Value::as_str);
            if let (Some(name), Some(default)) = (text(parameter, "name"), default) {
                let at = hook.at.push("parameters").push(&n.to_string());
                add(
                    &format!("default {name}"),
                    "What is sent where nothing else is said.",
                    &at,
                    quote!(&str = #default),
                );
            }
        }
        let schema = hook.schema_name().unwrap_or_default();
        let node = spec.at(&format!("/components/schemas/{schema}")).and_then(|node| node.get("properties"));
        for (name, _) in entries(node) {
            add(&format!("field {schema} {name}"), "The name of a field of a webhook.", &hook.at, quote!(&str = #name));
        }
    }
    for (name, sample, at) in samples(spec) {
        add(&format!("sample {name}"), "A sample of a body, as JSON.", &at, quote!(&str = #sample));
    }
    facts
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

/// What a text argument may be.
struct Limits {
    min: usize,
    max: usize,
    /// First and last character of each range that is allowed.
    ranges: Vec<(char, char)>,
}

/// The limits of an argument whose pattern is `^[…]+$`.
fn limits(parameter: &Value) -> Option<Limits> {
    let schema = parameter.get("schema")?;
    let number = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let ranges = character_class(text(schema, "pattern")?)?;
    Some(Limits { min: number("minLength").unwrap_or(0), max: number("maxLength")?, ranges })
}

/// The ranges of `^[A-Za-z0-9._-]+$`: one character class, without escapes or negation. `None` for any other pattern.
pub(crate) fn character_class(pattern: &str) -> Option<Vec<(char, char)>> {
    let class = pattern.strip_prefix("^[")?.strip_suffix("]+$")?;
    if class.is_empty() || class.starts_with('^') || class.contains(['\\', '[', ']']) {
        return None;
    }
    let mut ranges = Vec::new();
    let mut rest: Vec<char> = class.chars().rev().collect();
    while let Some(first) = rest.pop() {
        match rest.as_slice() {
            [.., last, '-'] => {
                ranges.push((first, *last));
                rest.truncate(rest.len() - 2);
            }
            _ => ranges.push((first, first)),
        }
    }
    Some(ranges)
}

/// The samples of success answers and of webhooks: schema and name, JSON, place.
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
        for response in spec.responses(&operation).iter().filter(|r| r.schema_name() != error_schema) {
            add(response.schema_name(), response.json(), &response.at);
        }
    }
    for hook in spec.webhooks() {
        add(hook.schema_name(), hook.json(), &hook.at.push("requestBody"));
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
        quote! {
            super::DocumentedError {
                http_status: #status, type_: #type_, code: #code, meaning: #meaning, advice: #advice,
            }
        }
    });
    quote! {
        /// Every documented error.
        pub(crate) static DOCUMENTED_ERRORS: &[super::DocumentedError] = &[ #( #rows, )* ];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_class_is_read_range_by_range() {
        let ranges = vec![('A', 'Z'), ('a', 'z'), ('0', '9'), ('.', '.'), ('_', '_'), ('-', '-')];
        assert_eq!(character_class("^[A-Za-z0-9._-]+$"), Some(ranges));
        assert_eq!(character_class("^[ab]+$"), Some(vec![('a', 'a'), ('b', 'b')]));
    }

    #[test]
    fn another_pattern_is_not_guessed_at() {
        for pattern in ["", "abc", "^[a-z]{2}$", "^[^a]+$", r"^[\d]+$", "^[]+$", "^[a]+$|^[b]+$"] {
            assert_eq!(character_class(pattern), None, "{pattern}");
        }
    }
}
