//! Both stores against a real server, which the tests start, kill and start again.
//!
//! Without `redis-server` or `valkey-server` they are skipped, with a printed line. With the variable
//! `CASHFREE_VKYC_REQUIRE_REDIS`, that is a failure.

mod away;
#[cfg(feature = "cluster")]
mod cluster;
mod failover;
#[path = "../../examples/inbox/main.rs"]
#[allow(dead_code, reason = "it is a program")]
mod inbox;
mod processes;
mod proxy;
mod questions;
mod server;
mod stores;
#[cfg(feature = "rustls")]
mod tls;

use cashfree_vkyc::{EventType, webhook::Event};

/// A different event for each number.
fn event(number: i64) -> Event {
    let mut vkyc = cashfree_vkyc::VideoKyc::default();
    vkyc.reference_id = Some(number);
    Event::new(EventType::VkycUserCallQueued, "2025-05-22T03:51:14Z".into(), vkyc)
}
