//! What can be asked of a verification beyond its fields.

#[cfg(feature = "client")]
use super::generated::{DocumentedError, Status};
use super::generated::{ReferenceId, VerificationId, VerificationRef, VideoKyc};
use super::lifecycle::Lifecycle;
use super::recording::RecordingLink;

impl VideoKyc {
    /// What the state of this verification means: who acts next, what to do, whether it is final.
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

    /// Whether this state is surely newer (`Some(true)`) or surely older (`Some(false)`) than another one of the same
    /// verification. `None` where nobody can tell.
    ///
    /// A state carries no time. So only a step counts that nobody takes back:
    ///
    /// ```text
    /// invited ─▶ checks ⇄ queue ⇄ call ─▶ review ─▶ closed
    /// ```
    ///
    /// `None` it is between checks, queue and call, where a customer goes to and fro; between two states of one step, also where
    /// one has more fields; where a state is unknown; and where the two are not of one verification. Then ask for the status.
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
            // Nothing is known yet.
            (Some(_), None) if other.status.is_empty() => Some(true),
            (None, Some(_)) if self.status.is_empty() => Some(false),
            _ => None,
        }
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
    fn newer_is_a_step_that_nobody_takes_back() {
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
