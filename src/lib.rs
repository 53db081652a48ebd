#![doc = include_str!("../README.md")]
//!
//! # Modules
//!
//! `spec/vkyc.yaml` describes the API. `build.rs` generates the types, tables and operations from it; the rest of the crate
//! implements behaviour.
//!
//! | module | contents |
//! |---|---|
//! | crate root | `Client` and its calls, the types of the API, errors, watches, downloads |
//! | [`webhook`] | verification, decoding and de-duplication of events; needs no client |
//! | `operations` | every operation of the spec, by its `operationId` |
//! | `sandbox` | a server for tests |
//! | `guide` | the guides of `docs/` |

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
// For the command line, which prints responses itself.
#[doc(hidden)]
pub use wire::without_secrets;
pub use wire::{NumberOrText, Sensitive, Timestamp, UnknownValue, Unrecognized, UnrecognizedKind};
#[cfg(feature = "client")]
pub use wire::{Problem, ProblemKind};

/// The requests of [`Client::operations`], by the `operationId` of the spec, and the types of the spec without another path.
#[cfg(feature = "client")]
#[allow(unused_imports, unreachable_pub, hidden_glob_reexports, reason = "today each type has a path elsewhere")]
pub mod operations {
    pub use crate::client::operations::{builder::*, types::*};

    // A private import hides a name of the glob, so that each of these types has only one path.
    use crate::model::{
        AadhaarAddress, AadhaarDetails, ApiError, AuthenticatedUser, ErrorCode, Event, EventType, Gender,
        IdentifierType, Initiate, NewUser, NotificationType, Product, ReferenceId, SdkToken, SecurityQuestion, Status,
        SubStatus, TokenMetadata, TokenRequest, User, UserChanges, UserId, UserRef, UserReferenceId, VerificationId,
        VerificationRef, VideoKyc,
    };
}

// The crates in our signatures, so that users get the matching versions.
pub use http;
#[cfg(feature = "client")]
pub use reqwest;

// For the command line, whose `sweep` also resumes a file.
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
