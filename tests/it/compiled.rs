//! The code compiled into the library is the generator's output for the current spec, and so is the pre-generated text that a
//! build without the generator compiles.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use crate::support::{self, cargo};

#[test]
fn what_is_compiled_is_what_the_generator_makes_of_the_spec_now() {
    let folder = cargo::written_by_the_build_script();
    let compiled = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let spec = support::spec();
    let first = cashfree_vkyc_codegen::generate(&spec).unwrap();
    let same = first.types == compiled("types.rs") && first.operations == compiled("operations.rs");
    assert!(same, "the build used another spec");
    assert_eq!(first, cashfree_vkyc_codegen::generate(&spec).unwrap(), "two runs differ");
}

/// `build.rs` as it is without the feature `generate`, which no run of these tests has.
static BUILD: LazyLock<PathBuf> = LazyLock::new(|| {
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("build-script");
    let program = program.with_extension(std::env::consts::EXE_EXTENSION);
    let source = support::root().join("build.rs");
    cargo::text(cargo::rustc().arg("-o").args([&program, &source]));
    program
});

fn build(package: &Path, out: &Path) -> Output {
    Command::new(&*BUILD).current_dir(package).env("OUT_DIR", out).output().unwrap()
}

/// The files that such a build reads.
const READ: [&str; 3] = ["generated/types.snap", "generated/operations.snap", "spec/vkyc.yaml"];

/// A package with that.
fn package(name: &str) -> (PathBuf, PathBuf) {
    let package = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let out = package.join("out");
    let _ = fs::remove_dir_all(&package);
    for folder in ["out", "generated", "spec"] {
        fs::create_dir_all(package.join(folder)).unwrap();
    }
    for file in READ {
        fs::copy(support::root().join(file), package.join(file)).unwrap();
    }
    (package, out)
}

#[test]
fn a_build_without_the_generator_compiles_the_same_bytes() {
    let (package, out) = package("pregenerated");
    let built = build(&package, &out);
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stdout));
    let written = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    let generated = cashfree_vkyc_codegen::generate(&support::spec()).unwrap();
    let same = generated.types == written("types.rs") && generated.operations == written("operations.rs");
    assert!(same, "generated/ is stale; accept it with: cargo xtask snapshots");
}

#[test]
fn a_build_without_the_generator_refuses_another_spec_and_an_edited_text() {
    for (file, old, new) in [
        // As long as before.
        ("spec/vkyc.yaml", "COMPLETED", "COMPLETEd"),
        ("generated/types.snap", "pub status:", "pub Status:"),
        // A write that would be sent twice.
        ("generated/operations.snap", "idempotent: false", "idempotent: true"),
    ] {
        let (package, out) = package("pregenerated-from-another");
        let text = fs::read_to_string(package.join(file)).unwrap();
        assert!(text.contains(old), "{old:?} is not in {file}");
        fs::write(package.join(file), text.replacen(old, new, 1)).unwrap();
        let built = build(&package, &out);
        let said = String::from_utf8(built.stdout).unwrap();
        let expected = "cargo::error=generated/ was edited by hand, or was made from another spec/vkyc.yaml\n\
                        cargo::error=help: build with the feature `generate`; or, as a maintainer, run: cargo xtask snapshots\n";
        assert!(!built.status.success() && said.ends_with(expected), "{file}: {said}");
        assert!(!out.join("types.rs").exists());
    }
}

#[test]
fn what_a_build_without_the_generator_reads_is_published() {
    let text = cargo::asked(&["package", "--list", "--allow-dirty", "--package", "cashfree-vkyc"]).replace('\\', "/");
    for file in READ.into_iter().chain(["build.rs", "build/fingerprint.rs", "build/pregenerated.rs"]) {
        assert!(text.lines().any(|line| line == file), "{file} is not in the package: {text}");
    }
}
