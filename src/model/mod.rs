//! The data of a verification: generated types, ids, the meaning of states and errors, and the link to the recording. Imports
//! only `wire`, and does not know HTTP.

#[cfg(feature = "client")]
mod documented_error;
mod field;
pub(crate) mod generated;
pub(crate) mod ids;
mod into_ref;
mod lifecycle;
mod outcome;
mod outcome_rules;
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
pub use outcome::Outcome;
pub use outcome_rules::OutcomeRules;
pub use recording::RecordingLink;
