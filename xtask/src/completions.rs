//! `completions`: the command line's completions and manual pages, in a folder to be packaged.
//!
//! An example of `cli/` writes them, so that these chores do not compile the command line, nor the binary what writes them.

use std::path::Path;

use crate::failure::Result;
use crate::project::{cargo, run};

/// Writes them to `folder`.
pub(crate) fn completions(root: &Path, folder: &Path) -> Result {
    let mut generate = cargo(root);
    generate.args(["run", "--quiet", "--package", "cashfree-vkyc-cli", "--example", "generate", "--"]).arg(folder);
    run(&mut generate, "the completions could not be written; see above")
}
