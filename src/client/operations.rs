//! The operations that `build.rs` makes from `spec/vkyc.yaml`: progenitor's code up to where a request is built, and our
//! [`Call`](super::Call) from there. To read it: `generated/operations.snap`.

#![allow(clippy::all, unreachable_pub, missing_debug_implementations, reason = "progenitor's style, not ours")]
#![allow(unused_imports, reason = "lib.rs re-exports only the types without another path")]

include!(concat!(env!("OUT_DIR"), "/operations.rs"));
