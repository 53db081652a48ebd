//! `release`: the way to a release as a list. What can be looked at here is looked at, all of it; what a person does follows.

use std::path::Path;

use cashfree_vkyc_codegen::Spec;
use semver::Version;
use serde_json::Value;

use super::{check, crate_version};
use crate::failure::{Failure, Result};
use crate::laid_ready::laid_ready;
use crate::project::{SPEC, cargo, file};
use crate::revision::git;

type Look = (&'static str, fn(&Path, &Version) -> Result);

const LOOKS: [Look; 7] = [
    ("nothing is uncommitted", committed),
    ("what is here is what the branch `main` has, here and at its remote", on_main),
    ("the spec has no findings, and generated/ is made of it", generated),
    ("version and changelog fit what changed since the last release", |root, _| check(root)),
    ("the changelog has this version, with its day, and nothing more to come", dated),
    ("our crates ask for each other in this version", each_other),
    ("there is no tag of this version yet", untagged),
];

/// Says of each whether it is so, and then what is left for a person.
///
/// # Errors
/// When something is not so.
pub(crate) fn checklist(root: &Path) -> Result {
    let version = std::fs::read_to_string(root.join("Cargo.toml")).map_err(|error| format!("Cargo.toml: {error}"))?;
    let version = crate_version(&version)?;
    println!("cashfree-vkyc {version}\n");
    let mut missing = 0;
    for (what, look) in LOOKS {
        match look(root, &version) {
            Ok(()) => println!("  [x] {what}"),
            Err(failure) => {
                missing += 1;
                println!("  [ ] {what}");
                failure.to_string().lines().for_each(|line| println!("        {line}"));
            }
        }
    }
    println!("\n{}", left(&version));
    match missing {
        0 => Ok(()),
        1 => Err(Failure::found("1 thing stands in the way; mend it, then: cargo xtask release".into())),
        _ => Err(Failure::found(format!("{missing} things stand in the way; mend them, then: cargo xtask release"))),
    }
}

fn left(version: &Version) -> String {
    format!(
        "When all of that is so, in this order:
  1. cargo xtask spec drift spec/pages             after fetching Cashfree's pages anew: docs/updating.md
  2. cargo xtask measure --check                   no dearer than on record; takes minutes
  3. CI=true .ci/run                               in a clean clone
  4. git tag v{version} && git push origin v{version}
  5. approve the environment `release` on GitHub   .github/workflows/release.yml then publishes, with an SBOM
For the first release only, crates.io knows no crate that could trust the workflow. So instead of 5: decline, run
`cargo publish --locked --workspace` with a token of yours, and name the workflow under Settings, Trusted Publishing of each crate."
    )
}

fn committed(root: &Path, _: &Version) -> Result {
    match git(root, &["status", "--porcelain"])?.lines().next() {
        None => Ok(()),
        Some(first) => Err(Failure::found(format!("commit or remove it: {}", first.trim()))),
    }
}

fn on_main(root: &Path, _: &Version) -> Result {
    let branch = git(root, &["rev-parse", "--abbrev-ref", "HEAD"])?;
    if branch.trim() != "main" {
        return Err(Failure::found(format!("this is `{}`: git switch main", branch.trim())));
    }
    // Without a remote that it follows, there is nothing to compare with.
    let Ok(counts) = git(root, &["rev-list", "--left-right", "--count", "HEAD...@{upstream}"]) else {
        return Ok(());
    };
    match counts.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["0", "0"] => Ok(()),
        [ahead, "0"] => Err(Failure::found(format!("{ahead} commits are only here: git push"))),
        _ => Err(Failure::found("the remote has commits that are not here: git pull".into())),
    }
}

fn generated(root: &Path, _: &Version) -> Result {
    let spec = Spec::read(&file(root, SPEC)).map_err(|error| error.to_string())?;
    cashfree_vkyc_codegen::lint(&spec).map_err(|error| error.to_string())?;
    laid_ready(root, true, "cargo xtask snapshots")
}

/// The heading is what the workflow takes for the words of the release.
fn dated(root: &Path, version: &Version) -> Result {
    let changelog =
        std::fs::read_to_string(root.join("CHANGELOG.md")).map_err(|error| format!("CHANGELOG.md: {error}"))?;
    let mut sections = changelog.split("\n## ").skip(1);
    let heading = format!("[{version}] - ");
    let is_dated = |section: &str| {
        let day = section.strip_prefix(&heading).and_then(|rest| rest.lines().next()).unwrap_or_default();
        day.trim().parse::<jiff::civil::Date>().is_ok()
    };
    if !sections.clone().any(is_dated) {
        let today = crate::project::today();
        return Err(Failure::found(format!("put `## {heading}{today}` below `## [Unreleased]` in CHANGELOG.md")));
    }
    let to_come = sections.find(|section| section.starts_with("[Unreleased]")).unwrap_or_default();
    match to_come.lines().any(|line| line.starts_with("- ")) {
        false => Ok(()),
        true => Err(Failure::found(format!("move what stands under `## [Unreleased]` to `## {heading}…`"))),
    }
}

fn each_other(root: &Path, version: &Version) -> Result {
    let output = cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]).output();
    let output = output.map_err(|error| format!("cargo cannot be run: {error}"))?;
    let metadata: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| String::from_utf8_lossy(&output.stderr).trim().to_owned())?;
    match other_requirement(&metadata, version) {
        None => Ok(()),
        Some((who, whom, version)) => Err(Failure::found(format!(
            "{who} depends on {whom}: write {version} under [workspace.dependencies] in Cargo.toml"
        ))),
    }
}

/// The first of our published crates that asks for another of ours in another version: who, whom, and what it should say.
fn other_requirement(metadata: &Value, version: &Version) -> Option<(String, String, String)> {
    let list = |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let due = format!("{}.{}.{}", version.major, version.minor, version.patch);
    // `publish = false` is an empty list of registries.
    let packages = list(metadata, "packages");
    let published = packages.iter().filter(|package| package.get("publish").is_none_or(Value::is_null));
    published
        .flat_map(|package| list(package, "dependencies").into_iter().map(move |needs| (package, needs)))
        .filter(|(_, needs)| needs.get("path").is_some_and(Value::is_string) && text(needs, "kind") != "dev")
        .find(|(_, needs)| text(needs, "req").trim_start_matches(['^', '=']) != due)
        .map(|(package, needs)| (text(package, "name"), text(&needs, "name"), due))
}

fn untagged(root: &Path, version: &Version) -> Result {
    match git(root, &["rev-parse", "--verify", "--quiet", &format!("refs/tags/v{version}")]) {
        Err(_) => Ok(()),
        Ok(_) => Err(Failure::found(format!("v{version} is released: raise the version in Cargo.toml"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::revision::tests::{commit, edit, released};

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn each_thing_that_stands_in_the_way_is_told_with_its_cure() {
        let folder = released();
        let (root, now) = (folder.path(), version("0.1.0+2024-12-01"));
        git(root, &["branch", "-M", "main"]).unwrap();
        let says = |look: fn(&Path, &Version) -> Result, now: &Version| look(root, now).unwrap_err().message;
        assert_eq!((committed(root, &now), on_main(root, &now)), (Ok(()), Ok(())));

        git(root, &["tag", "v0.1.0+2024-12-01"]).unwrap();
        assert!(says(untagged, &now).contains("raise the version"));
        assert_eq!(untagged(root, &version("0.1.1+2024-12-01")), Ok(()));

        assert!(says(dated, &now).contains("put `## [0.1.0+2024-12-01] - 20"));
        edit(root, "CHANGELOG.md", "## [0.1.0]", "## [0.1.0+2024-12-01] - soon");
        assert!(dated(root, &now).is_err());
        edit(root, "CHANGELOG.md", "- soon", "- 2026-11-26");
        assert_eq!(dated(root, &now), Ok(()));
        edit(root, "CHANGELOG.md", "## [Unreleased]\n", "## [Unreleased]\n\n- Forgotten.\n");
        assert!(says(dated, &now).contains("move what stands under"));

        assert!(says(committed, &now).contains("M CHANGELOG.md"));
        commit(root);
        git(root, &["switch", "-qc", "other"]).unwrap();
        assert!(says(on_main, &now).contains("this is `other`"));

        assert!(says(generated, &now).contains("generated/types.snap is stale; cargo xtask snapshots"));
        assert!(checklist(root).unwrap_err().message.contains("things stand in the way"));
    }

    #[test]
    fn what_the_remote_has_not_or_only_it_has_is_told() {
        let origin = released();
        git(origin.path(), &["branch", "-M", "main"]).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        git(root, &["clone", "-q", &origin.path().display().to_string(), "."]).unwrap();
        [["user.name", "t"], ["user.email", "t@t"]].iter().for_each(|[key, value]| {
            git(root, &["config", key, value]).unwrap();
        });
        let now = version("0.1.0");
        on_main(root, &now).unwrap();
        edit(root, "CHANGELOG.md", "First", "The first");
        commit(root);
        assert_eq!(on_main(root, &now).unwrap_err().message, "1 commits are only here: git push");
        edit(origin.path(), "CHANGELOG.md", "First", "One");
        commit(origin.path());
        git(root, &["fetch", "-q"]).unwrap();
        assert!(on_main(root, &now).unwrap_err().message.contains("git pull"));
    }

    #[test]
    fn our_crates_ask_for_each_other_in_one_version() {
        each_other(
            &crate::root(),
            &crate_version(&std::fs::read_to_string(crate::root().join("Cargo.toml")).unwrap()).unwrap(),
        )
        .unwrap();
        let needs = |kind: &str, req: &str| serde_json::json!({ "name": "cashfree-vkyc", "path": "/it", "kind": kind, "req": req });
        let metadata = |publish: Value, needs: Value| serde_json::json!({ "packages": [{ "name": "ours", "publish": publish, "dependencies": [needs] }] });
        let other = |metadata| other_requirement(&metadata, &version("0.2.0+2026-06-01"));
        assert_eq!(other(metadata(Value::Null, needs("", "^0.2.0"))), None);
        assert_eq!(other(metadata(Value::Null, needs("build", "=0.2.0"))), None);
        let expected = ("ours".to_owned(), "cashfree-vkyc".to_owned(), "0.2.0".to_owned());
        assert_eq!(other(metadata(Value::Null, needs("build", "^0.1.0"))), Some(expected));
        assert_eq!(other(metadata(Value::Null, needs("dev", "*"))), None);
        assert_eq!(other(metadata(serde_json::json!([]), needs("", "^0.1.0"))), None);
    }
}
