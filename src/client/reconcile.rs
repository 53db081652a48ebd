//! Writes that are never executed twice. Cashfree has no idempotency key for them, so the caller's id is the key.
//!
//! ```text
//! POST ─▶ certain ─────────────────────────────────────▶ caller
//!  ▲  └─▶ ambiguous ─▶ GET by id, with back-off ─▶ found, same customer ─▶ caller
//!  │                                            ├─▶ another customer's ─▶ conflict
//!  └── same id again, after "not found" ◀───────┤
//!      for the default attempt timeout          └─▶ out of time ─▶ `Delivery::Unknown`, with the id to ask for
//! ```
//!
//! `decision.rs` decides; this file sends, asks and waits. The outcome of a send is certain only if Cashfree itself reports it: a
//! success that names its subject, or a documented error in Cashfree's own format. An id is never invented.

use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::decision::{Asked, Bounds, Decision, End, Next, Sent};
use crate::model::DocumentedError;
use crate::transport::{
    DEFAULT_ATTEMPT_TIMEOUT, Error, ErrorKind, Limits, Operation, Request, RequestError, Response, RetryPolicy,
    Schedule, Transport, later,
};

/// The reconciliation of a write whose outcome is unknown.
pub(super) struct Reconciliation<T> {
    /// Asks for the resource that the write creates.
    pub(super) ask: Prepared<T>,
    /// Whether a resource that existed before the write is a conflict, even the same customer's.
    pub(super) must_be_new: bool,
    /// Whether to ask before the first send.
    pub(super) asks_first: bool,
    /// Whether the resource belongs to the same customer. `None` if the response does not say.
    pub(super) is_same: IsSame<T>,
    /// The resource that the caller should ask for, in words.
    pub(super) whom: String,
    /// The message if the id belongs to another customer.
    pub(super) conflict: &'static str,
    /// Returns the documented error that a response represents, if it is a refusal.
    pub(super) refusal: fn(&T) -> Option<&'static DocumentedError>,
}

/// Whether a resource belongs to the requested customer.
pub(super) type IsSame<T> = Box<dyn Fn(&T) -> Option<bool> + Send + Sync>;

/// Returns what a failed send shows about its execution.
fn observed(error: &Error) -> Sent {
    let status = error.http_status().map_or(0, |status| status.as_u16());
    match error {
        error if error.is_surely_not_executed() => Sent::NotExecuted,
        error if error.is_conflict() || status == 409 => Sent::AlreadyExists,
        error if error.is_documented_refusal() => Sent::Refused,
        _ if (200..300).contains(&status) => Sent::Accepted,
        // Cashfree refused it with an error that the spec does not know. It would refuse it again.
        error if (400..500).contains(&status) && status != 408 && error.api().is_some() => Sent::Accepted,
        _ => Sent::NoResponse,
    }
}

/// Returns the error of a write that cannot be reconciled, for example without an id: ambiguous unless Cashfree itself reports
/// the outcome.
pub(super) fn of_unreconciled(error: Error) -> Error {
    match observed(&error) {
        Sent::NoResponse | Sent::Accepted => error.ambiguous("what it creates or changes, if you know its id"),
        _ => error,
    }
}

/// One write in progress.
struct Run<T> {
    write: Prepared<T>,
    reconciliation: Reconciliation<T>,
    start: Instant,
    deadline: Instant,
    /// The time limit of an attempt. It leaves time to ask if the first attempt hangs.
    attempt: Duration,
    decision: Decision,
    /// The success that ends the call.
    response: Option<Response<T>>,
    /// The error of the last send; before the first send, of the last question.
    error: Option<Error>,
    /// Whether a response showed that the id belongs to another customer.
    is_others: bool,
    sends: u32,
}

/// Executes `write` once.
pub(super) async fn execute<T>(write: Prepared<T>, reconciliation: Reconciliation<T>) -> Result<Response<T>, Error>
where
    T: DeserializeOwned + Send + 'static,
{
    let limits = &write.limits;
    limits.check_in_call_of(write.operation)?;
    let start = Instant::now();
    let bounds = Bounds {
        sends: limits.retry.attempts(),
        patience: limits.attempt_timeout().max(DEFAULT_ATTEMPT_TIMEOUT),
        deadline: limits.timeout,
        must_be_new: reconciliation.must_be_new,
    };
    let attempt = limits.attempt_timeout.unwrap_or_else(|| limits.attempt_timeout().min(limits.timeout / 3));
    let (deadline, decision) = (later(start, limits.timeout), Decision::new(bounds));
    let (response, error, is_others, sends) = (None, None, false, 0);
    Run { write, reconciliation, start, deadline, attempt, decision, response, error, is_others, sends }.run().await
}

impl<T: DeserializeOwned + Send + 'static> Run<T> {
    async fn run(mut self) -> Result<Response<T>, Error> {
        let question = Next::Ask { at: Duration::ZERO, in_background: false };
        let mut next = if self.reconciliation.asks_first { question } else { Next::Send };
        loop {
            next = match next {
                Next::Send => self.send().await,
                Next::Ask { at, in_background } => self.ask(at, in_background).await,
                Next::End(end) => return self.end(end),
            };
        }
    }

    async fn send(&mut self) -> Next {
        let retry = self.write.limits.retry.clone().max_attempts(self.decision.sends_left().max(1));
        let sent = self.write.send_until(self.deadline, self.attempt, retry, Schedule::Now).await;
        let (attempts, observed) = match sent {
            Ok(response) => {
                let attempts = response.attempts();
                self.is_others = (self.reconciliation.is_same)(&response) == Some(false);
                self.response = Some(response);
                (attempts, if self.is_others { Sent::Refused } else { Sent::Succeeded })
            }
            Err(error) => {
                let found = (error.attempts(), observed(&error));
                self.error = Some(error);
                found
            }
        };
        self.sends += attempts;
        self.decision.sent(self.start.elapsed(), attempts, observed)
    }

    async fn ask(&mut self, at: Duration, in_background: bool) -> Next {
        tokio::time::sleep_until(later(self.start, at)).await;
        let (ask, end) = (&self.reconciliation.ask, Some(self.deadline));
        let schedule = if in_background { Schedule::WhenFree { until: end, end } } else { Schedule::Now };
        let observed = match ask.send_until(self.deadline, self.attempt, RetryPolicy::none(), schedule).await {
            Ok(found) => {
                if self.sends == 0 {
                    self.error = None;
                }
                match (self.reconciliation.is_same)(&found) {
                    Some(false) => Asked::Others,
                    None => Asked::Unattributed,
                    Some(true) => {
                        self.response = Some(found);
                        Asked::Ours
                    }
                }
            }
            Err(error) => {
                let observed = match error.kind() {
                    _ if error.is_not_found() => Asked::NotFound,
                    _ if error.is_authentication() => Asked::Impossible,
                    ErrorKind::Config | ErrorKind::InvalidRequest => Asked::Impossible,
                    _ => Asked::Failed(error.retry_after()),
                };
                if self.sends == 0 {
                    self.error = Some(error);
                }
                observed
            }
        };
        self.is_others = observed == Asked::Others;
        self.decision.asked(self.start.elapsed(), observed)
    }

    fn end(self, end: End) -> Result<Response<T>, Error> {
        let Self { write, reconciliation, response, error, is_others, sends, .. } = self;
        let error = error.map(|error| if sends == 0 { error } else { error.with_attempts(sends) });
        match (end, response, error) {
            (End::Response, Some(response), _) => {
                let response = response.after_attempts(sends);
                match (reconciliation.refusal)(&response) {
                    Some(documented) => Err(Error::refused(write.operation, response, documented)),
                    None => Ok(response),
                }
            }
            (End::Unknown, _, Some(error)) if sends > 0 => Err(error.ambiguous(&reconciliation.whom)),
            (End::Unknown, _, Some(error)) => Err(error),
            (End::Unknown, ..) => Err(Error::unattributed(write.operation).ambiguous(&reconciliation.whom)),
            (End::Refused, _, Some(error)) if !is_others => Err(error),
            (_, _, error) => Err(Error::conflict(write.operation, reconciliation.conflict, error).with_attempts(sends)),
        }
    }
}

/// A request with the limits for sending it.
pub(super) struct Prepared<T> {
    transport: Transport,
    pub(super) operation: &'static Operation,
    request: Result<Request<T>, RequestError>,
    pub(super) limits: Limits,
}

impl<T> Prepared<T> {
    /// A request with the limits of its client.
    pub(super) fn new(
        transport: &Transport,
        operation: &'static Operation,
        request: Result<Request<T>, RequestError>,
    ) -> Self {
        Self { transport: transport.clone(), operation, request, limits: transport.limits().clone() }
    }
}

impl<T: DeserializeOwned> Prepared<T> {
    /// Sends the request as a part of a longer call.
    async fn send_until(
        &self,
        deadline: Instant,
        attempt: Duration,
        retry: RetryPolicy,
        schedule: Schedule,
    ) -> Result<Response<T>, Error> {
        let limits = Limits { retry, ..self.limits.until(deadline, attempt) };
        self.send_within(&limits, schedule).await
    }

    pub(super) async fn send_within(&self, limits: &Limits, schedule: Schedule) -> Result<Response<T>, Error> {
        let request = self.request.as_ref().map_err(|error| error.in_call_of(self.operation))?;
        self.transport.send(self.operation, request, limits, schedule).await
    }
}
