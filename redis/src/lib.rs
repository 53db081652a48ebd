#![doc = include_str!("../README.md")]
//!
//! # Inside
//!
//! ```text
//! RedisRateLimiter ─┐                ┌─ limit.lua    slots by the generic cell rate algorithm (GCRA)
//!                   ├─▶ store ─▶ connection ─▶ Redis or Valkey: one script per step, on one key, by the server's clock
//! RedisDedupe ──────┘                └─ claims.lua   leases and their tokens
//!       RedisRateLimiter ─▶ limit: when to ask the store, and the share of the limit while it is away
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod connection;
mod dedupe;
mod limit;
mod rate_limiter;
mod store;
#[cfg(test)]
mod tests;

pub use connection::Connection;
pub use dedupe::RedisDedupe;
pub use rate_limiter::RedisRateLimiter;
pub use store::StoreError;

// The crate in our signatures, so that users get the matching version.
pub use redis;
