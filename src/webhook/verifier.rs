//! Whether a request is from Cashfree: the signature over timestamp and raw body, and how old it is.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_lc_rs::hmac;
use http::{HeaderMap, HeaderName};

use super::error::WebhookError;
use super::legacy_signature;
use super::secrets::Secrets;
use super::signature::{Keys, SIGNATURE, TIMESTAMP, decode};
use super::signed_request::SignedRequest;
use super::timestamp::{self, AgeCheck};
use crate::model::{Event, constants};
use crate::wire::DecodeFailure;

const DEFAULT_TOLERANCE: Duration = Duration::from_secs(5 * 60);
const DEFAULT_MAX_BODY_BYTES: usize = 1024 * 1024;

/// Tells Cashfree's webhooks from everybody else's, then reads them. Make one and keep it: clones share the keys.
///
/// Cashfree signs with the client secret of the **oldest active** key pair of the account, so which secret is right changes
/// on the day the old pair is deleted. Give the verifier every active secret.
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
    keys: Keys,
    age: AgeCheck,
    max_body_bytes: usize,
    legacy_signature: bool,
}

/// Why a [`Verifier`] cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifierError {
    /// No secret was given.
    #[error("no webhook secret was given; it is the client secret of the account's oldest active key pair")]
    NoSecret,
    /// A secret is empty: anybody could sign with it.
    #[error("a webhook secret is empty; is the variable that holds it set?")]
    EmptySecret,
    /// A secret has white space around it, which is no part of Cashfree's secrets.
    #[error("a webhook secret begins or ends with white space or a line break; strip it")]
    WhiteSpace,
}

impl Verifier {
    /// A verifier that accepts signatures made with any of these secrets.
    ///
    /// # Errors
    /// When there is no secret, or one is empty or has white space around it.
    pub fn new(secrets: impl Secrets) -> Result<Self, VerifierError> {
        let mut keys = Vec::new();
        let mut problem = None;
        secrets.each(&mut |secret| match secret {
            "" => problem = Some(VerifierError::EmptySecret),
            _ if secret.trim() != secret => problem = Some(VerifierError::WhiteSpace),
            _ => keys.push(hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes())),
        });
        match problem {
            Some(problem) => Err(problem),
            None if keys.is_empty() => Err(VerifierError::NoSecret),
            None => Ok(Self {
                keys: Keys::new(keys),
                age: AgeCheck { tolerance: Some(DEFAULT_TOLERANCE), clock: Arc::new(SystemTime::now) },
                max_body_bytes: DEFAULT_MAX_BODY_BYTES,
                legacy_signature: false,
            }),
        }
    }

    /// How far the time of a signature may lie from now, either way. The default is 5 minutes; `None` switches the check off.
    ///
    /// Cashfree documents neither a window nor whether a redelivery is signed anew. If yours keep the time of the first
    /// delivery, they look stale after 5 minutes: then widen this or switch it off, and drop duplicates by [`Event::key`],
    /// which stops replays as well, as far back as your store remembers.
    pub fn tolerance(mut self, tolerance: impl Into<Option<Duration>>) -> Self {
        self.age.tolerance = tolerance.into();
        self
    }

    /// The most bytes that a body may have. The default is 1 MiB; an event has about one KiB.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// What time it is. The default is the system's clock; tests give another.
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.age.clock = Arc::new(now);
        self
    }

    /// Also accepts the older signature, which stands within the body, when the signature header is not there.
    ///
    /// Weaker, and off unless you turn it on: the values are joined without a separator, so the same signature fits other
    /// splits of the same text; how nested values are joined is not documented (here: their JSON as received); the time that
    /// is checked is `event_time`; and the body has to be parsed before it is trusted. Cashfree's samples do not let us test
    /// it against a real delivery. Ask for the status before you act on such an event.
    pub fn accept_body_signature(mut self) -> Self {
        self.legacy_signature = true;
        self
    }

    /// The most bytes that a body may have, for servers that read it.
    #[must_use]
    pub const fn body_limit(&self) -> usize {
        self.max_body_bytes
    }

    /// Verifies a request and reads its event. `body` must be the bytes as they were received.
    ///
    /// # Errors
    /// As [`WebhookError`] lists. Bytes that are not verified reach no parser (but with [`Self::accept_body_signature`]).
    pub fn verify(&self, headers: &HeaderMap, body: &[u8]) -> Result<Event, WebhookError> {
        self.verify_signature(headers, body)?;
        read_event(body)
    }

    /// Verifies a request without reading its body, for the account's webhooks of other products.
    ///
    /// # Errors
    /// As [`WebhookError`] lists, but for `NotJson` and `WrongShape`.
    pub fn verify_signature(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), WebhookError> {
        if body.len() > self.max_body_bytes {
            return Err(WebhookError::TooLarge { limit: self.max_body_bytes });
        }
        let Some(stated) = self.stated(headers)? else { return legacy_signature::verify(&self.keys, &self.age, body) };
        self.keys.check(&[stated.sent, body], &stated.given)?;
        self.age.check(stated.at)
    }

    /// Refuses what its headers alone give away, before a server takes the body in.
    #[cfg(feature = "axum")]
    pub(super) fn check_headers(&self, headers: &HeaderMap) -> Result<(), WebhookError> {
        self.stated(headers).map(drop)
    }

    /// What the headers state. `None` when the signature is to be looked for in the body.
    fn stated<'a>(&self, headers: &'a HeaderMap) -> Result<Option<Stated<'a>>, WebhookError> {
        if self.legacy_signature && !headers.contains_key(SIGNATURE) {
            return Ok(None);
        }
        let given = single(headers, SIGNATURE, constants::HEADER_X_WEBHOOK_SIGNATURE)?;
        let malformed = |name, problem| WebhookError::MalformedHeader { name, problem };
        let given = decode(given).map_err(|problem| malformed(constants::HEADER_X_WEBHOOK_SIGNATURE, problem))?;
        let sent = single(headers, TIMESTAMP, constants::HEADER_X_WEBHOOK_TIMESTAMP)?;
        let at = timestamp::read(sent).map_err(|problem| malformed(constants::HEADER_X_WEBHOOK_TIMESTAMP, problem))?;
        Ok(Some(Stated { given, sent, at }))
    }

    /// Signs a body as Cashfree does, with the first secret and the time of this verifier's clock. For tests.
    pub fn sign(&self, body: impl Into<Vec<u8>>) -> SignedRequest {
        SignedRequest::new(self.keys.first(), (self.age.clock)(), body.into())
    }
}

/// What the headers of a webhook state; nothing of it is proven yet.
struct Stated<'a> {
    given: [u8; 32],
    /// The timestamp as it was sent, which is signed.
    sent: &'a [u8],
    at: SystemTime,
}

/// The one value of a header.
fn single<'a>(headers: &'a HeaderMap, header: HeaderName, name: &'static str) -> Result<&'a [u8], WebhookError> {
    let mut values = headers.get_all(header).iter();
    match (values.next(), values.next()) {
        (None, _) => Err(WebhookError::MissingHeader { name }),
        (Some(_), Some(_)) => Err(WebhookError::MalformedHeader { name, problem: "stands more than once" }),
        (Some(value), None) => Ok(value.as_bytes()),
    }
}

/// Decodes a body that was verified.
fn read_event(body: &[u8]) -> Result<Event, WebhookError> {
    match serde_json::from_slice::<Event>(body) {
        Ok(event) if !says_nothing(&event) => Ok(event),
        _ => Err(DecodeFailure::of::<Event>(body).into()),
    }
}

/// An event of no type, or about nothing.
fn says_nothing(event: &Event) -> bool {
    event.data.is_blank() && (event.event_type.is_empty() || event.data.extra.is_empty())
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("secrets", &self.keys.len())
            .field("tolerance", &self.age.tolerance)
            .field("max_body_bytes", &self.max_body_bytes)
            .field("legacy_signature", &self.legacy_signature)
            .finish_non_exhaustive()
    }
}
