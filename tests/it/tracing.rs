//! The traces of a call: one span with OpenTelemetry's names, one event per attempt, and no personal data.

use std::time::Duration;

use cashfree_vkyc::{RetryPolicy, VerificationId};
use tracing_subscriber::fmt::format::FmtSpan;

use crate::support::log::logged;
use crate::support::{Server, json};

/// Calls a server with this response, and returns the traced lines.
async fn traced(answer: Vec<u8>) -> Vec<String> {
    let server = Server::answering(answer).await;
    let retry = RetryPolicy::default().base_delay(Duration::from_millis(1));
    let client = server.builder().retry(retry).build().unwrap();
    let call = async move { client.status(VerificationId::new("canary").unwrap()).await };
    let (_, text) = logged(FmtSpan::NEW | FmtSpan::CLOSE, call).await;
    assert!(!text.contains("canary") && !text.contains("verification_id") && !text.contains("/verification"), "{text}");
    assert!(!text.contains("test-client"), "{text}");
    text.lines().filter(|line| line.contains(": cashfree_vkyc: ")).map(str::to_owned).collect()
}

fn has(line: &str, parts: &[&str]) {
    for part in parts {
        assert!(line.contains(part), "{part} is not in {line}");
    }
}

#[tokio::test]
async fn a_call_is_one_span_with_the_names_of_opentelemetry() {
    let lines = traced(json(200, r#"{"verification_id":"canary","status":"RECEIVED"}"#)).await;
    let [opened, attempt, closed] = lines.as_slice() else { panic!("{lines:#?}") };
    has(
        opened,
        &[
            "cashfree_vkyc.call{",
            "otel.kind=\"client\"",
            "otel.name=GET /vkyc",
            "http.request.method=\"GET\"",
            "url.template=\"/vkyc\"",
            "server.address=\"127.0.0.1\"",
            "server.port=",
            "rpc.method=\"vkycGetStatus\"",
            ": new",
        ],
    );
    has(attempt, &["DEBUG", "attempt answered", "http.request.resend_count=0", "http.response.status_code=200"]);
    has(closed, &["http.response.status_code=200", "cashfree.request_id=\"request-7\"", ": close"]);
    assert!(!closed.contains("error.type") && !closed.contains("resend_count"), "{closed}");
}

#[tokio::test]
async fn each_attempt_is_one_event_and_the_span_has_the_outcome() {
    let lines = traced(json(503, r#"{"type":"internal_error","code":"request_failed","message":"m"}"#)).await;
    let [_, first, second, third, closed] = lines.as_slice() else { panic!("{lines:#?}") };
    for (number, line) in [first, second, third].into_iter().enumerate() {
        let count = format!("http.request.resend_count={number}");
        has(line, &["WARN", "attempt failed", &count, "http.response.status_code=503", "error.type=\"api\""]);
        has(line, &["cashfree.error_code=request_failed", "cashfree.request_id=request-7"]);
    }
    has(closed, &["http.request.resend_count=2", "http.response.status_code=503", "error.type=\"api\"", ": close"]);
}

#[tokio::test]
async fn a_body_that_cannot_be_decoded_is_an_error_of_the_span() {
    let lines = traced(json(200, r#"{"user_reference_id":"canary"}"#)).await;
    has(lines.last().unwrap(), &["error.type=\"decode\"", "http.response.status_code=200"]);
}

/// An unknown verification is an expected result of a call. A wrong path is not.
#[tokio::test]
async fn a_documented_404_is_logged_at_debug_and_any_other_at_warn() {
    for (body, level, code) in [
        (r#"{"type":"validation_error","code":"reference_id_not_found"}"#, "DEBUG", Some("reference_id_not_found")),
        (r#"{"type":"not_found_error","code":"referenceId_not_found"}"#, "DEBUG", Some("referenceId_not_found")),
        (r#"{"code":"brand_new"}"#, "WARN", Some("brand_new")),
        (r#"{"message":"Route Not Found"}"#, "WARN", None),
        ("<html>", "WARN", None),
    ] {
        let lines = traced(json(404, body)).await;
        let [_, attempt, _] = lines.as_slice() else { panic!("{lines:#?}") };
        has(attempt, &[level, "attempt failed", "http.response.status_code=404", "cashfree.request_id=request-7"]);
        match code {
            Some(code) => has(attempt, &[&format!("cashfree.error_code={code}")]),
            None => assert!(!attempt.contains("error_code"), "{attempt}"),
        }
    }
}
