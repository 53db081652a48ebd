//! One attempt: sends the request, reads the whole response within its limits, and classifies the outcome.

use std::error::Error as StdError;
use std::io;

use bytes::BytesMut;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::time::Instant;
use url::Url;

use super::{Delivery, Error, ErrorKind, Exchange, Operation, Settings, retry_after};
use crate::model::ApiError;
use crate::wire::{DecodeFailure, Escaped};

/// The part of a response that has arrived. It outlives an attempt that is cut off.
#[derive(Default)]
struct Partial {
    head: Option<(StatusCode, HeaderMap)>,
    body: BytesMut,
}

/// Sends `request` and reads the response, until `deadline` at the latest.
pub(super) async fn attempt(
    operation: &'static Operation,
    settings: &Settings,
    client: reqwest::Client,
    request: reqwest::Request,
    deadline: Instant,
) -> Result<Exchange, Error> {
    let mut partial = Partial::default();
    let receive = receive(operation, settings, client, request, &mut partial);
    let error = match tokio::time::timeout_at(deadline, receive).await {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error),
        Err(_) => Some(Error::without_response(operation, ErrorKind::Timeout, Delivery::Unknown, "")),
    };
    let Partial { head, body } = partial;
    let exchange = head.map(|(http_status, headers)| Exchange { http_status, headers, body: body.freeze() });
    match (error, exchange) {
        (None, Some(exchange)) => Ok(exchange),
        // An error status, and its `Retry-After`, count even if the body does not arrive completely.
        (Some(_), Some(exchange)) if !exchange.http_status.is_success() => Ok(exchange),
        (Some(error), Some(exchange)) => Err(error.with_exchange(exchange)),
        (Some(error), None) => Err(error),
        (None, None) => Err(Error::without_response(operation, ErrorKind::Io, Delivery::Unknown, "")),
    }
}

async fn receive(
    operation: &'static Operation,
    settings: &Settings,
    client: reqwest::Client,
    request: reqwest::Request,
    partial: &mut Partial,
) -> Result<(), Error> {
    let broken = |error| broken(operation, error);
    let mut response = client.execute(request).await.map_err(broken)?;
    let headers = std::mem::take(response.headers_mut());
    partial.head = Some((response.status(), headers));
    let limit = settings.max_response_bytes;
    while let Some(chunk) = response.chunk().await.map_err(broken)? {
        let room = limit - partial.body.len();
        partial.body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            let detail = format!("the body has more than {limit} bytes");
            return Err(Error::without_response(operation, ErrorKind::TooLarge, Delivery::Answered, detail));
        }
    }
    Ok(())
}

/// Returns the error that reqwest reports, without the URL that it would print.
fn broken(operation: &'static Operation, error: reqwest::Error) -> Error {
    let (kind, delivery) = match () {
        () if is_tls(&error) && error.is_connect() => (ErrorKind::Tls, Delivery::NotSent),
        // With TLS 1.3, the server may reject our certificate only after the request was written.
        () if is_tls(&error) => (ErrorKind::Tls, Delivery::Unknown),
        () if error.is_timeout() && error.is_connect() => (ErrorKind::Timeout, Delivery::NotSent),
        () if error.is_timeout() => (ErrorKind::Timeout, Delivery::Unknown),
        () if error.is_connect() => (ErrorKind::Connect, Delivery::NotSent),
        () if is_head_too_large(&error) => (ErrorKind::TooLarge, Delivery::Answered),
        () => (ErrorKind::Io, Delivery::Unknown),
    };
    let detail = if kind == ErrorKind::TooLarge { "its headers are larger than allowed" } else { "" };
    Error::without_response(operation, kind, delivery, detail).with_source(error.without_url())
}

type Cause = dyn StdError + 'static;

/// Iterates over an error and its causes, including those within I/O errors: `io::Error::source` skips its own content.
fn causes(error: &Cause) -> impl Iterator<Item = &Cause> {
    fn below(error: &Cause) -> Option<&Cause> {
        match error.downcast_ref::<io::Error>() {
            Some(io) => io.get_ref().map(|inner| inner as &Cause),
            None => error.source(),
        }
    }
    std::iter::successors(Some(error), |error| below(*error))
}

fn is_head_too_large(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse_too_large))
}

/// Whether the certificate or the server's TLS was not acceptable.
pub(crate) fn is_tls(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| {
        let is_tls = false;
        #[cfg(feature = "rustls")]
        let is_tls = is_tls || cause.is::<rustls::Error>();
        #[cfg(feature = "native-tls")]
        let is_tls = is_tls || cause.is::<native_tls::Error>();
        let _ = cause;
        is_tls
    })
}

/// Returns the error for a response whose HTTP status is not a success.
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

/// Returns the error for a response with a success status that does not decode to a `T`, or has no documented field.
pub(super) fn undecodable<T: DeserializeOwned>(operation: &'static Operation, exchange: Exchange) -> Error {
    let api = named_error(&exchange.body);
    let (kind, (detail, field_path)) = match &api {
        Some(_) => (ErrorKind::Api, (String::new(), None)),
        None if exchange.http_status == operation.success => {
            (ErrorKind::Decode, decode_problem::<T>(&exchange.headers, &exchange.body))
        }
        None => (ErrorKind::Decode, ("the spec has no success with this status".into(), None)),
    };
    Error::with_response(operation, kind, detail, exchange).with_api(api).with_field_path(field_path)
}

/// Decodes an error body of Cashfree's, which can also come with a success status. A message alone is not enough.
pub(super) fn named_error(body: &[u8]) -> Option<ApiError> {
    api_error(body).filter(|api| api.type_.is_some() || api.code.is_some())
}

/// Describes the target of a redirect by its host only.
fn redirect_target(headers: &HeaderMap, settings: &Settings) -> String {
    let Some(location) = headers.get(LOCATION).and_then(|value| value.to_str().ok()) else {
        return "it names no target".into();
    };
    let target = settings.base.join(location).ok();
    match target.as_ref().and_then(Url::host_str) {
        Some(host) if host == settings.host() => "its target is on the same host".into(),
        Some(host) => format!("its target is on {}", Escaped(host)),
        None => "its target has no host".into(),
    }
}

fn another_body(headers: &HeaderMap, body: &[u8]) -> String {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media_type = content_type.and_then(|value| value.split(';').next()).unwrap_or("unnamed type");
    format!("the body is not Cashfree's error body: {} bytes of {}", body.len(), Escaped(media_type))
}

/// Decodes as much as possible of an error body of Cashfree's: bytes that are not UTF-8 are replaced, and a field of an
/// unexpected type is omitted. `None` if nothing remains.
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

/// Returns why the body cannot be decoded, and at which field.
fn decode_problem<T: DeserializeOwned>(headers: &HeaderMap, body: &[u8]) -> (String, Option<String>) {
    if headers.contains_key(CONTENT_ENCODING) && !body.is_empty() {
        return ("the body is compressed, but no compression was requested".into(), None);
    }
    let failure = DecodeFailure::of::<T>(body);
    (failure.detail, failure.field_path)
}
