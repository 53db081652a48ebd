//! The client, and the calls that have a method of their own.
//!
//! A [`Client`] is cheap to clone and holds no state that two of them could share by accident: two clients with two
//! tenants' credentials never mix.

mod builder;
mod call;
mod download;
mod environment;
mod operations;
mod statuses;
mod watch;

use std::fmt;

pub use builder::ClientBuilder;
pub use call::Call;
pub use download::{Download, DownloadError, Progress};
pub use environment::{CustomUrl, Environment};
pub use operations::{Operations, builder::VkycGetStatus};
pub use statuses::Statuses;
pub use watch::{Changes, Intervals, Watch, WatchBuilder, WatchError, WatchErrorKind};

use crate::model::{VerificationRef, VideoKyc};
use crate::transport::Transport;

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

    /// Asks for the state of one verification, by either of its ids. Await the [`Call`] to send it.
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
    pub fn status(&self, verification: impl Into<VerificationRef>) -> Call<VideoKyc> {
        let request = self.operations.vkyc_get_status();
        match verification.into() {
            VerificationRef::VerificationId(id) => request.verification_id(id),
            VerificationRef::ReferenceId(id) => request.reference_id(id.0),
        }
        .send()
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

    fn transport(&self) -> &Transport {
        &self.operations.0
    }

    /// Every operation of the spec, also those that have no method here yet.
    #[must_use]
    pub const fn operations(&self) -> &Operations {
        &self.operations
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("transport", &self.operations.0).finish_non_exhaustive()
    }
}
