//! One attempt: send the request, read the whole response within its bounds, and say what went wrong if something did.

use std::error::Error as StdError;
use std::io;

use bytes::BytesMut;
use http::{HeaderMap, StatusCode};
use tokio::time::Instant;

use super::error::Error;
use super::error_kind::{Delivery, ErrorKind};
use super::exchange::Exchange;
use super::operation::Operation;
use super::settings::Settings;

/// What has come of a response so far. It outlives an attempt that is cut off.
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
        // A refusal is one, and asks to wait, even when its body does not arrive whole.
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

/// The error that reqwest reports, without the URL that it would print.
fn broken(operation: &'static Operation, error: reqwest::Error) -> Error {
    let (kind, delivery) = match () {
        () if is_tls(&error) && error.is_connect() => (ErrorKind::Tls, Delivery::NotSent),
        // TLS 1.3 may refuse our certificate only after the request was written.
        () if is_tls(&error) => (ErrorKind::Tls, Delivery::Unknown),
        () if error.is_timeout() && error.is_connect() => (ErrorKind::Timeout, Delivery::NotSent),
        () if error.is_timeout() => (ErrorKind::Timeout, Delivery::Unknown),
        () if error.is_connect() => (ErrorKind::Connect, Delivery::NotSent),
        () if error.is_builder() => (ErrorKind::InvalidRequest, Delivery::NotSent),
        () if is_head_too_large(&error) => (ErrorKind::TooLarge, Delivery::Answered),
        () => (ErrorKind::Io, Delivery::Unknown),
    };
    let detail = if kind == ErrorKind::TooLarge { "its headers are larger than allowed" } else { "" };
    Error::without_response(operation, kind, delivery, detail).with_source(error.without_url())
}

type Cause = dyn StdError + 'static;

/// Every error from `error` down, those within I/O errors included: `io::Error::source` passes over its own content.
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

/// Whether the certificate, or the other side's TLS, was not acceptable.
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
