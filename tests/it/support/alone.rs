//! Tests that need a process of their own, because they measure it or want another environment: they start themselves again.

use std::process::{Command, Output};

const TOLD: &str = "CASHFREE_VKYC_TEST_CHILD";

/// A process that runs one test only: `test` in the module that calls this, which is `module_path!()`. In it, [`told`] gives
/// what it is told here.
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

/// What this process was told when a test started it; `None` in the process that the person started.
pub(crate) fn told() -> Option<String> {
    std::env::var(TOLD).ok()
}
