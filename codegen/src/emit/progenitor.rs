//! Runs progenitor over the normalised spec.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, InterfaceStyle};
use schemars::schema::{InstanceType, SchemaObject};
use serde_json::Value;
use syn::Item;

use crate::openapi::{Finding, Pointer, Spec, is_true, rust_name};

/// The items of a module of progenitor's output.
pub(super) fn module(output: &syn::File, name: &str) -> Vec<Item> {
    let content = output.items.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == name => module.content.as_ref(),
        _ => None,
    });
    content.map(|(_, items)| items.clone()).unwrap_or_default()
}

/// Runs progenitor over a normalised spec.
pub(super) fn generate(spec: &Spec, normalised: Value) -> Result<syn::File, Finding> {
    let help = "simplify this part of the spec; progenitor's README describes what it supports";
    let refuse = |message: String| spec.finding("/paths", message, help);
    let document: OpenAPI = serde_path_to_error::deserialize(normalised).map_err(|error| {
        let pointer = error.path().iter().fold(Pointer::root(), |at, segment| at.push(segment));
        spec.finding(&pointer, format!("this is not OpenAPI 3.0: {}", error.inner()), "correct this part of the spec")
    })?;
    let settings = settings(spec);
    let tokens = without_panic(|| Generator::new(&settings).generate_tokens(&document))
        .map_err(|message| refuse(format!("progenitor cannot take something in the spec: {message}")))?
        .map_err(|error| refuse(format!("progenitor refuses the spec: {error}")))?;
    syn::parse2(tokens).map_err(|error| refuse(format!("progenitor wrote code that does not parse: {error}")))
}

thread_local! {
    /// Whether a panic of this thread is expected.
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// Runs progenitor, which asserts in places. A build script must not print a backtrace for a mistake in a document, so the
/// message of such a panic becomes an error. Panics of other threads are printed as before.
fn without_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !EXPECTED.get() {
                usual(panic);
            }
        }));
    });
    EXPECTED.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    EXPECTED.set(false);
    outcome.map_err(|panic| match panic.downcast::<String>() {
        Ok(message) => *message,
        Err(panic) => panic.downcast_ref::<&str>().copied().unwrap_or_default().to_owned(),
    })
}

fn settings(spec: &Spec) -> GenerationSettings {
    let mut settings = GenerationSettings::default();
    settings.with_interface(InterfaceStyle::Builder);
    let replaced = |node: &Value| is_true(node, "x-open-enum") || is_true(node, "x-id");
    for (schema, _, node) in spec.schemas().into_iter().filter(|(_, _, node)| replaced(node)) {
        let name = rust_name(schema, node);
        settings.with_replacement(name, format!("crate::model::generated::{name}"), std::iter::empty());
    }
    for (format, path) in [
        ("sensitive", "crate::wire::Sensitive<String>"),
        ("timestamp", "crate::wire::Timestamp"),
        ("number-or-text", "crate::wire::NumberOrText"),
        ("sensitive-number-or-text", "crate::wire::Sensitive<crate::wire::NumberOrText>"),
    ] {
        let schema = SchemaObject {
            instance_type: Some(InstanceType::String.into()),
            format: Some(format.to_owned()),
            ..SchemaObject::default()
        };
        settings.with_conversion(schema, path, std::iter::empty());
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expected_panic_becomes_its_words() {
        let outcome: Result<(), String> = without_panic(|| panic!("one is not more than two"));
        assert_eq!(outcome, Err("one is not more than two".to_owned()));
        assert_eq!(without_panic(|| 7), Ok(7));
    }
}
