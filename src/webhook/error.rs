//! Why a request is not a webhook of Cashfree's, or not one that can be used.

use std::time::Duration;

use http::StatusCode;

use crate::wire::DecodeFailure;

/// Why a webhook was refused. No message shows a secret, a header's value or a part of the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// A header that every webhook has is not there.
    ///
    /// # Troubleshooting
    /// Somebody else called, or a proxy drops headers that it does not know. For accounts whose webhooks are signed within
    /// the body, see [`Verifier::accept_body_signature`](super::Verifier::accept_body_signature).
    #[error("the header {name} is missing; was this sent by Cashfree, and does a proxy drop headers?")]
    MissingHeader {
        /// The header's name, in lower case.
        name: &'static str,
    },
    /// A header cannot be read.
    ///
    /// # Troubleshooting
    /// Cashfree does not send such a header. See whether a proxy joins or rewrites headers.
    #[error("the header {name} {problem}")]
    MalformedHeader {
        /// The header's name, in lower case.
        name: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The signature is right, and older than the tolerance allows: a replay, or a late redelivery.
    ///
    /// # Troubleshooting
    /// Check this machine's clock. If redeliveries keep the time of the first delivery, widen
    /// [`Verifier::tolerance`](super::Verifier::tolerance) or switch it off, and drop duplicates by
    /// [`Event::key`](super::Event::key).
    #[error("the webhook was signed {} s ago, more than the {} s that are tolerated; check the clock, or widen the tolerance", .age.as_secs(), .tolerance.as_secs())]
    Stale {
        /// How old the signature is.
        age: Duration,
        /// How old it may be.
        tolerance: Duration,
    },
    /// The signature is right, and its time lies further ahead than the tolerance allows.
    ///
    /// # Troubleshooting
    /// This machine's clock is slow: synchronise it.
    #[error("the webhook was signed {} s in the future, more than the {} s that are tolerated; check the clock", .ahead.as_secs(), .tolerance.as_secs())]
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
    #[error(
        "the signature does not fit; verify the body as received, with the client secret of the oldest active key pair"
    )]
    BadSignature,
    /// The body is larger than the verifier allows.
    ///
    /// # Troubleshooting
    /// An event has about a kilobyte. If Cashfree sends larger ones, raise
    /// [`Verifier::max_body_bytes`](super::Verifier::max_body_bytes).
    #[error("the body has more than the {limit} bytes that are allowed")]
    TooLarge {
        /// How many bytes are allowed.
        limit: usize,
    },
    /// The body broke off, or could not be read.
    ///
    /// # Troubleshooting
    /// The sender's connection broke; Cashfree sends the event again.
    #[error("the body could not be read to its end")]
    Unreadable,
    /// The signature is right, and the body is not JSON.
    ///
    /// # Troubleshooting
    /// The endpoint may get other webhooks of the same account;
    /// [`Verifier::verify_signature`](super::Verifier::verify_signature) checks those without reading them.
    #[error("the webhook is genuine and its body is not JSON: {detail}")]
    NotJson {
        /// Where the JSON ends or breaks.
        detail: String,
    },
    /// The signature is right, and the JSON is not an event.
    ///
    /// # Troubleshooting
    /// As for `NotJson`. If it is a Video KYC event, please report it with the field's name: the spec of this crate may need
    /// an update.
    #[error("the webhook is genuine and its body is no Video KYC event: {detail}")]
    WrongShape {
        /// The field that does not fit, as in `data.reference_id`. `None` when it is not one field.
        field_path: Option<String>,
        /// What is wrong, without values.
        detail: String,
    },
}

impl WebhookError {
    /// What to answer: 401 when the sender did not prove who it is, 413 when the body is too large, 400 for the rest.
    #[must_use]
    pub const fn http_status(&self) -> StatusCode {
        match self {
            Self::MissingHeader { .. } | Self::Stale { .. } | Self::FromTheFuture { .. } | Self::BadSignature => {
                StatusCode::UNAUTHORIZED
            }
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
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
