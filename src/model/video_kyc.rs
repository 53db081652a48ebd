//! The methods of a verification.

#[cfg(feature = "client")]
use super::generated::{DocumentedError, Status};
use super::generated::{ReferenceId, VerificationId, VerificationRef, VideoKyc};
use super::lifecycle::Lifecycle;
use super::recording::RecordingLink;

impl VideoKyc {
    /// Returns the meaning of this verification's state: next actor, recommended action, whether it is final.
    #[must_use]
    pub fn lifecycle(&self) -> Lifecycle {
        Lifecycle::of(&self.status, &self.sub_status)
    }

    /// Returns the link to the recording of the call, if there is one. A link does not prove that the call is over.
    #[must_use]
    pub fn recording(&self) -> Option<RecordingLink> {
        self.recording_link.clone().map(|url| RecordingLink::new(url, self.verification_ref()))
    }

    /// Returns the id that you chose. `None` if it is absent or not a valid id; the field `verification_id` has its text.
    ///
    /// ```
    /// let vkyc = cashfree_vkyc::sandbox::Sandbox::published_sample();
    /// assert_eq!(vkyc.id().unwrap().as_str(), "vkyc_verification_id");
    /// ```
    #[must_use]
    pub fn id(&self) -> Option<VerificationId> {
        VerificationId::new(self.verification_id.as_ref()?).ok()
    }

    /// Returns the id for further calls about this verification: yours if it is present, else Cashfree's.
    #[must_use]
    pub fn verification_ref(&self) -> Option<VerificationRef> {
        self.id().map(VerificationRef::from).or_else(|| self.reference_id.map(|id| ReferenceId(id).into()))
    }

    /// Returns the documented error that this state represents: Cashfree reports an empty wallet as HTTP 422 and as a state.
    #[cfg(feature = "client")]
    pub(crate) fn refusal(&self) -> Option<&'static DocumentedError> {
        let is_rejected = self.status == Status::Rejected && self.sub_status.is_known();
        is_rejected.then(|| DocumentedError::named(self.sub_status.as_str())).flatten()
    }

    /// Whether this state is certainly newer (`Some(true)`) or certainly older (`Some(false)`) than another state of the same
    /// verification. `None` if the order is unknown.
    ///
    /// A state has no time, so only phases that are never left backwards count:
    ///
    /// ```text
    /// invited ─▶ checks ⇄ queue ⇄ call ─▶ review ─▶ closed
    /// ```
    ///
    /// The result is `None` between checks, queue and call, because a customer may move back and forth; between two states of one
    /// phase, even if one has more fields; if a state is unknown; and for different verifications. In these cases, ask for the
    /// status.
    ///
    /// ```
    /// use cashfree_vkyc::{Status, VideoKyc};
    ///
    /// let mut invited = VideoKyc::default();
    /// (invited.reference_id, invited.status) = (Some(1358), Status::Received);
    /// let mut reviewed = invited.clone();
    /// reviewed.status = Status::AgentReviewed;
    /// assert_eq!(reviewed.is_newer_than(&invited), Some(true));
    /// assert_eq!(invited.is_newer_than(&reviewed), Some(false));
    /// assert_eq!(invited.is_newer_than(&invited), None);
    /// ```
    #[must_use]
    pub fn is_newer_than(&self, other: &Self) -> Option<bool> {
        if !self.is_same_verification(other) {
            return None;
        }
        match (self.lifecycle().phase().stage(), other.lifecycle().phase().stage()) {
            (Some(ours), Some(theirs)) if ours == theirs => None,
            (Some(ours), Some(theirs)) => Some(ours > theirs),
            // The other value has no state yet.
            (Some(_), None) if other.status.is_empty() => Some(true),
            (None, Some(_)) if self.status.is_empty() => Some(false),
            _ => None,
        }
    }

    /// Whether the reference names this verification.
    #[cfg(feature = "client")]
    pub(crate) fn is_meant_by(&self, verification: &VerificationRef) -> bool {
        match verification {
            VerificationRef::VerificationId(id) => self.verification_id.as_deref() == Some(id.as_str()),
            VerificationRef::ReferenceId(id) => self.reference_id == Some(id.0),
        }
    }

    /// Whether two values are of the same verification: they share at least one id, and no id differs.
    pub(crate) fn is_same_verification(&self, other: &Self) -> bool {
        let ours = self.verification_id.as_ref().zip(other.verification_id.as_ref()).map(|(a, b)| a == b);
        let theirs = self.reference_id.zip(other.reference_id).map(|(a, b)| a == b);
        match (ours, theirs) {
            (None, None) => false,
            (ours, theirs) => ours.unwrap_or(true) && theirs.unwrap_or(true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(status: &str, sub_status: &str) -> VideoKyc {
        VideoKyc {
            verification_id: Some("a".into()),
            status: status.into(),
            sub_status: sub_status.into(),
            ..VideoKyc::default()
        }
    }

    #[test]
    fn newer_is_a_step_that_is_never_taken_back() {
        let (queued, call) = (("PRE_VIDEO_CALL", "USER_QUEUED"), ("VIDEO_CALL", ""));
        for (ours, theirs, expected) in [
            (call, ("RECEIVED", "LINK_GENERATED"), Some(true)),
            (("AGENT_REVIEWED", ""), queued, Some(true)),
            (("EXPIRED", "VKYC_EXPIRED"), ("RECEIVED", ""), Some(true)),
            (("AUDITOR_REVIEWED", "NEW"), ("AGENT_REVIEWED", ""), Some(true)),
            (("RECEIVED", ""), ("", ""), Some(true)),
            (call, queued, None),
            (("COMPLETED", ""), ("REJECTED", ""), None),
            (("COMPLETED", ""), ("COMPLETED", "NEW"), None),
            (("RECEIVED", ""), ("RECEIVED", ""), None),
            (("COMPLETED", ""), ("NEW", ""), None),
            (("NEW", ""), ("", ""), None),
            (("", ""), ("", ""), None),
        ] {
            let (a, b) = (state(ours.0, ours.1), state(theirs.0, theirs.1));
            assert_eq!(a.is_newer_than(&b), expected, "{ours:?} and {theirs:?}");
            assert_eq!(b.is_newer_than(&a), expected.map(|newer| !newer), "{theirs:?} and {ours:?}");
        }
        let other = VideoKyc { verification_id: Some("b".into()), ..state("COMPLETED", "") };
        assert_eq!(other.is_newer_than(&state("RECEIVED", "")), None);
    }
}
