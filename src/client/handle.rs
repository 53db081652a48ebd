//! The client that users hold, and the calls that have a method of their own.
//!
//! A [`Client`] is cheap to clone and holds no state that two of them could share by accident: two clients with two
//! tenants' credentials never mix.

use std::fmt;

use super::call::Call;
use super::download::Downloads;
use super::operations::Operations;
use crate::model::{IntoVerificationRef, VerificationRef, VideoKyc};
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
    pub(super) operations: Operations,
    /// For recordings: what has nothing of ours to give away.
    pub(super) downloads: Downloads,
}

impl Client {
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
    pub fn status(&self, verification: impl IntoVerificationRef) -> Call<VideoKyc> {
        let request = self.operations.vkyc_get_status();
        match verification.into_ref() {
            VerificationRef::VerificationId(id) => request.verification_id(id),
            VerificationRef::ReferenceId(id) => request.reference_id(id.0),
        }
        .send()
    }

    pub(super) fn transport(&self) -> &Transport {
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
