//! One call: a request that is ready to be sent, and its options.
//!
//! ```text
//! generated operation ─▶ Call ─ timeout, attempt_timeout, retry ─▶ .await ─▶ transport ─▶ Response / Error
//!                                                                     └─▶ reconcile: writes that must not happen twice
//! ```

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::reconcile::{self, Prepared, Reconciliation};
use crate::transport::{Error, Operation, Request, RequestError, Response, RetryPolicy, Schedule, Transport};

/// A call of one operation. Await it, or set its options first. Every operation returns one.
///
/// Await it within a [tokio](https://tokio.rs) runtime with I/O and time enabled. Outside of one it fails with
/// [`ErrorKind::Config`](crate::ErrorKind::Config).
///
/// ```
/// # use cashfree_vkyc::{ReferenceId, RetryPolicy, sandbox::Sandbox};
/// use std::time::Duration;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let sandbox = Sandbox::start().await?;
/// # sandbox.put(Sandbox::published_sample());
/// # let client = sandbox.client()?;
/// let call = client.status(ReferenceId(1358)).timeout(Duration::from_secs(5)).retry(RetryPolicy::none());
/// let vkyc = call.await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a call does nothing until it is awaited"]
pub struct Call<T> {
    /// The request, without the options that concern the whole call.
    pub(super) prepared: Prepared<T>,
    schedule: Schedule,
    /// Present for a write that must not be executed twice.
    reconciliation: Option<Box<Reconciliation<T>>>,
}

impl<T> Call<T> {
    pub(super) fn new(
        transport: &Transport,
        operation: &'static Operation,
        request: Result<Request<T>, RequestError>,
    ) -> Self {
        let prepared = Prepared::new(transport, operation, request);
        Self { prepared, schedule: Schedule::Now, reconciliation: None }
    }

    /// Limits the time of this call: the wait for a slot of the rate limit, every attempt, back-off, and reading the body. An
    /// invalid value is an error when the call is awaited.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        let limits = &mut self.prepared.limits;
        limits.timeout = timeout;
        limits.attempt_timeout = limits.attempt_timeout.map(|attempt| attempt.min(timeout));
        self
    }

    /// Limits the time of each attempt of this call.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.prepared.limits.attempt_timeout = Some(timeout);
        self
    }

    /// Sets when this call is tried again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.prepared.limits.retry = policy;
        self
    }

    /// The `operationId` and the path of the operation, for the report of the command line.
    #[doc(hidden)]
    #[must_use]
    pub fn operation(&self) -> (&'static str, &'static str) {
        (self.prepared.operation.id, self.prepared.operation.path)
    }

    /// Sets whether other calls go before this one.
    pub(super) fn schedule(mut self, schedule: Schedule) -> Self {
        self.schedule = schedule;
        self
    }

    /// Executes a write once, even if its response is lost.
    pub(super) fn reconcile_with(mut self, reconciliation: Reconciliation<T>) -> Self {
        self.reconciliation = Some(Box::new(reconciliation));
        self
    }
}

impl<T: DeserializeOwned + Send + 'static> IntoFuture for Call<T> {
    type Output = Result<Response<T>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            match self.reconciliation {
                // Boxed, or every other call would be as large.
                Some(reconciliation) => Box::pin(reconcile::execute(self.prepared, *reconciliation)).await,
                None => {
                    let result = self.prepared.send_within(&self.prepared.limits, self.schedule).await;
                    if self.prepared.operation.idempotent { result } else { result.map_err(reconcile::of_unreconciled) }
                }
            }
        })
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("operation", &self.prepared.operation.id).finish_non_exhaustive()
    }
}
