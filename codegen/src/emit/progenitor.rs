//! Runs progenitor over the normalised spec, and takes the parts that are used from its output.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use openapiv3::OpenAPI;
use progenitor::{GenerationSettings, Generator, InterfaceStyle, TypeImpl};
use schemars::schema::{InstanceType, SchemaObject, SingleOrVec};
use serde_json::Value;
use syn::{ImplItem, Item};

use super::syntax::source;
use crate::openapi::{Finding, Spec, SpecError, rust_name};

/// The parts of progenitor's output that are used.
pub(super) struct Generated {
    pub(super) types: Vec<Item>,
    /// The items of `mod builder`: a builder for each operation.
    pub(super) builders: Vec<Item>,
}

/// Runs progenitor over a normalised spec. Its builders of types are dropped: `builders.rs` writes others.
pub(super) fn generate(spec: &Spec, normalised: Value) -> Result<Generated, SpecError> {
    let modules = run(spec, normalised)?.items.into_iter().filter_map(|item| match item {
        Item::Mod(module) => Some((module.ident.to_string(), module.content?.1)),
        _ => None,
    });
    let modules: BTreeMap<_, _> = modules.collect();
    let items = |name: &str| modules.get(name).cloned().unwrap_or_default();
    let (mut types, builders) = (items("types"), items("builder"));
    types.retain(|item| !is_builder_part(item));
    if !types.iter().any(|item| !matches!(item, Item::Mod(_)) && source(item).contains("error :: ConversionError")) {
        types.retain(|item| !matches!(item, Item::Mod(module) if module.ident == "error"));
    }
    Ok(Generated { types, builders })
}

/// `mod builder` among the types, and the `impl T { fn builder() }` that leads to it.
fn is_builder_part(item: &Item) -> bool {
    match item {
        Item::Mod(module) => module.ident == "builder",
        Item::Impl(item) => item.items.iter().any(|item| matches!(item, ImplItem::Fn(f) if f.sig.ident == "builder")),
        _ => false,
    }
}

fn run(spec: &Spec, normalised: Value) -> Result<syn::File, SpecError> {
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
