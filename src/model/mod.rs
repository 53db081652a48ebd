//! What a verification is: the types that are generated from the spec, its ids, what its states and errors mean, and where
//! its recording lies. Knows how values are read (`wire`), and nothing of HTTP.

#[cfg(feature = "client")]
mod documented_error;
pub(crate) mod generated;
mod ids;
mod into_ref;
mod lifecycle;
mod outcome;
mod recording;
mod refs_serde;
mod video_kyc;

#[cfg(feature = "client")]
pub(crate) use generated::DocumentedError;
pub(crate) use generated::constants;

pub use generated::{Actor, ApiError, ErrorCode, Event, EventType, Evidence, Phase, Status, SubStatus, VideoKyc};
pub use ids::{ReferenceId, VerificationId, VerificationIdError, VerificationRef};
pub use into_ref::IntoVerificationRef;
pub use lifecycle::Lifecycle;
pub use outcome::{Outcome, OutcomeRules};
pub use recording::RecordingLink;
