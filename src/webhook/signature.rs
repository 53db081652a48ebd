//! HMAC-SHA256 signatures in Cashfree's form: created for tests, compared in constant time.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use http::HeaderName;
use sha2::Sha256;

use super::error::WebhookError;
use crate::model::constants;

pub(super) const SIGNATURE: HeaderName = HeaderName::from_static(constants::HEADER_X_WEBHOOK_SIGNATURE);
pub(super) const TIMESTAMP: HeaderName = HeaderName::from_static(constants::HEADER_X_WEBHOOK_TIMESTAMP);

/// HMAC state with the secret; each message uses a clone. `Debug` prints none of it, and it is wiped when dropped.
pub(super) type Key = Hmac<Sha256>;

/// Checks that one of the keys produces this tag. Every key is tried, in constant time.
pub(super) fn check(keys: &[Key], message: [&[u8]; 2], given: &[u8]) -> Result<(), WebhookError> {
    let fits = keys.iter().fold(false, |fits, key| fits | over(key, message).verify_slice(given).is_ok());
    if fits { Ok(()) } else { Err(WebhookError::BadSignature) }
}

/// Returns the signature of the joined parts of a message.
pub(super) fn tag(key: &Key, message: [&[u8]; 2]) -> [u8; 32] {
    over(key, message).finalize().into_bytes().into()
}

#[inline]
fn over(key: &Key, message: [&[u8]; 2]) -> Key {
    let mut mac = key.clone();
    message.iter().for_each(|part| mac.update(part));
    mac
}

/// Decodes the bytes of a signature.
pub(super) fn decode(text: &[u8]) -> Result<[u8; 32], &'static str> {
    if text.is_empty() {
        return Err("is empty");
    }
    // A signature has 44 characters. Longer ones are not decoded fully.
    let bytes = STANDARD.decode(text.get(..64).unwrap_or(text)).map_err(|_| "is not base64")?;
    bytes.try_into().map_err(|_| "is not the base64 of a SHA-256")
}

#[cfg(test)]
mod tests {
    use hmac::KeyInit as _;
    use hmac::digest::zeroize::ZeroizeOnDrop;

    use super::*;

    #[test]
    fn a_signature_may_fit_several_keys() {
        let key = |secret: &[u8]| Key::new_from_slice(secret).unwrap();
        let tag = tag(&key(b"a"), [b"1", b"{}"]);
        for (keys, fits) in
            [(vec![key(b"a"), key(b"a")], true), (vec![key(b"b"), key(b"a")], true), (vec![key(b"b")], false)]
        {
            assert_eq!(check(&keys, [b"1", b"{}"], &tag).is_ok(), fits);
        }
    }

    #[test]
    fn a_key_prints_nothing_and_its_parts_are_wiped_when_dropped() {
        let key = |secret: &[u8]| format!("{:?}", Key::new_from_slice(secret).unwrap());
        assert_eq!(key(b"a secret"), key(b"another"));
        // An `Hmac` consists of hash states and buffers, which are wiped.
        fn is_wiped<T: ZeroizeOnDrop>() {}
        is_wiped::<Sha256>();
    }
}
