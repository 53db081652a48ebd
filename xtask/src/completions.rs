//! `completions`: the command line's completions and manual pages, in a folder to be packaged.
//!
//! An example of `cli/` writes them, so that these chores do not compile the command line, nor the binary what writes them.

use std::path::Path;

use crate::failure::{Failure, Result};
use crate::project::cargo;

/// Writes them to `folder`.
pub(crate) fn completions(root: &Path, folder: &Path) -> Result {
    let run = cargo(root)
        .args(["run", "--quiet", "--package", "cashfree-vkyc-cli", "--example", "generate", "--"])
        .arg(folder)
        .status()
        .map_err(|error| format!("cargo cannot be run: {error}"))?;
    if run.success() { Ok(()) } else { Err(Failure::found("the completions could not be written; see above".into())) }
}
