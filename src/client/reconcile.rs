//! Writes that are never carried out twice. Cashfree knows no idempotency key for them; the id that the caller chose is the key.
//!
//! ```text
//! POST ─▶ answer ─────────────────────────────────────────────▶ the caller
//!  ▲  └─▶ no response, a broken one, 5xx, or "exists already" ─▶ GET by the id ─▶ found: that is the response
//!  │                                                            │  ▲ └─▶ fails: ask again ─┐
//!  │                                                            │  └───────────────────────┘
//!  └── the same id once more ◀── not there, and not for a while ┘      out of time: Delivery::Unknown, and whom to ask for
//! ```
//!
//! "Not there" is believed only when it held for as long as an attempt may take, since a server that hung, or a gateway that gave up
//! on it, may still carry the request out. What is later than that, Cashfree refuses: an id is good for one. Once a send is in ambiguity,
//! three things end the call: what was made is found, it is seen to be somebody else's, or the caller is told that nobody knows. No
//! id is ever made up.

use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::call::Call;
use crate::model::DocumentedError;
use crate::transport::{Delivery, Error, ErrorKind, Response, later};

/// The first wait between two questions; it doubles up to a second.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// How a write whose outcome is unknown is reconciled.
pub(super) struct Reconciliation<T> {
    /// Asks for what the write makes.
    pub(super) ask: Call<T>,
    /// Whether what was there before the write is its response, too.
    pub(super) takes_existing: bool,
    /// Whether what was found is of the same customer. `None` where the response does not say.
    pub(super) is_same: IsSame<T>,
    /// Whom the caller should ask for, in words.
    pub(super) whom: String,
    /// The documented error that a response stands for, if it is a refusal.
    pub(super) refusal: fn(&T) -> Option<&'static DocumentedError>,
}

/// Whether something is of the customer who was meant.
pub(super) type IsSame<T> = Box<dyn Fn(&T) -> Option<bool> + Send + Sync>;

/// Why it is not known whether a write was carried out.
#[derive(Clone, Copy, PartialEq)]
enum Ambiguity {
    /// Somebody else made it, or an earlier attempt did.
    AlreadyExists,
    /// No response came, or one that is none: the server may still be at it.
    NoResponse,
    /// It was taken, and is not done.
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

/// What came of asking.
enum Found<T> {
    Yes(Response<T>),
    No,
    /// Something of somebody else has the id: sent again, the write could only do harm.
    Others,
    NotKnown,
}

/// One write that is under way.
struct Run<T> {
    write: Call<T>,
    reconciliation: Reconciliation<T>,
    deadline: Instant,
    /// How long an attempt may take. Time is left to ask when the first one hangs.
    attempt: Duration,
    /// Whether a send may have been carried out.
    is_ambiguous: bool,
    /// How often it was sent.
    sends: u32,
}

/// Carries out `write`, once.
pub(super) async fn carry_out<T>(write: Call<T>, reconciliation: Reconciliation<T>) -> Result<Response<T>, Error>
where
    T: DeserializeOwned + Send + 'static,
{
    let limits = write.limits();
    limits.check_in_call_of(write.operation())?;
    let deadline = later(Instant::now(), limits.timeout);
    let attempt = limits.attempt_timeout.unwrap_or_else(|| limits.attempt_timeout().min(limits.timeout / 3));
    Run { write, reconciliation, deadline, attempt, is_ambiguous: false, sends: 0 }.run().await
}

impl<T: DeserializeOwned + Send + 'static> Run<T> {
    async fn run(mut self) -> Result<Response<T>, Error> {
        let budget = self.write.limits().retry.attempts();
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

    /// For how long "not there" has to hold before it is believed. `None` when there is nothing to ask.
    fn patience(&self, ambiguity: Option<Ambiguity>, error: &Error) -> Option<Duration> {
        match ambiguity {
            // This send was not carried out; of one before it, nobody knows.
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

    /// Asks until it is known whether what was to be made is there.
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

    /// Whether what has the id is what was to be made. What was there before must show it; what may be of this call need only not
    /// speak against it.
    fn is_ours(&self, found: &T) -> bool {
        let same = (self.reconciliation.is_same)(found).unwrap_or(self.is_ambiguous);
        same && !self.write.mismatch(found)
    }

    /// A response, unless it says under a success status what Cashfree also says as an error.
    fn done(&self, response: Response<T>) -> Result<Response<T>, Error> {
        let response = response.after_attempts(self.sends);
        match (self.reconciliation.refusal)(&response) {
            Some(documented) => Err(Error::refused(self.write.operation(), response, documented)),
            None => Ok(response),
        }
    }
}
