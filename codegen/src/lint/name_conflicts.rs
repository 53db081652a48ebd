//! Rules about names in the generated code: each is unique, and the generator uses none of them itself.

use std::collections::{BTreeMap, BTreeSet};

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};

use crate::openapi::{Constant, Operation, Spec, entries, field_name, is_identifier, rust_name, text};

use super::report::{Report, Schema};

/// Types in scope of the generated schemas: types of the generator, and types of Rust that its code uses without a path.
const TYPES: &str = "
    Actor Box Default DocumentedError Err ErrorMeaning Evidence From Into IntoIterator LifecycleRow None Ok Option
    PartialEq Phase Result Route Row Some String Vec";

/// Types in scope of the requests of operations, which are named by their `operationId`.
const BESIDE_REQUESTS: [&str; 7] =
    ["Call", "Error", "JsonBody", "Operation", "Request", "RequestBuilderExt", "Transport"];

/// Methods of sent schemas.
const METHODS: [&str; 6] = ["clone", "differs_from", "eq", "fmt", "is_blank", "new"];

/// Methods of a request, and other names in scope of its arguments.
const BESIDE_ARGUMENTS: [&str; 9] = ["answer", "body", "client", "clone", "fmt", "new", "request", "response", "send"];

/// The name of a type is an upper camel case word, unique, and not one of the generator's.
pub(super) fn types(spec: &Spec, report: &mut Report<'_>) {
    let (schemas, choices) = (spec.schemas(), spec.choices());
    let schemas = schemas.iter().map(|(schema, at, node)| (*schema, rust_name(schema, node), at));
    let choices = choices.iter().map(|choice| (choice.name, choice.name, &choice.at));
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for (written, name, at) in schemas.chain(choices) {
        if !is_identifier(name)
            || name.to_upper_camel_case() != name
            || TYPES.split_whitespace().any(|taken| taken == name)
        {
            let help = "rename it, or add `x-rust-name:` to a schema, in upper camel case as in `PanDetails`";
            report.add(at, format!("`{name}` cannot be the name of a type"), help);
        } else {
            let help = "give one of them another name, a schema by `x-rust-name`";
            report.claim(&mut taken, (written, name.to_owned()), at, help);
        }
    }
}

/// Two constants with one name have one value. Otherwise one of them would be hidden.
pub(super) fn constants(spec: &Spec, report: &mut Report<'_>) {
    let mut seen: BTreeMap<String, Constant> = BTreeMap::new();
    for constant in spec.constants() {
        match seen.get(&constant.name) {
            Some(first) if first.value != constant.value => {
                let message = format!("this differs from #{}, and both would be `{}`", first.at, constant.name);
                report.add(&constant.at, message, "give both the same value, or another name");
            }
            _ => drop(seen.insert(constant.name.clone(), constant)),
        }
    }
}

/// Every property has a unique name. In a sent schema, it also differs from the methods.
pub(super) fn properties(spec: &Spec, schema: &Schema<'_>, report: &mut Report<'_>) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    if schema.is_sent {
        taken.extend(METHODS.map(str::to_owned));
        taken.extend(spec.choices_of(schema.node).map(|choice| choice.name.to_snake_case()));
    }
    for (name, _) in entries(schema.node.get("properties")) {
        if !taken.insert(field_name(name)) {
            let at = schema.at.push("properties").push(name);
            let help = "remove it, or write the request by hand in src/";
            report.add(&at, format!("`{name}` cannot be the name of a method or field"), help);
        }
    }
}

/// Every argument has a unique name that differs from the names in scope.
pub(super) fn arguments(spec: &Spec, operation: &Operation<'_>, report: &mut Report<'_>) {
    let id = text(operation.node, "operationId").unwrap_or_default();
    if BESIDE_REQUESTS.contains(&id.to_upper_camel_case().as_str()) {
        let help = "give the operation another name, as in `vkycGetStatus`";
        report.add(operation.at.push("operationId"), format!("`{id}` cannot be the name of an operation"), help);
    }
    let mut taken: BTreeSet<String> = BESIDE_ARGUMENTS.map(str::to_owned).into();
    taken.extend(spec.choices_of(operation.node).map(|choice| choice.name.to_snake_case()));
    for (at, name, _) in spec.arguments(operation) {
        // progenitor and typify name an argument differently if it begins with a digit.
        if !taken.insert(field_name(name)) || !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
            let help = "write the operation by hand in src/";
            report.add(&at, format!("`{name}` cannot be the name of an argument"), help);
        }
    }
}
