//! Snapshots of what the generator makes: the whole source, and each type on its own. A change of the spec shows here as
//! a diff to review; `cargo xtask snapshots` accepts it.

#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod support;

use std::collections::BTreeMap;

use quote::ToTokens as _;
use syn::Item;

const TYPES: &str = include_str!(concat!(env!("OUT_DIR"), "/types.rs"));
const OPERATIONS: &str = include_str!(concat!(env!("OUT_DIR"), "/operations.rs"));

#[test]
fn the_whole_source() {
    support::snapshot("generated__types", TYPES);
    support::snapshot("generated__operations", OPERATIONS);
}

#[test]
fn each_type_on_its_own() {
    let mut types: BTreeMap<String, Vec<Item>> = BTreeMap::new();
    for item in syn::parse_file(TYPES).unwrap().items {
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

#[test]
fn what_is_compiled_is_what_the_generator_makes_of_the_spec_now() {
    let spec = support::spec();
    let first = cashfree_vkyc_codegen::generate(&spec).unwrap();
    assert!(first.types == TYPES && first.operations == OPERATIONS, "the build used another spec");
    assert_eq!(first, cashfree_vkyc_codegen::generate(&spec).unwrap(), "two runs differ");
}
