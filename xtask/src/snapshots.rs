//! `snapshots`: brings everything that is written from the spec and the code up to date, or says that it is not.

use std::path::Path;

use crate::failure::Result;
use crate::pregenerated::pregenerated;
use crate::project::{cargo, run, spec, written};
use crate::{lifecycle, public_api};

const CURE: &str = "look at the changes, then accept them with: cargo xtask snapshots";

/// The module of the tests that show something. No other can.
const SHOWING: &str = "recorded::";

/// The states of a verification, as people read them.
const LIFECYCLE: &str = "docs/lifecycle.md";

/// Runs the tests and updates the snapshots under `root`; with `check`, only looks.
pub(crate) fn snapshots(root: &Path, check: bool) -> Result {
    let spec = spec(root)?;
    written(root, LIFECYCLE, &lifecycle::document(&spec), check, CURE)?;
    pregenerated(root, check, CURE)?;
    // First, since tests of ours look at it.
    public_api::record(root, check)?;
    // The packages and features are those of the usual run of the tests, so that nothing is compiled a second time for this.
    let mut tests = cargo(root);
    tests.args(["test", "--workspace", "--all-features", "--quiet", "--test", "it", "--test", "cli", "--", SHOWING]);
    tests.env("INSTA_UPDATE", if check { "no" } else { "always" });
    let stale = format!("a test fails, perhaps by a stale snapshot; {CURE}");
    run(&mut tests, if check { &stale } else { "a test fails for another reason than its snapshot; see above" })?;
    println!("the snapshots are up to date");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_of_the_lifecycle_is_up_to_date() {
        let root = crate::project::root();
        let spec = spec(&root).unwrap();
        written(&root, LIFECYCLE, &lifecycle::document(&spec), true, CURE).unwrap();
    }
}
