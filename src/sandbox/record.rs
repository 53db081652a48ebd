//! What came and what was sent, to look back at. Nothing of a customer is printed.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use http::Method;
use jiff::Timestamp;

use crate::model::{Event, EventType};
use crate::wire::sensitive::Redacted;
use crate::wire::{Name, Problem, Sensitive};

/// How many entries are kept; the oldest go.
const KEPT: usize = 10_000;

/// A request that the sandbox got.
///
/// `Debug` shows what it was and what came of it, and neither query nor body.
#[derive(Clone)]
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

    /// When it came, by the sandbox's clock.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// What about it does not fit the spec.
    #[must_use]
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// The faults that it met, in words.
    #[must_use]
    pub fn faults(&self) -> &[&'static str] {
        &self.faults
    }

    /// The HTTP status of the response. `None` when it has none yet, or never got one.
    #[must_use]
    pub const fn http_status(&self) -> Option<u16> {
        self.http_status
    }

    /// The id that the response had.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }
}

impl fmt::Debug for RecordedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedRequest")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("query", &Redacted)
            .field("body", &format_args!("{} bytes", self.body.expose().len()))
            .field("at", &self.at)
            .field("problems", &self.problems)
            .field("faults", &self.faults)
            .field("http_status", &self.http_status)
            .finish_non_exhaustive()
    }
}

/// As a line of a list.
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

/// A delivery of a webhook, or an attempt at one.
///
/// `Debug` shows no id and nothing of the customer.
#[derive(Clone)]
pub struct RecordedWebhook {
    pub(super) event: Event,
    pub(super) attempt: u32,
    pub(super) at: Timestamp,
    pub(super) http_status: Option<u16>,
    pub(super) problem: Option<String>,
}

impl RecordedWebhook {
    /// What was sent.
    #[must_use]
    pub const fn event(&self) -> &Event {
        &self.event
    }

    /// Its type.
    #[must_use]
    pub const fn event_type(&self) -> &EventType {
        &self.event.event_type
    }

    /// Which delivery of the event this was, from 1.
    #[must_use]
    pub const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// When it was sent, by the sandbox's clock.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }

    /// What it was answered with.
    #[must_use]
    pub const fn http_status(&self) -> Option<u16> {
        self.http_status
    }

    /// Why there was no response.
    #[must_use]
    pub fn problem(&self) -> Option<&str> {
        self.problem.as_deref()
    }

    /// Whether it was answered with 200, after which it is not sent again.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.http_status == Some(200)
    }
}

impl fmt::Debug for RecordedWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordedWebhook")
            .field("event_type", &self.event.event_type)
            .field("attempt", &self.attempt)
            .field("at", &self.at)
            .field("http_status", &self.http_status)
            .field("problem", &self.problem)
            .finish_non_exhaustive()
    }
}

/// As a line of a list.
impl fmt::Display for RecordedWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (event, data) = (&self.event.event_type, &self.event.data);
        write!(f, "{event} ({} / {}), delivery {}: ", data.status, data.sub_status, self.attempt)?;
        match (self.http_status, &self.problem) {
            (Some(status), _) => write!(f, "{status}"),
            (None, Some(problem)) => f.write_str(problem),
            (None, None) => f.write_str("under way"),
        }
    }
}

/// Who is told of an entry.
type Told<T> = Arc<dyn Fn(&T) + Send + Sync>;

/// Who is told of what is recorded, as it is.
#[derive(Clone, Default)]
pub(super) struct Hooks {
    pub(super) request: Option<Told<RecordedRequest>>,
    pub(super) webhook: Option<Told<RecordedWebhook>>,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").finish_non_exhaustive()
    }
}

/// Everything that was recorded.
#[derive(Default)]
pub(super) struct Records {
    pub(super) requests: VecDeque<RecordedRequest>,
    pub(super) webhooks: VecDeque<RecordedWebhook>,
    pub(super) given: u64,
}

impl Records {
    /// The number of the next request.
    pub(super) fn next(&mut self) -> u64 {
        self.given += 1;
        self.given
    }

    pub(super) fn came(&mut self, request: RecordedRequest) {
        push(&mut self.requests, request);
    }

    /// Adds to a request what came of it, and gives it as it is then.
    pub(super) fn ended(&mut self, number: u64, change: impl FnOnce(&mut RecordedRequest)) -> Option<&RecordedRequest> {
        // The newest is the likeliest.
        let request = self.requests.iter_mut().rev().find(|request| request.number == number)?;
        change(request);
        Some(request)
    }

    pub(super) fn sent(&mut self, webhook: RecordedWebhook) {
        push(&mut self.webhooks, webhook);
    }
}

fn push<T>(list: &mut VecDeque<T>, entry: T) {
    if list.len() == KEPT {
        list.pop_front();
    }
    list.push_back(entry);
}

/// A list for a message, an entry a line.
pub(super) fn lines<T: fmt::Display>(entries: impl IntoIterator<Item = T>) -> String {
    let lines: String = entries.into_iter().map(|entry| format!("\n  {entry}")).collect();
    if lines.is_empty() { "\n  (none)".to_owned() } else { lines }
}

/// An `operationId` that somebody else may have written.
pub(super) fn name(operation: &str) -> String {
    Name(operation).to_string()
}
