//! The client, and the calls that have a method of their own.
//!
//! A [`Client`] is cheap to clone and holds no state that two of them could share by accident: two clients with two
//! tenants' credentials never mix.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

use crate::generated::operations::Operations;
use crate::generated::types::VideoKyc;
use crate::transport::Limits;
use crate::{ClientBuilder, Error, Response, RetryPolicy, Statuses, VerificationRef};

/// A client of Cashfree's Video KYC API. Make one and keep it: clones share its connections.
///
/// ```no_run
/// use cashfree_vkyc::{Client, Credentials, Environment, VerificationId};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::builder()
///     .environment(Environment::Sandbox)
///     .credentials(Credentials::from_env()?)
///     .build()?;
/// let vkyc = client.status(VerificationId::new("vkyc_42")?).await?;
/// println!("{} / {}: {}", vkyc.status, vkyc.sub_status, vkyc.lifecycle().advice());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) operations: Operations,
    /// For recordings: a client that has nothing of ours to give away.
    pub(crate) downloads: reqwest::Client,
}

impl Client {
    /// Starts the configuration of a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Asks for the state of one verification, by either of its ids. Await the request to send it.
    ///
    /// ```
    /// # use cashfree_vkyc::{ReferenceId, VerificationId, sandbox::Sandbox};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sandbox = Sandbox::start().await?;
    /// sandbox.put(Sandbox::published_sample());
    /// let client = sandbox.client()?;
    ///
    /// let by_ours = client.status(VerificationId::new("vkyc_verification_id")?).await?;
    /// let by_theirs = client.status(ReferenceId(1358)).await?;
    /// assert_eq!(by_ours.status, by_theirs.status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Awaiting it fails as [`ErrorKind`](crate::ErrorKind) lists. An unknown status, extra or missing fields are no
    /// errors.
    pub fn status(&self, verification: impl Into<VerificationRef>) -> StatusRequest {
        StatusRequest { operations: self.operations.clone(), verification: verification.into() }
    }

    /// Asks for the states of many verifications: a stream of each id with its result, as answers come.
    ///
    /// At most 8 calls are under way at a time (see [`Statuses::concurrency`]), under the client's rate limit if it has one.
    /// A failure is a result like any other and does not stop the rest. Memory does not grow with the number of ids.
    ///
    /// ```
    /// # use cashfree_vkyc::{ReferenceId, sandbox::Sandbox};
    /// use futures_util::StreamExt as _;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = Sandbox::start().await?;
    /// # sandbox.put(Sandbox::published_sample());
    /// # let client = sandbox.client()?;
    /// let mut statuses = client.statuses([ReferenceId(1358), ReferenceId(404)]);
    /// while let Some((id, result)) = statuses.next().await {
    ///     match result {
    ///         Ok(vkyc) => println!("{id}: {}", vkyc.status),
    ///         Err(error) => println!("{id}: {error}"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn statuses<I>(&self, ids: I) -> Statuses<I::IntoIter>
    where
        I: IntoIterator,
        I::Item: Into<VerificationRef>,
    {
        Statuses::new(self.clone(), ids.into_iter())
    }

    /// Every operation of the spec, also those that have no method here yet.
    #[must_use]
    pub const fn operations(&self) -> &Operations {
        &self.operations
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("transport", &self.operations.0.inner).finish_non_exhaustive()
    }
}

/// The request of [`Client::status`]: await it, or set its options first.
#[derive(Clone)]
#[must_use = "a request does nothing until it is awaited"]
pub struct StatusRequest {
    operations: Operations,
    verification: VerificationRef,
}

impl StatusRequest {
    /// How long this call may take: waiting for a slot of the rate limit, every attempt, back-off, and the last byte of the
    /// body. What makes no sense is refused when the call is awaited.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.with_limits(|limits| {
            limits.timeout = timeout;
            limits.attempt_timeout = limits.attempt_timeout.map(|attempt| attempt.min(timeout));
        })
    }

    /// Shortens the time that this call may take, where it is longer.
    pub(crate) fn at_most(self, limit: Duration) -> Self {
        self.with_limits(|limits| {
            limits.timeout = limits.timeout.min(limit);
            limits.attempt_timeout = limits.attempt_timeout.map(|attempt| attempt.min(limits.timeout));
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

    /// Waits for a slot of the client's rate limit until the deadline, or however long that takes, and uses it for the
    /// first attempt.
    pub(crate) async fn with_slot(mut self, deadline: Option<Instant>) -> Self {
        self.operations.0.inner.take_slot(deadline).await;
        self
    }

    /// Whether [`Self::with_slot`] had one in time.
    pub(crate) fn has_slot(&self) -> bool {
        self.operations.0.inner.has_slot()
    }

    fn with_limits(mut self, change: impl FnOnce(&mut Limits)) -> Self {
        self.operations.0.inner = self.operations.0.inner.with_limits(change);
        self
    }

    async fn send(self) -> Result<Response<VideoKyc>, Error> {
        let request = self.operations.vkyc_get_status();
        match self.verification {
            VerificationRef::VerificationId(id) => request.verification_id(id.as_str()),
            VerificationRef::ReferenceId(id) => request.reference_id(id.0),
        }
        .send()
        .await
    }
}

impl fmt::Debug for StatusRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusRequest").finish_non_exhaustive()
    }
}

impl IntoFuture for StatusRequest {
    type Output = Result<Response<VideoKyc>, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
