//! What can be asked of a verification beyond its fields.

#[cfg(feature = "client")]
use super::generated::{DocumentedError, Status};
use super::generated::{ReferenceId, VerificationId, VerificationRef, VideoKyc};
use super::lifecycle::Lifecycle;
use super::recording::RecordingLink;

impl VideoKyc {
    /// What the state of this verification means: who acts next, what to do, whether it is settled.
    #[must_use]
    pub fn lifecycle(&self) -> Lifecycle {
        Lifecycle::of(&self.status, &self.sub_status)
    }

    /// The link to the recording of the call, if there is one. It does not show that the call is over.
    #[must_use]
    pub fn recording(&self) -> Option<RecordingLink> {
        self.recording_link.clone().map(|url| RecordingLink::new(url, self.verification_ref()))
    }

    /// The id to ask for this verification again: the merchant's where it is there, else Cashfree's.
    #[must_use]
    pub fn verification_ref(&self) -> Option<VerificationRef> {
        let ours = self.verification_id.as_ref().and_then(|id| VerificationId::new(id).ok());
        ours.map(VerificationRef::from).or_else(|| self.reference_id.map(|id| ReferenceId(id).into()))
    }

    /// The documented error that this state stands for: an empty wallet is HTTP 422, and this.
    #[cfg(feature = "client")]
    pub(crate) fn refusal(&self) -> Option<&'static DocumentedError> {
        let is_rejected = self.status == Status::Rejected && self.sub_status.is_known();
        is_rejected.then(|| DocumentedError::named(self.sub_status.as_str())).flatten()
    }

    /// Whether this is the verification that is meant.
    #[cfg(feature = "client")]
    pub(crate) fn is_meant_by(&self, verification: &VerificationRef) -> bool {
        match verification {
            VerificationRef::VerificationId(id) => self.verification_id.as_deref() == Some(id.as_str()),
            VerificationRef::ReferenceId(id) => self.reference_id == Some(id.0),
        }
    }

    /// Whether two values are of one verification: no id differs, and at least one is in both.
    pub(crate) fn is_same_verification(&self, other: &Self) -> bool {
        let ours = self.verification_id.as_ref().zip(other.verification_id.as_ref()).map(|(a, b)| a == b);
        let theirs = self.reference_id.zip(other.reference_id).map(|(a, b)| a == b);
        match (ours, theirs) {
            (None, None) => false,
            (ours, theirs) => ours.unwrap_or(true) && theirs.unwrap_or(true),
        }
    }
}
