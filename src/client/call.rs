//! One call: a request that is ready to be sent, and its options.
//!
//! ```text
//! generated operation ─▶ Call ─ timeout, attempt_timeout, retry ─▶ .await ─▶ transport ─▶ Response / Error
//!                                                                     └─▶ settle: writes that must not happen twice
//! ```

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::reconcile::{self, Reconciliation};
use crate::transport::{Error, Limits, Operation, Priority, Request, RequestError, Response, RetryPolicy, Transport};

/// A call of one operation: await it, or set its options first. Every operation gives one.
///
/// It is awaited within a [tokio](https://tokio.rs) runtime whose I/O and time are enabled; outside of one it fails with
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
    transport: Transport,
    operation: &'static Operation,
    request: Result<Request<T>, RequestError>,
    /// Limits that differ from the client's.
    limits: Option<Limits>,
    priority: Priority,
    /// What to do when nobody knows whether it was carried out.
    reconciliation: Option<Box<Reconciliation<T>>>,
}

impl<T> Call<T> {
    pub(super) fn new(
        transport: &Transport,
        operation: &'static Operation,
        request: Result<Request<T>, RequestError>,
    ) -> Self {
        Self {
            transport: transport.clone(),
            operation,
            request,
            limits: None,
            priority: Priority::Foreground,
            reconciliation: None,
        }
    }

    /// How long this call may take: waiting for a slot of the rate limit, every attempt, back-off, and the last byte of the
    /// body. What makes no sense is refused when the call is awaited.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with_limits(|limits| {
            limits.timeout = timeout;
            limits.attempt_timeout = limits.attempt_timeout.map(|attempt| attempt.min(timeout));
        })
    }

    /// How long each attempt of this call may take.
    pub fn attempt_timeout(self, timeout: Duration) -> Self {
        self.with_limits(|limits| limits.attempt_timeout = Some(timeout))
    }

    /// When this call is tried again.
    pub fn retry(self, policy: RetryPolicy) -> Self {
        self.with_limits(|limits| limits.retry = policy)
    }

    /// Lets other calls go before this one.
    pub(super) fn priority(mut self, priority: Priority) -> Self {
        self.priority = priority;
        self
    }

    /// Lets a write be carried out once, whatever happens to its response.
    pub(super) fn reconcile_with(mut self, reconciliation: Reconciliation<T>) -> Self {
        self.reconciliation = Some(Box::new(reconciliation));
        self
    }

    pub(super) fn limits(&self) -> &Limits {
        self.limits.as_ref().unwrap_or_else(|| self.transport.limits())
    }

    pub(super) fn operation(&self) -> &'static Operation {
        self.operation
    }

    /// Whether a value is about something else than this call.
    pub(super) fn mismatch(&self, value: &T) -> bool {
        self.request.as_ref().is_ok_and(|request| request.is_contradicted_by(value))
    }

    fn with_limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        change(self.limits.get_or_insert_with(|| self.transport.limits().clone()));
        self
    }
}

impl<T: DeserializeOwned + Send + 'static> IntoFuture for Call<T> {
    type Output = Result<Response<T>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let mut call = self;
            match call.reconciliation.take() {
                None => call.send_with(call.limits(), call.priority).await,
                Some(reconciliation) => reconcile::carry_out(call, *reconciliation).await,
            }
        })
    }
}

impl<T: DeserializeOwned> Call<T> {
    async fn send_with(&self, limits: &Limits, priority: Priority) -> Result<Response<T>, Error> {
        let request = self.request.as_ref().map_err(|error| error.in_call_of(self.operation))?;
        self.transport.send(self.operation, request, limits, priority).await
    }

    /// Sends it as a part of a longer call, with at most so many attempts.
    pub(super) async fn send_until(
        &self,
        deadline: Instant,
        attempt: Duration,
        attempts: Option<u32>,
    ) -> Result<Response<T>, Error> {
        let mut limits = self.limits().until(deadline, attempt);
        if let Some(attempts) = attempts {
            limits.retry = limits.retry.max_attempts(attempts.max(1));
        }
        self.send_with(&limits, Priority::Foreground).await
    }
}

impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("operation", &self.operation.id).finish_non_exhaustive()
    }
}
