//! What a test asks of the record, in sentences.

use super::Sandbox;
use super::record::{RecordedRequest, RecordedWebhook, lines, name};
use super::shared::lock;
use crate::model::EventType;

impl Sandbox {
    /// The requests so far, oldest first; the last 10,000 of them. Downloads of recordings are among them.
    #[must_use]
    pub fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.shared.records).requests.iter().cloned().collect()
    }

    /// The deliveries of webhooks so far, in the order in which they were answered; the last 10,000 of them.
    #[must_use]
    pub fn webhooks(&self) -> Vec<RecordedWebhook> {
        lock(&self.shared.records).webhooks.iter().cloned().collect()
    }

    /// How many requests of an operation there were, by its `operationId`.
    #[must_use]
    pub fn count(&self, operation: &str) -> usize {
        lock(&self.shared.records).requests.iter().filter(|request| request.operation == Some(operation)).count()
    }

    /// How many deliveries of events of a type there were.
    #[must_use]
    pub fn count_webhooks(&self, event_type: impl Into<EventType>) -> usize {
        let event_type = event_type.into();
        lock(&self.shared.records).webhooks.iter().filter(|webhook| *webhook.event_type() == event_type).count()
    }

    /// Sees that an operation was called so many times.
    ///
    /// # Panics
    /// When it was called more often, or less.
    #[track_caller]
    pub fn assert_called(&self, operation: &str, times: usize) {
        let (count, requests) = (self.count(operation), self.requests());
        let operation = name(operation);
        assert!(
            count == times,
            "`{operation}` was to be called {times} times, and was called {count} times. The requests were:{}",
            lines(&requests)
        );
    }

    /// Sees that every request fits the spec.
    ///
    /// # Panics
    /// When one does not.
    #[track_caller]
    pub fn assert_no_problems(&self) {
        let requests = self.requests();
        let odd: Vec<_> = requests.iter().filter(|request| !request.problems().is_empty()).collect();
        assert!(odd.is_empty(), "{} of {} requests do not fit the spec:{}", odd.len(), requests.len(), lines(&odd));
    }

    /// Sees that every webhook that was sent was accepted, with 200, at last.
    ///
    /// # Panics
    /// When one was not.
    #[track_caller]
    pub fn assert_webhooks_accepted(&self) {
        let webhooks = self.webhooks();
        let accepted = |one: &RecordedWebhook| {
            webhooks.iter().any(|other| other.is_accepted() && other.event().key() == one.event().key())
        };
        let left: Vec<_> = webhooks.iter().filter(|webhook| !accepted(webhook)).collect();
        assert!(left.is_empty(), "webhooks that were never accepted:{}", lines(&left));
    }

    /// Sees that webhooks of these types were sent in this order, each counted once however often it was delivered.
    ///
    /// # Panics
    /// When others were sent, or in another order.
    #[track_caller]
    pub fn assert_events<T: Into<EventType>>(&self, events: impl IntoIterator<Item = T>) {
        let webhooks = self.webhooks();
        let first = webhooks.iter().enumerate().filter(|(n, webhook)| {
            let key = webhook.event().key();
            !webhooks.iter().take(*n).any(|before| before.event().key() == key)
        });
        let sent: Vec<_> = first.map(|(_, webhook)| webhook.event_type().clone()).collect();
        let due: Vec<EventType> = events.into_iter().map(Into::into).collect();
        assert!(sent == due, "the events were to be:{}\nand were:{}", lines(&due), lines(&webhooks));
    }
}
