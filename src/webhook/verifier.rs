//! Verifies that a request is from Cashfree: the signature over timestamp and raw body, and its age.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use hmac::KeyInit as _;
use http::{HeaderMap, HeaderName};

#[cfg(feature = "axum")]
use super::body_reader::BodyReader;
use super::error::WebhookError;
use super::secrets::Secrets;
use super::signature::{self, Key, SIGNATURE, TIMESTAMP};
use super::signed_request::SignedRequest;
use super::timestamp;
use crate::model::{Event, constants};
use crate::wire::{Escaped, Unrecognized, unrecognized};

static ATTEMPT: HeaderName = HeaderName::from_static(constants::HEADER_X_WEBHOOK_ATTEMPT);
static VERSION: HeaderName = HeaderName::from_static(constants::HEADER_X_WEBHOOK_VERSION);
const DEFAULT_TOLERANCE: Duration = Duration::from_secs(5 * 60);
const DEFAULT_MAX_BODY_BYTES: usize = 256 * 1024;
const DEFAULT_READ_TIMEOUT: Duration = Duration::from_secs(10);
#[cfg(feature = "axum")]
const DEFAULT_MAX_BUFFERED_BYTES: usize = 4 * 1024 * 1024;

/// Verifies Cashfree's webhooks, then decodes them. Create one and keep it: clones share the keys.
///
/// Cashfree signs with the client secret of the **oldest active** key pair of the account, so the right secret changes when the
/// old pair is deleted. Give the verifier every active secret.
///
/// ```
/// use std::time::Duration;
/// use cashfree_vkyc::webhook::Verifier;
///
/// let verifier = Verifier::new("the-client-secret")?;
/// let rotating = Verifier::new(["the-old-secret", "the-new-secret"])?.tolerance(Duration::from_secs(60));
/// assert!(Verifier::new("").is_err());
/// # Ok::<(), cashfree_vkyc::webhook::VerifierError>(())
/// ```
#[derive(Clone)]
#[must_use = "a verifier does nothing until `verify`"]
pub struct Verifier {
    keys: Arc<[Key]>,
    /// `None` accepts any age.
    tolerance: Option<Duration>,
    clock: Arc<dyn Fn() -> SystemTime + Send + Sync>,
    max_body_bytes: usize,
    read_timeout: Duration,
    #[cfg(feature = "axum")]
    pub(super) body_reader: BodyReader,
}

/// The reason why a [`Verifier`] cannot be created.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum VerifierError {
    /// No secret was given.
    NoSecret,
    /// A secret is empty: anyone could sign with it.
    EmptySecret,
    /// A secret has white space around it, which Cashfree's secrets never have.
    WhiteSpace,
}

impl fmt::Display for VerifierError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSecret => {
                "no webhook secret was given; it is the client secret of the account's oldest active key pair"
            }
            Self::EmptySecret => "a webhook secret is empty; is the variable that holds it set?",
            Self::WhiteSpace => "a webhook secret begins or ends with white space or a line break; strip it",
        })
    }
}

impl std::error::Error for VerifierError {}

impl Verifier {
    /// Creates a verifier that accepts signatures made with any of these secrets.
    ///
    /// # Errors
    /// If there is no secret, or one is empty or has white space around it.
    pub fn new(secrets: impl Secrets) -> Result<Self, VerifierError> {
        let mut keys = Vec::new();
        let mut problem = None;
        secrets.each(&mut |secret| match secret {
            "" => problem = Some(VerifierError::EmptySecret),
            _ if secret.trim() != secret => problem = Some(VerifierError::WhiteSpace),
            // Never an error: HMAC takes keys of any length.
            _ => keys.extend(Key::new_from_slice(secret.as_bytes())),
        });
        match problem {
            Some(problem) => Err(problem),
            None if keys.is_empty() => Err(VerifierError::NoSecret),
            None => Ok(Self {
                keys: keys.into(),
                tolerance: Some(DEFAULT_TOLERANCE),
                clock: Arc::new(SystemTime::now),
                max_body_bytes: DEFAULT_MAX_BODY_BYTES,
                read_timeout: DEFAULT_READ_TIMEOUT,
                #[cfg(feature = "axum")]
                body_reader: BodyReader::new(DEFAULT_MAX_BUFFERED_BYTES),
            }),
        }
    }

    /// Sets how far the time of a signature may be from now, in both directions. The default is 5 minutes; `None` disables the
    /// check.
    ///
    /// Cashfree documents neither a window nor whether a redelivery is signed again. If redeliveries keep the time of the first
    /// delivery, they are rejected after 5 minutes: then widen this or disable it, and drop duplicates by [`Event::key`]. That
    /// also stops replays, as far back as your store remembers.
    pub fn tolerance(mut self, tolerance: impl Into<Option<Duration>>) -> Self {
        self.tolerance = tolerance.into();
        self
    }

    /// Limits the bytes of a body. The default is 256 KiB; an event has about one KiB.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// Limits how long a body may take after its head. The default is 10 seconds.
    ///
    /// `VerifiedEvent` applies it, and responds with 408. Another server reads it from [`Self::read_limit`].
    pub fn read_timeout(mut self, limit: Duration) -> Self {
        self.read_timeout = limit;
        self
    }

    /// Limits the memory of all bodies that `VerifiedEvent` is reading, for this verifier and its clones. The default is 4 MiB.
    ///
    /// It counts the received bytes, and 8 KiB for each request. Over the limit, the requests with the greatest product of memory
    /// and age get 503. That rarely hits a genuine request, because its body follows its head within milliseconds: with the
    /// default, several hundred stalled requests have to arrive in between. Cashfree sends it again.
    ///
    /// A single request may exceed the limit. Set it to many times [`Self::max_body_bytes`], and before you clone the verifier:
    /// earlier clones keep their own limit.
    #[cfg(feature = "axum")]
    pub fn max_buffered_bytes(mut self, bytes: usize) -> Self {
        self.body_reader = BodyReader::new(bytes);
        self
    }

    /// Sets the clock, for tests. The default is the system's clock.
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(now);
        self
    }

    /// Returns the maximum size of a body in bytes, for servers that read it.
    #[must_use]
    pub const fn body_limit(&self) -> usize {
        self.max_body_bytes
    }

    /// Returns the time limit of a body, for servers that read it.
    #[must_use]
    pub const fn read_limit(&self) -> Duration {
        self.read_timeout
    }

    /// Verifies a request and decodes its event. `body` must be the bytes as received.
    ///
    /// # Errors
    /// As [`WebhookError`] lists. A body that is not verified is never parsed.
    pub fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Event, WebhookError> {
        self.check_headers(headers)?.verify(body)
    }

    /// Verifies a request without decoding its body. An inbox then stores the body under [`EventKey::of`](super::EventKey::of)
    /// and decodes it later with [`Event::from_slice`], so an event that this version cannot decode is not lost.
    ///
    /// ```
    /// use cashfree_vkyc::webhook::{Event, EventKey, Verifier, WebhookError};
    ///
    /// let verifier = Verifier::new("secret")?;
    /// let request = verifier.sign(r#"{"event_type":"PAYMENT_SUCCESS_WEBHOOK","data":{"order":{}}}"#);
    /// assert!(verifier.verify_signature(&request.headers(), request.body()).is_ok());
    /// let (key, body) = (EventKey::of(request.body()), request.body().to_vec());
    /// // Into the table. In the worker:
    /// assert_eq!(Event::from_slice(&body), Err(WebhookError::OtherProduct));
    /// # Ok::<(), cashfree_vkyc::webhook::VerifierError>(())
    /// ```
    ///
    /// # Errors
    /// As [`WebhookError`] lists, except `NotJson`, `WrongShape` and `OtherProduct`. The body must begin with `{`, see
    /// [`WebhookError::NotAnObject`].
    pub fn verify_signature(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), WebhookError> {
        self.check_headers(headers)?.verify_signature(body)
    }

    /// Checks the headers before a server reads the body: the signature and the time must be present once and well-formed, and
    /// the time close enough to now.
    ///
    /// Passing proves nothing yet: anyone can invent a signature and knows the time. So apply limits while you read the body
    /// ([`Self::body_limit`], [`Self::read_limit`]), and pass it to the returned [`CheckedHeaders`]. Checking the age before the
    /// signature reveals only this machine's clock and the tolerance.
    ///
    /// # Errors
    /// `MissingHeader`, `MalformedHeader`, `Stale` and `FromTheFuture`.
    pub fn check_headers<'a>(&'a self, headers: &'a HeaderMap) -> Result<CheckedHeaders<'a>, WebhookError> {
        let (_, signature) = single(headers, SIGNATURE, constants::HEADER_X_WEBHOOK_SIGNATURE, signature::decode)?;
        let (timestamp, at) = single(headers, TIMESTAMP, constants::HEADER_X_WEBHOOK_TIMESTAMP, timestamp::read)?;
        if let Some(tolerance) = self.tolerance {
            timestamp::check_age(at, (self.clock)(), tolerance)?;
        }
        Ok(CheckedHeaders { verifier: self, headers, signature, timestamp })
    }

    /// Signs a body as Cashfree does, with the first secret and the time of this verifier's clock. For tests.
    pub fn sign(&self, body: impl Into<Vec<u8>>) -> SignedRequest {
        // `new` rejects a verifier without keys.
        let key = self.keys.first().cloned().unwrap_or_else(|| Key::new(&Default::default()));
        SignedRequest::new(key, (self.clock)(), body.into())
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Verifier");
        debug
            .field("secrets", &self.keys.len())
            .field("tolerance", &self.tolerance)
            .field("max_body_bytes", &self.max_body_bytes)
            .field("read_timeout", &self.read_timeout);
        #[cfg(feature = "axum")]
        debug.field("max_buffered_bytes", &self.body_reader);
        debug.finish_non_exhaustive()
    }
}

/// The checked headers of a request. Only its body shows whether Cashfree sent it.
///
/// [`Verifier::check_headers`](super::Verifier::check_headers) returns it, for servers that check the headers before they read a
/// body.
///
/// ```
/// use cashfree_vkyc::webhook::{Event, Verifier, WebhookError};
///
/// fn receive(
///     verifier: &Verifier,
///     headers: &http::HeaderMap,
///     read: impl FnOnce(usize) -> Vec<u8>,
/// ) -> Result<Event, WebhookError> {
///     let checked = verifier.check_headers(headers)?;
///     checked.verify(&read(verifier.body_limit()))
/// }
///
/// let verifier = Verifier::new("secret")?;
/// let old = verifier.sign("{}").at(std::time::UNIX_EPOCH).headers();
/// assert!(receive(&verifier, &old, |_| unreachable!("it is not read")).is_err());
/// # Ok::<(), cashfree_vkyc::webhook::VerifierError>(())
/// ```
#[must_use = "headers prove nothing; verify the body"]
pub struct CheckedHeaders<'a> {
    verifier: &'a Verifier,
    headers: &'a HeaderMap,
    signature: [u8; 32],
    /// The text that is signed together with the body.
    timestamp: &'a [u8],
}

impl CheckedHeaders<'_> {
    /// Verifies the body and decodes its event. `body` must be the bytes as received.
    ///
    /// # Errors
    /// As [`WebhookError`] lists, except those of headers and age.
    pub fn verify(&self, body: &[u8]) -> Result<Event, WebhookError> {
        self.check(body)?;
        let event = Event::from_slice(body);
        self.log(event.as_ref().map_or("", |event| event.event_type.as_str()));
        event
    }

    /// Verifies the body without decoding it.
    ///
    /// # Errors
    /// As [`WebhookError`] lists, except those of headers and age, `NotJson`, `WrongShape` and `OtherProduct`.
    pub fn verify_signature(&self, body: &[u8]) -> Result<(), WebhookError> {
        self.check(body)?;
        self.log("");
        Ok(())
    }

    fn check(&self, body: &[u8]) -> Result<(), WebhookError> {
        let limit = self.verifier.max_body_bytes;
        if body.len() > limit {
            return Err(WebhookError::TooLarge { limit });
        }
        // Timestamp and body are signed as one text. The timestamp consists of digits, so a text can be split in only one place
        // if the body begins with `{`.
        if body.first() != Some(&b'{') {
            return Err(WebhookError::NotAnObject);
        }
        signature::check(&self.verifier.keys, [self.timestamp, body], &self.signature)
    }

    /// Logs a delivery. Once per process, also logs that its version differs from the spec's.
    fn log(&self, event_type: &str) {
        let header = |name| self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        tracing::debug!(
            target: "cashfree_vkyc",
            { cashfree.event_type = %Escaped(event_type), cashfree.webhook.attempt = %Escaped(header(&ATTEMPT)) },
            "a webhook was verified"
        );
        let version = header(&VERSION);
        if !version.is_empty() && version != constants::DEFAULT_X_WEBHOOK_VERSION {
            unrecognized::log("webhook", [Unrecognized::value(constants::HEADER_X_WEBHOOK_VERSION)]);
        }
    }
}

impl fmt::Debug for CheckedHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedHeaders").finish_non_exhaustive()
    }
}

/// Returns the single value of a header, parsed by `read`.
fn single<'a, T>(
    headers: &'a HeaderMap,
    header: HeaderName,
    name: &'static str,
    read: fn(&[u8]) -> Result<T, &'static str>,
) -> Result<(&'a [u8], T), WebhookError> {
    let malformed = |problem| WebhookError::MalformedHeader { name, problem };
    let mut values = headers.get_all(header).iter();
    match (values.next(), values.next()) {
        (None, _) => Err(WebhookError::MissingHeader { name }),
        (Some(_), Some(_)) => Err(malformed("is present more than once")),
        (Some(value), None) => Ok((value.as_bytes(), read(value.as_bytes()).map_err(malformed)?)),
    }
}
