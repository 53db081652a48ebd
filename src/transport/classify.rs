//! What a response is: the value that was asked for, or which error, with everything that a caller may want to know of it.

use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::error::Error;
use super::error_kind::ErrorKind;
use super::exchange::{Exchange, retry_after};
use super::operation::Operation;
use super::settings::Settings;
use crate::model::ApiError;
use crate::wire::{DecodeFailure, Escaped};

/// A response whose HTTP status is no success.
pub(super) fn refusal(operation: &'static Operation, exchange: Exchange, settings: &Settings) -> Error {
    let Exchange { http_status, headers, body } = &exchange;
    let api = api_error(body);
    let kind = match http_status.as_u16() {
        429 => ErrorKind::RateLimited,
        300..400 => ErrorKind::Redirect,
        _ => ErrorKind::Api,
    };
    let detail = match (kind, &api) {
        (ErrorKind::Redirect, _) => redirect_target(headers, settings),
        (_, None) => another_body(headers, body),
        (_, Some(_)) => String::new(),
    };
    let retry_after = retry_after(headers, *http_status);
    Error::with_response(operation, kind, detail, exchange).with_api(api).with_retry_after(retry_after)
}

/// A response whose HTTP status claims success, and that does not decode to a `T`, or says nothing.
pub(super) fn undecodable<T: DeserializeOwned>(operation: &'static Operation, exchange: Exchange) -> Error {
    // Cashfree also sends its error body under a success status. Words alone do not make one.
    let api = api_error(&exchange.body).filter(names_an_error);
    let (kind, (detail, field_path)) = match &api {
        Some(_) => (ErrorKind::Api, (String::new(), None)),
        None if exchange.http_status == operation.success => {
            (ErrorKind::Decode, misfit::<T>(&exchange.headers, &exchange.body))
        }
        None => (ErrorKind::Decode, ("the spec describes no such success".into(), None)),
    };
    Error::with_response(operation, kind, detail, exchange).with_api(api).with_field_path(field_path)
}

/// Whether a body is Cashfree's error body, under whatever status it comes.
pub(super) fn is_error(body: &[u8]) -> bool {
    api_error(body).is_some_and(|api| names_an_error(&api))
}

fn names_an_error(api: &ApiError) -> bool {
    api.type_.is_some() || api.code.is_some()
}

/// A response that names another `argument` than the request. Neither id is printed: the other one is somebody else's.
pub(super) fn mismatch(operation: &'static Operation, exchange: Exchange, argument: &str) -> Error {
    let detail = format!("its `{argument}` is not the one that was sent");
    Error::with_response(operation, ErrorKind::Mismatch, detail, exchange)
}

/// The host that a redirect names, and nothing more of it.
fn redirect_target(headers: &HeaderMap, settings: &Settings) -> String {
    let Some(location) = headers.get(LOCATION).and_then(|value| value.to_str().ok()) else {
        return "it names no target".into();
    };
    match settings.base.join(location) {
        Ok(target) if target.host_str() == settings.base.host_str() => "its target is on the same host".into(),
        Ok(target) => match target.host_str() {
            Some(host) => format!("its target is on {}", Escaped(host)),
            None => "its target is on no host".into(),
        },
        Err(_) => "its target cannot be read".into(),
    }
}

fn another_body(headers: &HeaderMap, body: &[u8]) -> String {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or("unnamed type");
    format!("the body is not Cashfree's error body: {} bytes of {}", body.len(), Escaped(media_type))
}

/// The body as Cashfree's error body, read as far as it goes: bytes that are not UTF-8 are replaced, and a field of an
/// unexpected kind is left out. `None` when nothing of it is there.
fn api_error(body: &[u8]) -> Option<ApiError> {
    let text = String::from_utf8_lossy(body);
    let mut fields: Map<String, Value> = serde_json::from_str(&text).ok()?;
    fields.retain(|name, value| {
        let alone = Map::from_iter([(name.clone(), value.clone())]);
        serde_json::from_value::<ApiError>(alone.into()).is_ok()
    });
    let api: ApiError = serde_json::from_value(fields.into()).ok()?;
    let says_something = api.type_.is_some() || api.code.is_some() || api.message.is_some();
    says_something.then_some(api)
}

/// What is wrong with the body, and at which field.
fn misfit<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> (String, Option<String>) {
    if headers.contains_key(CONTENT_ENCODING) && !body.is_empty() {
        return ("the body is compressed, which was not asked for".into(), None);
    }
    let failure = DecodeFailure::of::<T>(body);
    (failure.detail, failure.field_path)
}
