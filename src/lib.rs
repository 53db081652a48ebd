#![doc = include_str!("../README.md")]
//!
//! # Inside
//!
//! One OpenAPI file describes the API; everything about fields, states and header names is generated from it when the
//! crate is built (or was, see the feature `generate`). What is written by hand is behaviour, in six rooms whose imports
//! point one way:
//!
//! ```text
//! wire ◀── model ◀── webhook ◀── transport ◀── client ◀── sandbox
//!            ▲                                   ▲
//!   types, tables, constants               operations              spec/vkyc.yaml, by build.rs
//! ```
//!
//! A call goes through them once:
//!
//! ```text
//! Client::status(ref) ─▶ generated operation builds the request ─▶ Call<VideoKyc> ─.await─▶ transport ─▶ Response / Error
//! ```
//!
//! Webhooks come the other way, and need no client:
//!
//! ```text
//! POST from Cashfree ─▶ webhook::Verifier ─▶ Event { data: VideoKyc } ─▶ handle_once ─▶ supersedes · Watches::feed
//! ```
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `generate` | yes | the code is generated from `spec/vkyc.yaml` when the crate is built. Without it the build takes the text that the package carries, made of the same spec: the same library, and the generator is not compiled |
//! | `client` | yes | `Client` and all that talks HTTP; without it, the types and webhooks |
//! | `rustls` | yes | TLS by rustls |
//! | `native-tls` | | TLS by the system's library |
//! | `native-tls-vendored` | | the same, with OpenSSL built from source |
//! | `sandbox` | | `sandbox::Sandbox`, an in-process server for tests |
//! | `axum` | | `webhook::VerifiedEvent`, an extractor for axum 0.8 |
//! | `schemars` | | `JsonSchema` on the types |

#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

#[cfg(all(doc, feature = "sandbox"))]
pub mod guide;
mod model;
pub mod webhook;
mod wire;

#[cfg(feature = "client")]
mod client;
#[cfg(feature = "sandbox")]
pub mod sandbox;
#[cfg(feature = "client")]
mod transport;

#[cfg(feature = "client")]
pub use model::DocumentedError;
pub use model::{
    AadhaarAddress, AadhaarDetails, Actor, ApiError, AuthenticatedUser, ErrorCode, EventType, Evidence, Field, Gender,
    IdError, IdentifierType, Initiate, IntoUserRef, IntoVerificationRef, Lifecycle, NewUser, NotificationType, Outcome,
    OutcomeRules, Phase, Product, RecordingLink, ReferenceId, SdkToken, SecurityQuestion, Status, SubStatus,
    TokenMetadata, TokenRequest, User, UserChanges, UserId, UserRef, UserReferenceId, VerificationId, VerificationRef,
    VideoKyc,
};
// For the command line, which prints responses by itself.
#[doc(hidden)]
pub use wire::without_secrets;
pub use wire::{NumberOrText, Sensitive, Timestamp, UnknownValue, Unrecognized, UnrecognizedKind};
#[cfg(feature = "client")]
pub use wire::{Problem, ProblemKind};

/// The requests of [`Client::operations`], by the `operationId` of the spec, and the types of the spec that no other module has.
#[cfg(feature = "client")]
#[allow(unused_imports, unreachable_pub, hidden_glob_reexports, reason = "today each type has a path elsewhere")]
pub mod operations {
    pub use crate::client::operations::{builder::*, types::*};

    // A private import hides a name of the glob, so each of these types keeps the one path that it has elsewhere.
    use crate::model::{
        AadhaarAddress, AadhaarDetails, ApiError, AuthenticatedUser, ErrorCode, Event, EventType, Gender,
        IdentifierType, Initiate, NewUser, NotificationType, Product, ReferenceId, SdkToken, SecurityQuestion, Status,
        SubStatus, TokenMetadata, TokenRequest, User, UserChanges, UserId, UserRef, UserReferenceId, VerificationId,
        VerificationRef, VideoKyc,
    };
}

// What stands in our signatures, so that nobody has to find out which version it is.
pub use http;
#[cfg(feature = "client")]
pub use reqwest;

// For the command line, whose `sweep` resumes a file, too.
#[cfg(feature = "client")]
#[doc(hidden)]
pub use client::PartFile;
#[cfg(feature = "client")]
pub use client::{
    Call, Changes, Client, ClientBuilder, CustomUrl, Download, DownloadError, Environment, FileError, FileStep,
    Intervals, Operations, Progress, Receipt, RecordingFile, Statuses, Watch, WatchBuilder, WatchError, WatchErrorKind,
    Watches,
};
#[cfg(feature = "client")]
pub use transport::{
    ConfigError, Credentials, Delivery, Error, ErrorKind, Priority, RateLimit, RateLimitState, RateLimiter, Response,
    RetryPolicy, Slots, TakeSlots, TwoFactorKey,
};
