//! Cargo and rustc, started by a test. All tests use one target folder, that of the run that the test is part of, so they find in it
//! what was compiled for that run.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value;

/// `cargo <verb>` in a folder, for the integration tests of this package among others. Offline, with our target folder, and with
/// the packages and features of this build as far as they are known here: other ones would mean other dependencies. It runs at a
/// low priority, because other tests look at the clock.
pub(crate) fn cargo(verb: &str, folder: &Path) -> Command {
    let mut command = if cfg!(unix) { Command::new("nice") } else { Command::new(env!("CARGO")) };
    if cfg!(unix) {
        command.args(["-n", "19", env!("CARGO")]);
    }
    let all = ["--workspace", "--all-features"];
    let selection = if cfg!(feature = "native-tls-vendored") { &all } else { &["--package", "cashfree-vkyc-tests"] };
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    command
        .current_dir(folder)
        .arg(verb)
        .args(selection)
        .args(["--offline", "--test", "it", "--target-dir"])
        .arg(target);
    command
}

/// Runs cargo in the project, on no target. Returns what it prints.
pub(crate) fn asked(arguments: &[&str]) -> String {
    text(Command::new(env!("CARGO")).current_dir(super::root()).args(arguments).arg("--offline"))
}

/// The compiler.
pub(crate) fn rustc() -> Command {
    let mut command = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    command.args(["--edition", "2024"]);
    command
}

/// What a successful command prints.
pub(crate) fn text(command: &mut Command) -> String {
    let Output { status, stdout, stderr } = command.output().unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

/// What was compiled for these tests, as cargo lists it, which has nothing left to build.
static BUILT: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let lines = text(cargo("test", &super::root()).args(["--no-run", "--message-format=json"]));
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
});

/// The only message about the library for which this holds.
fn about_the_library(reason: &str, is_it: impl Fn(&Value) -> bool) -> &'static Value {
    let library = format!("path+file://{}#", super::root().display());
    let is_ours = |message: &&Value| {
        message["reason"] == reason && message["package_id"].as_str().unwrap().starts_with(&library) && is_it(message)
    };
    let found: Vec<_> = BUILT.iter().filter(is_ours).collect();
    let [message] = found.as_slice() else { panic!("{found:?}") };
    message
}

/// The library.
pub(crate) fn library() -> PathBuf {
    let is_it = |message: &Value| message["target"]["name"] == "cashfree_vkyc" && message["profile"]["test"] == false;
    let files = about_the_library("compiler-artifact", is_it)["filenames"].as_array().unwrap();
    files
        .iter()
        .map(|file| PathBuf::from(file.as_str().unwrap()))
        .find(|file| file.extension() == Some("rlib".as_ref()))
        .unwrap()
}

/// The folder with the output of the library's build script.
pub(crate) fn written_by_the_build_script() -> PathBuf {
    about_the_library("build-script-executed", |_| true)["out_dir"].as_str().unwrap().into()
}
