//! The dance of claim, handle, done or release, so that an endpoint is a few lines.

use std::error::Error;
use std::fmt;
use std::future::Future;

use http::StatusCode;

use super::dedupe::{Claim, Dedupe, DedupeError};
use crate::model::Event;

/// What became of an event that [`handle_once`] was given, where nothing failed.
///
/// ```
/// use cashfree_vkyc::webhook::Handled;
///
/// assert_eq!(Handled::Processed(7).http_status(), http::StatusCode::OK);
/// assert_eq!(Handled::<i32>::InProgress.http_status(), http::StatusCode::SERVICE_UNAVAILABLE);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handled<T> {
    /// The handler ran and worked: what it gave.
    Processed(T),
    /// It was handled before; the handler was not run.
    Duplicate,
    /// Somebody else is handling it, or broke off without a word and its lease still lasts; the handler was not run.
    InProgress,
}

impl<T> Handled<T> {
    /// What to answer: 200, or 503 for [`Self::InProgress`], so that Cashfree sends it again should the other one fail.
    #[must_use]
    pub const fn http_status(&self) -> StatusCode {
        match self {
            Self::Processed(_) | Self::Duplicate => StatusCode::OK,
            Self::InProgress => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Why [`handle_once`] cannot say that an event was handled.
///
/// ```
/// use cashfree_vkyc::webhook::HandleOnceError;
///
/// let error = HandleOnceError::Handler("no room on the disk");
/// assert_eq!(error.http_status(), http::StatusCode::INTERNAL_SERVER_ERROR);
/// assert_eq!(error.to_string(), "the handler of the webhook failed: no room on the disk");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum HandleOnceError<E> {
    /// The handler failed, with this. Its claim was given back (where the store took that down; else it lapses), so a
    /// redelivery is handled.
    Handler(E),
    /// The store could not tell whether the event was handled before. The handler was not run.
    Store(DedupeError),
    /// The handler worked, and the store did not take that down. What the handler gave is dropped.
    ///
    /// The store holds the event for claimed, so redeliveries are answered with 503 until the lease lapses; the next one is
    /// handled a second time, then the store knows. Where that would do harm, answer this one with 200 yourself: Cashfree
    /// then sends it no more, but for deliveries that are under way.
    NotRecorded(DedupeError),
}

impl<E: fmt::Display> fmt::Display for HandleOnceError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handler(error) => write!(f, "the handler of the webhook failed: {error}"),
            Self::Store(_) => f.write_str("whether the webhook was handled before is not known: its store failed"),
            Self::NotRecorded(_) => {
                f.write_str("the webhook was handled, but its store did not take that down, so it may be handled again")
            }
        }
    }
}

impl<E: fmt::Debug + fmt::Display> Error for HandleOnceError<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Handler(_) => None,
            Self::Store(error) | Self::NotRecorded(error) => Some(&**error),
        }
    }
}

impl<E> HandleOnceError<E> {
    /// What to answer, so that Cashfree sends the event again: 500 when the handler failed, 503 when the store did.
    #[must_use]
    pub const fn http_status(&self) -> StatusCode {
        match self {
            Self::Handler(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Store(_) | Self::NotRecorded(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Handles an event unless it was handled before: claims it, runs the handler, and says to the store what came of that.
///
/// ```
/// use cashfree_vkyc::webhook::{Dedupe, Event, handle_once};
///
/// async fn keep(event: &Event) -> Result<(), std::io::Error> {
///     println!("{}", event.event_type); // into your database or queue
///     Ok(())
/// }
///
/// async fn receive(seen: &dyn Dedupe, event: &Event) -> http::StatusCode {
///     match handle_once(seen, event, keep).await {
///         Ok(handled) => handled.http_status(),
///         Err(error) => error.http_status(),
///     }
/// }
/// ```
///
/// A store is one account's: an event's key tells events apart within an account only, so with several, give each a store, or a
/// name or prefix in it, of its own.
///
/// The handler may be a closure that borrows, as in `|event| app.keep(event)`. It should be quick, since Cashfree waits for the
/// answer, and must be quicker than the store's lease. When this future is dropped half way, as servers do when a client
/// hangs up, or the handler panics, nothing is said to the store: the claim lapses, and a redelivery is handled from the
/// start. So a handler has to bear that it is run again. No async runtime is needed.
///
/// # Errors
/// When the handler fails, or the store. [`HandleOnceError::http_status`] is what to answer.
pub async fn handle_once<'e, S, F, Fut, T, E>(
    store: &S,
    event: &'e Event,
    handler: F,
) -> Result<Handled<T>, HandleOnceError<E>>
where
    S: Dedupe + ?Sized,
    F: FnOnce(&'e Event) -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    let key = event.key();
    let token = match store.claim(&key).await.map_err(HandleOnceError::Store)? {
        Claim::Acquired(token) => token,
        Claim::InProgress => return Ok(Handled::InProgress),
        Claim::Processed => return Ok(Handled::Duplicate),
    };
    match handler(event).await {
        Ok(value) => {
            store.complete(&key, token).await.map_err(HandleOnceError::NotRecorded)?;
            Ok(Handled::Processed(value))
        }
        Err(error) => {
            // What cannot be given back lapses, and the handler's error is what there is to know.
            let _ = store.release(&key, token).await;
            Err(HandleOnceError::Handler(error))
        }
    }
}
