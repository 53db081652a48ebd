//! What the headers of a webhook give away alone, before a byte of its body is read; and the body by what they state.

use std::fmt;
use std::time::SystemTime;

use http::{HeaderMap, HeaderName};

use super::error::WebhookError;
use super::legacy_signature;
use super::signature::{Keys, SIGNATURE, TIMESTAMP, decode};
use super::timestamp::{self, AgeCheck};
use crate::model::{Event, constants};
use crate::wire::DecodeFailure;

/// The headers of a request, which could be Cashfree's: whether they are is told by the body.
///
/// [`Verifier::check_headers`](super::Verifier::check_headers) makes it, for servers that read a body only from who could
/// have signed it.
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
    keys: &'a Keys,
    age: &'a AgeCheck,
    max_body_bytes: usize,
    /// Whether events of other products pass.
    other_events: bool,
    /// `None` when the signature is to be looked for in the body.
    stated: Option<Stated<'a>>,
}

/// A signature and the timestamp that it covers, as they were sent; nothing of it is proven yet.
struct Stated<'a> {
    given: [u8; 32],
    timestamp: &'a [u8],
}

impl<'a> CheckedHeaders<'a> {
    /// Headers that nobody has to look for a signature in.
    pub(super) fn without_signature(keys: &'a Keys, age: &'a AgeCheck, max_body_bytes: usize) -> Self {
        Self { keys, age, max_body_bytes, other_events: false, stated: None }
    }

    /// Whether events of other products pass.
    pub(super) fn other_events(self, pass: bool) -> Self {
        Self { other_events: pass, ..self }
    }

    /// Signature and time, each once and readable, and the time near enough.
    pub(super) fn read(
        headers: &'a HeaderMap,
        keys: &'a Keys,
        age: &'a AgeCheck,
        max_body_bytes: usize,
    ) -> Result<Self, WebhookError> {
        let given = single(headers, SIGNATURE, constants::HEADER_X_WEBHOOK_SIGNATURE)?;
        let malformed = |name, problem| WebhookError::MalformedHeader { name, problem };
        let given = decode(given).map_err(|problem| malformed(constants::HEADER_X_WEBHOOK_SIGNATURE, problem))?;
        let timestamp = single(headers, TIMESTAMP, constants::HEADER_X_WEBHOOK_TIMESTAMP)?;
        let at: SystemTime =
            timestamp::read(timestamp).map_err(|problem| malformed(constants::HEADER_X_WEBHOOK_TIMESTAMP, problem))?;
        age.check(at)?;
        Ok(Self { keys, age, max_body_bytes, other_events: false, stated: Some(Stated { given, timestamp }) })
    }

    /// Verifies the body and reads its event. `body` must be the bytes as they were received.
    ///
    /// # Errors
    /// As [`WebhookError`] lists, but for those of headers and age.
    pub fn verify(&self, body: &[u8]) -> Result<Event, WebhookError> {
        self.verify_signature(body)?;
        let event = read_event(body)?;
        if self.other_events || event.is_of_video_kyc() { Ok(event) } else { Err(of_another_product()) }
    }

    /// Verifies the body without reading it, for the account's webhooks of other products.
    ///
    /// # Errors
    /// As [`WebhookError`] lists, but for those of headers and age, `NotJson` and `WrongShape`.
    pub fn verify_signature(&self, body: &[u8]) -> Result<(), WebhookError> {
        if body.len() > self.max_body_bytes {
            return Err(WebhookError::TooLarge { limit: self.max_body_bytes });
        }
        let Some(Stated { given, timestamp }) = &self.stated else {
            return legacy_signature::verify(self.keys, self.age, body);
        };
        // Timestamp and body are signed as one text. The timestamp is digits: so if the body begins with none, there is one
        // place only where the text can be cut in two.
        if body.first() != Some(&b'{') {
            return Err(WebhookError::NotAnObject);
        }
        self.keys.check(&[timestamp, body], given)
    }
}

impl fmt::Debug for CheckedHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedHeaders").field("signed", &self.stated.is_some()).finish_non_exhaustive()
    }
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

fn of_another_product() -> WebhookError {
    const EVENT_TYPE: &str = constants::FIELD_VIDEO_KYC_EVENT_EVENT_TYPE;
    let detail = format!("its `{EVENT_TYPE}` is of another product; see Verifier::accept_other_events");
    WebhookError::WrongShape { field_path: Some(EVENT_TYPE.to_owned()), detail }
}

/// An event of no type, or about nothing.
fn says_nothing(event: &Event) -> bool {
    event.data.is_blank() && (event.event_type.is_empty() || event.data.extra.is_empty())
}
