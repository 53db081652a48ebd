//! An import goes down or stays, never up. That holds of the layers of the library, what is generated included, and of the
//! rooms of the generator. A newcomer should find a room from the list of folders alone, and read it without those above it.

mod check;
mod imports;

use check::{Rule, Source, violations};

use crate::support;

const LIBRARY: Rule = Rule {
    rooms: &[
        ("wire", &[]),
        ("model", &["wire"]),
        ("webhook", &["wire", "model"]),
        ("transport", &["wire", "model", "webhook"]),
        ("client", &["wire", "model", "webhook", "transport"]),
        ("sandbox", &["wire", "model", "webhook", "transport", "client"]),
        // Words alone.
        ("guide", &[]),
    ],
    words: "an import goes down or stays, never up: wire ◀ model ◀ webhook ◀ transport ◀ client ◀ sandbox",
};

const GENERATOR: Rule = Rule {
    rooms: &[("openapi", &[]), ("lint", &["openapi"]), ("emit", &["openapi"])],
    words: "an import goes down or stays: openapi ◀ lint, openapi ◀ emit; lint and emit do not know each other",
};

#[test]
fn the_layers_of_the_library() {
    let made = cashfree_vkyc_codegen::generate(&support::spec()).unwrap();
    let generated = [("types.rs", made.types.as_str()), ("operations.rs", made.operations.as_str())];
    hold(&LIBRARY, "src", &generated);
}

#[test]
fn the_rooms_of_the_generator() {
    hold(&GENERATOR, "codegen/src", &[]);
}

fn hold(rule: &Rule, folder: &str, generated: &[(&str, &str)]) {
    let sources = Source::read(&support::root(), folder);
    let found = violations(rule, &sources, generated);
    assert!(sources.len() > 10, "{folder} has moved");
    assert!(found.is_empty(), "the rule is broken:\n\n{}", found.join("\n\n"));
}

/// What the check says of a library in which `wire/decode.rs` is this text.
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
        pub const VERSION: &str = \"\";
    ";
    let generated = "pub struct Made;\n\nimpl Made { fn make() { crate::transport::Request::new() } }";
    let sources = [Source::new("src", "lib.rs", lib), Source::new("src", file, text)];
    let generated = [("types.rs", generated)];
    violations(&LIBRARY, &sources, if text.contains("include!") { &generated } else { &[] })
}

#[test]
fn a_violation_says_where_it_is_what_the_rule_is_and_how_to_mend_it() {
    assert_eq!(
        in_wire("//! Docs.\n\nuse crate::client::Client;\n"),
        ["src/wire/decode.rs:3: `crate::client::Client` is of the room `client`, which `wire` does not know
  rule: an import goes down or stays, never up: wire ◀ model ◀ webhook ◀ transport ◀ client ◀ sandbox
  cure: move what `wire` needs into `wire` or to where both may reach it, or let `client` hand it in (an argument, a trait of `wire`)"]
    );
}

/// Whichever way an import is written, it is found, with the room that it is of.
#[test]
fn upward_imports_are_found_in_every_form() {
    for (text, path, room) in [
        ("use crate::model::Status;", "crate::model::Status", "model"),
        // Through the root.
        ("use crate::Client;", "crate::Client", "client"),
        ("use crate::Fetch;", "crate::Fetch", "client"),
        ("use crate::limits::Limits;", "crate::limits::Limits", "client"),
        ("use super::super::Client;", "super::super::Client", "client"),
        // By way of the parents.
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
        // In macros, those that are used and those that are made.
        ("fn f() { println!(\"{}\", [crate::client::NAME]); }", "crate::client::NAME", "client"),
        ("crate::model::table!(A);", "crate::model::table", "model"),
        ("macro_rules! m { () => { use $crate::{wire::A, client::{B, C}}; } }", "crate::client::C", "client"),
        // In attributes.
        ("struct S { #[serde(with = \"crate::model::text\")] a: u8 }", "crate::model::text", "model"),
        ("#[derive(crate::client::Derive)] struct S;", "crate::client::Derive", "client"),
    ] {
        let found = in_wire(text);
        let says = format!("src/wire/decode.rs:1: `{path}` is of the room `{room}`, which `wire` does not know\n");
        assert!(found.iter().any(|found| found.starts_with(&says)), "{text}: {found:#?}");
    }
}

#[test]
fn each_import_is_told_on_its_own_line() {
    let found = in_wire("use crate::{\n    model::A,\n    wire::B,\n    client::C,\n};\n");
    let lines: Vec<_> = found.iter().map(|found| found.split('`').next().unwrap()).collect();
    assert_eq!(lines, ["src/wire/decode.rs:2: ", "src/wire/decode.rs:4: "]);
}

#[test]
fn what_is_generated_lives_where_it_is_included() {
    let include = "include!(concat!(env!(\"OUT_DIR\"), \"/types.rs\"));";
    let [found] = &*planted("model/generated.rs", include) else { panic!() };
    let where_ =
        "types.rs, which is generated and included in src/model/generated.rs:3: `crate::transport::Request::new`";
    assert!(found.starts_with(where_) && found.contains("which `model` does not know"), "{found}");
    assert_eq!(planted("client/operations.rs", include), [""; 0]);
}

#[test]
fn what_may_be_from_anywhere_is_asked_to_be_named() {
    for text in ["use crate::*;", "use super::super::*;", "use crate::Unlisted;", "use crate as all;"] {
        let found = in_wire(text);
        assert!(found.len() == 1 && found[0].contains("may come from any room"), "{text}: {found:?}");
    }
}

#[test]
fn a_file_outside_of_the_rooms_is_told() {
    let [found] = &*planted("helpers/mod.rs", "") else { panic!() };
    assert!(found.starts_with("src/helpers/mod.rs stands in no room\n"), "{found}");
    assert!(found.ends_with("one of the folders wire, model, webhook, transport, client, sandbox, guide"), "{found}");
    assert_eq!(planted("tests.rs", "use crate::client::Client;"), [""; 0]);
}

#[test]
fn what_goes_down_or_stays_is_left_alone() {
    for (file, text) in [
        (
            "wire/decode.rs",
            "use crate::wire::Sensitive; use super::timestamp::Timestamp; use self::inner::A; mod inner {}",
        ),
        ("wire/decode.rs", "use crate::Sensitive; use crate::{Value, VERSION}; use std::fmt; use client::Foreign;"),
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
fn rooms_side_by_side_do_not_know_each_other() {
    let check = |file: &str, text: &str| {
        violations(
            &GENERATOR,
            &[Source::new("codegen/src", "lib.rs", "pub use lint::lint;"), Source::new("codegen/src", file, text)],
            &[],
        )
    };
    assert_eq!(check("emit/mod.rs", "use crate::openapi::Spec;"), [""; 0]);
    let [found] = &*check("emit/mod.rs", "use crate::lint;") else { panic!() };
    assert!(found.contains("`crate::lint` is of the room `lint`, which `emit` does not know"), "{found}");
    assert!(found.contains("lint and emit do not know each other"), "{found}");
    assert_eq!(
        (
            check("lint/rules.rs", "use super::super::emit::A;").len(),
            check("openapi/read.rs", "use crate::emit;").len()
        ),
        (1, 1)
    );
}
