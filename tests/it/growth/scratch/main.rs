//! Compiled by `tests/it/growth.rs` in a copy of the project whose spec has grown.

#![allow(dead_code, reason = "the tests of the project that run elsewhere use the rest")]

include!(concat!(env!("OUT_DIR"), "/spec.rs"));

mod calls;
mod decoding;
mod redaction;
mod requests;
mod sandbox {
    mod documented;
    mod operations;
}
#[cfg(feature = "schemars")]
mod schema;
mod support;
