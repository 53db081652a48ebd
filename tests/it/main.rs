//! The promises of the library, one file each, over real sockets. One binary, so that it is linked once. A test that needs a
//! separate process starts itself as one (`support::alone`).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may fail")]

include!(concat!(env!("OUT_DIR"), "/spec.rs"));

mod support;

mod compiled;
mod decoding;
mod dedupe;
mod environment;
mod errors;
mod faults;
mod features;
mod growth;
mod guides;
mod layers;
mod messages;
mod mismatch;
mod never_twice;
mod paths;
#[allow(unreachable_pub, reason = "they are a separate library")]
#[path = "../../fuzz/src/lib.rs"]
mod properties;
mod recorded;
mod recording;
mod recording_properties;
mod redaction;
mod requests;
mod sandbox;
#[cfg(target_os = "linux")]
mod scale;
#[cfg(feature = "schemars")]
mod schema;
#[allow(dead_code, reason = "it is a program")]
#[path = "../../examples/service/main.rs"]
mod service;
mod statuses;
mod tenants;
mod tls;
mod tracing;
mod turns;
mod two_factor;
mod unrecognized;
mod watch;
mod watches;
mod webhook;
mod webhook_axum;
mod webhook_pressure;
mod webhook_properties;
mod wire;
