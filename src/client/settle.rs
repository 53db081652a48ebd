//! Writes that are never carried out twice. Cashfree knows no idempotency key for them; the id that the caller chose is the key.
//!
//! ```text
//! POST ─▶ answer ─────────────────────────────────────────────▶ the caller
//!  ▲  └─▶ no answer, a broken one, 5xx, or "exists already" ─▶ GET by the id ─▶ found: that is the answer
//!  │                                                            │  ▲ └─▶ fails: ask again ─┐
//!  │                                                            │  └───────────────────────┘
//!  └── the same id once more ◀── not there, and not for a while ┘      out of time: Delivery::Unknown, and whom to ask for
//! ```
//!
//! "Not there" is believed only after a while, since a server that hung, or a gateway that gave up on it, may still carry the
//! request out. No id is ever made up.

use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::call::Call;
use crate::model::DocumentedError;
use crate::transport::{Delivery, Error, ErrorKind, Pace, Response};

/// How long "not there" has to hold after a connection broke.
const SETTLED_AFTER: Duration = Duration::from_secs(2);

/// The first wait between two questions; it doubles up to a second.
const ASK_AGAIN: Duration = Duration::from_millis(100);

/// How a write whose outcome is unknown is settled.
pub(super) struct Settlement<T> {
    /// Asks for what the write makes.
    pub(super) ask: Call<T>,
    /// Whether what was there before the write is its answer, too.
    pub(super) takes_existing: bool,
    /// Whom the caller should ask for, in words.
    pub(super) whom: String,
    /// The documented error that an answer stands for, if it is a refusal.
    pub(super) refusal: fn(&T) -> Option<&'static DocumentedError>,
}

/// Why it is not known whether a write was carried out.
#[derive(Clone, Copy, PartialEq)]
enum Doubt {
    /// Somebody else made it, or an earlier attempt did.
    Exists,
    /// An answer came that is none, or the connection broke.
    Broken,
    /// No answer came in time: the server may still be at it.
    Hung,
}

impl Doubt {
    /// `None` when it is certain that the write was not carried out.
    fn of(error: &Error) -> Option<Self> {
        let status = error.http_status().map_or(0, |status| status.as_u16());
        match (error.kind(), error.delivery()) {
            _ if error.is_conflict() => Some(Self::Exists),
            _ if error.is_surely_not_carried_out() => None,
            (ErrorKind::Timeout, _) => Some(Self::Hung),
            (_, Delivery::Unknown) => Some(Self::Broken),
            (ErrorKind::Api, _) if status == 408 || status == 504 => Some(Self::Hung),
            // Also an error under a success status: it was taken, and is not done.
            (ErrorKind::Api, _) if !(300..500).contains(&status) => Some(Self::Broken),
            (ErrorKind::Io | ErrorKind::Decode | ErrorKind::TooLarge | ErrorKind::Mismatch, _) => Some(Self::Broken),
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

/// Carries out `write`, once.
pub(super) async fn carry_out<T>(write: Call<T>, settlement: Settlement<T>) -> Result<Response<T>, Error>
where
    T: DeserializeOwned + Send + 'static,
{
    let limits = write.limits().clone();
    limits.check_in_call_of(write.operation())?;
    let deadline = Instant::now().checked_add(limits.timeout);
    let deadline = deadline.unwrap_or_else(|| Instant::now() + Duration::from_secs(u64::from(u32::MAX)));
    // Time is left to ask when the first attempt hangs.
    let attempt = limits.attempt_timeout.unwrap_or_else(|| limits.attempt_timeout().min(limits.timeout / 3));
    let (mut sends, mut is_ours) = (0, settlement.takes_existing);
    loop {
        sends += 1;
        let error = match write.send_until(deadline, attempt, Pace::InTurn).await {
            Ok(response) => return refused(&write, response, &settlement),
            Err(error) => error,
        };
        let Some(doubt) = Doubt::of(&error).filter(|doubt| *doubt != Doubt::Exists || is_ours) else {
            return Err(error);
        };
        is_ours = true;
        match find(&write, &settlement, doubt, deadline, attempt).await {
            Found::Yes(response) => return refused(&write, response, &settlement),
            Found::No | Found::Others if doubt == Doubt::Exists => return Err(error),
            Found::No if sends < limits.retry.attempts() && Instant::now() < deadline => {}
            Found::No | Found::Others | Found::NotKnown => return Err(error.unsettled(&settlement.whom)),
        }
    }
}

/// Asks until it is known whether what was to be made is there.
async fn find<T>(
    write: &Call<T>,
    settlement: &Settlement<T>,
    doubt: Doubt,
    deadline: Instant,
    attempt: Duration,
) -> Found<T>
where
    T: DeserializeOwned + Send + 'static,
{
    let patience = if doubt == Doubt::Hung { attempt } else { SETTLED_AFTER.min(attempt) };
    let (start, mut wait) = (Instant::now(), ASK_AGAIN);
    loop {
        match settlement.ask.send_until(deadline, attempt, Pace::InTurn).await {
            Ok(found) if write.contradicts(&found) => return Found::Others,
            Ok(found) => return Found::Yes(found),
            Err(error) if error.is_not_found() => {
                if start.elapsed() >= patience {
                    return Found::No;
                }
            }
            Err(error) if error.is_retryable() || error.is_from_a_stranger() || error.kind() == ErrorKind::Mismatch => {
            }
            Err(_) => return Found::NotKnown,
        }
        match Instant::now().checked_add(wait).filter(|again| *again < deadline) {
            Some(again) => tokio::time::sleep_until(again).await,
            None => return Found::NotKnown,
        }
        wait = (wait * 2).min(Duration::from_secs(1));
    }
}

/// An answer, unless it says under a success status what Cashfree also says as an error.
fn refused<T>(write: &Call<T>, response: Response<T>, settlement: &Settlement<T>) -> Result<Response<T>, Error> {
    match (settlement.refusal)(&response) {
        Some(documented) => Err(Error::refused(write.operation(), response, documented)),
        None => Ok(response),
    }
}
