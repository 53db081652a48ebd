//! In the library, including generated code, and in the generator, imports go down a layer or stay in it. In every package, no two
//! files import each other.

mod check;
mod imports;

use check::{Package, Rule};

use crate::support;

const LIBRARY: Rule = Rule {
    layers: &[
        ("wire", &[]),
        ("model", &["wire"]),
        ("webhook", &["wire", "model"]),
        ("transport", &["wire", "model", "webhook"]),
        ("client", &["wire", "model", "webhook", "transport"]),
        ("sandbox", &["wire", "model", "webhook", "transport", "client"]),
        // Text only.
        ("guide", &[]),
    ],
    words: "an import goes down or stays, never up: wire ◀ model ◀ webhook ◀ transport ◀ client ◀ sandbox",
};

const GENERATOR: Rule = Rule {
    layers: &[("openapi", &[]), ("lint", &["openapi"]), ("emit", &["openapi"])],
    words: "an import goes down or stays: openapi ◀ lint, openapi ◀ emit; lint and emit do not import each other",
};

/// Packages besides the library.
const OTHERS: [&str; 5] = ["codegen/src", "xtask/src", "cli/src", "redis/src", "conformance/src"];

fn library() -> Package {
    let made = cashfree_vkyc_codegen::generate(&support::spec()).unwrap();
    let generated = [("types.rs", made.types.as_str()), ("operations.rs", made.operations.as_str())];
    Package::read(&support::root(), "src", &generated)
}

#[test]
fn imports_of_the_library_follow_its_layers() {
    none(&library().violations(&LIBRARY));
}

#[test]
fn imports_of_the_generator_follow_its_layers() {
    none(&Package::read(&support::root(), "codegen/src", &[]).violations(&GENERATOR));
}

#[test]
fn no_files_import_each_other() {
    let others = OTHERS.map(|folder| Package::read(&support::root(), folder, &[]));
    let cycles: Vec<_> = [library()].iter().chain(&others).flat_map(Package::cycles).collect();
    none(&cycles);
}

fn none(found: &[String]) {
    assert!(found.is_empty(), "the rule is broken:\n\n{}", found.join("\n\n"));
}

/// The violations of a library in which `wire/decode.rs` is this text.
fn in_wire(text: &str) -> Vec<String> {
    planted("wire/decode.rs", text)
}

fn planted(file: &str, text: &str) -> Vec<String> {
    let lib = "
        mod client; mod model; mod wire; mod tests;
        pub use client::{Client, download::Download as Fetch};
        pub use wire::Sensitive;
        pub use serde_json::Value;
        #[cfg(feature = \"client\")]
        pub(crate) use self::client::limits;
        pub use model::*;
    ";
    let others = ["wire", "model", "webhook", "transport", "client", "sandbox"].map(|layer| format!("{layer}/mod.rs"));
    let mut files = vec![("lib.rs", lib), (file, text)];
    files.extend(others.iter().filter(|other| *other != file).map(|other| (other.as_str(), "")));
    let generated = [("types.rs", "pub struct Made;\n\nimpl Made { fn make() { crate::transport::Request::new() } }")];
    let generated = if text.contains("include!") { &generated[..] } else { &[] };
    Package::new("src", &files, generated).violations(&LIBRARY)
}

#[test]
fn a_violation_has_its_place_the_rule_and_a_cure() {
    assert_eq!(
        in_wire("//! Docs.\n\nuse crate::client::Client;\n"),
        ["src/wire/decode.rs:3: `crate::client::Client` is of the layer `client`, which `wire` does not import
  rule: an import goes down or stays, never up: wire ◀ model ◀ webhook ◀ transport ◀ client ◀ sandbox
  cure: move the item into `wire` or a layer below, or let `client` pass it in (an argument, a trait of `wire`)"]
    );
}

#[test]
fn upward_imports_are_found_in_every_form() {
    for (text, path, layer) in [
        ("use crate::model::Status;", "crate::model::Status", "model"),
        // Through the root.
        ("use crate::Client;", "crate::Client", "client"),
        ("use crate::Fetch;", "crate::Fetch", "client"),
        ("use crate::limits::Limits;", "crate::limits::Limits", "client"),
        ("use super::super::Client;", "super::super::Client", "client"),
        // Through the parents.
        ("use super::super::transport::Error;", "super::super::transport::Error", "transport"),
        ("mod inner { use super::super::super::model::Status; }", "super::super::super::model::Status", "model"),
        ("fn f() { super::super::client::go() }", "super::super::client::go", "client"),
        // Grouped and renamed.
        ("use crate::{wire::Sensitive, model::{ids, Status as S}};", "crate::model::Status", "model"),
        ("use crate::sandbox as play;", "crate::sandbox", "sandbox"),
        ("use crate::model::*;", "crate::model::*", "model"),
        ("pub use crate::webhook::{self};", "crate::webhook::self", "webhook"),
        // In code.
        ("fn f() -> crate::model::Status { loop {} }", "crate::model::Status", "model"),
        ("fn f() { let x = crate::client::Client::new(); }", "crate::client::Client::new", "client"),
        ("impl From<crate::transport::Error> for u8 {}", "crate::transport::Error", "transport"),
        ("fn f<T: crate::client::Trait>(_: Vec<crate::model::A>) {}", "crate::model::A", "model"),
        ("fn f() { match x { crate::model::Status::New => {} } }", "crate::model::Status::New", "model"),
        ("fn f() { use crate::client::Client; }", "crate::client::Client", "client"),
        // In macro calls and macro definitions.
        ("fn f() { println!(\"{}\", [crate::client::NAME]); }", "crate::client::NAME", "client"),
        ("crate::model::table!(A);", "crate::model::table", "model"),
        ("macro_rules! m { () => { use $crate::{wire::A, client::{B, C}}; } }", "crate::client::C", "client"),
        // In attributes.
        ("struct S { #[serde(with = \"crate::model::text\")] a: u8 }", "crate::model::text", "model"),
        ("#[derive(crate::client::Derive)] struct S;", "crate::client::Derive", "client"),
    ] {
        let found = in_wire(text);
        let says = format!("src/wire/decode.rs:1: `{path}` is of the layer `{layer}`, which `wire` does not import\n");
        assert!(found.iter().any(|found| found.starts_with(&says)), "{text}: {found:#?}");
    }
}

#[test]
fn each_import_is_reported_with_its_own_line() {
    let found = in_wire("use crate::{\n    model::A,\n    wire::B,\n    client::C,\n};\n");
    let lines: Vec<_> = found.iter().map(|found| found.split('`').next().unwrap()).collect();
    assert_eq!(lines, ["src/wire/decode.rs:2: ", "src/wire/decode.rs:4: "]);
}

#[test]
fn generated_code_belongs_to_the_module_that_includes_it() {
    let include = "include!(concat!(env!(\"OUT_DIR\"), \"/types.rs\"));";
    let [found] = &*planted("model/generated.rs", include) else { panic!() };
    let where_ =
        "types.rs, which is generated and included in src/model/generated.rs:3: `crate::transport::Request::new`";
    assert!(found.starts_with(where_) && found.contains("which `model` does not import"), "{found}");
    assert_eq!(planted("client/operations.rs", include), [""; 0]);
}

#[test]
fn an_import_of_unknown_origin_is_refused() {
    for text in ["use crate::*;", "use super::super::*;", "use crate::Unlisted;"] {
        let found = in_wire(text);
        assert!(found.len() == 1 && found[0].contains("may be of any layer"), "{text}: {found:?}");
    }
}

#[test]
fn a_file_outside_of_the_layers_is_refused() {
    let [found] = &*planted("helpers/mod.rs", "") else { panic!() };
    assert!(found.starts_with("src/helpers/mod.rs is in no layer\n"), "{found}");
    assert!(found.ends_with("one of the folders wire, model, webhook, transport, client, sandbox, guide"), "{found}");
    assert_eq!(planted("tests.rs", "use crate::client::Client;"), [""; 0]);
}

#[test]
fn imports_from_the_same_or_a_lower_layer_are_allowed() {
    for (file, text) in [
        (
            "wire/decode.rs",
            "use crate::wire::Sensitive; use super::timestamp::Timestamp; use self::inner::A; mod inner {}",
        ),
        ("wire/decode.rs", "use crate::Sensitive; use crate::Value; use std::fmt; use client::Foreign;"),
        ("wire/decode.rs", "pub(in crate::client) struct A; pub(crate) struct B; pub(super) fn f(self) {}"),
        ("wire/decode.rs", "//! [`crate::client::Client`]\n/// [crate::client]\nstruct A;"),
        ("wire/decode.rs", "#[cfg(test)] mod tests { use super::*; }"),
        ("wire/decode.rs", "const A: &str = \"crate::client::Client\"; use ::client::Foreign;"),
        (
            "wire/decode.rs",
            "fn f() { quote!(crate::client::Client); self.client::<u8>(); println!(\"{}\", self.client); }",
        ),
        (
            "sandbox/mod.rs",
            "use crate::{client::Client, model::A, transport::B, webhook::C, wire::D}; use crate::Client as E;",
        ),
        ("transport/mod.rs", "use crate::webhook::Secrets; use crate::model::Status; use super::wire::A;"),
    ] {
        assert_eq!(planted(file, text), [""; 0], "{text}");
    }
}

#[test]
fn sibling_layers_do_not_import_each_other() {
    let check = |file: &str, text: &str| {
        let files =
            [("lib.rs", "pub use lint::lint;"), ("lint/mod.rs", ""), ("emit/mod.rs", ""), ("openapi/mod.rs", "")];
        let files: Vec<_> = files.into_iter().filter(|(name, _)| *name != file).chain([(file, text)]).collect();
        Package::new("codegen/src", &files, &[]).violations(&GENERATOR)
    };
    assert_eq!(check("emit/mod.rs", "use crate::openapi::Spec;"), [""; 0]);
    let [found] = &*check("emit/mod.rs", "use crate::lint;") else { panic!() };
    assert!(found.contains("`crate::lint` is of the layer `lint`, which `emit` does not import"), "{found}");
    for (file, text) in [("lint/rules.rs", "use super::super::emit::A;"), ("openapi/read.rs", "use crate::emit;")] {
        assert_eq!(check(file, text).len(), 1, "{file}");
    }
}

fn cycles(files: &[(&str, &str)]) -> Vec<String> {
    Package::new("src", files, &[]).cycles()
}

#[test]
fn a_cycle_is_reported_with_its_files_and_imports() {
    let found = cycles(&[
        ("lib.rs", "mod a; mod b; mod c; mod d;"),
        ("a.rs", "use std::fmt;\nuse super::b::B;\n"),
        ("b/mod.rs", "mod inner;\npub use inner::B;"),
        ("b/inner.rs", "use crate::{\n    d::D,\n    c,\n};"),
        ("c.rs", "fn c() { crate::a::a() }"),
        ("d.rs", "use crate::b::B;"),
    ]);
    assert_eq!(
        found,
        [
            "these files import each other:
  src/a.rs:2: `super::b::B` of src/b/inner.rs
  src/b/inner.rs:3: `crate::c` of src/c.rs
  src/c.rs:1: `crate::a::a` of src/a.rs
  cure: move the item that both need into a third file, or pass it in (an argument, a trait)",
            "these files import each other:
  src/d.rs:1: `crate::b::B` of src/b/inner.rs
  src/b/inner.rs:2: `crate::d::D` of src/d.rs
  cure: move the item that both need into a third file, or pass it in (an argument, a trait)"
        ]
    );
}

#[test]
fn cycles_are_found_in_every_form() {
    for (parent, child) in [
        ("mod child; use child::A;", "use super::B;"),
        ("mod child; fn f() { child::f() }", "use super::*;"),
        ("mod child; use self::child as other;", "fn f() -> crate::parent::B {}"),
        ("mod child; fn f() { println!(\"{}\", child::A) }", "impl From<super::B> for A {}"),
    ] {
        let found = cycles(&[("lib.rs", "mod parent;"), ("parent.rs", parent), ("parent/child.rs", child)]);
        assert_eq!(found.len(), 1, "{parent}\n{child}");
    }
}

#[test]
fn re_exports_of_children_and_imports_of_tests_are_no_cycles() {
    for (parent, child) in [
        ("mod child; pub use child::A; pub(crate) use child::C;", "use super::B;"),
        ("mod child; #[cfg(test)] mod tests { use super::child::A; }", "use super::B;"),
        ("mod child; #[cfg(test)] use child::A;", "use super::B;"),
        ("mod child; use child::A;", "use std::fmt; use crate::other::B; fn f(child: u8) { println!(\"{child}\") }"),
    ] {
        let files =
            [("lib.rs", "mod parent; pub use parent::A;"), ("parent/mod.rs", parent), ("parent/child.rs", child)];
        assert_eq!(cycles(&files), [""; 0], "{parent}\n{child}");
    }
}
