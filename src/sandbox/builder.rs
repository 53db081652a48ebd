//! The settings of a sandbox, and its start: on its own thread, or in the runtime of a test with paused time.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use jiff::Timestamp;
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::clock::{Clock, is_paused};
use super::core::Core;
use super::delivery::Delivery;
use super::fault::Faults;
use super::handle::Sandbox;
use super::merchant::Merchant;
use super::rate_limit::RateLimit;
use super::record::{Hooks, RecordedRequest, RecordedWebhook, Recorder};
use super::recording::Links;
use super::server::serve;
use super::state::State;
use super::tasks::Tasks;
use crate::wire::Sensitive;

/// The settings of a sandbox. [`Sandbox::builder`] creates it.
#[derive(Clone, Debug, Default)]
#[must_use = "a sandbox does nothing until it is started"]
pub struct SandboxBuilder {
    port: u16,
    at: Option<Timestamp>,
    /// Client id and secret.
    credentials: Option<Sensitive<(String, String)>>,
    two_factor: bool,
    strict_version: bool,
    rate_limit: Option<u32>,
    seed: Option<u64>,
    schedule: Option<Vec<Duration>>,
    webhooks_to: Option<String>,
    hooks: Hooks,
}

impl Sandbox {
    /// Starts a server on a free loopback port, with its own credentials and without verifications.
    ///
    /// It runs on its own thread: one sandbox can serve tests with different runtimes, and a test that blocks does not block it. Its
    /// waits, such as those of [`Journey::every`](super::Journey::every) and of faults, are in real time.
    ///
    /// If the runtime's time is paused (`#[tokio::test(start_paused = true)]`), the sandbox runs in that runtime and uses its
    /// time. Then a wait of a day takes no real time, and the sandbox's clock follows. Pause the time before you start the
    /// sandbox.
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
    /// [`Sandbox::advance_clock`] advances it. Set [`Sandbox::clock`] on a verifier; otherwise it rejects the signatures as too old.
    pub fn at(self, instant: Timestamp) -> Self {
        Self { at: Some(instant), ..self }
    }

    /// The key pair that the server accepts. The default is random.
    pub fn credentials(self, client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        Self { credentials: Some(Sensitive::new((client_id.into(), client_secret.into()))), ..self }
    }

    /// Requires a valid `x-cf-signature` in each request, as for accounts with the two-factor method "Public Key". The sandbox
    /// generates a key pair, which takes a moment. [`Sandbox::client`] signs; other clients use [`Sandbox::two_factor_key`].
    pub fn two_factor(self, required: bool) -> Self {
        Self { two_factor: required, ..self }
    }

    /// Rejects a request whose `x-api-version` is not that of the spec. By default any date is accepted, because Cashfree serves
    /// older versions; a date other than the spec's is a problem of the [`RecordedRequest`].
    pub fn strict_version(self) -> Self {
        Self { strict_version: true, ..self }
    }

    /// Sets the URL of webhooks. Without one, no webhooks are sent; [`Sandbox::webhooks_to`] sets it later.
    pub fn webhooks_to(self, url: impl Into<String>) -> Self {
        Self { webhooks_to: Some(url.into()), ..self }
    }

    /// Limits the requests of each operation in a minute. Responses get rate-limit headers, and a request over the limit gets 429.
    pub fn rate_limit(self, per_minute: u32) -> Self {
        Self { rate_limit: Some(per_minute), ..self }
    }

    /// Sets the seed of [`Fault::rate`](super::Fault::rate). The default is random. If a test panics, the sandbox prints the seed
    /// that it used.
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Some(seed), ..self }
    }

    /// Sets the waits before a webhook is sent again because the response was not 200. Cashfree publishes no schedule for these
    /// webhooks; the default is 2, 10 and 30 minutes, as for its payments. To test repetitions, use milliseconds or paused time.
    pub fn webhook_schedule(self, waits: impl IntoIterator<Item = Duration>) -> Self {
        Self { schedule: Some(waits.into_iter().collect()), ..self }
    }

    /// Calls a function with each request, after its response or the reset of its connection. The request's `Display` is a line
    /// without customer data.
    pub fn on_request(mut self, callback: impl Fn(&RecordedRequest) + Send + Sync + 'static) -> Self {
        self.hooks.request = Some(Arc::new(callback));
        self
    }

    /// Calls a function with each delivery of a webhook, after its response or failure.
    pub fn on_webhook(mut self, callback: impl Fn(&RecordedWebhook) + Send + Sync + 'static) -> Self {
        self.hooks.webhook = Some(Arc::new(callback));
        self
    }

    /// Starts the sandbox; see [`Sandbox::start`].
    ///
    /// # Errors
    /// When the port cannot be opened or the thread not started, or the credentials are not valid header values.
    pub async fn start(self) -> io::Result<Sandbox> {
        match Handle::try_current() {
            Ok(here) if is_paused() => self.start_in(here, true, watch::Sender::new(false)),
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
    /// Those of [`start`](Self::start).
    pub fn start_blocking(self) -> io::Result<Sandbox> {
        let (ready, is_ready) = std::sync::mpsc::channel();
        let (stop, mut stopped) = watch::channel(false);
        // The runtime is created and dropped on this thread: dropping a runtime inside another one panics.
        thread::Builder::new().name("cashfree-vkyc sandbox".into()).spawn(move || {
            let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
                Ok(runtime) => runtime,
                Err(error) => return drop(ready.send(Err(error))),
            };
            let _ = ready.send(Ok(runtime.handle().clone()));
            // Ends when the sandbox is dropped, or cannot be set up. The connections end with the runtime.
            let _ = runtime.block_on(stopped.wait_for(|stopped| *stopped));
        })?;
        let runtime = is_ready.recv().map_err(io::Error::other)??;
        self.start_in(runtime, false, stop)
    }

    /// Starts the sandbox in a runtime.
    fn start_in(mut self, runtime: Handle, is_paused: bool, stop: watch::Sender<bool>) -> io::Result<Sandbox> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, self.port))?;
        listener.set_nonblocking(true)?;
        let _within = runtime.enter();
        let listener = TcpListener::from_std(listener)?;
        let tasks = Tasks::new(runtime.clone(), stop);
        let webhooks_to = self.webhooks_to.take();
        let core = self.core(listener.local_addr()?, tasks, is_paused)?;
        core.tasks.spawn(serve(listener, Arc::clone(&core)));
        let sandbox = Sandbox { core };
        webhooks_to.into_iter().for_each(|url| sandbox.webhooks_to(url));
        Ok(sandbox)
    }

    fn core(self, address: SocketAddr, tasks: Tasks, is_paused: bool) -> io::Result<Arc<Core>> {
        let pair = self.credentials.map(Sensitive::into_inner);
        let merchant = Merchant::new(pair, self.two_factor, self.strict_version).map_err(io::Error::other)?;
        let (clock, recorder) = (Arc::new(Clock::new(self.at, is_paused)), Arc::new(Recorder::new(self.hooks)));
        let (tasks, links) = (Arc::new(tasks), Links::new(&merchant.client_secret, address)?);
        let secrets = [&*merchant.client_secret, &*merchant.newer_secret];
        let delivery =
            Delivery::new(secrets, self.schedule, Arc::clone(&clock), Arc::clone(&recorder), Arc::clone(&tasks));
        Ok(Arc::new(Core {
            address,
            merchant,
            clock,
            state: Mutex::new(State::new(links, RateLimit::new(self.rate_limit))),
            faults: Mutex::new(Faults::new(self.seed.unwrap_or_else(|| fastrand::u64(..)))),
            recorder,
            delivery: Arc::new(delivery.map_err(io::Error::other)?),
            tasks,
        }))
    }
}
