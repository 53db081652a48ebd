//! An answer that is no success: which error it is, with everything that a caller may want to know of it.

use std::time::{Duration, SystemTime};

use http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_json::{Map, Value};
use serde_path_to_error::Segment;

use crate::config::Credentials;
use crate::error::{Delivery, Error, ErrorKind, Printable};
use crate::generated::types::{ApiError, facts};
use crate::transport::{Exchange, Operation, Settings};

/// An answer whose HTTP status is no success.
pub(super) fn refusal(operation: &'static Operation, exchange: Exchange, settings: &Settings) -> Error {
    let credentials = &settings.credentials;
    let Exchange { http_status, headers, body } = exchange;
    let api = api_error(&body, credentials);
    let kind = match http_status.as_u16() {
        429 => ErrorKind::RateLimited,
        300..400 => ErrorKind::Redirect,
        _ => ErrorKind::Api,
    };
    let detail = match (kind, &api) {
        (ErrorKind::Redirect, _) => redirect_target(&headers, settings),
        (_, None) => another_body(&headers, &body, credentials),
        (_, Some(_)) => String::new(),
    };
    let retry_after = retry_after(&headers, http_status);
    Error::without_answer(operation, kind, Delivery::Answered, detail)
        .with_answer(http_status, headers, body)
        .with_api(api)
        .with_retry_after(retry_after)
}

/// An answer whose HTTP status claims success, and that progenitor could not turn into a `T`, or that says nothing.
pub(super) fn misfit<T: DeserializeOwned>(
    operation: &'static Operation,
    exchange: Exchange,
    credentials: &Credentials,
) -> Error {
    let Exchange { http_status, headers, body } = exchange;
    // Cashfree also sends its error body under a success status. Words alone do not make one.
    let api = api_error(&body, credentials).filter(|api| api.type_.is_some() || api.code.is_some());
    let (kind, (detail, field_path)) = match &api {
        Some(_) => (ErrorKind::Api, (String::new(), None)),
        None if http_status == operation.success => (ErrorKind::Decode, what_does_not_fit::<T>(&headers, &body)),
        None => (ErrorKind::Decode, ("the spec describes no such success".into(), None)),
    };
    Error::without_answer(operation, kind, Delivery::Answered, detail)
        .with_answer(http_status, headers, body)
        .with_api(api)
        .with_field_path(field_path)
}

/// The host that a redirect names, and nothing more of it.
fn redirect_target(headers: &HeaderMap, settings: &Settings) -> String {
    let Some(location) = headers.get(LOCATION).and_then(|value| value.to_str().ok()) else {
        return "it names no target".into();
    };
    match settings.base.join(location) {
        Ok(target) if target.host_str() == settings.base.host_str() => "its target is on the same host".into(),
        Ok(target) => match target.host_str().map(str::to_owned) {
            Some(host) => {
                let host = settings.credentials.scrub(&host).unwrap_or(host);
                format!("its target is on {}", Printable(&host))
            }
            None => "its target is on no host".into(),
        },
        Err(_) => "its target cannot be read".into(),
    }
}

fn another_body(headers: &HeaderMap, body: &[u8], credentials: &Credentials) -> String {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or("unnamed type");
    let media_type = credentials.scrub(media_type).unwrap_or_else(|| media_type.to_owned());
    format!("the body is not Cashfree's error body: {} bytes of {}", body.len(), Printable(&media_type))
}

/// How long the server asks to wait: `Retry-After` as seconds or as a date, else Cashfree's own headers. A date that has
/// passed asks for nothing; what cannot be read is not there.
fn retry_after(headers: &HeaderMap, http_status: StatusCode) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let seconds = |name: &str| text(name).and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let date = || {
        let date = httpdate::parse_http_date(text(facts::HEADER_RETRY_AFTER)?).ok()?;
        Some(date.duration_since(SystemTime::now()).unwrap_or_default())
    };
    let asked = seconds(facts::HEADER_RETRY_AFTER).or_else(date).or_else(|| seconds(facts::HEADER_X_RATELIMIT_RETRY));
    // The count of the minute is in every answer; it asks to wait only when it is used up.
    asked
        .or_else(|| (http_status == StatusCode::TOO_MANY_REQUESTS).then(|| seconds(facts::HEADER_X_RATELIMIT_RESET))?)
}

/// The body as Cashfree's error body, read as far as it goes: bytes that are not UTF-8 are replaced, and a field of an
/// unexpected kind is left out. `None` when nothing of it is there. Should the server echo the credentials, they are gone.
fn api_error(body: &[u8], credentials: &Credentials) -> Option<ApiError> {
    let text = String::from_utf8_lossy(body);
    let mut fields: Map<String, Value> = serde_json::from_str(&text).ok()?;
    // Decoded, so that an escape does not hide an echo.
    for value in fields.values_mut() {
        if let Some(clean) = value.as_str().and_then(|text| credentials.scrub(text)) {
            *value = clean.into();
        }
    }
    fields.retain(|name, value| {
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        serde_json::from_value::<ApiError>(alone.into()).is_ok()
    });
    let api: ApiError = serde_json::from_value(fields.into()).ok()?;
    let says_something = api.type_.is_some() || api.code.is_some() || api.message.is_some();
    says_something.then_some(api)
}

/// Decodes once more, to learn where it stops. serde's own words are not used: they quote the value.
fn what_does_not_fit<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> (String, Option<String>) {
    if body.is_empty() {
        return ("the body is empty".into(), None);
    }
    if headers.contains_key(CONTENT_ENCODING) {
        return ("the body is compressed, which was not asked for".into(), None);
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
