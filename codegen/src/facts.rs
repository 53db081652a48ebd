//! The facts of the spec that are neither type nor operation: addresses, header names, limits, documented errors, samples.
//!
//! The hand-written wrapper takes every wire name from here, so that none is typed twice.

use std::collections::BTreeMap;

use heck::ToShoutySnakeCase as _;
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::Value;

use crate::model::{array, entries, is_true, text};
use crate::read::Spec;

/// The constants, without the module around them.
pub(crate) fn facts(spec: &Spec) -> TokenStream {
    let mut constants: BTreeMap<String, (String, TokenStream)> = BTreeMap::new();
    let mut add = |name: &str, doc: &str, value: TokenStream| {
        constants.insert(name.to_shouty_snake_case(), (doc.to_owned(), value));
    };
    for server in array(spec.root().get("servers")) {
        let (Some(name), Some(url)) = (text(server, "x-environment"), text(server, "url")) else { continue };
        add(&format!("{name}_url"), text(server, "description").unwrap_or_default(), quote!(&str = #url));
    }
    for (name, doc) in headers(spec) {
        add(&format!("header {name}"), &doc, quote!(&str = #name));
    }
    for operation in spec.operations() {
        let (id, path) = (text(operation.node, "operationId").unwrap_or_default(), operation.path);
        add(&format!("path {id}"), "The path of an operation, below the base URL.", quote!(&str = #path));
        for parameter in spec.parameters(&operation) {
            if let (Some("query"), Some(name)) = (text(parameter, "in"), text(parameter, "name")) {
                add(&format!("query {name}"), "The name of an argument in the query.", quote!(&str = #name));
            }
            let Some(name) = text(parameter, "name") else { continue };
            let default = parameter.pointer("/schema/default").and_then(Value::as_str);
            if let (true, Some(default)) = (is_true(parameter, "x-transport"), default) {
                add(
                    &format!("default {name}"),
                    "What is sent unless the caller says otherwise.",
                    quote!(&str = #default),
                );
            }
            if let Some(Limits { min, max, ranges }) = limits(parameter) {
                let characters = ranges.iter().map(|(first, last)| quote!((#first, #last)));
                add(&format!("{name}_min"), "Fewest characters.", quote!(usize = #min));
                add(&format!("{name}_max"), "Most characters.", quote!(usize = #max));
                add(
                    &format!("{name}_characters"),
                    "Allowed characters.",
                    quote!(&[(char, char)] = &[ #( #characters, )* ]),
                );
            }
        }
    }
    for (name, sample) in samples(spec) {
        add(&format!("sample {name}"), "A sample of an answer, as JSON.", quote!(&str = #sample));
    }
    let names = constants.keys().map(|name| format_ident!("{name}"));
    let docs = constants.values().map(|(doc, _)| doc);
    let values = constants.values().map(|(_, value)| value);
    let errors = documented_errors(spec);
    quote! {
        #( #[doc = #docs] pub(crate) const #names: #values; )*
        #errors
    }
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

/// The samples of success answers, by schema and name.
fn samples(spec: &Spec) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let error_schema = spec.error_schema();
    for operation in spec.operations() {
        for response in spec.responses(&operation).iter().filter(|r| r.schema_name() != error_schema) {
            for (name, example) in entries(response.json().and_then(|json| json.get("examples"))) {
                let schema = response.schema_name().unwrap_or_default();
                let value = example.get("value").map(Value::to_string).unwrap_or_default();
                found.push((format!("{schema} {name}"), value));
            }
        }
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
        quote! {
            crate::api_error::DocumentedError {
                http_status: #status, type_: #type_, code: #code, meaning: #meaning,
            }
        }
    });
    quote! {
        /// Every documented error.
        pub(crate) static DOCUMENTED_ERRORS: &[crate::api_error::DocumentedError] = &[ #( #rows, )* ];
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
