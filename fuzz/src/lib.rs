//! Properties that hold for any bytes. The fuzz targets and `tests/it/` (`webhook_properties.rs`, `recording_properties.rs`) call
//! them; a panic is a bug. The properties of specs and pages are in `reading.rs`, for xtask.

pub mod recording;

use cashfree_vkyc::webhook::{Event, EventKey, Verifier, WebhookError};
use http::{HeaderMap, HeaderValue};

const SIGNATURE: &str = "x-webhook-signature";
const TIMESTAMP: &str = "x-webhook-timestamp";

fn verifier() -> Verifier {
    Verifier::new(["one", "two"]).expect("two secrets").tolerance(None)
}

/// Unsigned bytes are rejected with any headers, and are not parsed.
pub fn unsigned_bytes_are_refused(signature: &[u8], timestamp: &[u8], body: &[u8]) {
    let headers: HeaderMap = [(SIGNATURE, signature), (TIMESTAMP, timestamp)]
        .into_iter()
        .filter_map(|(name, value)| Some((name.parse().ok()?, HeaderValue::from_bytes(value).ok()?)))
        .collect();
    let error = verifier().verify(&headers, body).expect_err("the body is unsigned");
    assert!(!matches!(error, WebhookError::NotJson { .. } | WebhookError::WrongShape { .. }), "{error:?}");
    assert!(verifier().verify(&HeaderMap::new(), body).is_err());
}

/// A signed body is accepted or rejected by its content, and always has a key. A body that does not begin like an object is not
/// parsed.
pub fn a_signed_body_is_judged_by_its_content(body: &[u8]) {
    let signed = verifier().sign(body);
    let decoded = Event::from_slice(body);
    assert_eq!(EventKey::of(body) == EventKey::of(b""), body.is_empty());
    match verifier().verify(&signed.headers(), body) {
        Err(WebhookError::NotAnObject) => assert_ne!(body.first(), Some(&b'{')),
        verified => assert_eq!(verified, decoded),
    }
    if let Err(error) = Event::from_slice(body) {
        use WebhookError::{NotJson, OtherProduct, WrongShape};
        assert!(matches!(error, NotJson { .. } | WrongShape { .. } | OtherProduct), "{error:?}");
    }
}

/// Timestamp and body are signed as one text. If the body is an object, only the original split is valid.
pub fn only_the_original_split_is_valid(rest: &[u8]) {
    let body = [b"{", rest].concat();
    for signed in [verifier().sign(&*body), verifier().sign(&*body).in_seconds()] {
        let mut headers = signed.headers();
        let timestamp = headers.get(TIMESTAMP).expect("signed").as_bytes().to_vec();
        let text = [&timestamp[..], &body].concat();
        for cut in 0..=text.len() {
            let (timestamp_of_cut, body_of_cut) = text.split_at(cut);
            // Bytes that are not a header value cannot be received.
            let Ok(value) = HeaderValue::from_bytes(timestamp_of_cut) else { continue };
            headers.insert(TIMESTAMP, value);
            let passes = verifier().verify_signature(&headers, body_of_cut).is_ok();
            assert_eq!(passes, cut == timestamp.len(), "cut at {cut}");
        }
    }
}

/// A signed request with one flipped bit is rejected.
pub fn a_flipped_bit_is_refused(rest: &[u8], place: usize) {
    let body = &*[b"{", rest].concat();
    let signed = verifier().sign(body);
    let mut headers = signed.headers();
    assert!(verifier().verify_signature(&headers, body).is_ok());
    let value = |name: &str| headers.get(name).expect("signed").as_bytes().to_vec();
    let mut parts = [body.to_vec(), value(SIGNATURE), value(TIMESTAMP)];
    let bits: usize = parts.iter().map(|part| part.len() * 8).sum();
    let mut place = place % bits;
    let part = parts.iter_mut().find(|part| {
        let within = place < part.len() * 8;
        place -= if within { 0 } else { part.len() * 8 };
        within
    });
    part.expect("within the bits")[place / 8] ^= 1 << (place % 8);
    let [body, signature, timestamp] = parts;
    for (name, value) in [(SIGNATURE, signature), (TIMESTAMP, timestamp)] {
        // Bytes that are not a header value cannot be received.
        let Ok(value) = HeaderValue::from_bytes(&value) else { return };
        headers.insert(name, value);
    }
    let error = verifier().verify(&headers, &body).expect_err("a bit was flipped");
    let malformed = matches!(error, WebhookError::MalformedHeader { .. } | WebhookError::NotAnObject);
    assert!(malformed || error == WebhookError::BadSignature, "{error:?}");
}

/// A decoded event survives encoding and decoding, and prints without its secrets.
pub fn a_decoded_event_survives_encoding(body: &[u8]) {
    let Ok(event) = serde_json::from_slice::<Event>(body) else { return };
    let text = serde_json::to_string(&event).expect("plain data");
    let mut again: Event = serde_json::from_str(&text).expect("an encoded event");
    // serde_json reads fractions exactly up to the last digit.
    let mut event = event;
    [&mut event, &mut again].into_iter().for_each(|event| (event.extra.clear(), event.data.extra.clear()).1);
    assert_eq!(event, again);
    assert_eq!(event.key(), again.key());
    let _ = event.supersedes(&again.data);
    if let Some(link) = event.data.vkyc_link.as_ref().filter(|link| link.expose().len() > 40) {
        assert!(!format!("{event:?}").contains(link.expose()));
    }
}
