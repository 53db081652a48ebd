//! The settings of a sandbox, and its start: on its own thread, or within the runtime of a test whose time is paused.

use std::convert::Infallible;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::clock::{Clock, is_paused};
use super::core::Core;
use super::delivery::{Delivery, Queue};
use super::fault::Faults;
use super::handle::Sandbox;
use super::journey::Journey;
use super::merchant::Merchant;
use super::rate_limit::RateLimit;
use super::record::{Hooks, RecordedRequest, RecordedWebhook, Recorder};
use super::recording::Links;
use super::server::serve;
use super::state::{InsufficientBalance, State};
use super::tasks::Tasks;
use super::webhook_fault::WebhookFault;
use crate::wire::Sensitive;

/// The settings of a sandbox. [`Sandbox::builder`] creates it.
#[derive(Clone, Debug, Default)]
#[must_use = "a sandbox runs once it is started"]
pub struct SandboxBuilder {
    port: u16,
    at: Option<Timestamp>,
    /// Client id and secret.
    credentials: Option<Sensitive<(String, String)>>,
    two_factor: bool,
    rate_limit: Option<u32>,
    seed: Option<u64>,
    journey: Option<Journey>,
    insufficient_balance: Option<InsufficientBalance>,
    webhooks_to: Option<String>,
    schedule: Option<Vec<Duration>>,
    webhook_faults: Vec<WebhookFault>,
    hooks: Hooks,
}

impl Sandbox {
    /// Starts a server on a free loopback port, without verifications and with its own credentials.
    ///
    /// It runs on its own thread, so that one sandbox can serve many tests with different runtimes, and a test that blocks does not block
    /// it. Its waits, as of [`Verification::every`](super::Verification::every) and of faults, are real time.
    ///
    /// If the runtime's time is paused (`#[tokio::test(start_paused = true)]`), the sandbox runs in that runtime and uses its time: a wait
    /// of a day costs nothing, and the sandbox's clock follows. Pause the time before you start it.
    ///
    /// # Errors
    /// When no port can be opened or no thread started.
    pub async fn start() -> io::Result<Self> {
        Self::builder().start().await
    }

    /// Starts a server on its own thread, for tests without a runtime.
    ///
    /// # Errors
    /// When no port can be opened or no thread started.
    pub fn start_blocking() -> io::Result<Self> {
        Self::builder().start_blocking()
    }

    /// A sandbox with other settings.
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }
}

impl SandboxBuilder {
    /// The port to listen on. The default is a free one.
    pub fn port(self, port: u16) -> Self {
        Self { port, ..self }
    }

    /// Sets the sandbox's clock to a fixed time, so that times in responses, webhooks and links are the same in every run.
    /// [`Sandbox::advance_clock`] advances it. Give [`Sandbox::clock`] to a verifier: for another clock, the signatures look old.
    pub fn at(self, instant: Timestamp) -> Self {
        Self { at: Some(instant), ..self }
    }

    /// The key pair that the server accepts. The default is random.
    pub fn credentials(self, client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        Self { credentials: Some(Sensitive::new((client_id.into(), client_secret.into()))), ..self }
    }

    /// Requires a valid `x-cf-signature` in each request, as for accounts with the two-factor method "Public Key". The sandbox generates
    /// a key pair, which takes a moment. [`Sandbox::client`] signs; other clients use [`Sandbox::two_factor_key`].
    pub fn two_factor(self, required: bool) -> Self {
        Self { two_factor: required, ..self }
    }

    /// The limit of requests of each operation in a minute. Responses then have rate-limit headers, and those over the limit are 429.
    pub fn rate_limit(self, per_minute: u32) -> Self {
        Self { rate_limit: Some(per_minute), ..self }
    }

    /// The seed of [`Fault::rate`](super::Fault::rate). The default is random; a sandbox that is dropped by a panic prints it if it was
    /// used.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// The journey of verifications that your code initiates. The default is [`Journey::completed`].
    pub fn journey(self, journey: Journey) -> Self {
        Self { journey: Some(journey), ..self }
    }

    /// The wallet is empty when a verification is initiated.
    pub fn insufficient_balance(self, form: InsufficientBalance) -> Self {
        Self { insufficient_balance: Some(form), ..self }
    }

    /// The URL of webhooks. Without one, no webhooks are sent; [`Sandbox::webhooks_to`] sets it later.
    pub fn webhooks_to(self, url: impl Into<String>) -> Self {
        Self { webhooks_to: Some(url.into()), ..self }
    }

    /// The waits before each further delivery of a webhook whose response was not 200. Cashfree publishes no schedule for these
    /// webhooks; the default is 2, 10 and 30 minutes, as for its payments. Tests of repeats use milliseconds, or paused time.
    pub fn webhook_schedule(self, waits: impl IntoIterator<Item = Duration>) -> Self {
        Self { schedule: Some(waits.into_iter().collect()), ..self }
    }

    /// Injects a fault of webhooks. Call it once for each.
    pub fn webhook_fault(mut self, fault: WebhookFault) -> Self {
        self.webhook_faults.push(fault);
        self
    }

    /// Calls this with each request after its response, or after its connection was reset. Its `Display` is a line without customer data.
    pub fn on_request(mut self, callback: impl Fn(&RecordedRequest) + Send + Sync + 'static) -> Self {
        self.hooks.request = Some(Arc::new(callback));
        self
    }

    /// Calls this with each delivery of a webhook after its response or failure.
    pub fn on_webhook(mut self, callback: impl Fn(&RecordedWebhook) + Send + Sync + 'static) -> Self {
        self.hooks.webhook = Some(Arc::new(callback));
        self
    }

    /// Starts the sandbox; see [`Sandbox::start`].
    ///
    /// # Errors
    /// When the port cannot be opened or the thread not started, the credentials are no header values, or the journey is not allowed.
    pub async fn start(self) -> io::Result<Sandbox> {
        match Handle::try_current() {
            Ok(here) if is_paused() => self.start_in(here, true, None),
            _ => self.start_blocking(),
        }
    }

    /// Starts the sandbox on its own thread; no runtime is needed.
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
        // The runtime is created and dropped on the thread: dropping one within another runtime panics.
        thread::Builder::new().name("cashfree-vkyc sandbox".into()).spawn(move || {
            let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(ready.send(Err(error))),
            };
            let _ = ready.send(Ok(runtime.handle().clone()));
            // Ends when the sandbox is dropped, or could not be set up. The connections end with the runtime.
            let _ = runtime.block_on(stopped);
        })?;
        let runtime = is_ready.recv().map_err(io::Error::other)??;
        self.start_in(runtime, false, Some(stop))
    }

    /// Starts the sandbox in a runtime.
    fn start_in(
        self,
        runtime: Handle,
        is_paused: bool,
        stop: Option<oneshot::Sender<Infallible>>,
    ) -> io::Result<Sandbox> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        listener.set_nonblocking(true)?;
        let _within = runtime.enter();
        let listener = TcpListener::from_std(listener)?;
        let core = self.core(&listener, runtime.clone(), is_paused)?;
        core.tasks.spawn(serve(listener, Arc::clone(&core)));
        Ok(Sandbox { core, _stop: stop })
    }

    fn core(self, listener: &TcpListener, runtime: Handle, is_paused: bool) -> io::Result<Arc<Core>> {
        let journey = self.journey.unwrap_or_else(Journey::completed);
        journey.check().map_err(io::Error::other)?;
        let pair = self.credentials.map(Sensitive::into_inner);
        let merchant = Merchant::new(pair, self.two_factor).map_err(io::Error::other)?;
        let address = listener.local_addr()?;
        let clock = Arc::new(Clock::new(self.at, is_paused));
        let recorder = Arc::new(Recorder::new(self.hooks));
        let tasks = Arc::new(Tasks::new(runtime));
        let links = Links::new(&merchant.client_secret, address);
        let state = State::new(links, RateLimit::new(self.rate_limit), journey, self.insufficient_balance);
        let queue = Queue::new(self.webhooks_to, self.schedule, self.webhook_faults);
        let secrets = [&*merchant.client_secret, &*merchant.newer_secret];
        let delivery = Delivery::new(secrets, queue, Arc::clone(&clock), Arc::clone(&recorder), Arc::clone(&tasks));
        Ok(Arc::new(Core {
            address,
            merchant,
            clock,
            state: Mutex::new(state),
            faults: Mutex::new(Faults::new(self.seed.unwrap_or_else(|| fastrand::u64(..)))),
            recorder,
            delivery: Arc::new(delivery.map_err(io::Error::other)?),
            tasks,
        }))
    }
}
