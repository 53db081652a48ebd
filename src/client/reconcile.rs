//! Writes that are never carried out twice. Cashfree has no idempotency key for them; the id that the caller chose is the key.
//!
//! ```text
//! POST ─▶ response ───────────────────────────────────────────▶ the caller
//!  ▲  └─▶ no response, a broken one, 5xx, or "exists already" ─▶ GET by the id ─▶ found: that is the response
//!  │                                                            │  ▲ └─▶ fails: ask again ─┐
//!  │                                                            │  └───────────────────────┘
//!  └── the same id once more ◀── not there, and not for a while ┘      out of time: Delivery::Unknown, and what to ask for
//! ```
//!
//! "Not there" is believed only after it held for as long as an attempt may take: a server that hung, or a gateway that gave up
//! on it, may still carry the request out. Cashfree rejects anything that arrives later, because an id can be used only once.
//! After an ambiguous send the call ends when the resource is found, when the id belongs to another customer, or with
//! [`Delivery::Unknown`]. An id is never made up.

use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::model::DocumentedError;
use crate::transport::{
    Delivery, Error, ErrorKind, Limits, Operation, Priority, Request, RequestError, Response, Transport, later,
};

/// The first wait between two status requests. It doubles up to a second.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// How a write whose outcome is unknown is reconciled.
pub(super) struct Reconciliation<T> {
    /// Asks for the resource that the write creates.
    pub(super) ask: Prepared<T>,
    /// Whether a resource that existed before the write is a response, too.
    pub(super) takes_existing: bool,
    /// Whether the resource that was found is of the same customer. `None` if the response does not say.
    pub(super) is_same: IsSame<T>,
    /// The resource that the caller should ask for, in words.
    pub(super) whom: String,
    /// The documented error that a response represents, if it is a refusal.
    pub(super) refusal: fn(&T) -> Option<&'static DocumentedError>,
}

/// Whether a resource is of the requested customer.
pub(super) type IsSame<T> = Box<dyn Fn(&T) -> Option<bool> + Send + Sync>;

/// Why it is not known whether a write was carried out.
#[derive(Clone, Copy, PartialEq)]
enum Ambiguity {
    /// Another caller created it, or an earlier attempt did.
    AlreadyExists,
    /// No usable response came: the server may still carry it out.
    NoResponse,
    /// The server accepted it, and has not finished.
    Accepted,
}

impl Ambiguity {
    /// `None` when it is certain that the write was not carried out.
    fn of(error: &Error) -> Option<Self> {
        let status = error.http_status().map_or(0, |status| status.as_u16());
        match (error.kind(), error.delivery()) {
            _ if error.is_conflict() || status == 409 => Some(Self::AlreadyExists),
            _ if error.is_surely_not_carried_out() || error.is_insufficient_balance() => None,
            (ErrorKind::Timeout, _) | (_, Delivery::Unknown) => Some(Self::NoResponse),
            (ErrorKind::Api, _) if status == 408 || status >= 500 => Some(Self::NoResponse),
            (ErrorKind::Api, _) if status < 300 => Some(Self::Accepted),
            (ErrorKind::Io | ErrorKind::Decode | ErrorKind::TooLarge | ErrorKind::Mismatch, _) => {
                Some(Self::NoResponse)
            }
            _ => None,
        }
    }
}

/// The outcome of asking.
enum Found<T> {
    Yes(Response<T>),
    No,
    /// The id belongs to another customer: sending the write again could only do harm.
    Others,
    NotKnown,
}

/// One write in progress.
struct Run<T> {
    write: Prepared<T>,
    reconciliation: Reconciliation<T>,
    deadline: Instant,
    /// How long an attempt may take, so that time is left to ask if the first one hangs.
    attempt: Duration,
    /// Whether a send may have been carried out.
    is_ambiguous: bool,
    /// How often it was sent.
    sends: u32,
}

/// Carries out `write` once.
pub(super) async fn carry_out<T>(write: Prepared<T>, reconciliation: Reconciliation<T>) -> Result<Response<T>, Error>
where
    T: DeserializeOwned + Send + 'static,
{
    let limits = &write.limits;
    limits.check_in_call_of(write.operation)?;
    let deadline = later(Instant::now(), limits.timeout);
    let attempt = limits.attempt_timeout.unwrap_or_else(|| limits.attempt_timeout().min(limits.timeout / 3));
    Run { write, reconciliation, deadline, attempt, is_ambiguous: false, sends: 0 }.run().await
}

impl<T: DeserializeOwned + Send + 'static> Run<T> {
    async fn run(mut self) -> Result<Response<T>, Error> {
        let budget = self.write.limits.retry.attempts();
        loop {
            let left = budget.saturating_sub(self.sends);
            let error = match self.write.send_until(self.deadline, self.attempt, Some(left)).await {
                Ok(response) => return self.done(response),
                Err(error) => error,
            };
            self.sends += error.attempts();
            let ambiguity = Ambiguity::of(&error);
            let Some(patience) = self.patience(ambiguity, &error) else { return Err(error.with_attempts(self.sends)) };
            self.is_ambiguous |= matches!(ambiguity, Some(Ambiguity::NoResponse | Ambiguity::Accepted));
            let error = error.with_attempts(self.sends);
            match self.find(patience).await {
                Found::Yes(response) => return self.done(response),
                Found::No | Found::Others if !self.is_ambiguous => return Err(error),
                Found::No if self.sends < budget && Instant::now() < self.deadline => {}
                Found::No | Found::Others | Found::NotKnown => return Err(error.ambiguous(&self.reconciliation.whom)),
            }
        }
    }

    /// How long "not there" has to hold before it is believed. `None` if there is nothing to ask.
    fn patience(&self, ambiguity: Option<Ambiguity>, error: &Error) -> Option<Duration> {
        match ambiguity {
            // This send was not carried out, but an earlier one may have been.
            None if self.is_ambiguous => Some(if error.is_retryable() { self.attempt } else { Duration::MAX }),
            None => None,
            Some(Ambiguity::NoResponse) => Some(self.attempt),
            Some(Ambiguity::AlreadyExists) if !self.is_ambiguous => {
                self.reconciliation.takes_existing.then_some(self.attempt)
            }
            // It is there, or will be.
            Some(Ambiguity::AlreadyExists | Ambiguity::Accepted) => Some(Duration::MAX),
        }
    }

    /// Asks until it is known whether the resource exists.
    async fn find(&self, patience: Duration) -> Found<T> {
        let (start, mut wait) = (Instant::now(), ASK_AGAIN);
        loop {
            match self.reconciliation.ask.send_until(self.deadline, self.attempt, None).await {
                Ok(found) if self.is_ours(&found) => return Found::Yes(found),
                Ok(_) => return Found::Others,
                Err(error) if error.is_not_found() && start.elapsed() >= patience => return Found::No,
                Err(error) if error.is_authentication() => return Found::NotKnown,
                Err(error) if matches!(error.kind(), ErrorKind::Config | ErrorKind::InvalidRequest) => {
                    return Found::NotKnown;
                }
                Err(_) => {}
            }
            match Instant::now().checked_add(wait).filter(|again| *again < self.deadline) {
                Some(again) => tokio::time::sleep_until(again).await,
                None => return Found::NotKnown,
            }
            wait = (wait * 2).min(Duration::from_secs(1));
        }
    }

    /// Whether the resource with the id is the requested one. One that existed before must show it; one that this call may have
    /// created must only not contradict it.
    fn is_ours(&self, found: &T) -> bool {
        let same = (self.reconciliation.is_same)(found).unwrap_or(self.is_ambiguous);
        same && !self.write.request.as_ref().is_ok_and(|request| (request.mismatch)(found).is_some())
    }

    /// The response, unless it is a refusal with a success status.
    fn done(&self, response: Response<T>) -> Result<Response<T>, Error> {
        let response = response.after_attempts(self.sends);
        match (self.reconciliation.refusal)(&response) {
            Some(documented) => Err(Error::refused(self.write.operation, response, documented)),
            None => Ok(response),
        }
    }
}

/// A request that is ready to be sent, and the limits that it is sent within.
pub(super) struct Prepared<T> {
    transport: Transport,
    pub(super) operation: &'static Operation,
    request: Result<Request<T>, RequestError>,
    pub(super) limits: Limits,
}

impl<T> Prepared<T> {
    /// A request within the limits of its client.
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
    pub(super) async fn send_until(
        &self,
        deadline: Instant,
        attempt: Duration,
        max_attempts: Option<u32>,
    ) -> Result<Response<T>, Error> {
        let mut limits = self.limits.until(deadline, attempt);
        if let Some(attempts) = max_attempts {
            limits.retry = limits.retry.max_attempts(attempts.max(1));
        }
        self.send_within(&limits, Priority::Foreground).await
    }

    pub(super) async fn send_within(&self, limits: &Limits, priority: Priority) -> Result<Response<T>, Error> {
        let request = self.request.as_ref().map_err(|error| error.in_call_of(self.operation))?;
        self.transport.send(self.operation, request, limits, priority).await
    }
}
