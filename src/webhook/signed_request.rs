//! Requests signed as Cashfree signs them, for tests of webhook endpoints.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};

use super::signature::{Key, SIGNATURE, TIMESTAMP, tag};
use crate::model::constants;

const VERSION: HeaderName = HeaderName::from_static(constants::HEADER_X_WEBHOOK_VERSION);
const ATTEMPT: HeaderName = HeaderName::from_static(constants::HEADER_X_WEBHOOK_ATTEMPT);

/// A signed webhook, made by [`Verifier::sign`](super::Verifier::sign).
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use cashfree_vkyc::webhook::{Verifier, WebhookError};
///
/// let verifier = Verifier::new("secret")?;
/// let late = verifier.sign("{}").at(SystemTime::now() - Duration::from_secs(3600));
/// assert!(matches!(verifier.verify(&late.headers(), late.body()), Err(WebhookError::Stale { .. })));
/// # Ok::<(), cashfree_vkyc::webhook::VerifierError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct SignedRequest {
    key: Key,
    at: SystemTime,
    attempt: u32,
    in_seconds: bool,
    body: Vec<u8>,
}

impl SignedRequest {
    pub(super) fn new(key: Key, at: SystemTime, body: Vec<u8>) -> Self {
        Self { key, at, attempt: 1, in_seconds: false, body }
    }

    /// Sets the time of the signature. A time before 1970 counts as 1970.
    pub fn at(mut self, time: SystemTime) -> Self {
        self.at = time;
        self
    }

    /// Sets the number of the delivery. The default is 1.
    pub fn attempt(mut self, attempt: u32) -> Self {
        self.attempt = attempt;
        self
    }

    /// Writes the time in seconds. The default is milliseconds.
    pub fn in_seconds(mut self) -> Self {
        self.in_seconds = true;
        self
    }

    /// Returns the headers, including the signature.
    #[must_use]
    pub fn headers(&self) -> HeaderMap {
        let since_1970 = self.at.duration_since(UNIX_EPOCH).unwrap_or_default();
        let timestamp = if self.in_seconds { u128::from(since_1970.as_secs()) } else { since_1970.as_millis() };
        let timestamp = timestamp.to_string();
        let signature = STANDARD.encode(tag(&self.key, [timestamp.as_bytes(), &self.body]));
        // Digits and base64 are always valid header values.
        let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static(""));
        HeaderMap::from_iter([
            (CONTENT_TYPE, HeaderValue::from_static("application/json")),
            (SIGNATURE, value(&signature)),
            (TIMESTAMP, value(&timestamp)),
            (VERSION, HeaderValue::from_static(constants::DEFAULT_X_WEBHOOK_VERSION)),
            (ATTEMPT, self.attempt.into()),
        ])
    }

    /// Returns the body.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest")
            .field("at", &self.at)
            .field("attempt", &self.attempt)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}
