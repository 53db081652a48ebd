//! The generated code. A build without the feature `generate` compiles these snapshots (`build/pregenerated.rs`), so there is no
//! second copy. A change of the spec appears here as a diff to review.

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
