//! `snapshots`: brings the snapshots up to date, or says that they are not.
//!
//! A snapshot is *stale* when a test shows something else now, and *orphaned* when no test shows it any more. insta finds
//! the first by itself; for the second, it writes the file of every snapshot that a test looked at to a list, which is
//! compared with the files that are there.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::{env, fs};

use cashfree_vkyc_codegen::Spec;

use crate::failure::{Failure, Result};
use crate::laid_ready::laid_ready;
use crate::project::{self, SPEC, cargo};
use crate::{compare, lifecycle, public_api as api};

const CURE: &str = "look at the changes, then accept them with: cargo xtask snapshots";

/// The module of the tests that show something. No other can.
const SHOWING: &str = "recorded::";

/// Folders that hold no snapshots of ours.
const SKIPPED: [&str; 2] = ["target", ".git"];

/// Runs the tests and updates the snapshots under `root`; with `check`, only looks.
pub(crate) fn snapshots(root: &Path, check: bool) -> Result {
    // First, since tests of ours look at them.
    api::api(root, check)?;
    documents(root, check)?;
    laid_ready(root, check, CURE)?;
    let list = env::temp_dir().join(format!("cashfree-vkyc-snapshots-{}", std::process::id()));
    let tested = run_tests(root, check, &list);
    let shown = fs::read_to_string(&list).unwrap_or_default();
    let _ = fs::remove_file(&list);
    if !tested? {
        return Err(Failure::found(if check {
            format!("a test fails, perhaps by a stale snapshot; {CURE}")
        } else {
            "a test fails for another reason than its snapshot; see above".into()
        }));
    }
    let orphans = orphans(root, &shown)?;
    for orphan in &orphans {
        if check {
            println!("no test shows {} any more", orphan.display());
        } else {
            fs::remove_file(orphan).map_err(|error| format!("{}: {error}", orphan.display()))?;
            println!("removed {}", orphan.display());
        }
    }
    match (check, orphans.len()) {
        (true, 1..) => Err(Failure::found(format!("{} orphaned; {CURE}", orphans.len()))),
        _ => {
            println!("the snapshots are up to date");
            Ok(())
        }
    }
}

/// What drift makes of each keyword, as people read it.
const KEYWORDS: &str = "docs/keywords.md";

/// The states of a verification, as people read them.
const LIFECYCLE: &str = "docs/lifecycle.md";

/// Writes the documents that are made from tables of ours; with `check`, fails when one would change.
fn documents(root: &Path, check: bool) -> Result {
    let spec = Spec::read(&project::file(root, SPEC)).map_err(|error| error.to_string())?;
    document(root, KEYWORDS, &compare::keywords_document(), check)?;
    document(root, LIFECYCLE, &lifecycle::document(&spec), check)
}

fn document(root: &Path, name: &str, now: &str, check: bool) -> Result {
    let file = root.join(name);
    match fs::read_to_string(&file).is_ok_and(|before| before == now) {
        true => Ok(()),
        false if check => Err(Failure::found(format!("{name} is stale; {CURE}"))),
        false => fs::write(&file, now).map_err(|error| format!("{name}: {error}").into()),
    }
}

/// Whether the tests that show something pass. The others have nothing to do with it, and take long. The packages and
/// features are those of the usual run of the tests, so that nothing is compiled a second time for this.
fn run_tests(root: &Path, check: bool, list: &Path) -> Result<bool> {
    let status = cargo(root)
        .args(["test", "--workspace", "--all-features", "--quiet", "--test", "it", "--test", "cli", "--", SHOWING])
        .env("INSTA_UPDATE", if check { "no" } else { "always" })
        .env("INSTA_SNAPSHOT_REFERENCES_FILE", list)
        .status();
    status.map(|status| status.success()).map_err(|error| format!("cargo cannot be run: {error}").into())
}

/// The snapshots under `root` that are not on the list.
fn orphans(root: &Path, shown: &str) -> Result<Vec<PathBuf>> {
    let shown: BTreeSet<PathBuf> = shown.lines().filter_map(|line| fs::canonicalize(line).ok()).collect();
    if shown.is_empty() {
        return Err(format!(
            "no test showed a snapshot; is there no test `{SHOWING}…` any more, or does insta list them otherwise?"
        )
        .into());
    }
    let mut found = Vec::new();
    find(root, &mut found).map_err(|error| format!("{}: {error}", root.display()))?;
    found.retain(|file| fs::canonicalize(file).is_ok_and(|file| !shown.contains(&file)));
    Ok(found)
}

fn find(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if path.is_dir() && !SKIPPED.contains(&name) {
            find(&path, found)?;
        } else if path.extension() == Some(OsStr::new("snap")) {
            found.push(path);
        }
    }
    found.sort();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_that_nobody_shows_is_an_orphan() {
        let folder = tempfile::tempdir().unwrap();
        let snapshots = folder.path().join("tests/snapshots");
        fs::create_dir_all(&snapshots).unwrap();
        fs::create_dir_all(folder.path().join("target")).unwrap();
        for name in ["tests/snapshots/a.snap", "tests/snapshots/b.snap", "tests/snapshots/c.txt", "target/d.snap"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let shown = format!("{}\n", snapshots.join("../snapshots/a.snap").display());
        assert_eq!(orphans(folder.path(), &shown).unwrap(), [snapshots.join("b.snap")]);
    }

    #[test]
    fn the_documents_are_those_of_the_tables() {
        documents(&crate::project::root(), true).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("docs")).unwrap();
        let write = |check| document(folder.path(), KEYWORDS, "now", check);
        assert!(write(true).unwrap_err().message.contains("docs/keywords.md is stale"));
        write(false).unwrap();
        write(true).unwrap();
    }

    #[test]
    fn an_empty_list_is_not_taken_for_all_orphans() {
        let folder = tempfile::tempdir().unwrap();
        assert!(orphans(folder.path(), "").unwrap_err().message.contains("no test showed a snapshot"));
    }
}
