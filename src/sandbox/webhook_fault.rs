//! Faults of webhooks: dropped, held back, doubled, late, or signed with another secret.

use std::time::Duration;

use crate::model::EventType;

/// A fault of webhooks, for [`SandboxBuilder::webhook_fault`](super::SandboxBuilder::webhook_fault). Several can be active.
#[derive(Clone, Debug)]
#[must_use = "a fault does nothing until it is injected into a sandbox"]
pub struct WebhookFault {
    kind: Kind,
    only: Option<EventType>,
    times: Option<u32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Doubled,
    Reordered,
    Delayed(Duration),
    Dropped,
    Signed(Key),
}

/// The secret that signs an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Key {
    #[default]
    Current,
    Newer,
    Wrong,
}

/// The faults of one event.
#[derive(Clone, Copy, Default)]
pub(super) struct DeliveryPlan {
    pub(super) doubled: bool,
    pub(super) held: bool,
    pub(super) dropped: bool,
    pub(super) delay: Option<Duration>,
    pub(super) key: Key,
}

impl WebhookFault {
    const fn new(kind: Kind) -> Self {
        Self { kind, only: None, times: None }
    }

    /// An event is sent again although it was accepted.
    pub fn doubled() -> Self {
        Self::new(Kind::Doubled)
    }

    /// Every second event of a verification is sent before the one that precedes it. The last event of a journey is not held back.
    pub fn reordered() -> Self {
        Self::new(Kind::Reordered)
    }

    /// An event is late by this time. The events after it do not wait for it.
    pub fn delayed(time: Duration) -> Self {
        Self::new(Kind::Delayed(time))
    }

    /// An event is never sent.
    pub fn dropped() -> Self {
        Self::new(Kind::Dropped)
    }

    /// An event is signed with [`Sandbox::newer_secret`](super::Sandbox::newer_secret), as after the old key pair was deleted.
    pub fn newer_secret() -> Self {
        Self::new(Kind::Signed(Key::Newer))
    }

    /// An event is signed with an unknown secret.
    pub fn wrong_secret() -> Self {
        Self::new(Kind::Signed(Key::Wrong))
    }

    /// Applies to events of this type only.
    pub fn only(self, event_type: impl Into<EventType>) -> Self {
        Self { only: Some(event_type.into()), ..self }
    }

    /// Applies to this many events only.
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }
}

impl DeliveryPlan {
    /// The faults of the next event, which are counted. `can_hold`: another event follows, and none is held back already.
    pub(super) fn next(faults: &mut Vec<WebhookFault>, event_type: &EventType, can_hold: bool) -> Self {
        let mut plan = Self::default();
        for fault in faults.iter_mut() {
            let applies = fault.only.as_ref().is_none_or(|only| only == event_type);
            if !applies || (fault.kind == Kind::Reordered && !can_hold) {
                continue;
            }
            fault.times = fault.times.map(|times| times.saturating_sub(1));
            match fault.kind {
                Kind::Doubled => plan.doubled = true,
                Kind::Reordered => plan.held = true,
                Kind::Delayed(time) => plan.delay = Some(time),
                Kind::Dropped => plan.dropped = true,
                Kind::Signed(key) => plan.key = key,
            }
        }
        faults.retain(|fault| fault.times != Some(0));
        plan
    }
}
