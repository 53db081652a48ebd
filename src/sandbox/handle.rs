//! A running sandbox and its verifications, for tests.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::{Duration, SystemTime};

use super::core::Core;
use super::delivery::wait;
use super::error::SandboxError;
use super::fault::Fault;
use super::journey::Journey;
use super::lock::lock;
use super::state;
use super::webhook_fault::WebhookFault;
use crate::client::{Client, Environment};
use crate::model::{ReferenceId, VerificationId, VideoKyc};
use crate::transport::{ConfigError, Credentials, TwoFactorKey};
use crate::webhook::{Verifier, VerifierError};

/// A running server. Dropping it stops it, and closes its connections.
///
/// Each sandbox has its own credentials, verifications and record. A process may have many.
pub struct Sandbox {
    pub(super) core: Arc<Core>,
}

impl Sandbox {
    /// Begins a verification: takes the first step of its journey, and sends its webhook.
    ///
    /// # Errors
    /// When the id is invalid or exists, or the lifecycle does not allow the journey.
    pub fn begin(&self, id: impl AsRef<str>, journey: Journey) -> Result<Verification, SandboxError> {
        Verification::begin(&self.core, id, journey)
    }

    /// The verification with this id, if the test began it or your code initiated it. `None` for one that was added by
    /// [`put`](Self::put).
    #[must_use]
    pub fn verification(&self, id: impl AsRef<str>) -> Option<Verification> {
        Verification::find(&self.core, id)
    }

    /// Adds a verification without a journey. It replaces those with the same verification id or reference id.
    pub fn put(&self, verification: VideoKyc) {
        lock(&self.core.state).put(verification);
    }

    /// The sample that Cashfree publishes, for [`put`](Self::put).
    #[must_use]
    pub fn published_sample() -> VideoKyc {
        state::sample()
    }

    /// Sets the journey of verifications that your code initiates from now on. The default is [`Journey::completed`].
    ///
    /// # Errors
    /// When the lifecycle does not allow the journey.
    pub fn set_journey(&self, journey: Journey) -> Result<(), SandboxError> {
        journey.check()?;
        lock(&self.core.state).journey = journey;
        Ok(())
    }

    /// Injects a fault. Earlier faults take precedence.
    pub fn inject(&self, fault: Fault) {
        lock(&self.core.faults).inject(fault);
    }

    /// Sets the URL of webhooks from now on. Without one, no webhooks are sent.
    pub fn webhooks_to(&self, url: impl Into<String>) {
        lock(&self.core.delivery.queue).url = Some(url.into());
    }

    /// Injects a fault of webhooks.
    pub fn inject_webhook_fault(&self, fault: WebhookFault) {
        lock(&self.core.delivery.queue).faults.push(fault);
    }

    /// Waits until each webhook is accepted, or its schedule is over.
    pub async fn wait_for_webhooks(&self) {
        self.core.delivery.finished().await;
    }

    /// Advances the sandbox's clock. It takes no steps: [`Journey::every`] uses tokio's time.
    pub fn advance_clock(&self, time: Duration) {
        self.core.clock.advance(time);
    }

    /// The sandbox's clock, for [`Verifier::clock`] and [`TwoFactorKey::with_clock`].
    pub fn clock(&self) -> impl Fn() -> SystemTime + Clone + Send + Sync + use<> {
        let clock = Arc::clone(&self.core.clock);
        move || clock.system_time()
    }

    /// Expires all earlier links to recordings.
    pub fn expire_recordings(&self) {
        lock(&self.core.state).links.expire();
    }

    /// Removes verifications, users, faults and the record, and stops journeys and deliveries. Keeps credentials, clock, and the URL and
    /// faults of webhooks.
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
            eprintln!("the sandbox chose faults from the seed {seed}; `.seed({seed})` repeats them");
        }
        self.core.tasks.stop();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("address", &self.core.address).finish_non_exhaustive()
    }
}

/// A verification of the sandbox, with the steps of its [`Journey`](super::Journey).
///
/// [`Sandbox::begin`](super::Sandbox::begin) returns it. If your code initiated the verification,
/// [`Sandbox::verification`](super::Sandbox::verification) returns it. Clones are the same verification. The first step was taken, and
/// its webhook is being sent.
///
/// ```
/// use cashfree_vkyc::{Status, sandbox::{Journey, Sandbox}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// let vkyc = sandbox.begin("vkyc_42", Journey::completed())?;
/// assert_eq!(vkyc.state()?.status, Status::Received);
/// assert_eq!(vkyc.advance().await?.status, Status::PreVideoCall);
/// assert_eq!(vkyc.finish().await?.status, Status::Completed);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Verification {
    core: Weak<Core>,
    number: i64,
    id: VerificationId,
}

impl Verification {
    fn new(core: &Arc<Core>, number: i64, id: VerificationId) -> Self {
        Self { core: Arc::downgrade(core), number, id }
    }

    pub(super) fn begin(core: &Arc<Core>, id: impl AsRef<str>, journey: Journey) -> Result<Self, SandboxError> {
        let id = VerificationId::new(id).map_err(SandboxError::Id)?;
        let (number, _) = core.change(|state, now| {
            let outcome = state.begin(id.as_str(), journey, None, now)?;
            Ok::<_, SandboxError>((outcome.number, Some(outcome)))
        })?;
        Ok(Self::new(core, number, id))
    }

    pub(super) fn find(core: &Arc<Core>, id: impl AsRef<str>) -> Option<Self> {
        let id = VerificationId::new(id).ok()?;
        let number = lock(&core.state).with_id(id.as_str())?.progress.as_ref()?.number;
        Some(Self::new(core, number, id))
    }

    fn core(&self) -> Result<Arc<Core>, SandboxError> {
        self.core.upgrade().ok_or(SandboxError::Stopped)
    }

    /// Your id.
    #[must_use]
    pub const fn id(&self) -> &VerificationId {
        &self.id
    }

    /// The sandbox's id.
    #[must_use]
    pub const fn reference_id(&self) -> ReferenceId {
        ReferenceId(self.number)
    }

    /// The current state, as a status call shows it.
    ///
    /// # Errors
    /// When the sandbox no longer has it, or has stopped.
    pub fn state(&self) -> Result<VideoKyc, SandboxError> {
        let core = self.core()?;
        lock(&core.state).shown(self.number, core.clock.now())
    }

    /// Takes the next step, and waits for the first response to its webhook and to those before it, or for a failed delivery. A webhook
    /// that was not accepted is sent again later; [`Sandbox::wait_for_webhooks`](super::Sandbox::wait_for_webhooks) waits for that.
    ///
    /// # Errors
    /// [`SandboxError::Over`] when there is no further step. Also when the sandbox no longer has the verification, or has stopped.
    pub async fn advance(&self) -> Result<VideoKyc, SandboxError> {
        let (vkyc, delivery) = self.core()?.step(self.number)?;
        wait(delivery).await;
        Ok(vkyc)
    }

    /// Takes all remaining steps, each after the response to the previous webhook, and returns the final state.
    ///
    /// # Errors
    /// When the sandbox no longer has it, or has stopped.
    pub async fn finish(&self) -> Result<VideoKyc, SandboxError> {
        loop {
            match self.advance().await {
                Err(SandboxError::Over { .. }) => break,
                reached => reached.map(drop)?,
            }
        }
        let last = self.core()?.delivery.last(self.number);
        wait(last).await;
        self.state()
    }

    /// [`advance`](Self::advance) for tests without a runtime.
    ///
    /// # Errors
    /// Those of `advance`.
    ///
    /// # Panics
    /// Within a runtime.
    pub fn advance_blocking(&self) -> Result<VideoKyc, SandboxError> {
        self.core()?.tasks.runtime.clone().block_on(self.advance())
    }

    /// [`finish`](Self::finish) for tests without a runtime.
    ///
    /// # Errors
    /// Those of `finish`.
    ///
    /// # Panics
    /// Within a runtime.
    pub fn finish_blocking(&self) -> Result<VideoKyc, SandboxError> {
        self.core()?.tasks.runtime.clone().block_on(self.finish())
    }

    /// Replaces the recording, and so its `ETag`.
    ///
    /// # Errors
    /// When the sandbox no longer has the verification, or has stopped.
    pub fn set_recording(&self, bytes: impl Into<Vec<u8>>) -> Result<(), SandboxError> {
        lock(&self.core()?.state).set_recording(self.number, bytes.into().into())
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification").field("reference_id", &self.number).finish_non_exhaustive()
    }
}
