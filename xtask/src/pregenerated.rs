//! `generated/`: the snapshots that a build without the feature `generate` compiles, with their fingerprint.

#[path = "../../build/fingerprint.rs"]
mod fingerprint;

use std::fs;
use std::path::Path;

use cashfree_vkyc_codegen::{Spec, generate};

use crate::failure::Result;
use crate::project::{SPEC, written};

const FOLDER: &str = "generated";

/// Writes the snapshots as insta would, and the fingerprint also where only the spec has changed; with `check`, fails when one
/// would change.
pub(crate) fn pregenerated(root: &Path, check: bool, help: &str) -> Result {
    let spec = fs::read_to_string(root.join(SPEC)).map_err(|error| format!("{SPEC}: {error}"))?;
    let readable = Spec::read(&root.join(SPEC)).map_err(|error| error.to_string())?;
    let generated = generate(&readable).map_err(|error| error.to_string())?;
    let fingerprint = fingerprint::fingerprint([&spec, &generated.types, &generated.operations]);
    let header = "---\nsource: tests/it/recorded/mod.rs\n";
    let files = [
        ("types.snap", format!("{header}description: {fingerprint}\n---\n{}", generated.types)),
        ("operations.snap", format!("{header}---\n{}", generated.operations)),
    ];
    fs::create_dir_all(root.join(FOLDER)).map_err(|error| format!("{FOLDER}: {error}"))?;
    for (name, text) in files {
        written(root, &format!("{FOLDER}/{name}"), &text, check, help)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_snapshots_are_those_of_the_spec() {
        pregenerated(&crate::project::root(), true, "").unwrap();
    }

    #[test]
    fn a_changed_spec_makes_them_stale_even_where_the_text_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("spec")).unwrap();
        let spec = folder.path().join(SPEC);
        fs::copy(crate::project::root().join(SPEC), &spec).unwrap();
        let stale = || pregenerated(folder.path(), true, "help: mend it").unwrap_err().message;
        assert_eq!(stale(), "generated/types.snap is stale; help: mend it");
        pregenerated(folder.path(), false, "").unwrap();
        pregenerated(folder.path(), true, "").unwrap();
        let text = fs::read_to_string(&spec).unwrap();
        fs::write(&spec, format!("# One line more.\n{text}")).unwrap();
        assert!(stale().starts_with("generated/types.snap is stale"), "{}", stale());
    }

    #[test]
    fn the_fingerprint_is_the_published_hash_of_all_texts() {
        assert_eq!(fingerprint::fingerprint(["", "", ""]), "FNV-1a cbf29ce484222325 of 0 bytes");
        assert_eq!(fingerprint::fingerprint(["foo", "b", "ar"]), "FNV-1a 85944171f73967e8 of 6 bytes");
    }
}
