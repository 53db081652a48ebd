//! The test of the design: a field, a status and a second operation are edits of the spec. In a copy of the project whose
//! spec has grown, and with `src/` as it is, all three compile and work; and touching nothing rebuilds nothing.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support;

#[test]
fn a_copy_of_the_project_grows_by_its_spec_alone() {
    let project = copy_of_the_project("growing");
    grow(&project.join("spec/vkyc.yaml"));
    fs::create_dir_all(project.join("examples")).unwrap();
    fs::copy(support::root().join("tests/it/growth/scratch.rs"), project.join("examples/scratch.rs")).unwrap();

    let first = cargo(&project, &["run", "--example", "scratch"]);
    let text = String::from_utf8_lossy(&first.stdout);
    assert!(text.contains("the grown spec works"), "{text}{}", String::from_utf8_lossy(&first.stderr));

    let types = cargo(&project, &["check", "--lib", "--no-default-features"]);
    assert!(types.status.success(), "{}", String::from_utf8_lossy(&types.stderr));

    let second = cargo(&project, &["build", "--example", "scratch", "--verbose"]);
    let log = String::from_utf8_lossy(&second.stderr);
    let rebuilt: Vec<_> = log.lines().filter(|line| !line.trim_start().starts_with("Fresh")).collect();
    assert!(rebuilt.iter().all(|line| line.contains("Finished")), "something was built again:\n{log}");
}

#[test]
fn a_copy_of_the_project_with_a_broken_spec_says_so_in_one_readable_error() {
    let project = copy_of_the_project("broken");
    edit(&project.join("spec/vkyc.yaml"), "      operationId: vkycGetStatus\n", "");
    let output = cargo(&project, &["build", "--lib"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(text.contains("#/paths/~1vkyc/get: operationId is missing"), "{text}");
    assert!(text.contains("cure: add `operationId: <camelCaseName>`"), "{text}");
    assert!(!text.contains("panicked"), "{text}");
}

fn grow(spec: &Path) {
    let first = "        verification_id:\n          type: string\n";
    let field = "        risk_score: { type: integer, format: int64, description: New., x-evidence: inferred }\n";
    edit(spec, first, &format!("{field}{first}"));
    edit(spec, "      enum:\n        - RECEIVED\n", "      enum:\n        - ON_HOLD\n        - RECEIVED\n");
    edit(spec, "        RECEIVED: The", "        ON_HOLD: New.\n        RECEIVED: The");
    edit(
        spec,
        "  rows:\n",
        "  rows:\n    - { status: ON_HOLD, phase: review, actor: auditor, settled: false, advice: Wait., evidence: inferred }\n",
    );
    edit(
        spec,
        "components:\n",
        r##"  /user:
    get:
      operationId: getUser
      x-idempotent: true
      summary: Asks for a user.
      parameters:
        - $ref: "#/components/parameters/ApiVersion"
        - { name: user_id, in: query, description: The id., x-evidence: inferred, schema: { type: string, default: ABC00123 } }
      responses:
        "200":
          description: Found.
          content: { application/json: { schema: { $ref: "#/components/schemas/User" } } }
        "404": { $ref: "#/components/responses/NotFound" }

components:
"##,
    );
    edit(
        spec,
        "  schemas:\n",
        r##"  schemas:
    User:
      type: object
      description: A user.
      required: [count]
      properties:
        user_reference_id: { type: integer, format: int64, description: The id., x-evidence: inferred }
        phone: { type: string, description: The phone., x-sensitive: true, x-evidence: inferred }
        tags: { type: array, description: Tags., x-evidence: inferred, items: { type: string } }
        count: { type: integer, format: int64, description: How many., x-evidence: inferred }
        address: { allOf: [{ $ref: "#/components/schemas/Address" }], description: Where., x-evidence: inferred }
    Address:
      type: object
      description: An address.
      properties:
        city: { type: string, description: The city., x-evidence: inferred }
"##,
    );
}

fn edit(file: &Path, old: &str, new: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(old), "{old:?} is no longer in {}", file.display());
    fs::write(file, text.replacen(old, new, 1)).unwrap();
}

/// What the crate builds from, in a folder of its own under `target/`. Its version is its own too: cargo tells packages
/// of two workspaces apart by name and version only, and they share the target folder.
fn copy_of_the_project(name: &str) -> PathBuf {
    let project = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&project);
    for entry in
        ["Cargo.toml", "Cargo.lock", "build.rs", "README.md", "benches", "src", "spec", "codegen", "tests", "xtask"]
    {
        copy(&support::root().join(entry), &project.join(entry));
    }
    let manifest = fs::read_to_string(support::root().join("Cargo.toml")).unwrap();
    let ours = concat!("\"", env!("CARGO_PKG_VERSION"), "\"");
    let theirs = format!("\"{}-{name}\"", env!("CARGO_PKG_VERSION"));
    fs::write(project.join("Cargo.toml"), manifest.replace(ours, &theirs)).unwrap();
    project
}

fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap() {
            let name = entry.unwrap().file_name();
            copy(&from.join(&name), &to.join(&name));
        }
    } else {
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(from, to).unwrap();
    }
}

/// Runs cargo offline, with the target folder of this run: the dependencies are built already.
fn cargo(project: &Path, arguments: &[&str]) -> Output {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    Command::new(env!("CARGO"))
        .current_dir(project)
        .args(arguments)
        .args(if arguments.contains(&"--no-default-features") { None } else { Some("--all-features") })
        .args(["--offline", "--target-dir"])
        .arg(target)
        .output()
        .unwrap()
}
