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

/// A project to try things on.
#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{project, public_api};

    /// A project of its own in a git repository: spec, version, changelog, and a release `v0.1.0`.
    pub(crate) fn released() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let write = |file: &str, text: &str| {
            std::fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            std::fs::write(root.join(file), text).unwrap();
        };
        write(SPEC, &std::fs::read_to_string(project::root().join(SPEC)).unwrap());
        write(public_api::FILE, "pub struct cashfree_vkyc::A\n");
        write("Cargo.toml", "[workspace.package]\nversion = \"0.1.0+2024-12-01\"\n");
        write("CHANGELOG.md", "# Changelog\n\n## [Unreleased]\n\n## [0.1.0]\n\n- First.\n");
        for arguments in [&["init", "-q"][..], &["config", "user.name", "t"], &["config", "user.email", "t@t"]] {
            git(root, arguments).unwrap();
        }
        commit(root);
        git(root, &["tag", "v0.1.0"]).unwrap();
        folder
    }

    pub(crate) fn commit(root: &Path) {
        git(root, &["add", "."]).unwrap();
        git(root, &["commit", "-qm", "a change"]).unwrap();
    }

    pub(crate) fn edit(root: &Path, file: &str, old: &str, new: &str) {
        let text = std::fs::read_to_string(root.join(file)).unwrap();
        assert!(text.contains(old), "{old}");
        std::fs::write(root.join(file), text.replacen(old, new, 1)).unwrap();
    }

    pub(crate) const FIELD: &str = "        verification_id:\n          type: string\n";
}
