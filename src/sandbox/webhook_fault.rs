//! Faults of webhooks: dropped, held back, sent twice, delayed, or signed with another secret.

use std::time::Duration;

use crate::model::EventType;

/// A fault of webhooks, for [`Sandbox::inject_webhook_fault`](super::Sandbox::inject_webhook_fault). Several can be active.
#[derive(Clone, Debug, Default)]
#[must_use = "a fault does nothing until it is injected into a sandbox"]
pub struct WebhookFault {
    plan: DeliveryPlan,
    only: Option<EventType>,
    times: Option<u32>,
}

/// The secret that signs an event.
#[derive(Clone, Copy, Debug)]
pub(super) enum Key {
    Newer,
    Wrong,
}

/// The faults of one event.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DeliveryPlan {
    pub(super) doubled: bool,
    pub(super) held: bool,
    pub(super) dropped: bool,
    pub(super) delay: Option<Duration>,
    /// The key that signs instead of the current one.
    pub(super) key: Option<Key>,
}

impl WebhookFault {
    fn new(plan: DeliveryPlan) -> Self {
        Self { plan, ..Self::default() }
    }

    /// An event is sent twice, although it was accepted.
    pub fn doubled() -> Self {
        Self::new(DeliveryPlan { doubled: true, ..DeliveryPlan::default() })
    }

    /// Every second event of a verification is sent before its predecessor. The last event of a journey is not held back.
    pub fn reordered() -> Self {
        Self::new(DeliveryPlan { held: true, ..DeliveryPlan::default() })
    }

    /// An event is delayed by this time. Later events do not wait for it.
    pub fn delayed(time: Duration) -> Self {
        Self::new(DeliveryPlan { delay: Some(time), ..DeliveryPlan::default() })
    }

    /// An event is never sent.
    pub fn dropped() -> Self {
        Self::new(DeliveryPlan { dropped: true, ..DeliveryPlan::default() })
    }

    /// An event is signed with [`Sandbox::newer_secret`](super::Sandbox::newer_secret), as if the old key pair were deleted.
    pub fn newer_secret() -> Self {
        Self::new(DeliveryPlan { key: Some(Key::Newer), ..DeliveryPlan::default() })
    }

    /// An event is signed with an unknown secret.
    pub fn wrong_secret() -> Self {
        Self::new(DeliveryPlan { key: Some(Key::Wrong), ..DeliveryPlan::default() })
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
    /// Returns the faults of the next event, and counts their use. `can_hold`: another event follows, and none is held back yet.
    pub(super) fn next(faults: &mut Vec<WebhookFault>, event_type: &EventType, can_hold: bool) -> Self {
        let mut plan = Self::default();
        for fault in faults.iter_mut() {
            let applies = fault.only.as_ref().is_none_or(|only| only == event_type);
            if !applies || (fault.plan.held && !can_hold) {
                continue;
            }
            fault.times = fault.times.map(|times| times.saturating_sub(1));
            plan.doubled |= fault.plan.doubled;
            plan.held |= fault.plan.held;
            plan.dropped |= fault.plan.dropped;
            plan.delay = fault.plan.delay.or(plan.delay);
            plan.key = fault.plan.key.or(plan.key);
        }
        faults.retain(|fault| fault.times != Some(0));
        plan
    }
}
