//! What was compiled into this crate, against the spec as it is now.

use std::path::Path;

use cashfree_vkyc_codegen::{Spec, generate};

const TYPES: &str = include_str!(concat!(env!("OUT_DIR"), "/types.rs"));
const OPERATIONS: &str = include_str!(concat!(env!("OUT_DIR"), "/operations.rs"));

#[test]
fn what_is_compiled_is_what_the_generator_makes_of_the_spec_now() {
    let spec = Spec::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("spec/vkyc.yaml")).unwrap();
    let first = generate(&spec).unwrap();
    assert!(first.types == TYPES && first.operations == OPERATIONS, "the build used another spec");
    assert_eq!(first, generate(&spec).unwrap(), "two runs differ");
}
