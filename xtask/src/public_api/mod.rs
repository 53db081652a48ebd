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
//! | `step.rs` | the semver step that a change of the text asks for |

mod expand;
mod exports;
mod index;
mod step;

use std::path::{Path, PathBuf};

use cashfree_vkyc_codegen::{Spec, generate};
use syn::Item;

use crate::failure::{Failure, Result};
use crate::project::{SPEC, file};
use exports::{exports, public_modules};
use index::{Index, self_name};
pub(crate) use step::step;

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

fn text(root: &Path) -> std::result::Result<String, String> {
    let source = root.join("src");
    let mut index = Index::default();
    for file in rust_files(&source).map_err(|error| format!("src: {error}"))? {
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
    for (module, in_place) in public_modules(&library) {
        if let Some(items) = in_place {
            describe(&index, &format!("::{module}"), items, &mut out);
            continue;
        }
        let files = [source.join(format!("{module}.rs")), source.join(&module).join("mod.rs")];
        let file = files.into_iter().find(|file| file.is_file()).ok_or_else(|| format!("src: no module {module}"))?;
        describe(&index, &format!("::{module}"), &read(&file)?, &mut out);
    }
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).map_err(|error| format!("Cargo.toml: {error}"))?;
    out += &format!("\n{SECTION}features\n{}", features(&manifest));
    Ok(out)
}

/// The features of the package, in the order of the manifest.
fn features(manifest: &str) -> String {
    let section = manifest.split("\n[features]\n").nth(1).and_then(|rest| rest.split("\n[").next()).unwrap_or_default();
    let names = section.lines().filter_map(|line| line.split_once(" = [").map(|(name, _)| name));
    names.map(|name| format!("{name};\n")).collect()
}

/// A section for each name that a module exports.
fn describe(index: &Index, module: &str, items: &[Item], out: &mut String) {
    for (name, condition) in exports(items) {
        if let Some(all_of) = name.strip_suffix("::*") {
            describe(index, module, index.module(all_of), out);
            continue;
        }
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

/// The source below a folder, without what is for tests alone.
pub(crate) fn rust_files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> =
        std::fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<std::io::Result<_>>()?;
    entries.sort();
    let mut found = Vec::new();
    for path in entries {
        if path.is_dir() {
            found.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs")
            && path.file_name().is_some_and(|name| name != "tests.rs")
        {
            found.push(path);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_of_the_project_is_up_to_date() {
        api(&crate::project::root(), true).unwrap();
    }
}
