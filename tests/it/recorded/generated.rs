//! The generated code. These snapshots are what a build without the feature `generate` compiles (`build/pregenerated.rs`), so a
//! change of the spec appears here as a diff to review, and there is no second copy.

#[path = "../../../build/fingerprint.rs"]
mod fingerprint;

use std::fs;

use super::record;
use crate::support;

#[test]
fn the_generated_types_and_operations_match_their_snapshots() {
    let generated = cashfree_vkyc_codegen::generate(&support::spec()).unwrap();
    let spec = fs::read_to_string(support::root().join("spec/vkyc.yaml")).unwrap();
    let fingerprint = fingerprint::fingerprint([&spec, &generated.types, &generated.operations]);
    record("generated", "types", &generated.types, Some(&fingerprint));
    record("generated", "operations", &generated.operations, None);
}
