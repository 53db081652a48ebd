//! Snapshots of what the generator makes: the whole source, and each type on its own. A change of the spec shows here as
//! a diff to review; `cargo xtask snapshots` accepts it.

use std::collections::BTreeMap;

use quote::ToTokens as _;
use syn::Item;

use crate::support;

/// What is compiled is this; a unit test of the library, `src/tests.rs`, holds it to that.
fn generated() -> cashfree_vkyc_codegen::Generated {
    cashfree_vkyc_codegen::generate(&support::spec()).unwrap()
}

#[test]
fn the_whole_source() {
    let generated = generated();
    support::snapshot("generated__types", &generated.types);
    support::snapshot("generated__operations", &generated.operations);
}

#[test]
fn each_type_on_its_own() {
    let mut types: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    for item in syn::parse_file(&generated().types).unwrap().items {
        let name = match &item {
            Item::Struct(item) => item.ident.to_string(),
            Item::Enum(item) => item.ident.to_string(),
            Item::Impl(item) => item.self_ty.to_token_stream().to_string(),
            _ => continue,
        };
        types.entry(name).or_default().push(item);
    }
    for expected in ["VideoKyc", "ApiError", "Status", "SubStatus", "ErrorCode", "Phase", "Actor", "Evidence"] {
        assert!(types.contains_key(expected), "{expected} is not generated any more");
    }
    for (name, items) in types {
        let source = prettyplease::unparse(&syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items });
        support::snapshot(&format!("type__{name}"), &source);
    }
}
