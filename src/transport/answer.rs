//! An answer that is no success: which error it is, with everything that a caller may want to know of it.

use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_json::{Map, Value};
use serde_path_to_error::Segment;

use crate::config::Credentials;
use crate::error::{Delivery, Error, ErrorKind, Printable};
use crate::generated::types::ApiError;
use crate::transport::{Exchange, Operation};

/// Explains an answer that progenitor could not turn into a `T`, or that says nothing.
pub(super) fn explain<T: DeserializeOwned>(
    operation: &'static Operation,
    exchange: Exchange,
    credentials: &Credentials,
) -> Error {
    let Exchange { http_status, headers, body } = exchange;
    let api = api_error(&body, credentials);
    // Cashfree also sends its error body under a success status. Words alone do not make it one.
    let is_error_body = api.as_ref().is_some_and(|api| api.type_.is_some() || api.code.is_some());
    let kind = match http_status.as_u16() {
        429 => ErrorKind::RateLimited,
        300..400 => ErrorKind::Redirect,
        200..300 if !is_error_body => ErrorKind::Decode,
        _ => ErrorKind::Api,
    };
    let (mut detail, mut field_path) = (String::new(), None);
    if kind == ErrorKind::Decode && http_status == operation.success {
        (detail, field_path) = what_does_not_fit::<T>(&body);
    } else if kind == ErrorKind::Decode {
        detail = "the spec describes no such success".into();
    } else if api.is_none() && kind != ErrorKind::Redirect {
        let content_type = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or("unnamed type");
        let media_type = credentials.scrub(media_type).unwrap_or_else(|| media_type.to_owned());
        detail = format!("the body is not Cashfree's error body: {} bytes of {}", body.len(), Printable(&media_type));
    }
    Error::without_answer(operation, kind, Delivery::Answered, detail)
        .with_answer(http_status, headers, body)
        .with_api(api)
        .with_field_path(field_path)
}

/// The body as Cashfree's error body, read as far as it goes: bytes that are not UTF-8 are replaced, and a field of an
/// unexpected kind is left out. `None` when nothing of it is there. Should the server echo the credentials, they are gone.
fn api_error(body: &[u8], credentials: &Credentials) -> Option<ApiError> {
    let text = String::from_utf8_lossy(body);
    let scrubbed = credentials.scrub(&text);
    let mut fields: Map<String, Value> = serde_json::from_str(scrubbed.as_deref().unwrap_or(&text)).ok()?;
    fields.retain(|name, value| {
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        serde_json::from_value::<ApiError>(alone.into()).is_ok()
    });
    let api: ApiError = serde_json::from_value(fields.into()).ok()?;
    let says_something = api.type_.is_some() || api.code.is_some() || api.message.is_some();
    says_something.then_some(api)
}

/// Decodes once more, to learn where it stops. serde's own words are not used: they quote the value.
fn what_does_not_fit<T: DeserializeOwned>(body: &[u8]) -> (String, Option<String>) {
    if body.is_empty() {
        return ("the body is empty".into(), None);
    }
    let mut json = serde_json::Deserializer::from_slice(body);
    let error = match serde_path_to_error::deserialize::<_, T>(&mut json) {
        Err(error) => error,
        Ok(_) if json.end().is_err() => return ("something follows the JSON value".into(), None),
        Ok(_) => return ("none of the documented fields is there".into(), None),
    };
    let is_known = |segment: &Segment| !matches!(segment, Segment::Unknown);
    let is_at_field = error.path().iter().next().is_some() && error.path().iter().all(is_known);
    let path = is_at_field.then(|| error.path().to_string());
    let place = format!("line {}, column {}", error.inner().line(), error.inner().column());
    let detail = match (error.inner().classify(), &path) {
        (Category::Eof, Some(path)) => format!("the JSON ends within the field `{}`, at {place}", Printable(path)),
        (Category::Eof, None) => format!("the JSON ends too early, at {place}"),
        (Category::Data, Some(path)) => format!("the field `{}` does not fit, at {place}", Printable(path)),
        (Category::Data, None) => format!("the JSON is not an object with the documented fields, at {place}"),
        _ => format!("the body is not JSON, at {place}"),
    };
    (detail, path)
}
