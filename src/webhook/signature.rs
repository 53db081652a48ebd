//! HMAC-SHA256 as Cashfree signs: made for tests, compared in constant time.

use aws_lc_rs::{constant_time, hmac};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;

use super::error::WebhookError;
use crate::model::constants;

pub(super) const SIGNATURE: HeaderName = HeaderName::from_static(constants::HEADER_X_WEBHOOK_SIGNATURE);
pub(super) const TIMESTAMP: HeaderName = HeaderName::from_static(constants::HEADER_X_WEBHOOK_TIMESTAMP);

/// Checks that one of the keys gives this tag. Every key is tried and compared in constant time.
pub(super) fn check(keys: &[hmac::Key], message: &[&[u8]], given: &[u8]) -> Result<(), WebhookError> {
    let fits = keys.iter().fold(false, |fits, key| {
        fits | constant_time::verify_slices_are_equal(tag(key, message).as_ref(), given).is_ok()
    });
    if fits { Ok(()) } else { Err(WebhookError::BadSignature) }
}

/// The signature over the parts of a message, joined.
pub(super) fn tag(key: &hmac::Key, message: &[&[u8]]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(key);
    message.iter().for_each(|part| context.update(part));
    context.sign()
}

/// The bytes of a signature.
pub(super) fn decode(text: &[u8]) -> Result<[u8; 32], &'static str> {
    if text.is_empty() {
        return Err("is empty");
    }
    // 44 characters; more are not worth decoding.
    let bytes = STANDARD.decode(text.get(..64).unwrap_or(text)).map_err(|_| "is not base64")?;
    bytes.try_into().map_err(|_| "is not the base64 of a SHA-256")
}
