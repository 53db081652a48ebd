//! What to do with an event: recognise it when it comes again, and know whether it is newer than what one has.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};

use crate::generated::types::{Event, EventType, Phase, VideoKyc};
use crate::{Lifecycle, Timestamp};

/// Names one event, however often it is delivered. [`Event::key`] makes it.
///
/// A SHA-256 in hex: it tells nothing of the customer, and fits any store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventKey([u8; 32]);

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
    /// An event as Cashfree sends it, for tests. Change the public fields for the rest.
    ///
    /// ```
    /// use cashfree_vkyc::{VideoKyc, webhook::{Event, EventType}};
    ///
    /// let event = Event::new(EventType::VkycUserCallQueued, "2025-05-22T03:51:14Z".into(), VideoKyc::default());
    /// assert_eq!(event.event_type.as_str(), "VKYC_USER_CALL_QUEUED");
    /// ```
    #[must_use]
    pub fn new(event_type: EventType, event_time: Timestamp, data: VideoKyc) -> Self {
        Self {
            event_type,
            event_time: Some(event_time),
            data,
            signature: None,
            version: None,
            extra: serde_json::Map::new(),
        }
    }

    /// What names this event: its verification, its type and its time. Redeliveries have the same key.
    ///
    /// Cashfree documents no id of an event. Where one of the three is missing, the whole content takes its place.
    #[must_use]
    pub fn key(&self) -> EventKey {
        let verification = match (&self.data.verification_id, self.data.reference_id) {
            (Some(id), _) => Some(("verification_id", id.clone())),
            (None, Some(id)) => Some(("reference_id", id.to_string())),
            (None, None) => None,
        };
        match (verification, &self.event_time) {
            (Some((kind, id)), Some(time)) if !self.event_type.is_empty() => {
                EventKey::of(&[kind, &id, self.event_type.as_str(), time.as_str()])
            }
            // Serialising plain data does not fail; should it, all such events would be one.
            _ => EventKey::of(&["content", &serde_json::to_string(self).unwrap_or_default()]),
        }
    }

    /// Whether this event is surely newer than a state that you hold, so that it may overwrite it.
    ///
    /// Events come late, twice and in any order, and a state carries no time. So only a step forward counts: the same
    /// verification, both phases known, and the event's phase later. `false` does not mean old: a customer who drops out of
    /// a call goes back to the queue. When it is `false` and the state matters, ask [`Client::status`].
    ///
    /// [`Client::status`]: https://docs.rs/cashfree-vkyc/latest/cashfree_vkyc/struct.Client.html#method.status
    ///
    /// ```
    /// use cashfree_vkyc::{Status, VideoKyc, webhook::{Event, EventType}};
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
        let phase = |vkyc: &VideoKyc| Some(vkyc.lifecycle().phase()).filter(|phase| *phase != Phase::Unknown);
        let ends = |vkyc: &VideoKyc| Lifecycle::is_settled(&vkyc.lifecycle());
        match (phase(&self.data), phase(current)) {
            _ if !self.data.is_same_verification(current) || ends(current) => false,
            (Some(new), Some(old)) => new > old,
            // Nothing was known yet.
            (Some(_), None) => current.status.is_empty(),
            (None, _) => false,
        }
    }
}

impl EventKey {
    /// Each part with its length before it, so that no two lists of parts are alike.
    fn of(parts: &[&str]) -> Self {
        let mut context = Context::new(&SHA256);
        for part in parts {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part.as_bytes());
        }
        let mut key = [0; 32];
        key.iter_mut().zip(context.finish().as_ref()).for_each(|(to, from)| *to = *from);
        Self(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Status;

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
    fn a_key_is_of_verification_type_and_time_only() {
        let first = event("a", Some(1), "2025-05-22T03:51:14Z", "RECEIVED");
        let mut again = first.clone();
        again.version = Some("v1".into());
        again.data.status = Status::VideoCall;
        assert_eq!(first.key(), again.key());
        for other in [
            event("b", Some(1), "2025-05-22T03:51:14Z", "RECEIVED"),
            event("", Some(1), "2025-05-22T03:51:14Z", "RECEIVED"),
            event("a", Some(1), "2025-05-22T03:51:15Z", "RECEIVED"),
            Event { event_type: "NEW".into(), ..first.clone() },
        ] {
            assert_ne!(first.key(), other.key());
        }
        assert_eq!(first.key().to_string().len(), 64);
    }

    #[test]
    fn what_lacks_a_part_is_named_by_its_content() {
        let mut first = event("", None, "2025-05-22T03:51:14Z", "RECEIVED");
        let other = event("", None, "2025-05-22T03:51:14Z", "VIDEO_CALL");
        assert_ne!(first.key(), other.key());
        assert_eq!(first.key(), first.clone().key());
        first.data.reference_id = Some(1);
        first.event_time = None;
        let mut other = first.clone();
        other.data.status = Status::Failed;
        assert_ne!(first.key(), other.key());
    }

    #[test]
    fn parts_cannot_be_shifted_into_each_other() {
        assert_ne!(EventKey::of(&["ab", "c"]), EventKey::of(&["a", "bc"]));
        assert_ne!(EventKey::of(&["ab"]), EventKey::of(&["ab", ""]));
    }

    #[test]
    fn only_a_step_forward_of_the_same_verification_supersedes() {
        let state = |status: &str| event("a", None, "t", status).data;
        for (new, old, expected) in [
            ("PRE_VIDEO_CALL", "RECEIVED", true),
            ("AUDITOR_REVIEWED", "AGENT_REVIEWED", true),
            ("EXPIRED", "RECEIVED", true),
            ("RECEIVED", "", true),
            ("RECEIVED", "RECEIVED", false),
            ("RECEIVED", "VIDEO_CALL", false),
            ("VIDEO_CALL", "COMPLETED", false),
            ("COMPLETED", "REJECTED", false),
            ("NEW", "RECEIVED", false),
            ("VIDEO_CALL", "NEW", false),
            ("", "", false),
        ] {
            assert_eq!(event("a", None, "t", new).supersedes(&state(old)), expected, "{new} over {old}");
        }
        assert!(!event("b", None, "t", "VIDEO_CALL").supersedes(&state("RECEIVED")));
        assert!(!event("", Some(1), "t", "VIDEO_CALL").supersedes(&state("RECEIVED")));
    }
}
