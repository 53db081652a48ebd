//! How a sandbox is set up and started: on a thread of its own, or within the runtime of a test whose time is paused.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::Sandbox;
use super::account::{Account, RateLimit};
use super::clock::{Clock, is_paused};
use super::fault::Faults;
use super::journey::Journey;
use super::record::{Hooks, RecordedRequest, RecordedWebhook};
use super::recording::Links;
use super::server::serve;
use super::shared::{Shared, Tasks};
use super::webhooks::{WebhookFault, WebhookForm, Webhooks};

/// How a sandbox is set up. [`Sandbox::builder`] makes it.
#[derive(Clone, Debug)]
#[must_use = "a sandbox runs once it is started"]
pub struct SandboxBuilder {
    port: u16,
    at: Option<Timestamp>,
    credentials: Option<Pair>,
    two_factor: bool,
    rate_limit: Option<u32>,
    seed: Option<u64>,
    journey: Journey,
    insufficient_balance: Option<InsufficientBalance>,
    webhooks_to: Option<String>,
    form: WebhookForm,
    schedule: Option<Vec<Duration>>,
    troubles: Vec<WebhookFault>,
    hooks: Hooks,
}

/// Client id and secret.
#[derive(Clone)]
struct Pair(String, String);

impl std::fmt::Debug for Pair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// How an empty wallet shows when a verification is initiated. Cashfree documents both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InsufficientBalance {
    /// HTTP 422, and there is no verification.
    AsError,
    /// HTTP 200, and a verification that is `REJECTED / INSUFFICIENT_BALANCE`.
    AsState,
}

impl SandboxBuilder {
    pub(super) fn new() -> Self {
        Self {
            port: 0,
            at: None,
            credentials: None,
            two_factor: false,
            rate_limit: None,
            seed: None,
            journey: Journey::completed(),
            insufficient_balance: None,
            webhooks_to: None,
            form: WebhookForm::default(),
            schedule: None,
            troubles: Vec::new(),
            hooks: Hooks::default(),
        }
    }

    /// The port to listen on. The default is one that is free.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Stops the sandbox's clock at an instant, so that times in answers, webhooks and links are the same in every run. Move it by
    /// [`Sandbox::advance_clock`]; give it to others by [`Sandbox::clock`]: to whom the time is another, signatures look stale.
    pub fn at(mut self, instant: Timestamp) -> Self {
        self.at = Some(instant);
        self
    }

    /// The key pair that the server accepts. The default is one that no other sandbox has.
    pub fn credentials(mut self, client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        self.credentials = Some(Pair(client_id.into(), client_secret.into()));
        self
    }

    /// Whether each request must have a valid `x-cf-signature`, as for accounts with the two-factor method "Public Key". The sandbox
    /// makes a key pair for it, which takes a moment; [`Sandbox::client`] signs, and [`Sandbox::two_factor_key`] is for others.
    pub fn two_factor(mut self, due: bool) -> Self {
        self.two_factor = due;
        self
    }

    /// How many requests of an operation are let through in a minute. Answers then have rate-limit headers, and what is too much is
    /// a 429.
    pub fn rate_limit(mut self, per_minute: u32) -> Self {
        self.rate_limit = Some(per_minute);
        self
    }

    /// What [`Fault::rate`](super::Fault::rate) draws from. The default is another in every run; a sandbox that is dropped by a panic
    /// prints it when chance had a part.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// What happens to verifications that your code initiates. The default is [`Journey::completed`].
    pub fn journey(mut self, journey: Journey) -> Self {
        self.journey = journey;
        self
    }

    /// The wallet is empty when a verification is initiated.
    pub fn insufficient_balance(mut self, form: InsufficientBalance) -> Self {
        self.insufficient_balance = Some(form);
        self
    }

    /// Where webhooks are sent. Without it none are; [`Sandbox::webhooks_to`] sets it later.
    pub fn webhooks_to(mut self, url: impl Into<String>) -> Self {
        self.webhooks_to = Some(url.into());
        self
    }

    /// The form of their payload.
    pub fn webhook_form(mut self, form: WebhookForm) -> Self {
        self.form = form;
        self
    }

    /// How long to wait before each further delivery of a webhook that was not answered with 200. Cashfree publishes no schedule for
    /// these; the default is 2, 10 and 30 minutes, as for its payments. Tests of repeats want milliseconds, or paused time.
    pub fn webhook_schedule(mut self, waits: impl IntoIterator<Item = Duration>) -> Self {
        self.schedule = Some(waits.into_iter().collect());
        self
    }

    /// Something goes wrong with webhooks. Call it once for each.
    pub fn webhook_trouble(mut self, trouble: WebhookFault) -> Self {
        self.troubles.push(trouble);
        self
    }

    /// Is told of each request when it is answered, or its connection reset. `Display` of it is a line without anything of a customer.
    pub fn on_request(mut self, told: impl Fn(&RecordedRequest) + Send + Sync + 'static) -> Self {
        self.hooks.request = Some(Arc::new(told));
        self
    }

    /// Is told of each delivery of a webhook when it is answered, or fails.
    pub fn on_webhook(mut self, told: impl Fn(&RecordedWebhook) + Send + Sync + 'static) -> Self {
        self.hooks.webhook = Some(Arc::new(told));
        self
    }

    /// Starts the sandbox; see [`Sandbox::start`].
    ///
    /// # Errors
    /// When the port cannot be opened or no thread started, the credentials are no header values, or the journey is not allowed.
    pub async fn start(self) -> io::Result<Sandbox> {
        match Handle::try_current() {
            Ok(here) if is_paused() => self.start_within(here),
            _ => self.start_blocking(),
        }
    }

    /// Starts the sandbox on a thread of its own; no runtime is needed.
    ///
    /// ```
    /// use cashfree_vkyc::{Status, sandbox::{Journey, Sandbox}};
    ///
    /// let sandbox = Sandbox::builder().start_blocking()?;
    /// let vkyc = sandbox.begin("vkyc_42", Journey::link_expired())?;
    /// assert_eq!(vkyc.finish_blocking()?.status, Status::Expired);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// As those of [`start`](Self::start).
    pub fn start_blocking(self) -> io::Result<Sandbox> {
        let (ready, is_ready) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel::<Infallible>();
        // The runtime is made and dropped there: within another, whoever drops one panics.
        thread::Builder::new().name("cashfree-vkyc sandbox".into()).spawn(move || {
            let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(ready.send(Err(error))),
            };
            let _ = ready.send(Ok(runtime.handle().clone()));
            // Ends when the sandbox is dropped, or could not be set up; and with the runtime end all connections.
            let _ = runtime.block_on(stopped);
        })?;
        let runtime = is_ready.recv().map_err(io::Error::other)??;
        let (shared, listener) = self.set_up(runtime.clone(), false)?;
        let _within = runtime.enter();
        shared.tasks.spawn_serving(serve(TcpListener::from_std(listener)?, Arc::clone(&shared)));
        Ok(Sandbox { shared, _stop: Some(stop) })
    }

    /// Starts the sandbox in this runtime, whose time is what all its waits go by.
    fn start_within(self, here: Handle) -> io::Result<Sandbox> {
        let (shared, listener) = self.set_up(here, true)?;
        shared.tasks.spawn_serving(serve(TcpListener::from_std(listener)?, Arc::clone(&shared)));
        Ok(Sandbox { shared, _stop: None })
    }

    fn set_up(self, runtime: Handle, paused: bool) -> io::Result<(Arc<Shared>, std::net::TcpListener)> {
        self.journey.check().map_err(io::Error::other)?;
        let pair = self.credentials.map(|Pair(id, secret)| (id, secret));
        let account = Account::new(pair, self.two_factor).map_err(io::Error::other)?;
        let webhooks = Webhooks::new(&account.client_secret, &account.newer_secret, self.form);
        let webhooks = webhooks.map_err(io::Error::other)?;
        *super::shared::lock(&webhooks.url) = self.webhooks_to;
        *super::shared::lock(&webhooks.troubles) = self.troubles;
        if let Some(schedule) = self.schedule {
            *super::shared::lock(&webhooks.schedule) = schedule;
        }
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let seed = self.seed.unwrap_or_else(|| fastrand::u64(..));
        let shared = Shared {
            address,
            links: Links::new(&account.client_secret, address),
            account,
            clock: Arc::new(Clock::new(self.at, paused)),
            link_age: AtomicU32::new(0),
            state: Mutex::default(),
            faults: Mutex::new(Faults::new(seed)),
            seed,
            records: Mutex::default(),
            rate_limit: Mutex::new(RateLimit::new(self.rate_limit)),
            webhooks,
            journey: Mutex::new(self.journey),
            insufficient_balance: Mutex::new(self.insufficient_balance),
            hooks: self.hooks,
            tasks: Tasks::new(runtime),
        };
        Ok((Arc::new(shared), listener))
    }
}
