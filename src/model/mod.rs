//! What a verification is: the types that are generated from the spec, its ids, what its states and errors mean, and where
//! its recording lies. Knows how values are read (`wire`), and nothing of HTTP.

#[cfg(feature = "client")]
mod documented_error;
mod field;
pub(crate) mod generated;
pub(crate) mod ids;
mod into_ref;
mod lifecycle;
mod outcome;
mod recording;
pub(crate) mod refs_serde;
mod sdk_token;
mod video_kyc;

#[cfg(feature = "client")]
pub(crate) use generated::ErrorMeaning;
pub(crate) use generated::constants;

pub use field::Field;
#[cfg(feature = "client")]
pub use generated::DocumentedError;
pub use generated::{
    AadhaarAddress, AadhaarDetails, Actor, ApiError, AuthenticatedUser, ErrorCode, Event, EventType, Evidence, Gender,
    IdentifierType, Initiate, NewUser, NotificationType, Phase, Product, ReferenceId, SdkToken, SecurityQuestion,
    Status, SubStatus, TokenMetadata, TokenRequest, User, UserChanges, UserId, UserRef, UserReferenceId,
    VerificationId, VerificationRef, VideoKyc,
};
pub use ids::IdError;
pub use into_ref::{IntoUserRef, IntoVerificationRef};
pub use lifecycle::Lifecycle;
pub use outcome::{Outcome, OutcomeRules};
pub use recording::RecordingLink;
