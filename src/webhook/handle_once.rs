//! Claims an event, handles it, and completes or releases the claim.

use std::error::Error;
use std::fmt;
use std::future::Future;

use http::StatusCode;

use super::dedupe::{Claim, Dedupe, DedupeError};
use crate::model::Event;

/// The result of [`handle_once`], unless something failed.
///
/// ```
/// use cashfree_vkyc::webhook::Handled;
///
/// assert_eq!(Handled::Processed(7).http_status(), http::StatusCode::OK);
/// assert_eq!(Handled::<i32>::InProgress.http_status(), http::StatusCode::SERVICE_UNAVAILABLE);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handled<T> {
    /// The handler succeeded. Contains its result.
    Processed(T),
    /// The event was handled before. The handler was not run.
    Duplicate,
    /// Another handler has the claim, or ended without completing it and its lease has not expired. The handler was not run.
    InProgress,
}

impl<T> Handled<T> {
    /// Returns the HTTP status for the response: 200, or 503 for [`Self::InProgress`], so that Cashfree sends the event again in
    /// case the other handler fails.
    #[must_use]
    pub const fn http_status(&self) -> StatusCode {
        match self {
            Self::Processed(_) | Self::Duplicate => StatusCode::OK,
            Self::InProgress => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// The reason why [`handle_once`] could not handle an event, or record that it did.
///
/// ```
/// use cashfree_vkyc::webhook::HandleOnceError;
///
/// let error = HandleOnceError::Handler("the disk is full");
/// assert_eq!(error.http_status(), http::StatusCode::INTERNAL_SERVER_ERROR);
/// assert_eq!(error.to_string(), "the handler of the webhook failed: the disk is full");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum HandleOnceError<E> {
    /// The handler failed. Its claim was released (or expires, if the store failed too), so a redelivery is handled.
    Handler(E),
    /// The store failed, so it is unknown whether the event was handled before. The handler was not run.
    Store(DedupeError),
    /// The handler succeeded, but the store did not record it. The handler's result is dropped.
    ///
    /// The claim remains until its lease expires, and redeliveries get 503. The next one is handled a second time.
    /// If that does harm, respond to this delivery with 200: Cashfree then sends no more, except deliveries that it has already sent.
    NotRecorded(DedupeError),
}

impl<E: fmt::Display> fmt::Display for HandleOnceError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Handler(error) => write!(f, "the handler of the webhook failed: {error}"),
            Self::Store(_) => f.write_str(
                "the store of handled webhooks failed, so it is unknown whether this one was handled before",
            ),
            Self::NotRecorded(_) => {
                f.write_str("the webhook was handled, but the store did not record it, so it may be handled again")
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
    /// Returns the HTTP status that makes Cashfree send the event again: 500 if the handler failed, 503 if the store did.
    #[must_use]
    pub const fn http_status(&self) -> StatusCode {
        match self {
            Self::Handler(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Store(_) | Self::NotRecorded(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Handles an event unless it was handled before: claims it, runs the handler, and completes or releases the claim.
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
/// Keys are unique within an account only. With several accounts, give each one a store, or a name or prefix within it.
///
/// The handler may be a closure that borrows, as in `|event| app.keep(event)`. Keep it short, because Cashfree waits for the
/// response; it must be shorter than the store's lease. If the handler panics, or this future is dropped, as servers do when a
/// client disconnects, the claim expires and a redelivery is handled from the start. So the handler must tolerate being run
/// again. No async runtime is needed.
///
/// # Errors
/// If the handler or the store fails. [`HandleOnceError::http_status`] is the status to respond with.
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
            // If the release fails, the claim expires. The handler's error matters more.
            let _ = store.release(&key, token).await;
            Err(HandleOnceError::Handler(error))
        }
    }
}
