//! What was compiled into the library is what the generator makes of the spec as it is now.

use std::path::PathBuf;

use crate::support::{self, cargo::cargo};

/// Where the library's build script wrote. Cargo tells; there is nothing left to build.
fn written_by_the_build_script() -> PathBuf {
    let output = cargo("test", &support::root()).args(["--no-run", "--message-format=json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let messages = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let library = format!("path+file://{}#", support::root().display());
    let ours = messages.filter(|message| {
        message["reason"] == "build-script-executed" && message["package_id"].as_str().unwrap().starts_with(&library)
    });
    let folders: Vec<_> = ours.map(|message| PathBuf::from(message["out_dir"].as_str().unwrap())).collect();
    let [folder] = folders.as_slice() else { panic!("{folders:?}") };
    folder.clone()
}

#[test]
fn what_is_compiled_is_what_the_generator_makes_of_the_spec_now() {
    let folder = written_by_the_build_script();
    let compiled = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let spec = support::spec();
    let first = cashfree_vkyc_codegen::generate(&spec).unwrap();
    let same = first.types == compiled("types.rs") && first.operations == compiled("operations.rs");
    assert!(same, "the build used another spec");
    assert_eq!(first, cashfree_vkyc_codegen::generate(&spec).unwrap(), "two runs differ");
}
