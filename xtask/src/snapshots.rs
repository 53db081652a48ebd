//! `snapshots`: updates everything that is written from the spec and the code, or checks that it is current.

#[path = "../../build/fingerprint.rs"]
mod fingerprint;

use std::fs;
use std::path::Path;

use cashfree_vkyc_codegen::openapi::{array, is_true, text};
use cashfree_vkyc_codegen::{Spec, generate};
use serde_json::Value;

use crate::project::{Result, SPEC, cargo, run, spec, written};
use crate::public_api;

const CURE: &str = "review the changes, then accept them with: cargo xtask snapshots";

/// The module of the tests that record snapshots. No other module can.
const SHOWING: &str = "recorded::";

const LIFECYCLE: &str = "docs/lifecycle.md";

/// Runs the tests and updates the snapshots under `root`; with `check`, only compares.
pub(crate) fn snapshots(root: &Path, check: bool) -> Result {
    let spec = spec(root)?;
    written(root, LIFECYCLE, &document(&spec), check, CURE)?;
    pregenerated(root, check, CURE)?;
    // First, because some tests read it.
    public_api::record(root, check)?;
    // Uses the packages and features of the usual test run, so that nothing is compiled twice.
    let mut tests = cargo(root);
    tests.args(["test", "--workspace", "--all-features", "--quiet", "--test", "it", "--test", "cli", "--", SHOWING]);
    tests.env("INSTA_UPDATE", if check { "no" } else { "always" });
    let stale = format!("a test failed, perhaps because of a stale snapshot; {CURE}");
    run(&mut tests, if check { &stale } else { "a test failed for another reason than its snapshot; see above" })?;
    println!("the snapshots are up to date");
    Ok(())
}

/// `docs/lifecycle.md`: the states of a verification from the spec, one table for each status.
fn document(spec: &Spec) -> String {
    let lifecycle = spec.at("/x-lifecycle").unwrap_or(&Value::Null);
    let rows: Vec<&Value> = array(lifecycle.get("rows")).collect();
    let phases: Vec<&str> = array(lifecycle.get("phases")).filter_map(|phase| text(phase, "name")).collect();
    let mut out = format!(
        "# The lifecycle of a verification\n\n\
         Written by `cargo xtask snapshots` from `x-lifecycle` in `spec/vkyc.yaml`; the same rows are `Lifecycle` in Rust, and \
         `cashfree-vkyc explain` on a terminal.\nA state that is not here is never final and never a pass. The phases in their order: {}.\n\n",
        phases.join(", ")
    );
    for row in rows.iter().filter(|row| row.get("sub_status").is_none()) {
        out += &table(text(row, "status").unwrap_or_default(), &rows);
    }
    out.trim_end().to_owned() + "\n"
}

/// The meanings of the states of a status.
fn table(status: &str, rows: &[&Value]) -> String {
    let mut out = format!(
        "## {status}\n\n| sub-status | phase | who acts | final | what to do | how well known |\n|---|---|---|---|---|---|\n"
    );
    for row in rows.iter().filter(|row| text(row, "status") == Some(status)) {
        let word = |key| text(row, key).unwrap_or_default();
        let sub_status = text(row, "sub_status").map_or("*none*".to_owned(), |name| format!("`{name}`"));
        let end = match (is_true(row, "final"), text(row, "outcome")) {
            (true, Some(outcome)) => format!("yes: {outcome}"),
            (true, None) => "yes".into(),
            (false, _) => "no".into(),
        };
        let (phase, actor, advice, evidence) = (word("phase"), word("actor"), word("advice"), word("evidence"));
        out += &format!("| {sub_status} | {phase} | {actor} | {end} | {advice} | {evidence} |\n");
    }
    out + "\n"
}

const FOLDER: &str = "generated";

/// `generated/`: the snapshots that a build without the feature `generate` compiles. Writes them in insta's format, and their
/// fingerprint even if only the spec changed; with `check`, fails if one would change.
fn pregenerated(root: &Path, check: bool, help: &str) -> Result {
    let spec = fs::read_to_string(root.join(SPEC)).map_err(|error| format!("{SPEC}: {error}"))?;
    let readable = Spec::read(&root.join(SPEC)).map_err(|error| error.to_string())?;
    let generated = generate(&readable).map_err(|error| error.to_string())?;
    let fingerprint = fingerprint::fingerprint([&spec, &generated.types, &generated.operations]);
    let header = "---\nsource: tests/it/recorded/mod.rs\n";
    let files = [
        ("types.snap", format!("{header}description: {fingerprint}\n---\n{}", generated.types)),
        ("operations.snap", format!("{header}---\n{}", generated.operations)),
    ];
    fs::create_dir_all(root.join(FOLDER)).map_err(|error| format!("{FOLDER}: {error}"))?;
    for (name, text) in files {
        written(root, &format!("{FOLDER}/{name}"), &text, check, help)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_of_the_lifecycle_is_up_to_date() {
        let root = crate::project::root();
        let spec = spec(&root).unwrap();
        written(&root, LIFECYCLE, &document(&spec), true, CURE).unwrap();
    }

    #[test]
    fn every_row_is_in_the_table_of_its_status() {
        let text = "x-lifecycle:\n  phases: [{ name: early }, { name: late }]\n  rows:\n    - { status: ON, phase: early, actor: you, final: false, advice: Wait., evidence: sample }\n    - { status: ON, sub_status: DUSK, phase: late, actor: you, final: false, advice: Go., evidence: sample }\n    - { status: OFF, phase: late, actor: you, final: true, outcome: abandoned, advice: Go., evidence: sample }\n";
        let written = document(&Spec::parse("s.yaml", text).unwrap());
        for expected in [
            "The phases in their order: early, late.\n",
            "## ON\n",
            "| `DUSK` | late | you | no | Go. | sample |\n",
            "| *none* | late | you | yes: abandoned | Go. | sample |\n",
        ] {
            assert!(written.contains(expected), "{expected} in {written}");
        }
    }

    #[test]
    fn the_snapshots_are_those_of_the_spec() {
        pregenerated(&crate::project::root(), true, "").unwrap();
    }

    #[test]
    fn a_changed_spec_makes_them_stale_even_where_the_text_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("spec")).unwrap();
        let spec = folder.path().join(SPEC);
        fs::copy(crate::project::root().join(SPEC), &spec).unwrap();
        let stale = || pregenerated(folder.path(), true, "help: fix it").unwrap_err().message;
        assert_eq!(stale(), "generated/types.snap is stale; help: fix it");
        pregenerated(folder.path(), false, "").unwrap();
        pregenerated(folder.path(), true, "").unwrap();
        let text = fs::read_to_string(&spec).unwrap();
        fs::write(&spec, format!("# One line more.\n{text}")).unwrap();
        assert!(stale().starts_with("generated/types.snap is stale"), "{}", stale());
    }

    #[test]
    fn the_fingerprint_is_the_published_hash_of_all_texts() {
        assert_eq!(fingerprint::fingerprint(["", "", ""]), "FNV-1a cbf29ce484222325 of 0 bytes");
        assert_eq!(fingerprint::fingerprint(["foo", "b", "ar"]), "FNV-1a 85944171f73967e8 of 6 bytes");
    }
}
