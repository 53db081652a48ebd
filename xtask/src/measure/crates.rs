//! How many crates a user compiles.

use std::collections::BTreeSet;
use std::path::Path;

use crate::failure::{Failure, Result};
use crate::project::{cargo, output};

/// Users on other systems compile other crates; the count is to be the same wherever it is made.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The crates that a package is compiled from with these features, itself and what its build needs included.
pub(super) fn crates(root: &Path, package: &str, features: &str) -> Result<u64> {
    let mut tree = cargo(root);
    tree.args(["tree", "--package", package, "--edges", "normal,build", "--prefix", "none"]);
    tree.args(["--format", "{p}", "--target", TARGET]);
    tree.args(["--no-default-features", "--features", features]);
    let tree = output(&mut tree);
    let failed = |why| Failure::not_compared(format!("the crates of {package} cannot be counted: {why}"));
    tree.map(|tree| count(&tree)).map_err(failed)
}

/// Each crate once; `(*)` marks one that the tree has shown before.
fn count(tree: &str) -> u64 {
    let crates = tree.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.is_empty());
    crates.collect::<BTreeSet<_>>().len() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_counts_once_and_two_versions_of_it_twice() {
        let tree = "it v0.1.0 (/it)\nserde v1.0.1\nsyn v2.0.1\nsyn v3.0.1\nserde v1.0.1 (*)\nm v1.0.0 (proc-macro)\n\n";
        assert_eq!(count(tree), 5);
        assert_eq!(count(""), 0);
    }

    #[test]
    fn the_types_alone_are_fewer_and_so_is_what_is_written_by_hand() {
        let root = crate::root();
        let of = |package, features| crates(&root, package, features).unwrap();
        let (all, types) = (of("cashfree-vkyc", "default"), of("cashfree-vkyc", ""));
        assert!(types < all && of("cashfree-vkyc-bare", "client") < all && of("cashfree-vkyc-bare", "") < types);
        assert!(of("cashfree-vkyc", "client,rustls") + 25 < all, "the generator is in a build that does without it");
        let error = crates(&root, "no-such-crate", "").unwrap_err();
        assert_eq!((error.code, error.message.contains("no-such-crate")), (2, true));
    }
}
