//! What the headers of a webhook give away alone, before a byte of its body is read; and the body by what they state.

use std::fmt;

use http::{HeaderMap, HeaderName};

use super::error::WebhookError;
use super::signature::{Keys, SIGNATURE, TIMESTAMP, decode};
use super::timestamp::{self, AgeCheck};
use crate::model::{Event, constants};
use crate::wire::{DecodeFailure, from_slice};

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
    checks: &'a Checks,
    signature: [u8; 32],
    /// The text that is signed with the body.
    timestamp: &'a [u8],
}

/// Decides which requests a verifier accepts.
#[derive(Clone)]
pub(super) struct Checks {
    pub(super) keys: Keys,
    pub(super) age: AgeCheck,
    pub(super) max_body_bytes: usize,
    /// Whether events of other products pass.
    pub(super) other_events: bool,
}

impl Checks {
    /// Reads signature and time, each of which must be there once, and checks that the time is near enough.
    pub(super) fn headers<'a>(&'a self, headers: &'a HeaderMap) -> Result<CheckedHeaders<'a>, WebhookError> {
        let (_, signature) = single(headers, SIGNATURE, constants::HEADER_X_WEBHOOK_SIGNATURE, decode)?;
        let (timestamp, at) = single(headers, TIMESTAMP, constants::HEADER_X_WEBHOOK_TIMESTAMP, timestamp::read)?;
        self.age.check(at)?;
        Ok(CheckedHeaders { checks: self, signature, timestamp })
    }
}

impl CheckedHeaders<'_> {
    /// Verifies the body and reads its event. `body` must be the bytes as they were received.
    ///
    /// # Errors
    /// As [`WebhookError`] lists, but for those of headers and age.
    pub fn verify(&self, body: &[u8]) -> Result<Event, WebhookError> {
        self.verify_signature(body)?;
        let event = read_event(body)?;
        if self.checks.other_events || event.is_of_video_kyc() { Ok(event) } else { Err(of_another_product()) }
    }

    /// Verifies the body without reading it, for the account's webhooks of other products.
    ///
    /// # Errors
    /// As [`WebhookError`] lists, but for those of headers and age, `NotJson` and `WrongShape`.
    pub fn verify_signature(&self, body: &[u8]) -> Result<(), WebhookError> {
        let limit = self.checks.max_body_bytes;
        if body.len() > limit {
            return Err(WebhookError::TooLarge { limit });
        }
        // Timestamp and body are signed as one text. The timestamp consists of digits, so a body that begins with `{` leaves
        // one place only where the text can be split.
        if body.first() != Some(&b'{') {
            return Err(WebhookError::NotAnObject);
        }
        self.checks.keys.check(&[self.timestamp, body], &self.signature)
    }
}

impl fmt::Debug for CheckedHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CheckedHeaders").finish_non_exhaustive()
    }
}

/// The one value of a header, and what `read` makes of it.
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
        (Some(_), Some(_)) => Err(malformed("stands more than once")),
        (Some(value), None) => Ok((value.as_bytes(), read(value.as_bytes()).map_err(malformed)?)),
    }
}

/// Decodes a body that was verified.
fn read_event(body: &[u8]) -> Result<Event, WebhookError> {
    match from_slice::<Event>(body) {
        Ok(event) if !says_nothing(&event) => {
            #[cfg(feature = "client")]
            event.log_unrecognized();
            Ok(event)
        }
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
