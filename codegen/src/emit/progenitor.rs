//! Runs progenitor over the normalised spec.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TypeImpl};
use schemars::schema::{InstanceType, SchemaObject, SingleOrVec};
use serde_json::Value;
use syn::Item;

use crate::openapi::{Finding, Spec, SpecError, rust_name};

/// The items of a module of progenitor's output.
pub(super) fn module(output: &syn::File, name: &str) -> Vec<Item> {
    let content = output.items.iter().find_map(|item| match item {
        Item::Mod(module) if module.ident == name => module.content.as_ref(),
        _ => None,
    });
    content.map(|(_, items)| items.clone()).unwrap_or_default()
}

/// Runs progenitor over a normalised spec.
pub(super) fn generate(spec: &Spec, normalised: Value) -> Result<syn::File, SpecError> {
    let refuse = |pointer: &str, message: String| -> SpecError {
        let help = "simplify this part of the spec; what progenitor takes stands in its README";
        spec.finding(pointer, message, help).into()
    };
    let document: OpenAPI = serde_path_to_error::deserialize(normalised).map_err(|error| -> Finding {
        let pointer: String =
            error.path().iter().map(|segment| format!("/{}", segment.to_string().replace('/', "~1"))).collect();
        spec.finding(&pointer, format!("this is not OpenAPI 3.0: {}", error.inner()), "correct this part of the spec")
    })?;
    let settings = settings(spec);
    let tokens = match without_panic(|| Generator::new(&settings).generate_tokens(&document)) {
        Ok(Ok(tokens)) => tokens,
        Ok(Err(error)) => return Err(refuse("/paths", format!("progenitor refuses the spec: {error}"))),
        Err(words) => return Err(refuse("/paths", format!("progenitor cannot take something in the spec: {words}"))),
    };
    syn::parse2(tokens).map_err(|error| refuse("/paths", format!("progenitor wrote code that does not parse: {error}")))
}

thread_local! {
    /// Whether a panic of this thread is expected, and what it said.
    static EXPECTED: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs progenitor, which asserts in places. A build script must not print a backtrace for a mistake in a document, so the
/// words of such a panic become an error, and panics of other threads stay as they are.
fn without_panic<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let expected = EXPECTED.with_borrow_mut(|words| words.as_mut().map(|words| *words = panic.to_string()));
            if expected.is_none() {
                usual(panic);
            }
        }));
    });
    EXPECTED.set(Some(String::new()));
    let outcome = catch_unwind(AssertUnwindSafe(work));
    let words = EXPECTED.take().unwrap_or_default();
    outcome.map_err(|_| words.lines().skip(1).collect::<Vec<_>>().join(" "))
}

fn settings(spec: &Spec) -> GenerationSettings {
    let mut settings = GenerationSettings::default();
    settings.with_interface(InterfaceStyle::Builder);
    for open_enum in spec.open_enums() {
        let path = format!("crate::model::generated::{}", open_enum.rust_name());
        let impls = [TypeImpl::Display, TypeImpl::FromStr, TypeImpl::Default];
        settings.with_replacement(open_enum.rust_name(), path, impls.into_iter());
    }
    for (schema, _, node) in spec.ids() {
        let name = rust_name(schema, node);
        let path = format!("crate::model::generated::{name}");
        settings.with_replacement(name, path, std::iter::empty());
    }
    for (format, path) in [
        ("sensitive", "crate::wire::Sensitive<String>"),
        ("timestamp", "crate::wire::Timestamp"),
        ("number-or-text", "crate::wire::NumberOrText"),
        ("sensitive-number-or-text", "crate::wire::Sensitive<crate::wire::NumberOrText>"),
    ] {
        let schema = SchemaObject {
            instance_type: Some(SingleOrVec::Single(Box::new(InstanceType::String))),
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
