//! Cargo, started by a test, such that it finds what was compiled for the run that the test is part of.

use std::path::Path;
use std::process::Command;

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
