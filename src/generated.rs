//! The generated half of the crate, made by `build.rs` from `spec/vkyc.yaml`. Private: `lib.rs` says what of it is public,
//! so the generator cannot widen the API by itself. To read it: `tests/snapshots/generated__*.snap`.

/// Types, open enums, lifecycle table and facts.
#[allow(dead_code, unreachable_pub, reason = "the spec may hold more than the wrapper uses and lib.rs re-exports")]
pub(crate) mod types {
    include!(concat!(env!("OUT_DIR"), "/types.rs"));
}

/// The operations, as progenitor makes them.
#[cfg(feature = "client")]
#[allow(clippy::all, unreachable_pub, missing_debug_implementations, reason = "progenitor's style, not ours")]
pub(crate) mod operations {
    include!(concat!(env!("OUT_DIR"), "/operations.rs"));
}
