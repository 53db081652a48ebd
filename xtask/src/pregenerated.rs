//! `generated/`: the pre-generated code for builds without the feature `generate`, and the fingerprint of the spec it was made from.

#[path = "../../build/fingerprint.rs"]
mod fingerprint;

use std::fs;
use std::path::Path;

use cashfree_vkyc_codegen::{Spec, generate};

use crate::failure::Result;
use crate::project::{SPEC, written};

const FOLDER: &str = "generated";

/// Writes the code anew; with `check`, fails when it would change.
pub(crate) fn pregenerated(root: &Path, check: bool, cure: &str) -> Result {
    let spec = fs::read(root.join(SPEC)).map_err(|error| format!("{SPEC}: {error}"))?;
    let readable = Spec::read(&root.join(SPEC)).map_err(|error| error.to_string())?;
    let generated = generate(&readable).map_err(|error| error.to_string())?;
    fs::create_dir_all(root.join(FOLDER)).map_err(|error| format!("{FOLDER}: {error}"))?;
    written(root, "generated/types.rs", &generated.types, check, cure)?;
    written(root, "generated/operations.rs", &generated.operations, check, cure)?;
    written(root, "generated/made-from.txt", &fingerprint::fingerprint(&spec), check, cure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pregenerated_code_is_what_the_generator_makes_of_the_spec() {
        pregenerated(&crate::project::root(), true, "").unwrap();
    }

    #[test]
    fn a_changed_spec_makes_it_stale_even_where_the_text_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("spec")).unwrap();
        let spec = folder.path().join(SPEC);
        fs::copy(crate::project::root().join(SPEC), &spec).unwrap();
        let stale = || pregenerated(folder.path(), true, "cure: mend it").unwrap_err().message;
        assert_eq!(stale(), "generated/types.rs is stale; cure: mend it");
        pregenerated(folder.path(), false, "").unwrap();
        pregenerated(folder.path(), true, "").unwrap();
        let text = fs::read_to_string(&spec).unwrap();
        fs::write(&spec, format!("# One line more.\n{text}")).unwrap();
        assert!(stale().starts_with("generated/made-from.txt is stale"), "{}", stale());
    }

    #[test]
    fn the_fingerprint_is_the_published_hash() {
        assert_eq!(fingerprint::fingerprint(b""), "0 bytes, FNV-1a cbf29ce484222325\n");
        assert_eq!(fingerprint::fingerprint(b"foobar"), "6 bytes, FNV-1a 85944171f73967e8\n");
    }
}
