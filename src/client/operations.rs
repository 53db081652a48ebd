//! The operations that `build.rs` generates from `spec/vkyc.yaml`: progenitor's code builds the request, our
//! [`Call`](super::Call) sends it. The code is in `generated/operations.snap`.

#![allow(clippy::all, unreachable_pub, missing_debug_implementations, reason = "progenitor's style, not ours")]
#![allow(unused_imports, reason = "lib.rs re-exports only the types without another path")]

include!(concat!(env!("OUT_DIR"), "/operations.rs"));
