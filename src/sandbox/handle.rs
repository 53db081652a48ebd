//! A running sandbox, as a test sees it.

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::StatusCode;
use tokio::sync::oneshot;

use super::core::Core;
use super::delivery::{http_client, post};
use super::error::SandboxError;
use super::fault::Fault;
use super::journey::Journey;
use super::lock::lock;
use super::state::{self, InsufficientBalance};
use super::verification::Verification;
use super::webhook_fault::WebhookFault;
use crate::client::{Client, Environment};
use crate::model::{Event, User, VerificationId, VideoKyc};
use crate::transport::{ConfigError, Credentials, TwoFactorKey};
use crate::webhook::{Verifier, VerifierError};

/// A running server. Dropping it stops it, and closes its connections.
///
/// Each sandbox has its own credentials, verifications and record. A process may have many.
pub struct Sandbox {
    pub(super) core: Arc<Core>,
    pub(super) _stop: Option<oneshot::Sender<Infallible>>,
}

impl Sandbox {
    /// Begins a verification: takes the first step of its journey, and sends its webhook.
    ///
    /// # Errors
    /// When the id is invalid or taken, or the lifecycle does not allow the journey.
    pub fn begin(&self, id: impl AsRef<str>, journey: Journey) -> Result<Verification, SandboxError> {
        let id = VerificationId::new(id)?;
        let number = self.core.begin(&id, journey)?;
        Ok(Verification::new(&self.core, number, id))
    }

    /// The verification with this id that was begun, or that your code initiated. `None` for one that was added by [`put`](Self::put).
    #[must_use]
    pub fn verification(&self, id: impl AsRef<str>) -> Option<Verification> {
        let id = VerificationId::new(id).ok()?;
        let number = lock(&self.core.state).with_id(&id)?.progress.as_ref()?.number;
        Some(Verification::new(&self.core, number, id))
    }

    /// Adds a verification as it is, or replaces the one with the same verification id or reference id. It has no journey.
    pub fn put(&self, verification: VideoKyc) {
        lock(&self.core.state).put(verification);
    }

    /// Adds a user as it is.
    pub fn put_user(&self, user: User) {
        lock(&self.core.state).users.push(user);
    }

    /// The sample that Cashfree publishes, to be added by [`put`](Self::put), unchanged or not.
    #[must_use]
    pub fn published_sample() -> VideoKyc {
        state::sample()
    }

    /// Sets the journey of verifications that your code initiates from now on.
    ///
    /// # Errors
    /// When the lifecycle does not allow the journey.
    pub fn set_journey(&self, journey: Journey) -> Result<(), SandboxError> {
        journey.check()?;
        lock(&self.core.state).journey = journey;
        Ok(())
    }

    /// Sets whether the wallet is empty when a verification is initiated, and the form of the response.
    pub fn set_insufficient_balance(&self, form: Option<InsufficientBalance>) {
        lock(&self.core.state).insufficient_balance = form;
    }

    /// Injects a fault, after those that were injected before.
    pub fn inject(&self, fault: Fault) {
        lock(&self.core.faults).inject(fault);
    }

    /// Sets the URL of webhooks from now on.
    pub fn webhooks_to(&self, url: impl Into<String>) {
        lock(&self.core.delivery.queue).url = Some(url.into());
    }

    /// Injects a fault of webhooks.
    pub fn inject_webhook_fault(&self, fault: WebhookFault) {
        lock(&self.core.delivery.queue).faults.push(fault);
    }

    /// Waits until each webhook was accepted, or sent as often as the schedule says.
    pub async fn wait_for_webhooks(&self) {
        self.core.delivery.finished().await;
    }

    /// Advances the sandbox's clock. It takes no steps: [`Verification::every`] uses tokio's time.
    pub fn advance_clock(&self, time: Duration) {
        self.core.clock.advance(time);
    }

    /// The sandbox's clock, for [`Verifier::clock`] and [`TwoFactorKey::with_clock`].
    pub fn clock(&self) -> impl Fn() -> SystemTime + Clone + Send + Sync + use<> {
        let clock = Arc::clone(&self.core.clock);
        move || clock.system_time()
    }

    /// Expires all links to recordings that were given until now.
    pub fn expire_recordings(&self) {
        lock(&self.core.state).links.expire();
    }

    /// Removes verifications, users, faults and the record, and stops journeys and deliveries. Credentials, clock, the URL of webhooks and
    /// their faults remain.
    pub fn reset(&self) {
        self.core.reset();
    }

    /// A verifier for the webhooks of this server, with its clock.
    ///
    /// # Errors
    /// Never in practice: the secret is not empty.
    pub fn verifier(&self) -> Result<Verifier, VerifierError> {
        Ok(Verifier::new(self.client_secret())?.clock(self.clock()))
    }

    /// Sends an event to `url`, signed as Cashfree signs it, and returns the HTTP status of the response. Unlike Cashfree, it does not
    /// repeat an event whose response was not 200.
    ///
    /// # Errors
    /// When there is no response.
    pub async fn deliver(&self, url: &str, event: &Event) -> io::Result<StatusCode> {
        let verifier = self.verifier().map_err(io::Error::other)?;
        let signed = verifier.sign(serde_json::to_vec(event)?);
        let http = http_client().map_err(io::Error::other)?;
        post(&http, url, &signed).await.map_err(|error| io::Error::other(error.without_url()))
    }

    /// The base URL of the server, for a service in another language. The paths of the spec follow it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.core.address)
    }

    /// The server as an environment for a client.
    ///
    /// # Errors
    /// Never in practice: a loopback address is allowed.
    pub fn environment(&self) -> Result<Environment, ConfigError> {
        Environment::custom(self.url())
    }

    /// The credentials that the server accepts.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.core.merchant.credentials.clone()
    }

    /// The client id that the server accepts, for a service in another language.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.core.merchant.client_id
    }

    /// The client secret. It signs the webhooks.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.core.merchant.client_secret
    }

    /// The secret of the account's newer key pair, for [`WebhookFault::newer_secret`].
    #[must_use]
    pub fn newer_secret(&self) -> &str {
        &self.core.merchant.newer_secret
    }

    /// The public key of the account, if [`SandboxBuilder::two_factor`](super::SandboxBuilder::two_factor) is on.
    #[must_use]
    pub fn two_factor_key(&self) -> Option<TwoFactorKey> {
        let key = TwoFactorKey::from_pem(self.two_factor_pem()?).ok()?;
        Some(key.with_clock(self.clock()))
    }

    /// The public key as PEM, for a service in another language.
    #[must_use]
    pub fn two_factor_pem(&self) -> Option<&str> {
        self.core.merchant.public_pem()
    }

    /// A client of this server.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn client(&self) -> Result<Client, ConfigError> {
        let builder = Client::builder().environment(self.environment()?).credentials(self.credentials());
        match self.two_factor_key() {
            Some(key) => builder.two_factor(key).build(),
            None => builder.build(),
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let seed = lock(&self.core.faults).drawn_seed().filter(|_| std::thread::panicking());
        if let Some(seed) = seed {
            eprintln!("the sandbox drew its faults from the seed {seed}; `.seed({seed})` draws them again");
        }
        self.core.tasks.stop();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("address", &self.core.address).finish_non_exhaustive()
    }
}
