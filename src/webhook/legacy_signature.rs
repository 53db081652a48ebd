//! The older signature, within the body: the values of all other fields, joined in the order of their names.
//!
//! ```text
//! { "data": {…}, "event_time": "…", "event_type": "…", "signature": "…", "version": "v1" }
//!      └───────────────┴────────────────┴───────────── HMAC-SHA256 ───────────┘
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::time::SystemTime;

#[cfg(feature = "sandbox")]
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::error::WebhookError;
#[cfg(feature = "sandbox")]
use super::signature::tag;
use super::signature::{Keys, decode};
use super::timestamp::AgeCheck;
use crate::model::constants;
use crate::wire::{DecodeFailure, Timestamp};

const SIGNATURE: &str = constants::FIELD_VIDEO_KYC_EVENT_SIGNATURE;
const EVENT_TIME: &str = constants::FIELD_VIDEO_KYC_EVENT_EVENT_TIME;

/// The signature of a body that has none yet, for tests. `None`: it is not an object.
#[cfg(feature = "sandbox")]
pub(super) fn sign(key: &aws_lc_rs::hmac::Key, body: &[u8]) -> Option<String> {
    let Fields(fields) = serde_json::from_slice(body).ok()?;
    let values: Vec<Cow<'_, str>> = fields.values().map(|value| joined(value)).collect();
    let message: Vec<&[u8]> = values.iter().map(|value| value.as_bytes()).collect();
    Some(STANDARD.encode(tag(key, &message)))
}

/// Verifies a body by the signature in it.
pub(super) fn verify(keys: &Keys, age: &AgeCheck, body: &[u8]) -> Result<(), WebhookError> {
    // Values stay unread text, so that depth and kind of what is not trusted yet do not matter.
    let Fields(mut fields) = serde_json::from_slice(body).map_err(|error| refusal(&error, body))?;
    let given = fields.remove(SIGNATURE).and_then(text);
    let Some(given) = given else {
        return Err(WebhookError::MissingHeader { name: constants::HEADER_X_WEBHOOK_SIGNATURE });
    };
    let Ok(given) = decode(given.as_bytes()) else { return Err(WebhookError::BadSignature) };
    let values: Vec<Cow<'_, str>> = fields.values().map(|value| joined(value)).collect();
    let message: Vec<&[u8]> = values.iter().map(|value| value.as_bytes()).collect();
    keys.check(&message, &given)?;
    if age.tolerance.is_none() {
        return Ok(());
    }
    let event_time = fields.get(EVENT_TIME).and_then(|value| text(value)).map(|text| Timestamp::from(text.as_ref()));
    match event_time.and_then(|time| SystemTime::try_from(time.timestamp()?).ok()) {
        Some(time) => age.check(time),
        None => Err(WebhookError::WrongShape {
            field_path: Some(EVENT_TIME.to_owned()),
            detail: format!("`{EVENT_TIME}` is no time, so the age of the signature is not known"),
        }),
    }
}

fn refusal(error: &serde_json::Error, body: &[u8]) -> WebhookError {
    if !error.is_data() {
        return DecodeFailure::of::<Value>(body).into();
    }
    let (line, column) = (error.line(), error.column());
    let detail = format!("the JSON is not an object with each field once, at line {line}, column {column}");
    WebhookError::WrongShape { field_path: None, detail }
}

/// The fields of an object, each once: of two, a reader might take the one that was not signed.
struct Fields<'a>(BTreeMap<Cow<'a, str>, &'a RawValue>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;

        impl<'de> Visitor<'de> for Once {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object, each field of it once")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry()? {
                    if fields.insert(name, value).is_some() {
                        return Err(A::Error::custom("a field stands twice"));
                    }
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Once)
    }
}

/// A text is joined without its quotes, nothing as nothing, and all else as it was sent.
fn joined(value: &RawValue) -> Cow<'_, str> {
    match value.get() {
        "null" => Cow::Borrowed(""),
        raw => text(value).unwrap_or(Cow::Borrowed(raw)),
    }
}

fn text(value: &RawValue) -> Option<Cow<'_, str>> {
    serde_json::from_str::<String>(value.get()).ok().map(Cow::Owned)
}
