//! The public surface of the crate as one text file, so that a review sees each change of it.
//!
//! Derived from the source with `syn`, generated types included: what `src/lib.rs` and its public modules export, with
//! public fields, variants, methods, traits and their associated types, without bodies and words. No nightly toolchain is
//! needed, and nothing is compiled. What a derive brings is named by the derive; what our own macro brings is written out.
//!
//! | file | what it does |
//! |---|---|
//! | `exports.rs` | which names are public, and under which feature |
//! | `index.rs` | what is defined under a name, and what of it is public |
//! | `expand.rs` | what `open_enum!` writes for a name |

mod expand;
mod exports;
mod index;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cashfree_vkyc_codegen::{Spec, generate};
use syn::Item;

use crate::drift::rules::Step;
use crate::{Failure, Result, SPEC, file};
use exports::{exports, public_modules};
use index::{Index, self_name};

/// Where the file is.
pub(crate) const FILE: &str = "docs/public-api.txt";

const HEAD: &str =
    "The public API of cashfree-vkyc, written by `cargo xtask snapshots`. A line that goes is a breaking change.\n";

/// How the line begins that names what the lines after it describe.
const SECTION: &str = "== ";

/// Writes the file; with `check`, fails when it would change.
///
/// # Errors
/// When the source cannot be read, or the file is stale.
pub(crate) fn api(root: &Path, check: bool) -> Result {
    let now = text(root)?;
    let file = root.join(FILE);
    let before = std::fs::read_to_string(&file).unwrap_or_default();
    if now == before {
        return Ok(());
    }
    if check {
        return Err(Failure::found(format!(
            "{FILE} is stale; if the change of the public API is meant, accept it with: cargo xtask snapshots"
        )));
    }
    std::fs::write(&file, now).map_err(|error| format!("{FILE}: {error}").into())
}

/// The step that a change of the file asks for: a line that went may be what somebody compiles against; a new one is new.
pub(crate) fn step(before: &str, after: &str) -> Option<Step> {
    if before.is_empty() {
        return None;
    }
    let (before, after) = (lines(before), lines(after));
    let has = |all: &BTreeMap<(&str, &str), usize>, line, count: usize| all.get(line).is_some_and(|n| *n >= count);
    if before.iter().any(|(line, count)| !has(&after, line, *count)) {
        Some(Step::Major)
    } else if after.iter().any(|(line, count)| !has(&before, line, *count)) {
        Some(Step::Minor)
    } else {
        None
    }
}

/// How often each line stands in each section: the same method of another type is another method.
fn lines(text: &str) -> BTreeMap<(&str, &str), usize> {
    let mut found = BTreeMap::new();
    let mut section = "";
    for line in text.lines().filter(|line| !line.is_empty() && *line != HEAD.trim_end()) {
        if let Some(name) = line.strip_prefix(SECTION) {
            section = name.split(" where ").next().unwrap_or(name);
        }
        *found.entry((section, line)).or_default() += 1;
    }
    found
}

fn text(root: &Path) -> std::result::Result<String, String> {
    let source = root.join("src");
    let mut index = Index::default();
    let mut files = Vec::new();
    rust_files(&source, &mut files).map_err(|error| format!("src: {error}"))?;
    for file in files {
        index.add(read(&file)?);
    }
    let spec = Spec::read(&file(root, SPEC)).map_err(|error| error.to_string())?;
    let generated = generate(&spec).map_err(|error| error.to_string())?;
    index.add(parse("types.rs", &generated.types)?);
    let mut operations = parse("operations.rs", &generated.operations)?;
    // progenitor's client is private, and has the name of ours.
    operations
        .retain(|item| !matches!(item, Item::Impl(item) if self_name(&item.self_ty).as_deref() == Some("Client")));
    index.add(operations);

    let library = read(&source.join("lib.rs"))?;
    let mut out = HEAD.to_owned();
    describe(&index, "", &library, &mut out);
    for module in public_modules(&library) {
        let files = [source.join(format!("{module}.rs")), source.join(&module).join("mod.rs")];
        let file = files.into_iter().find(|file| file.is_file()).ok_or_else(|| format!("src: no module {module}"))?;
        describe(&index, &format!("::{module}"), &read(&file)?, &mut out);
    }
    Ok(out)
}

/// A section for each name that a module exports.
fn describe(index: &Index, module: &str, items: &[Item], out: &mut String) {
    for (name, condition) in exports(items) {
        let condition = if condition.is_empty() { String::new() } else { format!(" where {condition}") };
        *out += &format!("\n{SECTION}cashfree_vkyc{module}::{name}{condition}\n{}", index.describe(&name));
    }
}

fn read(file: &Path) -> std::result::Result<Vec<Item>, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    parse(&file.display().to_string(), &text)
}

fn parse(name: &str, text: &str) -> std::result::Result<Vec<Item>, String> {
    syn::parse_file(text).map(|file| file.items).map_err(|error| format!("{name}: {error}"))
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<_>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && path.file_name().is_some_and(|name| name != "tests.rs")
        {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_the_project_is_up_to_date() {
        api(&crate::root(), true).unwrap();
    }

    #[test]
    fn a_change_asks_for_a_step() {
        let section = |name: &str, lines: &str| format!("\n== cashfree_vkyc::{name} where feature = \"x\"\n{lines}\n");
        let both = section("A", "pub fn f();") + &section("B", "pub fn f();");
        assert_eq!(step("", &both), None);
        assert_eq!(step(&both, &both), None);
        assert_eq!(step(&both, &(both.clone() + "pub fn g();\n")), Some(Step::Minor));
        assert_eq!(step(&both, &(both.clone() + &section("C", ""))), Some(Step::Minor));
        // The method went from one of two types that had it.
        assert_eq!(step(&both, &(section("A", "pub fn g();") + &section("B", "pub fn f();"))), Some(Step::Major));
        assert_eq!(step(&both, &section("A", "pub fn f();")), Some(Step::Major));
        assert_eq!(step(&both, &both.replace("feature = \"x\"", "feature = \"y\"")), Some(Step::Major));
        let other_order = section("B", "pub fn f();") + &section("A", "pub fn f();");
        assert_eq!(step(&both, &other_order), None);
    }
}
