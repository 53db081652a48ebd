//! Tests that need a process of their own, because they measure it or want another environment: they start themselves again.

use std::process::{Command, Output};

const TOLD: &str = "CASHFREE_VKYC_TEST_CHILD";

/// A process that runs only one test: `test` in the calling module, which is `module_path!()`. The child can read the last
/// argument.
pub(crate) fn process(module: &str, test: &str, told: &str) -> Command {
    let (_, module) = module.split_once("::").unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([&format!("{module}::{test}"), "--exact", "--nocapture"]).env(TOLD, told);
    command
}

/// Runs such a process, and insists that there is such a test.
pub(crate) fn run(mut process: Command) -> Output {
    let output = process.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("\nrunning 1 test\n"), "no test has the name in {process:?}:\n{text}");
    output
}

/// Returns the instruction of this process. `None` unless a test started it.
pub(crate) fn told() -> Option<String> {
    std::env::var(TOLD).ok()
}
