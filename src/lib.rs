#![doc = include_str!("../README.md")]
//!
//! # Inside
//!
//! One OpenAPI file describes the API; everything about fields, states and header names is generated from it when the
//! crate is built. What is written by hand is behaviour.
//!
//! ```text
//! spec/vkyc.yaml ──build.rs──▶ types · open enums · lifecycle table · facts · operations     (private `generated`)
//!                                   │
//!                                   ▼
//! Client::status(ref) ─▶ StatusRequest ─▶ generated operation ─▶ Transport ─▶ Response<VideoKyc> / Error
//!                                                                 │ pre:  credentials, version
//!                                                                 │ exec: slot, signature, attempts, back-off; until the deadline
//!                                                                 └ finish: decode, or explain
//! ```
//!
//! Webhooks come the other way, and need no client:
//!
//! ```text
//! POST from Cashfree ─▶ webhook::Verifier ─▶ Event { data: VideoKyc } ─▶ Dedupe · supersedes · Watch::feed
//! ```
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `client` | yes | `Client` and all that talks HTTP; without it, the types and webhooks |
//! | `rustls` | yes | TLS by rustls |
//! | `native-tls` | | TLS by the system's library |
//! | `native-tls-vendored` | | the same, with OpenSSL built from source |
//! | `sandbox` | | `sandbox::Sandbox`, an in-process server for tests |
//! | `axum` | | `webhook::VerifiedEvent`, an extractor for axum 0.8 |
//! | `schemars` | | `JsonSchema` on the types |

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod api_error;
mod decode;
mod generated;
mod ids;
mod lifecycle;
mod misfit;
mod open_enum;
mod printable;
mod recording;
mod sensitive;
mod timestamp;
pub mod webhook;

#[cfg(feature = "client")]
mod builder;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod config;
#[cfg(feature = "client")]
mod error;
#[cfg(feature = "client")]
mod response;
#[cfg(feature = "sandbox")]
pub mod sandbox;
#[cfg(feature = "client")]
mod statuses;
#[cfg(feature = "client")]
mod transport;
#[cfg(feature = "client")]
mod watch;

pub use generated::types::{Actor, ApiError, ErrorCode, EventType, Evidence, Phase, Status, SubStatus, VideoKyc};
pub use ids::{ReferenceId, VerificationId, VerificationIdError, VerificationRef};
pub use lifecycle::Lifecycle;
pub use open_enum::UnknownValue;
pub use recording::RecordingLink;
pub use sensitive::Sensitive;
pub use timestamp::Timestamp;

#[cfg(feature = "client")]
pub use builder::ClientBuilder;
#[cfg(feature = "client")]
pub use client::{Client, StatusRequest};
#[cfg(feature = "client")]
pub use config::{ConfigError, Credentials, CustomUrl, Environment};
#[cfg(feature = "client")]
pub use error::{Delivery, Error, ErrorKind};
#[cfg(feature = "client")]
pub use generated::operations::{Operations, builder::VkycGetStatus};
#[cfg(feature = "client")]
pub use recording::{Download, DownloadError, Progress};
#[cfg(feature = "client")]
pub use response::{RateLimitState, Response};
#[cfg(feature = "client")]
pub use statuses::Statuses;
#[cfg(feature = "client")]
pub use transport::{rate_limit::RateLimit, retry::RetryPolicy, two_factor::TwoFactorKey};
#[cfg(feature = "client")]
pub use watch::{Changes, Intervals, Watch, WatchBuilder, WatchError, WatchErrorKind};
