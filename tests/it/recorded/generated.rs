//! Snapshots of what the generator makes: each type on its own, what belongs to no type by its name, and the operations.
//! Together they are the whole source. A change of the spec shows here as a diff to review; `cargo xtask snapshots` accepts
//! it.

use std::collections::BTreeMap;

use syn::{Ident, Item};

use super::snapshot;
use crate::support;

/// What is compiled is this; `compiled.rs` holds the build to it.
fn generated() -> cashfree_vkyc_codegen::Generated {
    cashfree_vkyc_codegen::generate(&support::spec()).unwrap()
}

#[test]
fn each_type_on_its_own_and_what_belongs_to_none() {
    let mut parts: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    for item in syn::parse_file(&generated().types).unwrap().items {
        parts.entry(belongs_to(&item)).or_default().push(item);
    }
    let is_type = |items: &[Item]| items.iter().any(|item| matches!(item, Item::Struct(_) | Item::Enum(_)));
    for expected in ["VideoKyc", "ApiError", "Status", "SubStatus", "ErrorCode", "Phase", "Actor", "Evidence"] {
        assert!(parts.get(expected).is_some_and(|items| is_type(items)), "{expected} is not generated any more");
    }
    for (name, items) in parts {
        let kind = if is_type(&items) { "type" } else { "generated" };
        let source = prettyplease::unparse(&syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items });
        snapshot(&format!("{kind}__{name}"), &source);
    }
}

#[test]
fn the_operations() {
    snapshot("generated__operations", &generated().operations);
}

/// The name under which an item is shown. Every item has one, so that nothing is left out.
fn belongs_to(item: &Item) -> String {
    let ident: Option<&Ident> = match item {
        Item::Struct(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Static(item) => Some(&item.ident),
        Item::Const(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Mod(item) => Some(&item.ident),
        Item::Impl(item) => match item.self_ty.as_ref() {
            syn::Type::Path(path) => path.path.segments.last().map(|segment| &segment.ident),
            _ => None,
        },
        // A macro of ours says first which type it is about.
        Item::Macro(item) => return first_word(&item.mac.tokens).unwrap_or_else(|| "other".to_owned()),
        _ => None,
    };
    ident.filter(|ident| *ident != "_").map_or_else(|| "other".to_owned(), Ident::to_string)
}

fn first_word(tokens: &impl quote::ToTokens) -> Option<String> {
    let text = tokens.to_token_stream().into_iter().next()?.to_string();
    syn::parse_str::<Ident>(&text).ok().map(|ident| ident.to_string())
}
