//! The record of requests and webhooks. No customer data is printed.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};

use http::Method;
use jiff::Timestamp;

use super::lock::lock;
use crate::model::{Event, EventType};
use crate::wire::{Problem, Sensitive};

/// The most entries of each kind. The oldest are dropped.
const CAPACITY: usize = 10_000;

/// A request to the sandbox.
///
/// `Debug` shows the operation and the result, but neither path, query nor body.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    pub(super) number: u64,
    pub(super) operation: Option<&'static str>,
    pub(super) method: Method,
    pub(super) path: Sensitive<String>,
    pub(super) query: Sensitive<String>,
    pub(super) body: Sensitive<Vec<u8>>,
    pub(super) at: Timestamp,
    pub(super) problems: Vec<Problem>,
    pub(super) faults: Vec<&'static str>,
    pub(super) http_status: Option<u16>,
    pub(super) request_id: String,
}

impl RecordedRequest {
    /// The `operationId` of the spec. `None` for a recording, and for a path that the spec does not have.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.operation
    }

    /// The HTTP method.
    #[must_use]
    pub const fn method(&self) -> &Method {
        &self.method
    }

    /// The path.
    #[must_use]
    pub const fn path(&self) -> &Sensitive<String> {
        &self.path
    }

    /// The query, without its question mark.
    #[must_use]
    pub const fn query(&self) -> &Sensitive<String> {
        &self.query
    }

    /// The body.
    #[must_use]
    pub const fn body(&self) -> &Sensitive<Vec<u8>> {
        &self.body
    }

    /// The time of arrival, by the sandbox's clock.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The rules of the spec that it breaks.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The names of the faults that it met.
    #[must_use]
    pub fn faults(&self) -> &[&'static str] {
        &self.faults
    }

    /// The HTTP status of the response. `None` without a response.
    #[must_use]
    pub const fn http_status(&self) -> Option<u16> {
        self.http_status
    }

    /// The request id of the response.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }
}

/// One line.
impl fmt::Display for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: ", self.method, self.operation.unwrap_or("(no operation)"))?;
        match self.http_status {
            Some(status) => write!(f, "{status}")?,
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
pub struct RecordedWebhook {
    pub(super) event: Event,
    pub(super) attempt: u32,
    pub(super) at: Timestamp,
    pub(super) http_status: Option<u16>,
    pub(super) problem: Option<String>,
}

impl RecordedWebhook {
    /// The event.
    #[must_use]
    pub const fn event(&self) -> &Event {
        &self.event
    }

    /// The type of the event.
    #[must_use]
    pub const fn event_type(&self) -> &EventType {
        &self.event.event_type
    }

    /// The number of the attempt, from 1.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The time when it was sent, by the sandbox's clock.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// The HTTP status of the response.
    #[must_use]
    pub const fn http_status(&self) -> Option<u16> {
        self.http_status
    }

    /// The reason for a missing response.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Returns whether the response was 200, after which it is not sent again.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.http_status == Some(200)
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
        match (self.http_status, &self.problem) {
            (Some(status), _) => write!(f, "{status}"),
            (None, Some(problem)) => f.write_str(problem),
            (None, None) => f.write_str("pending"),
        }
    }
}

type Hook<T> = Arc<dyn Fn(&T) + Send + Sync>;

/// Callbacks of the test, for each entry when it has ended.
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
    last_number: u64,
}

impl Recorder {
    pub(super) fn new(hooks: Hooks) -> Self {
        Self { records: Mutex::default(), hooks }
    }

    /// Adds a request, and returns its number, which is also in its id.
    pub(super) fn begin(&self, mut request: RecordedRequest) -> u64 {
        let mut records = lock(&self.records);
        records.last_number += 1;
        request.number = records.last_number;
        request.request_id = format!("sandbox-request-{}", request.number);
        let number = request.number;
        push(&mut records.requests, request);
        number
    }

    /// Adds the result to a request.
    pub(super) fn end(&self, number: u64, change: impl FnOnce(&mut RecordedRequest)) {
        let mut records = lock(&self.records);
        // The newest is the most likely one.
        let Some(request) = records.requests.iter_mut().rev().find(|request| request.number == number) else { return };
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
