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
    let outcome = tokio::time::timeout_at(deadline, receive(settings, client, request, &mut partial)).await;
    let failure = match outcome {
        Ok(Ok(())) => None,
        Ok(Err(failure)) => Some(failure),
        Err(_) => Some(Failure { kind: ErrorKind::Timeout, delivery: Delivery::Unknown, source: None }),
    };
    let Partial { head, body } = partial;
    let exchange = head.map(|(http_status, headers)| Exchange { http_status, headers, body: body.freeze() });
    match (failure, exchange) {
        (None, Some(exchange)) => Ok(exchange),
        // A refusal is one, and asks to wait, even when its body does not arrive whole.
        (Some(_), Some(exchange)) if !exchange.http_status.is_success() => Ok(exchange),
        (Some(failure), Some(exchange)) => Err(failure.error(operation, settings).with_exchange(exchange)),
        (Some(failure), None) => Err(failure.error(operation, settings)),
        (None, None) => Err(Error::without_response(operation, ErrorKind::Io, Delivery::Unknown, "")),
    }
}

async fn receive(
    settings: &Settings,
    client: reqwest::Client,
    request: reqwest::Request,
    partial: &mut Partial,
) -> Result<(), Failure> {
    let mut response = client.execute(request).await.map_err(Failure::of)?;
    let headers = std::mem::take(response.headers_mut());
    partial.head = Some((response.status(), headers));
    let limit = settings.max_response_bytes;
    while let Some(chunk) = response.chunk().await.map_err(Failure::of)? {
        let room = limit - partial.body.len();
        partial.body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            return Err(Failure { kind: ErrorKind::TooLarge, delivery: Delivery::Answered, source: None });
        }
    }
    Ok(())
}

/// What went wrong, before it is known whose error it becomes.
struct Failure {
    kind: ErrorKind,
    delivery: Delivery,
    source: Option<reqwest::Error>,
}

impl Failure {
    /// What reqwest reports, without the URL that it would print.
    fn of(error: reqwest::Error) -> Self {
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
        Self { kind, delivery, source: Some(error.without_url()) }
    }

    fn error(self, operation: &'static Operation, settings: &Settings) -> Error {
        let detail = match (self.kind, &self.source) {
            (ErrorKind::TooLarge, None) => format!("the body has more than {} bytes", settings.max_response_bytes),
            (ErrorKind::TooLarge, Some(_)) => "its headers are larger than allowed".into(),
            _ => String::new(),
        };
        let error = Error::without_response(operation, self.kind, self.delivery, detail);
        match self.source {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
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
