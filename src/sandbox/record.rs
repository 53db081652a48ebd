//! The record of requests and webhooks. No customer data is printed.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex};

use http::{Method, StatusCode};
use jiff::Timestamp;

use super::lock::lock;
use crate::model::Event;
use crate::wire::{Problem, Sensitive};

/// The most entries of each kind. The oldest are dropped.
const CAPACITY: usize = 10_000;

/// A request to the sandbox.
///
/// `Debug` shows the operation and the result, but neither path, query nor body.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RecordedRequest {
    /// The `operationId` of the spec. `None` for a recording, and for a path that the spec does not have.
    pub operation: Option<&'static str>,
    /// The HTTP method.
    pub method: Method,
    /// The path.
    pub path: Sensitive<String>,
    /// The query, without its question mark.
    pub query: Sensitive<String>,
    /// The body.
    pub body: Sensitive<Vec<u8>>,
    /// The time of arrival, by the sandbox's clock.
    pub at: Timestamp,
    /// The rules of the spec that it breaks.
    pub problems: Vec<Problem>,
    /// The names of the faults that it got.
    pub faults: Vec<&'static str>,
    /// The HTTP status of the response. `None` without a response.
    pub http_status: Option<StatusCode>,
    /// The request id of the response.
    pub request_id: String,
}

/// One line.
impl fmt::Display for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.method, self.operation.unwrap_or("(no operation)"))?;
        match self.http_status {
            Some(status) => write!(f, "{}", status.as_u16())?,
            None => f.write_str("no response")?,
        }
        self.faults.iter().try_for_each(|fault| write!(f, ", fault `{fault}`"))?;
        self.problems.iter().try_for_each(|problem| write!(f, ", {problem}"))
    }
}

/// An attempt to deliver a webhook.
///
/// `Debug` and `Display` show no ids and no customer data.
#[derive(Clone)]
#[non_exhaustive]
pub struct RecordedWebhook {
    /// The event.
    pub event: Event,
    /// The number of the attempt, from 1.
    pub attempt: u32,
    /// The time when it was sent, by the sandbox's clock.
    pub at: Timestamp,
    /// The HTTP status of the response, or the reason for a missing one.
    pub result: Result<StatusCode, String>,
}

impl RecordedWebhook {
    /// Returns whether the response was 200, so that the webhook is not sent again.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.result == Ok(StatusCode::OK)
    }
}

impl fmt::Debug for RecordedWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// One line.
impl fmt::Display for RecordedWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (event, data) = (&self.event.event_type, &self.event.data);
        write!(f, "{event} ({} / {}), delivery {}: ", data.status, data.sub_status, self.attempt)?;
        match &self.result {
            Ok(status) => write!(f, "{}", status.as_u16()),
            Err(problem) => f.write_str(problem),
        }
    }
}

type Hook<T> = Arc<dyn Fn(&T) + Send + Sync>;

/// Callbacks of the test, which get each completed entry.
#[derive(Clone, Default)]
pub(super) struct Hooks {
    pub(super) request: Option<Hook<RecordedRequest>>,
    pub(super) webhook: Option<Hook<RecordedWebhook>>,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").finish_non_exhaustive()
    }
}

/// The record, and the callbacks that get each entry.
pub(super) struct Recorder {
    records: Mutex<Records>,
    hooks: Hooks,
}

#[derive(Default)]
struct Records {
    requests: VecDeque<RecordedRequest>,
    webhooks: VecDeque<RecordedWebhook>,
    /// The number of requests of each operation, including those that were dropped.
    counts: HashMap<&'static str, usize>,
    last_number: u64,
}

impl Recorder {
    pub(super) fn new(hooks: Hooks) -> Self {
        Self { records: Mutex::default(), hooks }
    }

    /// Adds a request, and returns the id that it gets.
    pub(super) fn begin(&self, mut request: RecordedRequest) -> String {
        let mut records = lock(&self.records);
        records.last_number += 1;
        let id = format!("sandbox-request-{}", records.last_number);
        request.request_id.clone_from(&id);
        if let Some(operation) = request.operation {
            *records.counts.entry(operation).or_default() += 1;
        }
        push(&mut records.requests, request);
        id
    }

    /// Adds the result to a request.
    pub(super) fn end(&self, id: &str, change: impl FnOnce(&mut RecordedRequest)) {
        let mut records = lock(&self.records);
        // The newest request is the most likely one.
        let Some(request) = records.requests.iter_mut().rev().find(|request| request.request_id == id) else { return };
        change(request);
        let ended = self.hooks.request.as_ref().map(|hook| (hook, request.clone()));
        // The callback runs without the lock, because it may read the record.
        drop(records);
        if let Some((hook, request)) = ended {
            hook(&request);
        }
    }

    pub(super) fn sent(&self, webhook: RecordedWebhook) {
        push(&mut lock(&self.records).webhooks, webhook.clone());
        if let Some(hook) = &self.hooks.webhook {
            hook(&webhook);
        }
    }

    pub(super) fn count(&self, operation: &str) -> usize {
        lock(&self.records).counts.get(operation).copied().unwrap_or_default()
    }

    pub(super) fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.records).requests.iter().cloned().collect()
    }

    pub(super) fn webhooks(&self) -> Vec<RecordedWebhook> {
        lock(&self.records).webhooks.iter().cloned().collect()
    }

    pub(super) fn reset(&self) {
        *lock(&self.records) = Records::default();
    }
}

fn push<T>(list: &mut VecDeque<T>, entry: T) {
    if list.len() == CAPACITY {
        list.pop_front();
    }
    list.push_back(entry);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_beyond_those_that_are_kept() {
        let recorder = Recorder::new(Hooks::default());
        let request = RecordedRequest {
            operation: Some("vkycInitiate"),
            method: Method::POST,
            path: "".into(),
            query: "".into(),
            body: Vec::new().into(),
            at: Timestamp::UNIX_EPOCH,
            problems: Vec::new(),
            faults: Vec::new(),
            http_status: None,
            request_id: String::new(),
        };
        for _ in 0..=CAPACITY {
            recorder.begin(request.clone());
        }
        assert_eq!((recorder.requests().len(), recorder.count("vkycInitiate")), (CAPACITY, CAPACITY + 1));
        recorder.reset();
        assert_eq!(recorder.count("vkycInitiate"), 0);
    }
}
