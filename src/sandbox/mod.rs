//! An in-process server that answers as Cashfree documents, for tests that need no network (feature `sandbox`).
//!
//! It listens on a loopback port of its own, checks credentials and ids, and returns the verifications that a test put in.
//! Types, limits, header names and errors are those of the spec; the messages are ours.
//!
//! ```text
//! your test ──put──▶ Sandbox ◀──HTTP── Client (environment, credentials from the sandbox)
//!     └──deliver──▶ Sandbox ──webhook──▶ your endpoint (verifier from the sandbox)
//! ```
//!
//! ```
//! use cashfree_vkyc::{Status, VerificationId, sandbox::Sandbox};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sandbox = Sandbox::start().await?;
//! let mut verification = Sandbox::published_sample();
//! verification.status = Status::VideoCall;
//! sandbox.put(verification);
//!
//! let found = sandbox.client()?.status(VerificationId::new("vkyc_verification_id")?).await?;
//! assert_eq!(found.status, Status::VideoCall);
//! # Ok(())
//! # }
//! ```

mod answer;
mod state;

use std::convert::Infallible;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::client::{Client, Environment};
use crate::model::{VideoKyc, constants};
use crate::transport::{ConfigError, Credentials};
use crate::webhook::{Event, Verifier, VerifierError};
use state::State;

/// How long to wait when no connection can be accepted.
const ACCEPT_AGAIN: Duration = Duration::from_millis(20);

/// How long the receiver of a webhook may take.
const DELIVERY: Duration = Duration::from_secs(10);

/// A running server. Dropping it stops it.
///
/// It runs on a thread of its own, so one sandbox can serve many tests, whatever runtime each of them has.
pub struct Sandbox {
    address: SocketAddr,
    credentials: Credentials,
    state: Arc<State>,
    _stop: oneshot::Sender<()>,
}

impl Sandbox {
    /// Starts a server on a free loopback port, with no verifications and with credentials of its own.
    ///
    /// # Errors
    /// When no port can be opened or no thread started.
    pub async fn start() -> io::Result<Self> {
        let credentials = Credentials::new("sandbox-client-id", "sandbox-client-secret").map_err(io::Error::other)?;
        let state = Arc::new(State {
            credentials: credentials.header_values().map_err(io::Error::other)?,
            verifications: Mutex::default(),
        });
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&state);
        thread::Builder::new().name("cashfree-vkyc sandbox".into()).spawn(move || {
            runtime.spawn(serve(listener, shared));
            // Ends when the sandbox is dropped, and with the runtime end all connections.
            let _ = runtime.block_on(stopped);
        })?;
        Ok(Self { address, credentials, state, _stop: stop })
    }

    /// Adds a verification, or replaces the one with the same verification id or reference id.
    pub fn put(&self, verification: VideoKyc) {
        let same = |a: &VideoKyc| {
            (a.verification_id.is_some() && a.verification_id == verification.verification_id)
                || (a.reference_id.is_some() && a.reference_id == verification.reference_id)
        };
        let mut verifications = self.state.verifications.lock().unwrap_or_else(PoisonError::into_inner);
        verifications.retain(|existing| !same(existing));
        verifications.push(verification);
    }

    /// The sample that Cashfree publishes: a verification to put in, as it is or changed.
    #[must_use]
    pub fn published_sample() -> VideoKyc {
        // A test decodes it and compares; should that ever fail, an empty value is no worse than a panic.
        serde_json::from_str(constants::SAMPLE_VIDEO_KYC_PUBLISHED).unwrap_or_default()
    }

    /// What verifies the webhooks of this server.
    ///
    /// # Errors
    /// Never in practice: the secret is not empty.
    pub fn verifier(&self) -> Result<Verifier, VerifierError> {
        Verifier::new(&self.credentials)
    }

    /// Sends an event to `url`, signed as Cashfree signs it, and gives the HTTP status of the answer. Cashfree would repeat the
    /// event after anything but 200; this does not.
    ///
    /// # Errors
    /// When no answer came.
    pub async fn deliver(&self, url: &str, event: &Event) -> io::Result<StatusCode> {
        let verifier = self.verifier().map_err(io::Error::other)?;
        let signed = verifier.sign(serde_json::to_vec(event)?);
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
        let http = http.map_err(io::Error::other)?;
        let request = http.post(url).headers(signed.headers()).body(signed.body().to_vec()).timeout(DELIVERY);
        let answer = request.send().await.map_err(|error| io::Error::other(error.without_url()))?;
        Ok(answer.status())
    }

    /// Where the server listens, as an environment for a client.
    ///
    /// # Errors
    /// Never in practice: a loopback address is allowed.
    pub fn environment(&self) -> Result<Environment, ConfigError> {
        Environment::custom(format!("http://{}", self.address))
    }

    /// The credentials that the server accepts.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        self.credentials.clone()
    }

    /// A client of this server.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn client(&self) -> Result<Client, ConfigError> {
        Client::builder().environment(self.environment()?).credentials(self.credentials()).build()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox").field("address", &self.address).finish_non_exhaustive()
    }
}

async fn serve(listener: std::net::TcpListener, state: Arc<State>) -> io::Result<Infallible> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        // A connection that broke before it was accepted is that client's business. Descriptors that ran out come back in
        // their own time.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(ACCEPT_AGAIN).await;
            continue;
        };
        let state = Arc::clone(&state);
        let service = service_fn(move |request: Request<Incoming>| {
            let answer = answer::answer(&state, &request);
            async move { Ok::<Response<Full<Bytes>>, Infallible>(answer) }
        });
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move { drop(connection.await) });
    }
}
