//! Why a request is not a webhook of Cashfree's, or not one that can be used.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::wire::DecodeFailure;

/// Why a webhook was refused. No message shows a secret, a header's value or a part of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebhookError {
    /// A header that every webhook has is not there.
    ///
    /// # Troubleshooting
    /// Somebody else called, or a proxy drops headers that it does not know.
    MissingHeader {
        /// The header's name, in lower case.
        name: &'static str,
    },
    /// A header cannot be read.
    ///
    /// # Troubleshooting
    /// Cashfree does not send such a header. See whether a proxy joins or rewrites headers.
    MalformedHeader {
        /// The header's name, in lower case.
        name: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The time in the headers is older than the tolerance allows: a replay, a late redelivery, or made up. The age is told
    /// before the signature is looked at, so that nobody's body is read in vain.
    ///
    /// # Troubleshooting
    /// Check this machine's clock. If redeliveries keep the time of the first delivery, widen
    /// [`Verifier::tolerance`](super::Verifier::tolerance) or switch it off, and drop duplicates by
    /// [`Event::key`](super::Event::key).
    Stale {
        /// How old the signature is.
        age: Duration,
        /// How old it may be.
        tolerance: Duration,
    },
    /// The time in the headers lies further ahead than the tolerance allows. As for `Stale`, the signature was not looked at.
    ///
    /// # Troubleshooting
    /// This machine's clock is slow: synchronise it.
    FromTheFuture {
        /// How far ahead the signature is.
        ahead: Duration,
        /// How far ahead it may be.
        tolerance: Duration,
    },
    /// The signature was not made with any of the secrets over these bytes.
    ///
    /// # Troubleshooting
    /// Hand over the body as it was received: JSON that was parsed and written again has another signature. Cashfree signs
    /// with the secret of the **oldest active** key pair of the account; during a rotation, give the verifier both.
    BadSignature,
    /// The body does not begin with `{`, so the signature does not tell who wrote what.
    ///
    /// Cashfree signs the timestamp and the body as one text, without anything between them. The first digits of a body could
    /// have been the last ones of its timestamp: `1746427759733` with `{…}` has the same signature as `17464277597` with
    /// `33{…}`. A body that begins with `{`, as all of Cashfree's do, can be cut off at one place only.
    ///
    /// # Troubleshooting
    /// Somebody moved digits, or the body is empty, or something before the verifier changed it: not even white space may stand
    /// before the `{`.
    NotAnObject,
    /// The body is larger than the verifier allows.
    ///
    /// # Troubleshooting
    /// An event has about a kilobyte. If Cashfree sends larger ones, raise
    /// [`Verifier::max_body_bytes`](super::Verifier::max_body_bytes).
    TooLarge {
        /// How many bytes are allowed.
        limit: usize,
    },
    /// The body was not there in time.
    ///
    /// # Troubleshooting
    /// Somebody stalls on purpose, or the way to the sender is slow: see
    /// [`Verifier::read_timeout`](super::Verifier::read_timeout). Cashfree sends the event again.
    TooSlow {
        /// How long it may take.
        limit: Duration,
    },
    /// The bodies that are being read exceeded their memory, and this request held the most for the longest time.
    ///
    /// # Troubleshooting
    /// Somebody stalls on purpose, with many connections: bound those of one address in the proxy. Cashfree sends the event
    /// again. The memory is `Verifier::max_buffered_bytes`, of the feature `axum`.
    TooBusy,
    /// The body broke off, or could not be read.
    ///
    /// # Troubleshooting
    /// The sender's connection broke; Cashfree sends the event again.
    Unreadable,
    /// The signature is right, and the body is not JSON.
    ///
    /// # Troubleshooting
    /// Store such bodies and report them: see [`Verifier::verify_signature`](super::Verifier::verify_signature).
    NotJson {
        /// Where the JSON ends or breaks.
        detail: String,
    },
    /// The signature is right, and the JSON is not an event.
    ///
    /// # Troubleshooting
    /// Store such bodies, and report the field's name: the spec of this crate may need an update. See
    /// [`Verifier::verify_signature`](super::Verifier::verify_signature).
    WrongShape {
        /// The field that does not fit, as in `data.reference_id`. `None` when it is not one field.
        field_path: Option<String>,
        /// What is wrong, without values.
        detail: String,
    },
    /// The signature is right, and the event is of another product of the same account. The response is 200, since another delivery
    /// would change nothing.
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
            Self::TooSlow { limit } => write!(f, "the body did not come within {limit:?}"),
            Self::TooBusy => f.write_str("too many bodies are being read; send the webhook again"),
            Self::Unreadable => f.write_str("the body could not be read to its end"),
            Self::NotJson { detail } => write!(f, "the webhook is genuine and its body is not JSON: {detail}"),
            Self::WrongShape { detail, .. } => {
                write!(f, "the webhook is genuine and its body is no Video KYC event: {detail}")
            }
            Self::OtherProduct => f.write_str("the webhook is genuine and of another product"),
        }
    }
}

impl std::error::Error for WebhookError {}

impl WebhookError {
    /// The status to answer with: 401 if the sender did not prove who it is, 413 if the body is too large, 408 if it is too slow, 503
    /// if there are too many, 200 for an event of another product, 400 for the rest.
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

/// A body that was verified and cannot be used.
impl From<DecodeFailure> for WebhookError {
    fn from(failure: DecodeFailure) -> Self {
        let DecodeFailure { is_json, field_path, detail } = failure;
        if is_json { Self::WrongShape { field_path, detail } } else { Self::NotJson { detail } }
    }
}
