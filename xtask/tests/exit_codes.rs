//! The exit code of the process, as programs see it.

#![allow(clippy::unwrap_used)]

use std::process::Command;

use serde_json::Value;

#[test]
fn spec_diff_exits_as_its_own_json_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let text = "openapi: 3.0.3\npaths:\n  /thing:\n    get: { responses: { '200': { description: Here. } } }\n";
    let old = file("old.yaml", text);
    let new = file("new.yaml", &text.replace("'200'", "'201'"));
    let broken = file("broken.yaml", &text.replace("{ description: Here. }", "{ $ref: '#/nowhere' }"));
    for (new, code) in [(old.as_str(), 0), (&new, 1), (&broken, 2), ("no-file-and-no-revision", 2)] {
        for form in ["--json", "--markdown"] {
            let output = Command::new(env!("CARGO_BIN_EXE_xtask")).args(["spec", "diff", form, &old, new]).output();
            let output = output.unwrap();
            assert_eq!(output.status.code(), Some(code), "{form} {new}");
            if form == "--json" {
                let json: Value = serde_json::from_slice(&output.stdout).unwrap();
                assert_eq!(json.get("exit_code").and_then(Value::as_i64), Some(code.into()), "{new}: {json}");
            }
        }
    }
}
