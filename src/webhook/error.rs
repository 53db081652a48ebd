//! The reasons why a request is not a webhook of Cashfree's, or not a usable one.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::wire::DecodeFailure;

/// The reason why a webhook was rejected. No message shows a secret, a header's value or a part of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookError {
    /// A header that every webhook has is missing.
    ///
    /// # Troubleshooting
    /// Another sender called, or a proxy drops headers that it does not know.
    MissingHeader {
        /// The name of the header, in lower case.
        name: &'static str,
    },
    /// A header cannot be read.
    ///
    /// # Troubleshooting
    /// Cashfree does not send such a header. Check whether a proxy joins or rewrites headers.
    MalformedHeader {
        /// The name of the header, in lower case.
        name: &'static str,
        /// The problem, in words.
        problem: &'static str,
    },
    /// The time in the headers is older than the tolerance: a replay, a late redelivery, or a forgery. It is checked before the
    /// signature, so that the body of an old request need not be read.
    ///
    /// # Troubleshooting
    /// Check this machine's clock. If redeliveries keep the time of the first delivery, widen
    /// [`Verifier::tolerance`](super::Verifier::tolerance) or switch it off, and drop duplicates by
    /// [`Event::key`](super::Event::key).
    Stale {
        /// The age of the signature.
        age: Duration,
        /// The maximum age.
        tolerance: Duration,
    },
    /// The time in the headers is further ahead than the tolerance. The signature was not checked.
    ///
    /// # Troubleshooting
    /// This machine's clock is slow: synchronise it.
    FromTheFuture {
        /// The time by which the signature is ahead.
        ahead: Duration,
        /// The maximum.
        tolerance: Duration,
    },
    /// The signature was not made with any of the secrets over these bytes.
    ///
    /// # Troubleshooting
    /// Pass the body as it was received: JSON that was parsed and written again has another signature. Cashfree signs with the
    /// secret of the **oldest active** key pair of the account; during a rotation, give the verifier both secrets.
    BadSignature,
    /// The body does not begin with `{`, so the signature does not prove where the timestamp ends and the body begins.
    ///
    /// Cashfree signs the timestamp and the body as one text, without a separator. The first digits of a body could be the last
    /// digits of its timestamp: `1746427759733` with `{…}` has the same signature as `17464277597` with `33{…}`. A body that
    /// begins with `{`, as all of Cashfree's do, allows only one split.
    ///
    /// # Troubleshooting
    /// An attacker moved digits, the body is empty, or something changed it before the verifier. Even white space before the `{`
    /// is rejected.
    NotAnObject,
    /// The body is larger than the limit of the verifier.
    ///
    /// # Troubleshooting
    /// An event has about a kilobyte. If Cashfree sends larger ones, raise
    /// [`Verifier::max_body_bytes`](super::Verifier::max_body_bytes).
    TooLarge {
        /// The maximum number of bytes.
        limit: usize,
    },
    /// The body did not arrive in time.
    ///
    /// # Troubleshooting
    /// The sender stalls on purpose, or its connection is slow: see [`Verifier::read_timeout`](super::Verifier::read_timeout).
    /// Cashfree sends the event again.
    TooSlow {
        /// The maximum time.
        limit: Duration,
    },
    /// The bodies being read exceeded their memory limit, and this request had the greatest memory times age.
    ///
    /// # Troubleshooting
    /// A sender may be stalling on purpose, with many connections: limit the connections of one address in the proxy. Cashfree
    /// sends the event again. `Verifier::max_buffered_bytes` (feature `axum`) sets the memory limit.
    TooBusy,
    /// The body is incomplete, or could not be read.
    ///
    /// # Troubleshooting
    /// The connection of the sender broke; Cashfree sends the event again.
    Unreadable,
    /// The signature is valid, but the body is not JSON.
    ///
    /// # Troubleshooting
    /// Store such bodies and report them: see [`Verifier::verify_signature`](super::Verifier::verify_signature).
    NotJson {
        /// The position of the error.
        detail: String,
    },
    /// The signature is valid, but the JSON is not an event.
    ///
    /// # Troubleshooting
    /// Store such bodies, and report the name of the field: the spec of this crate may need an update. See
    /// [`Verifier::verify_signature`](super::Verifier::verify_signature).
    WrongShape {
        /// The field that cannot be decoded, as in `data.reference_id`. `None` if the error is not at a field.
        field_path: Option<String>,
        /// The problem, without values.
        detail: String,
    },
    /// The signature is valid, but the event belongs to another product of the account. The HTTP status is 200, because another
    /// delivery would change nothing.
    ///
    /// # Troubleshooting
    /// If one endpoint serves several products, verify with [`Verifier::verify_signature`](super::Verifier::verify_signature), and
    /// decode such bodies yourself.
    OtherProduct,
}

impl fmt::Display for WebhookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingHeader { name } => {
                write!(f, "the header {name} is missing; was this sent by Cashfree, and does a proxy drop headers?")
            }
            Self::MalformedHeader { name, problem } => write!(f, "the header {name} {problem}"),
            Self::Stale { age, tolerance } => {
                let (age, tolerance) = (age.as_secs(), tolerance.as_secs());
                write!(f, "the webhook says it was signed {age} s ago, more than the {tolerance} s that are tolerated; ")?;
                f.write_str("check the clock, or widen the tolerance")
            }
            Self::FromTheFuture { ahead, tolerance } => {
                let (ahead, tolerance) = (ahead.as_secs(), tolerance.as_secs());
                write!(f, "the webhook says it was signed {ahead} s in the future, more than the {tolerance} s that are ")?;
                f.write_str("tolerated; check the clock")
            }
            Self::BadSignature => f.write_str(
                "the signature does not fit; verify the body as received, with the client secret of the oldest active key \
                 pair",
            ),
            Self::NotAnObject => {
                f.write_str("the body does not begin with `{`, as Cashfree's do, so its signature proves nothing")
            }
            Self::TooLarge { limit } => write!(f, "the body has more than the {limit} bytes that are allowed"),
            Self::TooSlow { limit } => write!(f, "the body did not arrive within {limit:?}"),
            Self::TooBusy => f.write_str("too many bodies are being read; send the webhook again"),
            Self::Unreadable => f.write_str("the body could not be read to its end"),
            Self::NotJson { detail } => write!(f, "the webhook is genuine, but its body is not JSON: {detail}"),
            Self::WrongShape { detail, .. } => {
                write!(f, "the webhook is genuine, but its body is not a Video KYC event: {detail}")
            }
            Self::OtherProduct => f.write_str("the webhook is genuine, but of another product"),
        }
    }
}

impl std::error::Error for WebhookError {}

impl WebhookError {
    /// Returns the HTTP status for the response: 401 if the request is not authenticated, 413 if the body is too large, 408 if it
    /// is too slow, 503 if too many bodies are being read, 200 for an event of another product, 400 otherwise.
    #[must_use]
    pub const fn http_status(&self) -> StatusCode {
        match self {
            Self::MissingHeader { .. }
            | Self::Stale { .. }
            | Self::FromTheFuture { .. }
            | Self::BadSignature
            | Self::NotAnObject => StatusCode::UNAUTHORIZED,
            Self::TooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::TooBusy => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::OtherProduct => StatusCode::OK,
            Self::MalformedHeader { .. } | Self::Unreadable | Self::NotJson { .. } | Self::WrongShape { .. } => {
                StatusCode::BAD_REQUEST
            }
        }
    }
}

/// A verified body that cannot be used.
impl From<DecodeFailure> for WebhookError {
    fn from(failure: DecodeFailure) -> Self {
        let DecodeFailure { is_json, field_path, detail } = failure;
        if is_json { Self::WrongShape { field_path, detail } } else { Self::NotJson { detail } }
    }
}
