//! The rules of requests as constants of the library's `wire::rules`: for each body, and for the arguments of each operation.
//!
//! ```text
//! schema ─▶ Rule ─▶ the client checks a request by it, before it is sent
//!             └──▶ Route ─▶ the sandbox checks a request by it, and responds with the sample
//! ```

use heck::ToShoutySnakeCase as _;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;

use super::syntax::option;
use crate::openapi::{
    Operation, Spec, array, character_class, entries, is_true, reference_name, required_when_sent, rust_name, text,
};

/// The rules of requests, and the operations as seen by the sandbox.
pub(super) fn rules(spec: &Spec) -> TokenStream {
    let directions = spec.directions();
    let mut sent = spec.schemas();
    sent.retain(|(name, _, node)| directions.is_sent(name) && node.get("properties").is_some());
    let names = sent.iter().map(|(name, _, node)| constant(name, node));
    let rules = sent.iter().map(|(_, _, node)| rule(spec, node));
    let operations = spec.operations();
    let routes = operations.iter().map(|operation| route(spec, operation));
    let imports = imports();
    quote! {
        /// The rule of each sent schema.
        #[cfg(feature = "client")]
        pub(crate) mod rules {
            #imports

            #( pub(crate) static #names: Rule = #rules; )*
        }

        /// An operation as seen by a server.
        #[cfg(feature = "sandbox")]
        #[derive(Debug)]
        pub(crate) struct Route {
            pub(crate) id: &'static str,
            pub(crate) method: &'static str,
            /// Below the base URL, with its arguments in braces.
            pub(crate) path: &'static str,
            pub(crate) success: u16,
            /// The arguments in path and query.
            pub(crate) arguments: &'static [crate::wire::rules::Field],
            /// Groups of arguments. Exactly one of each group is required.
            pub(crate) exactly_one_of: &'static [&'static [&'static str]],
            pub(crate) body: Option<&'static crate::wire::rules::Rule>,
            /// The first sample of a success, as JSON.
            pub(crate) sample: Option<&'static str>,
        }

        /// Every operation, in the order of the paths.
        #[cfg(feature = "sandbox")]
        pub(crate) static ROUTES: &[Route] = {
            #imports
            &[ #( #routes, )* ]
        };
    }
}

/// The imports of the generated rules.
pub(super) fn imports() -> TokenStream {
    quote! {
        #[allow(unused_imports)]
        use crate::wire::rules::{Field, ListRule, ObjectRule, Rule, TextForm, TextRule};
    }
}

/// The path to the rule of a named schema.
pub(super) fn path(spec: &Spec, schema: &str) -> TokenStream {
    let constant = constant(schema, spec.schema(schema).unwrap_or_default());
    quote!(crate::model::generated::rules::#constant)
}

fn constant(schema: &str, node: &Value) -> Ident {
    format_ident!("{}", rust_name(schema, node).to_shouty_snake_case())
}

/// The minimum and maximum length of a text, and its characters.
pub(super) fn text_limits(node: &Value) -> (usize, usize, TokenStream) {
    let ranges = text(node, "pattern").and_then(character_class).unwrap_or_default();
    let ranges = ranges.iter().map(|(first, last)| quote!((#first, #last)));
    let (min, max) = size_limits(node, ["minLength", "maxLength"]);
    (min, max, quote!(&[ #( #ranges ),* ]))
}

fn size_limits(node: &Value, [min, max]: [&str; 2]) -> (usize, usize) {
    let number = |key| node.get(key).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
    (number(min).unwrap_or(0), number(max).unwrap_or(usize::MAX))
}

/// The rule of one value.
fn rule(spec: &Spec, node: &Value) -> TokenStream {
    let target = reference_name(node).and_then(|name| spec.schema(name)).unwrap_or(node);
    if is_true(target, "x-open-enum") {
        let values = array(target.get("enum")).filter_map(Value::as_str);
        return if is_true(target, "x-accepts-unknown") {
            text_rule(&Value::Null)
        } else {
            quote!(Rule::OneOf(&[ #( #values ),* ]))
        };
    }
    if let Some(name) = reference_name(node).filter(|_| !is_true(target, "x-id")) {
        let path = path(spec, name);
        return quote!(Rule::Named(&#path));
    }
    match text(target, "type") {
        Some("string") => text_rule(target),
        Some("integer") => {
            let bound = |key: &str, default: i64| target.get(key).and_then(Value::as_i64).unwrap_or(default);
            let (min, max) = (bound("minimum", i64::MIN), bound("maximum", i64::MAX));
            quote!(Rule::Integer { min: #min, max: #max })
        }
        Some("number") => quote!(Rule::Number),
        Some("boolean") => quote!(Rule::Boolean),
        Some("array") => list_rule(spec, target),
        Some("object") if target.get("properties").is_some() => object_rule(spec, target),
        Some("object") => {
            let values = rule(spec, target.get("additionalProperties").unwrap_or_default());
            quote!(Rule::Map(&#values))
        }
        _ if target.get("oneOf").is_some() => quote!(Rule::NumberOrText),
        _ => quote!(Rule::Any),
    }
}

fn text_rule(node: &Value) -> TokenStream {
    let (min, max, characters) = text_limits(node);
    let form = match text(node, "format") {
        Some("day-month-year") => quote!(DayMonthYear),
        Some("timestamp" | "date" | "date-time") => quote!(Timestamp),
        Some("uri") => quote!(Url),
        _ => quote!(Any),
    };
    quote!(Rule::Text(TextRule { min: #min, max: #max, characters: #characters, form: TextForm::#form }))
}

fn list_rule(spec: &Spec, node: &Value) -> TokenStream {
    let (min, max) = size_limits(node, ["minItems", "maxItems"]);
    let items = rule(spec, node.get("items").unwrap_or_default());
    let numbered_by = option(text(node, "x-numbered-by"));
    quote!(Rule::List(ListRule { min: #min, max: #max, items: &#items, numbered_by: #numbered_by }))
}

fn object_rule(spec: &Spec, node: &Value) -> TokenStream {
    let required: Vec<_> = required_when_sent(node).collect();
    let sent = entries(node.get("properties")).filter(|(_, property)| !is_true(property, "readOnly"));
    let fields = sent.map(|(name, property)| field(spec, name, required.contains(&name), property));
    let groups = groups(spec, node);
    quote!(Rule::Object(ObjectRule { fields: &[ #( #fields ),* ], exactly_one_of: #groups }))
}

pub(super) fn field(spec: &Spec, name: &str, required: bool, schema: &Value) -> TokenStream {
    let rule = rule(spec, schema);
    quote!(Field { name: #name, required: #required, rule: &#rule })
}

/// The choices of an operation or a schema, as groups of fields.
fn groups(spec: &Spec, node: &Value) -> TokenStream {
    let groups = spec.choices_of(node).map(|choice| {
        let fields = choice.fields().map(|(field, ..)| field);
        quote!(&[ #( #fields ),* ])
    });
    quote!(&[ #( #groups ),* ])
}

fn route(spec: &Spec, operation: &Operation<'_>) -> TokenStream {
    let (id, path) = (text(operation.node, "operationId").unwrap_or_default(), operation.path);
    let method = operation.method.to_uppercase();
    let (success, status) = (spec.success(operation), spec.success_status(operation));
    let arguments = spec.parameters(operation).filter(|it| matches!(text(it, "in"), Some("query" | "path")));
    let arguments = arguments.map(|parameter| {
        let (name, schema) = (text(parameter, "name").unwrap_or_default(), parameter.get("schema").unwrap_or_default());
        field(spec, name, is_true(parameter, "required"), schema)
    });
    let groups = groups(spec, operation.node);
    let body = spec.body(operation).map(|(schema, _)| self::path(spec, schema));
    let body = option(body.map(|rule| quote!(&#rule)));
    let sample = success.and_then(|response| response.examples().find_map(|(_, example)| example.get("value")));
    let sample = option(sample.map(Value::to_string));
    quote! {
        Route {
            id: #id, method: #method, path: #path, success: #status, arguments: &[ #( #arguments ),* ],
            exactly_one_of: #groups, body: #body, sample: #sample,
        }
    }
}
