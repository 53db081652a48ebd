//! A server that answers as Cashfree documents, and whose verifications a test moves (feature `sandbox`).
//!
//! It listens on a loopback port of its own. Types, limits, header names and errors are those of the spec; the messages are ours.
//! A test begins a verification and moves it along a [`Journey`]; each step sends its webhook. Faults, trouble with webhooks,
//! recordings and the clock are there to be ordered, and what came and went can be looked back at.
//! [The guide](crate::guide::testing) shows how to test a service with it.
//!
//! ```text
//!            begin, advance, inject, pass                      requests, webhooks, assert_…
//! your test ────────────────────────────▶  Sandbox  ──────────────────────────────────────▶ your test
//!                                          ▲     │
//!                    GET, POST: your client│     │webhooks: your endpoint
//!                                          └─────┴── your service
//! ```
//!
//! ```text
//! builder ─▶ server ─▶ answer ─▶ operations ─▶ state ◀─ verification (advance, every, on_each_status)
//!                        ├ fault                 └─▶ webhooks ─▶ record ─▶ looking_back
//!                        ├ account: credentials, version, second factor, rate limit
//!                        └ recording: signed links, ranges
//! ```
//!
//! ```
//! use cashfree_vkyc::{Status, VerificationId, sandbox::{Journey, Sandbox}};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start().await?;
//! let vkyc = sandbox.begin("vkyc_42", Journey::completed())?;
//! let client = sandbox.client()?;
//! assert_eq!(client.status(VerificationId::new("vkyc_42")?).await?.status, Status::Received);
//!
//! vkyc.finish().await?;
//! assert_eq!(client.status(VerificationId::new("vkyc_42")?).await?.status, Status::Completed);
//! sandbox.assert_no_problems();
//! # Ok(())
//! # }
//! ```

mod account;
mod answer;
mod asked;
mod builder;
mod clock;
mod error;
mod fault;
mod journey;
mod looking_back;
mod operations;
mod record;
mod recording;
mod refusal;
mod server;
mod shared;
mod state;
mod steps;
mod users;
mod verification;
mod vkyc;
mod webhooks;

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use http::StatusCode;
use tokio::sync::oneshot;

use crate::client::{Client, Environment};
use crate::model::{Event, User, VerificationId, VideoKyc, constants};
use crate::transport::{ConfigError, Credentials, TwoFactorKey};
use crate::webhook::{Verifier, VerifierError};
use shared::{Shared, lock};

pub use builder::{InsufficientBalance, SandboxBuilder};
pub use error::SandboxError;
pub use fault::Fault;
pub use journey::Journey;
pub use record::{RecordedRequest, RecordedWebhook};
pub use steps::Step;
pub use verification::Verification;
pub use webhooks::{WebhookFault, WebhookForm};

/// A running server. Dropping it stops it, and closes its connections.
///
/// Each has credentials, verifications and a record of its own; there may be many in a process.
pub struct Sandbox {
    shared: Arc<Shared>,
    _stop: Option<oneshot::Sender<Infallible>>,
}

impl Sandbox {
    /// Starts a server on a free loopback port, with no verifications and with credentials of its own.
    ///
    /// It runs on a thread of its own, so that one sandbox can serve many tests, whatever runtime each of them has, and a test that
    /// blocks does not block it. Its waits, as of [`Verification::every`] and of faults, are real time.
    ///
    /// Where the runtime's time is paused (`#[tokio::test(start_paused = true)]`), it runs within that runtime instead and goes by
    /// its time: then a wait of a day costs nothing, and the sandbox's clock moves along with it. Pause the time before you start it.
    ///
    /// # Errors
    /// When no port can be opened or no thread started.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// The same for tests without a runtime: on a thread of its own, always.
    ///
    /// # Errors
    /// When no port can be opened or no thread started.
    pub fn start_blocking() -> io::Result<Self> {
        Self::builder().start_blocking()
    }

    /// A sandbox that is set up otherwise.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::new()
    }

    /// Begins a verification: it is at the first step of its journey, whose webhook is on its way.
    ///
    /// # Errors
    /// When the id is none, or is taken; or when the lifecycle does not allow the journey, with the step.
    pub fn begin(&self, id: impl AsRef<str>, journey: Journey) -> Result<Verification, SandboxError> {
        let id = VerificationId::new(id)?;
        let number = self.shared.begin(&id, journey, |_| {})?;
        Ok(Verification::new(&self.shared, number, id))
    }

    /// The verification with this id that was begun, or that your code initiated. `None` for one that was put in.
    #[must_use]
    pub fn verification(&self, id: impl AsRef<str>) -> Option<Verification> {
        let id = VerificationId::new(id).ok()?;
        let number = lock(&self.shared.state).with_id(id.as_str())?.walk.as_ref()?.number;
        Some(Verification::new(&self.shared, number, id))
    }

    /// Adds a verification as it is, or replaces the one with the same verification id or reference id. It has no journey.
    pub fn put(&self, verification: VideoKyc) {
        lock(&self.shared.state).put(verification);
    }

    /// Adds a user as it is.
    pub fn put_user(&self, user: User) {
        lock(&self.shared.state).users.push(user);
    }

    /// The sample that Cashfree publishes: a verification to put in, as it is or changed.
    #[must_use]
    pub fn published_sample() -> VideoKyc {
        sandbox_sample()
    }

    /// What happens to verifications that your code initiates from now on.
    ///
    /// # Errors
    /// When the lifecycle does not allow the journey, with the step.
    pub fn set_journey(&self, journey: Journey) -> Result<(), SandboxError> {
        journey.check()?;
        *lock(&self.shared.journey) = journey;
        Ok(())
    }

    /// Whether the wallet is empty when a verification is initiated, and how that shows.
    pub fn set_insufficient_balance(&self, form: Option<InsufficientBalance>) {
        *lock(&self.shared.insufficient_balance) = form;
    }

    /// Something goes wrong from now on, after what was injected before.
    pub fn inject(&self, fault: Fault) {
        lock(&self.shared.faults).inject(fault);
    }

    /// Where webhooks are sent from now on.
    pub fn webhooks_to(&self, url: impl Into<String>) {
        *lock(&self.shared.webhooks.url) = Some(url.into());
    }

    /// Something goes wrong with webhooks from now on.
    pub fn inject_webhook_fault(&self, trouble: WebhookFault) {
        lock(&self.shared.webhooks.troubles).push(trouble);
    }

    /// Waits until no webhook is under way: each was accepted, or sent as often as the schedule says.
    pub async fn wait_for_webhooks(&self) {
        let mut pending = self.shared.webhooks.pending.subscribe();
        let _ = pending.wait_for(|pending| *pending == 0).await;
    }

    /// Moves the sandbox's clock ahead. It drives nothing: what is driven by [`Verification::every`] goes by tokio's time.
    pub fn advance_clock(&self, time: Duration) {
        self.shared.clock.advance(time);
    }

    /// The sandbox's clock, for [`Verifier::clock`] and [`TwoFactorKey::with_clock`].
    pub fn clock(&self) -> impl Fn() -> SystemTime + Clone + Send + Sync + use<> {
        let clock = Arc::clone(&self.shared.clock);
        move || clock.system_time()
    }

    /// All links to recordings that were given until now lapse, as if an hour had passed for them alone.
    pub fn expire_recordings(&self) {
        self.shared.link_age.fetch_add(1, Ordering::Relaxed);
    }

    /// Forgets verifications, faults and the record, and ends what moves. How the sandbox was set up stays: credentials, clock, where
    /// webhooks go and what goes wrong with them.
    pub fn reset(&self) {
        self.shared.reset();
    }

    /// What verifies the webhooks of this server, by its clock.
    ///
    /// # Errors
    /// Never in practice: the secret is not empty.
    pub fn verifier(&self) -> Result<Verifier, VerifierError> {
        Ok(Verifier::new(self.client_secret())?.clock(self.clock()))
    }

    /// Sends an event to `url`, signed as Cashfree signs it, and gives the HTTP status of the response. Cashfree would repeat the
    /// event after anything but 200; this does not.
    ///
    /// # Errors
    /// When no response came.
    pub async fn deliver(&self, url: &str, event: &Event) -> io::Result<StatusCode> {
        let verifier = self.verifier().map_err(io::Error::other)?;
        let signed = verifier.sign(serde_json::to_vec(event)?);
        let http = webhooks::http_client().map_err(io::Error::other)?;
        let request = http.post(url).headers(signed.headers()).body(signed.body().to_vec()).timeout(webhooks::DELIVERY);
        let answer = request.send().await.map_err(|error| io::Error::other(error.without_url()))?;
        Ok(answer.status())
    }

    /// Where the server listens, for a service in another language. The paths of the spec come right behind it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.shared.address)
    }

    /// Where the server listens, as an environment for a client.
    ///
    /// # Errors
    /// Never in practice: a loopback address is allowed.
    pub fn environment(&self) -> Result<Environment, ConfigError> {
        Environment::custom(self.url())
    }

    /// The credentials that the server accepts.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.shared.account.credentials.clone()
    }

    /// The client id that the server accepts, for a service in another language.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.shared.account.client_id
    }

    /// The secret that belongs to it. It signs the webhooks.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.shared.account.client_secret
    }

    /// The secret of the account's newer key pair, for [`WebhookFault::newer_secret`].
    #[must_use]
    pub fn newer_secret(&self) -> &str {
        &self.shared.account.newer_secret
    }

    /// The public key of the account, where [`SandboxBuilder::two_factor`] is on.
    #[must_use]
    pub fn two_factor_key(&self) -> Option<TwoFactorKey> {
        let key = TwoFactorKey::from_pem(self.two_factor_pem()?).ok()?;
        Some(key.with_clock(self.clock()))
    }

    /// The same as PEM, for a service in another language.
    #[must_use]
    pub fn two_factor_pem(&self) -> Option<&str> {
        self.shared.account.public_pem()
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
        if std::thread::panicking() && lock(&self.shared.faults).were_drawn() {
            eprintln!("the sandbox drew its faults from the seed {0}; `.seed({0})` draws them again", self.shared.seed);
        }
        self.shared.tasks.stop();
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("address", &self.shared.address).finish_non_exhaustive()
    }
}

/// See [`Sandbox::published_sample`].
fn sandbox_sample() -> VideoKyc {
    // A test decodes it and compares; should that ever fail, an empty value is no worse than a panic.
    serde_json::from_str(constants::SAMPLE_VIDEO_KYC_PUBLISHED).unwrap_or_default()
}
