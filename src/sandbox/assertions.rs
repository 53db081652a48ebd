//! The record of a sandbox, and assertions about it.

use std::fmt;

use super::handle::Sandbox;
use super::record::{RecordedRequest, RecordedWebhook};
use crate::model::EventType;
use crate::wire::Name;

impl Sandbox {
    /// The requests, oldest first, including downloads of recordings. The sandbox keeps the last 10,000.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.core.recorder.requests()
    }

    /// The attempts to deliver webhooks, in the order of their responses. The sandbox keeps the last 10,000.
    #[must_use]
    pub fn webhooks(&self) -> Vec<RecordedWebhook> {
        self.core.recorder.webhooks()
    }

    /// The number of requests of an operation, by its `operationId`.
    #[must_use]
    pub fn count(&self, operation: &str) -> usize {
        self.requests().iter().filter(|request| request.operation() == Some(operation)).count()
    }

    /// The number of deliveries of events of a type.
    #[must_use]
    pub fn count_webhooks(&self, event_type: impl Into<EventType>) -> usize {
        let event_type = event_type.into();
        self.webhooks().iter().filter(|webhook| *webhook.event_type() == event_type).count()
    }

    /// Asserts that an operation was called this many times.
    ///
    /// # Panics
    /// When it was called more or less often.
    #[track_caller]
    pub fn assert_called(&self, operation: &str, times: usize) {
        let (count, requests) = (self.count(operation), self.requests());
        let operation = Name(operation);
        assert!(
            count == times,
            "`{operation}` was to be called {times} times, and was called {count} times. The requests were:{}",
            lines(&requests)
        );
    }

    /// Asserts that every request fits the spec.
    ///
    /// # Panics
    /// When a request does not.
    #[track_caller]
    pub fn assert_no_problems(&self) {
        let requests = self.requests();
        let odd: Vec<_> = requests.iter().filter(|request| !request.problems().is_empty()).collect();
        assert!(odd.is_empty(), "{} of {} requests do not fit the spec:{}", odd.len(), requests.len(), lines(&odd));
    }

    /// Asserts that every webhook was finally accepted with 200.
    ///
    /// # Panics
    /// When a webhook was not.
    #[track_caller]
    pub fn assert_webhooks_accepted(&self) {
        let webhooks = self.webhooks();
        let accepted = |one: &RecordedWebhook| {
            webhooks.iter().any(|other| other.is_accepted() && other.event().key() == one.event().key())
        };
        let left: Vec<_> = webhooks.iter().filter(|webhook| !accepted(webhook)).collect();
        assert!(left.is_empty(), "webhooks that were never accepted:{}", lines(&left));
    }

    /// Asserts that webhooks of these types were sent in this order. Repeated deliveries count once.
    ///
    /// # Panics
    /// When other webhooks were sent, or in another order.
    #[track_caller]
    pub fn assert_events<T: Into<EventType>>(&self, events: impl IntoIterator<Item = T>) {
        let webhooks = self.webhooks();
        let first = webhooks.iter().enumerate().filter(|(n, webhook)| {
            let key = webhook.event().key();
            !webhooks.iter().take(*n).any(|before| before.event().key() == key)
        });
        let sent: Vec<_> = first.map(|(_, webhook)| webhook.event_type().clone()).collect();
        let expected: Vec<EventType> = events.into_iter().map(Into::into).collect();
        assert!(sent == expected, "the events were to be:{}\nand were:{}", lines(&expected), lines(&webhooks));
    }
}

/// A list for a message, an entry on each line.
fn lines<T: fmt::Display>(entries: impl IntoIterator<Item = T>) -> String {
    let lines: String = entries.into_iter().map(|entry| format!("\n  {entry}")).collect();
    if lines.is_empty() { "\n  (none)".to_owned() } else { lines }
}
