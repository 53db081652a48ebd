//! The trace of a call: one span, and one event for each attempt, with OpenTelemetry's names for HTTP clients.
//!
//! No URL, query, header, body or personal id is ever recorded. The path is the spec's template, and the host is the configured
//! one.

use http::StatusCode;
use tracing::field::Empty;
use tracing::{Span, debug, info_span, warn};

use super::{Error, ErrorKind, Operation, Response, Settings};
use crate::wire::Name;

/// Creates the span of one call.
pub(super) fn call(operation: &'static Operation, settings: &Settings) -> Span {
    info_span!(
        target: "cashfree_vkyc",
        "cashfree_vkyc.call",
        otel.kind = "client",
        otel.name = %operation.name,
        rpc.method = operation.id,
        http.request.method = operation.method.as_str(),
        url.template = operation.path,
        server.address = settings.host(),
        server.port = settings.base.port_or_known_default(),
        http.response.status_code = Empty,
        http.request.resend_count = Empty,
        error.type = Empty,
        cashfree.request_id = Empty,
    )
}

/// Records in the span how the call ended.
pub(super) fn finished<T>(span: &Span, result: &Result<Response<T>, Error>) {
    if span.is_disabled() {
        return;
    }
    let (http_status, request_id, attempts) = match result {
        Ok(response) => (Some(response.http_status()), response.request_id(), response.attempts()),
        Err(error) => (error.http_status(), error.request_id(), error.attempts()),
    };
    if let Some(status) = http_status {
        span.record("http.response.status_code", status.as_u16());
    }
    if attempts > 1 {
        span.record("http.request.resend_count", attempts - 1);
    }
    if let Some(request_id) = request_id {
        span.record("cashfree.request_id", Name(request_id).to_string());
    }
    if let Err(error) = result {
        span.record("error.type", error_type(error));
    }
}

/// Logs an attempt that succeeded.
pub(super) fn attempted(number: u32, http_status: StatusCode) {
    debug!(
        target: "cashfree_vkyc",
        { http.request.resend_count = number - 1, http.response.status_code = http_status.as_u16() },
        "attempt answered"
    );
}

/// Logs an attempt that failed. "Not found" is logged at DEBUG only.
pub(super) fn failed(number: u32, error: &Error) {
    macro_rules! event {
        ($level:ident) => {
            $level!(
                target: "cashfree_vkyc",
                {
                    http.request.resend_count = number - 1,
                    http.response.status_code = error.http_status().map(|status| status.as_u16()),
                    error.type = error_type(error),
                    cashfree.error_code = error.code().map(display),
                    cashfree.request_id = error.request_id().map(|id| display(Name(id))),
                },
                "attempt failed"
            )
        };
    }
    // A caller that asks whether a resource exists expects this result.
    if error.is_not_found() { event!(debug) } else { event!(warn) }
}

/// Returns the low-cardinality name that OpenTelemetry requires.
fn error_type(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::Config => "config",
        ErrorKind::InvalidRequest => "invalid_request",
        ErrorKind::Connect => "connect",
        ErrorKind::Tls => "tls",
        ErrorKind::Timeout => "timeout",
        ErrorKind::Io => "io",
        ErrorKind::TooLarge => "too_large",
        ErrorKind::Redirect => "redirect",
        ErrorKind::Api => "api",
        ErrorKind::RateLimited => "rate_limited",
        ErrorKind::Decode => "decode",
        ErrorKind::Mismatch => "mismatch",
    }
}
