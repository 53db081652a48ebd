//! An event: the decoding of a verified body, the key that redeliveries share, and the comparison with a stored state.

use std::fmt;

use sha2::{Digest as _, Sha256};

use super::WebhookError;
use crate::model::constants::FIELD_VIDEO_KYC_EVENT_EVENT_TYPE as EVENT_TYPE;
use crate::model::{Event, EventType, VideoKyc};
use crate::wire::{DecodeFailure, Timestamp, Unrecognized, from_slice, unrecognized};

/// Identifies an event across its deliveries. [`Event::key`] returns it.
///
/// A SHA-256 in hex: it reveals nothing about the customer, and fits any store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey([u8; 32]);

impl EventKey {
    /// Returns the key of a verified body: [`Event::key`], or a hash of the body if it is not an event of Video KYC. An inbox can
    /// store any body under it before decoding.
    ///
    /// ```
    /// use cashfree_vkyc::webhook::{Event, EventKey};
    ///
    /// let body = br#"{"event_type":"VKYC_USER_CALL_QUEUED","data":{"reference_id":1358}}"#;
    /// assert_eq!(EventKey::of(body), Event::from_slice(body)?.key());
    /// assert_ne!(EventKey::of(b"not an event"), EventKey::of(b"nor this"));
    /// # Ok::<(), cashfree_vkyc::webhook::WebhookError>(())
    /// ```
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Event::from_slice(body).map_or_else(|_| Self::hash(&[b"body", body]), |event| event.key())
    }

    /// Returns the bytes, for stores that keep them shorter than hex.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl serde::Serialize for EventKey {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventKey({self})")
    }
}

impl Event {
    /// Creates an event as Cashfree sends it, for tests. The other fields are public.
    ///
    /// ```
    /// use cashfree_vkyc::{EventType, VideoKyc, webhook::Event};
    ///
    /// let event = Event::new(EventType::VkycUserCallQueued, "2025-05-22T03:51:14Z".into(), VideoKyc::default());
    /// assert_eq!(event.event_type.as_str(), "VKYC_USER_CALL_QUEUED");
    /// ```
    #[must_use]
    pub fn new(event_type: EventType, event_time: Timestamp, data: VideoKyc) -> Self {
        Self { event_type, event_time: Some(event_time), data, ..Self::default() }
    }

    /// Decodes a verified body, with all checks of [`Verifier::verify`](super::Verifier::verify).
    ///
    /// # Errors
    /// [`NotJson`](WebhookError::NotJson), [`WrongShape`](WebhookError::WrongShape) or
    /// [`OtherProduct`](WebhookError::OtherProduct).
    pub fn from_slice(body: &[u8]) -> Result<Self, WebhookError> {
        match from_slice::<Self>(body) {
            Ok(event) if event.is_of_another_product() => {
                unrecognized::log("webhook", [Unrecognized::value(EVENT_TYPE)]);
                Err(WebhookError::OtherProduct)
            }
            Ok(event) if event.event_type.is_empty() => {
                let detail = format!("it has no `{EVENT_TYPE}`");
                Err(WebhookError::WrongShape { field_path: Some(EVENT_TYPE.to_owned()), detail })
            }
            Ok(event) if !event.data.is_blank() || !event.data.extra.is_empty() => {
                event.log_unrecognized();
                Ok(event)
            }
            _ => Err(DecodeFailure::of::<Self>(body).into()),
        }
    }

    /// Returns the key of this event: its verification, type, time, status and sub-status. Redeliveries have the same key.
    ///
    /// Cashfree documents no event id. Two events of the same type within one second differ in status or sub-status. Times are
    /// compared by value: `14Z` and `14.000Z` are equal. If the verification, the type or the time is missing, the key covers the
    /// whole content.
    #[must_use]
    pub fn key(&self) -> EventKey {
        let verification = match (&self.data.verification_id, self.data.reference_id) {
            (Some(id), _) => Some(("verification_id", id.clone())),
            (None, Some(id)) => Some(("reference_id", id.to_string())),
            (None, None) => None,
        };
        let time = self.event_time.as_ref().map(|time| match time.timestamp() {
            Some(value) => value.to_string(),
            None => time.as_str().to_owned(),
        });
        let (status, sub_status) = (self.data.status.as_str(), self.data.sub_status.as_str());
        let content;
        let parts = match (&verification, &time) {
            (Some((kind, id)), Some(time)) if !self.event_type.is_empty() => {
                vec![*kind, id, self.event_type.as_str(), time, status, sub_status]
            }
            _ => {
                // Serialising plain data does not fail. If it did, all such events would share a key.
                content = serde_json::to_string(self).unwrap_or_default();
                vec!["content", &content]
            }
        };
        EventKey::hash(&parts.iter().map(|part| part.as_bytes()).collect::<Vec<_>>())
    }

    /// Whether the event has a type that is not a Video KYC type, known or new. All documented types share their first word.
    fn is_of_another_product(&self) -> bool {
        let is_ours = |family: &str| EventType::KNOWN.iter().any(|known| first_word(known) == Some(family));
        !self.event_type.is_empty() && !self.event_type.is_known() && !first_word(&self.event_type).is_some_and(is_ours)
    }

    /// Whether this event is certainly newer than a stored state, and so may overwrite it.
    ///
    /// Events arrive late, repeatedly and in any order, and a state has no time. So only phases that are never left backwards
    /// count, within the same verification:
    ///
    /// ```text
    /// invited ─▶ checks ⇄ queue ⇄ call ─▶ review ─▶ closed
    /// ```
    ///
    /// A customer may move back and forth between checks, queue and call (a customer who drops out of a call is queued again), so
    /// none of these supersedes another. The result is `true` exactly if [`VideoKyc::is_newer_than`] is `Some(true)`. `false`
    /// does not mean old: if the state matters, ask [`Client::status`], or feed the event to a [`Watch`].
    ///
    /// [`Client::status`]: https://docs.rs/cashfree-vkyc/latest/cashfree_vkyc/struct.Client.html#method.status
    /// [`Watch`]: https://docs.rs/cashfree-vkyc/latest/cashfree_vkyc/struct.Watch.html
    ///
    /// ```
    /// use cashfree_vkyc::{EventType, Status, VideoKyc, webhook::Event};
    ///
    /// let mut stored = VideoKyc::default();
    /// stored.reference_id = Some(1358);
    /// stored.status = Status::VideoCall;
    ///
    /// let mut late = stored.clone();
    /// late.status = Status::Received;
    /// let late = Event::new(EventType::VkycUserLinkGenerated, "2025-05-22T03:51:14Z".into(), late);
    /// assert!(!late.supersedes(&stored));
    /// ```
    #[must_use]
    pub fn supersedes(&self, current: &VideoKyc) -> bool {
        self.data.is_newer_than(current) == Some(true)
    }
}

/// Returns the first word of a type, which identifies the product.
fn first_word(event_type: &EventType) -> Option<&str> {
    event_type.as_str().split_once('_').map(|(family, _)| family)
}

impl EventKey {
    /// Hashes the parts, each after its length, so that no two lists of parts are hashed alike.
    fn hash(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Status;

    fn event(id: &str, reference: Option<i64>, time: &str, status: &str) -> Event {
        let data = VideoKyc {
            verification_id: Some(id.to_owned()).filter(|id| !id.is_empty()),
            reference_id: reference,
            status: status.into(),
            ..VideoKyc::default()
        };
        Event::new(EventType::VkycUserCallQueued, time.into(), data)
    }

    #[test]
    fn the_first_word_of_its_type_decides_whether_an_event_is_of_video_kyc() {
        let is_others =
            |event_type: &str| Event { event_type: event_type.into(), ..Event::default() }.is_of_another_product();
        assert!(!EventType::KNOWN.iter().any(|known| is_others(known.as_str())));
        for (event_type, expected) in [
            ("VKYC_BRAND_NEW", false),
            ("", false),
            ("VKYC", true),
            ("VKYCX_A", true),
            ("vkyc_a", true),
            ("_A", true),
            ("PAYMENT_SUCCESS_WEBHOOK", true),
        ] {
            assert_eq!(is_others(event_type), expected, "{event_type}");
        }
    }

    #[test]
    fn a_key_is_of_verification_type_time_and_state() {
        let first = event("a", Some(1), "2025-05-22T03:51:14Z", "RECEIVED");
        let mut again = first.clone();
        again.version = Some("v1".into());
        for time in ["2025-05-22T03:51:14Z", "2025-05-22T03:51:14.000Z", "2025-05-22T09:21:14+05:30"] {
            again.event_time = Some(time.into());
            assert_eq!(first.key(), again.key(), "{time}");
        }
        let mut audio = first.clone();
        audio.data.sub_status = "USER_AUDIO_CHECK_FAILED".into();
        for other in [
            audio,
            event("b", Some(1), "2025-05-22T03:51:14Z", "RECEIVED"),
            event("", Some(1), "2025-05-22T03:51:14Z", "RECEIVED"),
            event("a", Some(1), "2025-05-22T03:51:15Z", "RECEIVED"),
            event("a", Some(1), "2025-05-22T03:51:14Z", "VIDEO_CALL"),
            event("a", Some(1), "at noon", "RECEIVED"),
            Event { event_type: "NEW".into(), ..first.clone() },
        ] {
            assert_ne!(first.key(), other.key());
        }
        let noon = event("a", Some(1), "at noon", "RECEIVED");
        assert_eq!(noon.key(), noon.clone().key());
        assert_eq!(first.key().to_string().len(), 64);
        assert_eq!(serde_json::to_value(first.key()).unwrap(), first.key().to_string());
        assert_eq!(format!("{:02x}", first.key().as_bytes()[0]), first.key().to_string()[..2]);
    }

    #[test]
    fn an_event_without_an_identifying_part_is_keyed_by_its_content() {
        let mut first = event("", None, "2025-05-22T03:51:14Z", "RECEIVED");
        let other = event("", None, "2025-05-22T03:51:14Z", "VIDEO_CALL");
        assert_ne!(first.key(), other.key());
        assert_eq!(first.key(), first.clone().key());
        first.data.reference_id = Some(1);
        first.event_time = None;
        let mut other = first.clone();
        other.data.status = Status::Failed;
        assert_ne!(first.key(), other.key());

        let untyped = |remark: &str| {
            let mut event = Event { event_type: "".into(), ..event("a", None, "2025-05-22T03:51:14Z", "RECEIVED") };
            event.data.agent_remarks = Some(crate::Sensitive::new(remark.to_owned()));
            event.key()
        };
        assert_ne!(untyped("a"), untyped("b"));
        assert_eq!(format!("{:?}", untyped("a")), format!("EventKey({})", untyped("a")));
    }

    #[test]
    fn parts_cannot_be_shifted_into_each_other() {
        assert_ne!(EventKey::hash(&[b"ab", b"c"]), EventKey::hash(&[b"a", b"bc"]));
        assert_ne!(EventKey::hash(&[b"ab"]), EventKey::hash(&[b"ab", b""]));
    }

    #[test]
    fn only_a_step_that_is_never_taken_back_supersedes() {
        let state = |status: &str, sub_status: &str| {
            let mut data = event("a", None, "t", status).data;
            data.sub_status = sub_status.into();
            data
        };
        let over = |new: (&str, &str), old: (&str, &str)| {
            let event = Event { data: state(new.0, new.1), ..event("a", None, "t", new.0) };
            event.supersedes(&state(old.0, old.1))
        };
        let queued = ("PRE_VIDEO_CALL", "USER_QUEUED");
        let checks = ("PRE_VIDEO_CALL", "USER_AUDIO_CHECK_FAILED");
        for (new, old, expected) in [
            (queued, ("RECEIVED", ""), true),
            (("VIDEO_CALL", ""), ("RECEIVED", "LINK_GENERATED"), true),
            (("AGENT_REVIEWED", ""), ("VIDEO_CALL", ""), true),
            (("AGENT_REVIEWED", ""), queued, true),
            (("AUDITOR_REVIEWED", ""), ("AGENT_REVIEWED", ""), true),
            (("EXPIRED", "VKYC_EXPIRED"), ("RECEIVED", ""), true),
            (("RECEIVED", ""), ("", ""), true),
            (("RECEIVED", ""), ("RECEIVED", ""), false),
            (("RECEIVED", ""), ("VIDEO_CALL", ""), false),
            // Late events of a call that the customer dropped out of, and of checks that were repeated.
            (("VIDEO_CALL", ""), queued, false),
            (queued, checks, false),
            (checks, queued, false),
            (("VIDEO_CALL", ""), ("COMPLETED", ""), false),
            (("COMPLETED", ""), ("REJECTED", ""), false),
            (("AUDITOR_REVIEWED", "NEW"), ("AGENT_REVIEWED", ""), true),
            (("NEW", ""), ("RECEIVED", ""), false),
            (("VIDEO_CALL", ""), ("NEW", ""), false),
            (("", ""), ("", ""), false),
        ] {
            assert_eq!(over(new, old), expected, "{new:?} over {old:?}");
        }
        assert!(!event("b", None, "t", "VIDEO_CALL").supersedes(&state("RECEIVED", "")));
        assert!(!event("", Some(1), "t", "VIDEO_CALL").supersedes(&state("RECEIVED", "")));
    }
}
