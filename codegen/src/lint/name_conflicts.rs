//! Rules about names in the generated code: each stands once, and none is one that the generator uses itself.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};

use crate::openapi::{Finding, Spec, entries, field_name, is_true, rust_name, text};

/// Types that stand beside the schemas: those that the generator makes, and those of Rust that its code names without a path.
const TYPES: [&str; 22] = [
    "Actor",
    "Box",
    "Default",
    "DocumentedError",
    "Err",
    "ErrorMeaning",
    "Evidence",
    "From",
    "Into",
    "IntoIterator",
    "LifecycleRow",
    "None",
    "Ok",
    "Option",
    "PartialEq",
    "Phase",
    "Result",
    "Route",
    "Row",
    "Some",
    "String",
    "Vec",
];

/// Types that stand beside the requests of operations, which are named by their `operationId`.
const BESIDE_REQUESTS: [&str; 7] =
    ["Call", "Error", "JsonBody", "Operation", "Request", "RequestBuilderExt", "Transport"];

/// Methods of what is sent.
const METHODS: [&str; 6] = ["clone", "differs_from", "eq", "fmt", "is_blank", "new"];

/// Methods of a request, and names that its code uses beside its arguments.
const BESIDE_ARGUMENTS: [&str; 9] = ["answer", "body", "client", "clone", "fmt", "new", "request", "response", "send"];

/// A name of a type is an upper camel case word, stands once, and is not one of ours.
pub(super) fn types(spec: &Spec) -> Vec<Finding> {
    let (schemas, choices) = (spec.schemas(), spec.choices());
    let schemas = schemas.iter().map(|(schema, at, node)| (*schema, rust_name(schema, node), at));
    let choices = choices.iter().map(|choice| (choice.name, choice.name, &choice.at));
    let mut found = Vec::new();
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (written, name, at) in schemas.chain(choices) {
        let is_name = syn::parse_str::<syn::Ident>(name).is_ok() && name.to_upper_camel_case() == name;
        if !is_name || TYPES.contains(&name) {
            let help = "rename it, or add `x-rust-name:` to a schema, in upper camel case as in `PanDetails`";
            found.push(spec.finding(at, format!("`{name}` cannot be the name of a type"), help));
        } else if let Some(other) = taken.insert(name, written) {
            let help = "give one of them another name, a schema by `x-rust-name`";
            found.push(spec.finding(at, format!("`{written}` and `{other}` would both be `{name}`"), help));
        }
    }
    found
}

/// Every property has a name of its own; of what is sent, also one that its methods can have.
pub(super) fn properties(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    let directions = spec.directions();
    for (schema, at, node) in spec.schemas() {
        let mut taken: BTreeSet<String> = BTreeSet::new();
        if directions.is_sent(schema) {
            taken.extend(METHODS.map(str::to_owned));
            taken.extend(spec.choices_of(node).map(|choice| choice.name.to_snake_case()));
        }
        for (name, _) in entries(node.get("properties")) {
            if !taken.insert(field_name(name)) {
                let help = "leave it out, or write the request by hand in src/";
                let at = at.push("properties").push(name);
                found.push(spec.finding(&at, format!("`{name}` cannot be the name of a method or field"), help));
            }
        }
    }
    found
}

/// Every argument has a name of its own, which neither a request nor its code has already.
pub(super) fn arguments(spec: &Spec) -> Vec<Finding> {
    let mut found = Vec::new();
    for operation in spec.operations() {
        let id = text(operation.node, "operationId").unwrap_or_default();
        if BESIDE_REQUESTS.contains(&id.to_upper_camel_case().as_str()) {
            let help = "give the operation another name, as in `vkycGetStatus`";
            let at = operation.at.push("operationId");
            found.push(spec.finding(&at, format!("`{id}` cannot be the name of an operation"), help));
        }
        let mut taken: BTreeSet<String> = BESIDE_ARGUMENTS.map(str::to_owned).into();
        taken.extend(spec.choices_of(operation.node).map(|choice| choice.name.to_snake_case()));
        for (n, parameter) in spec.parameters(&operation).enumerate().filter(|(_, p)| !is_true(p, "x-transport")) {
            let name = text(parameter, "name").unwrap_or_default();
            // progenitor names what begins with a digit otherwise than typify does.
            if !taken.insert(field_name(name)) || !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
                let help = "write the operation by hand in src/";
                let at = operation.at.push("parameters").push(n);
                found.push(spec.finding(&at, format!("`{name}` cannot be the name of an argument"), help));
            }
        }
    }
    found
}
