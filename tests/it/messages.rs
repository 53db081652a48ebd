//! The compiler's message for a wrong argument says what to write instead.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{self, cargo::cargo};

/// The library as compiled for these tests, according to cargo, which has nothing left to build.
fn library() -> PathBuf {
    let output = cargo("test", &support::root()).args(["--no-run", "--message-format=json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let messages = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    let is_it = |message: &serde_json::Value| {
        message["reason"] == "compiler-artifact"
            && message["target"]["name"] == "cashfree_vkyc"
            && message["profile"]["test"] == false
    };
    let mut files = messages.filter(is_it).flat_map(|message| message["filenames"].as_array().unwrap().clone());
    let file = files.find(|file| file.as_str().unwrap().ends_with(".rlib")).unwrap();
    PathBuf::from(file.as_str().unwrap())
}

/// Returns the compiler's messages for these lines, in a function that has a `client`.
fn rustc(library: &std::path::Path, lines: &str) -> String {
    let folder = std::env::temp_dir().join(format!("cashfree-vkyc-messages-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("program.rs");
    let program = format!("#![allow(unused)]\npub fn f(client: &cashfree_vkyc::Client) {{\n{lines}\n}}\n");
    std::fs::write(&file, program).unwrap();
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let dependency = format!("dependency={}", library.parent().unwrap().display());
    let output = Command::new(rustc)
        .args(["--edition", "2024", "--crate-type", "lib", "--emit", "metadata", "-L", &dependency])
        .arg("--extern")
        .arg(format!("cashfree_vkyc={}", library.display()))
        .arg("--out-dir")
        .arg(&folder)
        .arg(&file)
        .output()
        .unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn who_passes_a_bare_text_or_number_reads_what_to_write() {
    let library = library();
    let fits =
        "let id: cashfree_vkyc::VerificationRef = cashfree_vkyc::ReferenceId(1358).into();\nlet _ = client.status(id);";
    assert_eq!(rustc(&library, fits), "", "the test can succeed");
    for (lines, what) in [
        ("let _ = client.status(\"vkyc_42\");", "&str"),
        ("let _ = client.status(1358);", "{integer}"),
        ("let _ = client.watch(String::new());", "String"),
        ("let _ = client.statuses([1358_i64]);", "i64"),
    ] {
        let says = rustc(&library, lines);
        for part in [
            format!("error[E0277]: `{what}` does not say which verification is meant").as_str(),
            "neither a `VerificationId` nor a `ReferenceId`",
            "`VerificationId::new(\"…\")?`",
            "`ReferenceId(1358)`",
        ] {
            assert!(says.contains(part), "{part} is not in:\n{says}");
        }
        assert!(!says.contains("From<"), "{says}");
    }
}
