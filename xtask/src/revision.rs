//! The spec, or another file of the project, as it was: in a file, or at a git revision.

use std::path::Path;
use std::process::Command;

use cashfree_vkyc_codegen::Spec;

use crate::project::{SPEC, output};

/// The spec in a file, or at a git revision.
pub(crate) fn spec(root: &Path, name: &str) -> Result<Spec, String> {
    if Path::new(name).is_file() {
        return Spec::read(Path::new(name)).map_err(|error| error.to_string());
    }
    let text = at(root, name, SPEC)?;
    Spec::parse(&format!("{name}:{SPEC}"), &text).map_err(|error| error.to_string())
}

/// A file of the project at a git revision.
pub(crate) fn at(root: &Path, revision: &str, file: &str) -> Result<String, String> {
    // `./`: the project may be a folder of a larger repository.
    git(root, &["show", &format!("{revision}:./{file}")])
        .map_err(|error| format!("`{revision}` is neither a file nor a git revision with {file}: {error}"))
}

/// The output of git.
pub(crate) fn git(root: &Path, arguments: &[&str]) -> Result<String, String> {
    output(Command::new("git").current_dir(root).args(arguments))
}
