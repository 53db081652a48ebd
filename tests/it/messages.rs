//! The compiler's message for a wrong argument says what to write instead.

use crate::support::cargo;

/// Returns the compiler's messages for these lines, in a function that has a `client`.
fn rustc(library: &std::path::Path, lines: &str) -> String {
    let folder = std::env::temp_dir().join(format!("cashfree-vkyc-messages-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("program.rs");
    let program = format!("#![allow(unused)]\npub fn f(client: &cashfree_vkyc::Client) {{\n{lines}\n}}\n");
    std::fs::write(&file, program).unwrap();
    let dependency = format!("dependency={}", library.parent().unwrap().display());
    let output = cargo::rustc()
        .args(["--crate-type", "lib", "--emit", "metadata", "-L", &dependency])
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
    let library = cargo::library();
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
