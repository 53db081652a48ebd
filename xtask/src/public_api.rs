//! `docs/public-api.txt`: the public API of every published library, as rustdoc sees it, one item a line.
//!
//! ```text
//! cargo doc (rustdoc's JSON) ─▶ crate public-api ─▶ docs/public-api.txt ─▶ the bump that a change requires
//! ```
//!
//! The JSON is unstable, so rustdoc needs `RUSTC_BOOTSTRAP`. In cargo's own environment, that variable would rerun build scripts
//! and recompile every dependency. Instead, cargo gets this program as its rustdoc, and this program sets the variable for the
//! real one.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, ExitCode};

use cashfree_vkyc_codegen::openapi::{array, entries, text};
use serde::Deserialize;
use serde_json::Value;

use crate::compare::Bump;
use crate::project::{Failure, Result, cargo, output, written};

pub(crate) const FILE: &str = "docs/public-api.txt";

const HEAD: &str = "# The public API of the published libraries, written by `cargo xtask snapshots`. A line that goes is a breaking change.\n";

/// The format of rustdoc's JSON that the crate public-api reads.
const FORMAT: u32 = 57;

/// The field that every version of the format has.
#[derive(Deserialize)]
struct Json {
    format_version: u32,
}

/// The variable that makes this program act as rustdoc.
const AS_RUSTDOC: &str = "XTASK_AS_RUSTDOC";

/// Writes the file; with `check`, fails if it would change.
///
/// # Errors
/// If the libraries cannot be documented, or the file is stale.
pub(crate) fn record(root: &Path, check: bool) -> Result {
    let now = listing(root)?;
    let before = std::fs::read_to_string(root.join(FILE)).unwrap_or_default();
    let why = bump(&before, &now).map(|(bump, why)| format!(" ({bump}: {why})")).unwrap_or_default();
    let help = format!("if the change{why} of the public API is intended, accept it with: cargo xtask snapshots");
    written(root, FILE, &now, check, &help)
}

/// Runs rustdoc with unstable options when cargo calls this program as its rustdoc. `None` otherwise.
#[must_use]
pub fn as_rustdoc() -> Option<ExitCode> {
    std::env::var_os(AS_RUSTDOC)?;
    let mut rustdoc = Command::new("rustdoc");
    let status = rustdoc.args(std::env::args_os().skip(1)).env("RUSTC_BOOTSTRAP", "1").status();
    Some(if status.is_ok_and(|status| status.success()) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The items and features of all published libraries.
fn listing(root: &Path) -> Result<String> {
    let metadata = output(cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let this = std::env::current_exe().map_err(|error| format!("the path of xtask: {error}"))?;
    let mut doc = cargo(root);
    doc.args(["doc", "--workspace", "--all-features", "--no-deps", "--lib", "--quiet"]);
    doc.env("RUSTDOC", this).env(AS_RUSTDOC, "1").env("RUSTDOCFLAGS", "-Z unstable-options --output-format json");
    output(&mut doc)?;
    let target = Path::new(text(&metadata, "target_directory").unwrap_or_default());
    let mut out = HEAD.to_owned();
    for package in libraries(&metadata) {
        let name = text(package, "name").unwrap_or_default();
        let json = target.join("doc").join(format!("{}.json", name.replace('-', "_")));
        let items = items(&json)?;
        let features: String =
            entries(package.get("features")).map(|(feature, _)| format!("feature {name}/{feature}\n")).collect();
        out += &format!("\n# {name}\n{features}{items}");
    }
    Ok(out)
}

/// The published packages with a library for users. The library of a package with a program is for the program.
fn libraries(metadata: &Value) -> impl Iterator<Item = &Value> {
    array(metadata.get("packages")).filter(|package| {
        let has = |kind: &str| array(package.get("targets")).any(|t| array(t.get("kind")).any(|target| target == kind));
        package.get("publish").is_none_or(Value::is_null) && has("lib") && !has("bin")
    })
}

/// The items in a JSON file of rustdoc, without derives, blanket and auto traits.
fn items(json: &Path) -> Result<String> {
    let unreadable = |error: &dyn std::fmt::Display| Failure::not_compared(format!("{}: {error}", json.display()));
    let text = std::fs::read_to_string(json).map_err(|error| unreadable(&error))?;
    let Json { format_version } = serde_json::from_str(&text).map_err(|error| unreadable(&error))?;
    if format_version != FORMAT {
        return Err(Failure::not_compared(format!(
            "the public API cannot be listed: rustdoc of this toolchain writes another format of JSON, {format_version} in place of \
             {FORMAT}; set RUSTUP_TOOLCHAIN=1.95.0, or raise public-api in xtask/Cargo.toml"
        )));
    }
    let api = public_api::Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build();
    // The methods of a type with two paths are listed twice.
    let mut known = BTreeSet::new();
    let items = api.map_err(|error| unreadable(&error))?.into_items().map(|item| format!("{item}\n"));
    Ok(items.filter(|item| known.insert(item.clone())).collect())
}

/// The bump that a change of the listing requires, and why. A line that is gone or different may break users. (The text does not
/// show whether a new trait method has a default body; cargo-semver-checks in CI does.)
pub(crate) fn bump(before: &str, after: &str) -> Option<(Bump, String)> {
    let items = |text| str::lines(text).filter(|line| !line.is_empty() && !line.starts_with("# ")).collect();
    let (before, after): (BTreeSet<&str>, BTreeSet<&str>) = (items(before), items(after));
    if let Some(gone) = before.difference(&after).next() {
        return Some((Bump::Major, format!("`{gone}` is gone or changed")));
    }
    let is_variant_to_match = |line: &&&str| {
        let path = line.strip_prefix("pub ").and_then(|path| path.split(['(', '{', ' ']).next());
        let parent = path.and_then(|path| path.rsplit_once("::"));
        parent.is_some_and(|(parent, _)| before.contains(format!("pub enum {parent}").as_str()))
    };
    let mut new = after.difference(&before).filter(|_| !before.is_empty());
    let first = new.clone().next()?;
    match new.find(is_variant_to_match) {
        Some(variant) => Some((Bump::Major, format!("`{variant}` is new, and users match its enum in full"))),
        None => Some((Bump::Minor, format!("`{first}` is new"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::root;

    const TEXT: &str = "# A\npub enum a::E\npub a::E::One\n#[non_exhaustive] pub enum a::O\npub fn a::m::n::f(u8)\n";

    #[test]
    fn each_change_asks_for_its_bump() {
        let (major, minor) = (Some(Bump::Major), Some(Bump::Minor));
        for (old, new, expected) in [
            ("", "", None),
            ("# A", "# B", None),
            ("pub fn a::m::n::f(u8)\n", "", major),
            ("f(u8)", "f(u16)", major),
            ("pub enum a::E", "#[non_exhaustive] pub enum a::E", major),
            ("a::E::One\n", "a::E::One\npub a::E::Two(a::E)\n", major),
            ("a::E::One\n", "a::E::One\npub a::O::Two(a::E)\n", minor),
            ("# A\n", "# A\nfeature a/new\n", minor),
        ] {
            let found = bump(TEXT, &TEXT.replacen(old, new, 1));
            assert_eq!(found.as_ref().map(|(bump, _)| *bump), expected, "{old} -> {new}: {found:?}");
        }
        assert_eq!(bump("", TEXT), None);
    }

    /// The record has each published library and its nested modules: the release check refuses the loss of such an item.
    #[test]
    fn the_record_covers_every_published_library_and_its_nested_modules() {
        let metadata = output(cargo(&root()).args(["metadata", "--no-deps", "--format-version", "1"])).unwrap();
        let metadata: Value = serde_json::from_str(&metadata).unwrap();
        let names: Vec<_> = libraries(&metadata).map(|package| text(package, "name").unwrap()).collect();
        let record = std::fs::read_to_string(root().join(FILE)).unwrap();
        assert_eq!(record.lines().filter_map(|line| line.strip_prefix("# cash")).count(), names.len());
        assert!(names.contains(&"cashfree-vkyc-redis") && !names.contains(&"cashfree-vkyc-cli"), "{names:?}");
        for nested in
            ["pub fn cashfree_vkyc::webhook::", "pub fn cashfree_vkyc_redis::", "cashfree_vkyc_codegen::openapi::"]
        {
            let item = record.lines().find(|line| line.contains(nested)).unwrap();
            let without = record.replacen(&format!("{item}\n"), "", 1);
            assert_eq!(bump(&record, &without).unwrap().0, Bump::Major, "{item}");
        }
    }
}
