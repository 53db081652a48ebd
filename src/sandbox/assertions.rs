//! The record of a sandbox, and assertions about it.

use std::fmt;

use super::handle::Sandbox;
use super::operation_id::unknown_id;
use super::record::{RecordedRequest, RecordedWebhook};

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

    /// The number of requests of an operation since the start or [`reset`](Self::reset), by its `operationId`.
    ///
    /// # Panics
    /// If the spec does not have the operation.
    #[must_use]
    #[track_caller]
    pub fn count(&self, operation: &str) -> usize {
        let problem = unknown_id(operation);
        assert!(problem.is_none(), "the operation {}", problem.unwrap_or_default());
        self.core.recorder.count(operation)
    }

    /// Asserts that an operation was called this many times.
    ///
    /// # Panics
    /// If it was called more or less often, or the spec does not have it.
    #[track_caller]
    pub fn assert_called(&self, operation: &str, times: usize) {
        let (count, requests) = (self.count(operation), self.requests());
        assert!(
            count == times,
            "`{operation}` was called {count} times instead of {times}; the requests:{}",
            lines(&requests)
        );
    }

    /// Asserts that every request conforms to the spec.
    ///
    /// # Panics
    /// When one does not.
    #[track_caller]
    pub fn assert_no_problems(&self) {
        let requests = self.requests();
        let odd: Vec<_> = requests.iter().filter(|request| !request.problems.is_empty()).collect();
        assert!(odd.is_empty(), "{} of {} requests break the spec:{}", odd.len(), requests.len(), lines(&odd));
    }

    /// Asserts that every webhook was accepted with 200, at the first attempt or a later one.
    ///
    /// # Panics
    /// When one was not.
    #[track_caller]
    pub fn assert_webhooks_accepted(&self) {
        let webhooks = self.webhooks();
        let accepted = |one: &RecordedWebhook| {
            webhooks.iter().any(|other| other.is_accepted() && other.event.key() == one.event.key())
        };
        let left: Vec<_> = webhooks.iter().filter(|webhook| !accepted(webhook)).collect();
        assert!(left.is_empty(), "webhooks that were never accepted:{}", lines(&left));
    }
}

/// A list for a message, with each entry on its own line.
fn lines<T: fmt::Display>(entries: impl IntoIterator<Item = T>) -> String {
    let lines: String = entries.into_iter().map(|entry| format!("\n  {entry}")).collect();
    if lines.is_empty() { "\n  (none)".to_owned() } else { lines }
}
