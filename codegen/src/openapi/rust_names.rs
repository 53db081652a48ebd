//! Names of the spec in Rust.

use heck::ToSnakeCase as _;
use serde_json::Value;

use super::text;

/// Whether a text is a Rust identifier and no keyword.
pub(crate) fn is_identifier(name: &str) -> bool {
    syn::parse_str::<syn::Ident>(name).is_ok()
}

/// The name of a property or parameter in Rust, as typify and progenitor make it: in snake case, with an underscore after a
/// keyword.
pub(crate) fn field_name(name: &str) -> String {
    let name = name.replace('\'', "").to_snake_case();
    match name.chars().next() {
        None => "x".to_owned(),
        Some(first) if !first.is_alphabetic() => format!("x{name}"),
        // `gen` is a keyword since Rust 2024, but not to syn.
        Some(_) if name == "gen" || !is_identifier(&name) => format!("{name}_"),
        Some(_) => name,
    }
}

/// The name of a schema in Rust: `x-rust-name`, or the schema's own.
pub(crate) fn rust_name<'a>(schema: &'a str, node: &'a Value) -> &'a str {
    text(node, "x-rust-name").unwrap_or(schema)
}
