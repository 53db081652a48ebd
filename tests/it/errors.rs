//! Failures over real sockets: every response that is not a success becomes one `Error` that loses nothing.

use std::time::{Duration, Instant};

use cashfree_vkyc::{
    ApiError, Client, Credentials, Delivery, Environment, Error, ErrorCode, ErrorKind, RetryPolicy, VerificationId,
};
use tokio::io::AsyncWriteExt as _;

use crate::support::{self, Server, http, json};

fn id() -> VerificationId {
    VerificationId::new("vkyc_42").unwrap()
}

fn message(api: &ApiError) -> Option<&str> {
    api.message.as_ref().map(|message| message.expose().as_str())
}

pub(crate) async fn error_of(answer: Vec<u8>) -> Error {
    let server = Server::answering(answer).await;
    server.client().status(id()).retry(RetryPolicy::none()).await.unwrap_err()
}

#[tokio::test]
async fn documented_errors_give_status_type_code_and_message() {
    for (status, kind) in [
        (400, ErrorKind::Api),
        (401, ErrorKind::Api),
        (403, ErrorKind::Api),
        (404, ErrorKind::Api),
        (409, ErrorKind::Api),
        (422, ErrorKind::Api),
        (429, ErrorKind::RateLimited),
        (500, ErrorKind::Api),
        (502, ErrorKind::Api),
        (503, ErrorKind::Api),
        (504, ErrorKind::Api),
    ] {
        let body = r#"{"type":"some_error","code":"verification_id_not_found","message":"words","error":{"ref_id":1},"new":2}"#;
        let error = error_of(json(status, body)).await;
        assert_eq!((error.kind(), error.http_status().unwrap().as_u16()), (kind, status));
        let api = error.api().unwrap();
        assert_eq!((api.type_.as_deref(), message(api)), (Some("some_error"), Some("words")));
        assert_eq!(api.error.as_ref().unwrap()["ref_id"], 1);
        assert_eq!(api.extra["new"], 2);
        assert_eq!(error.code(), Some(&ErrorCode::VerificationIdNotFound));
        assert_eq!((error.request_id(), error.delivery()), (Some("request-7"), Delivery::Answered));
        assert_eq!(error.raw_body(), Some(body.as_bytes()));
        let shown = error.to_string();
        for part in ["vkycGetStatus (GET /vkyc)", "some_error", "verification_id_not_found", "request-7"] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
    }
}

#[tokio::test]
async fn an_unknown_code_is_kept() {
    let error = error_of(json(400, r#"{"code":"brand new code"}"#)).await;
    assert!(!error.code().unwrap().is_known());
    assert_eq!(error.code().unwrap().as_str(), "brand new code");
}

/// An error code that contains or equals a credential is not an echo of it.
#[tokio::test]
async fn an_error_code_that_contains_a_credential_is_not_redacted() {
    let body = r#"{"type":"authentication_error","code":"ip_validation_failed","message":"id"}"#;
    let server = Server::answering(json(403, body)).await;
    for (id, secret) in [
        ("id", "at"),
        ("validation", "ip_validation"),
        ("ip_validation_failed", "authentication_error"),
        ("validation_failed", "failed"),
    ] {
        let client = server.builder().credentials(Credentials::new(id, secret).unwrap()).build().unwrap();
        let error = client.status(self::id()).await.unwrap_err();
        assert_eq!(error.code(), Some(&ErrorCode::IpValidationFailed), "{id}");
        let api = error.api().unwrap();
        assert_eq!((api.type_.as_deref(), message(api)), (Some("authentication_error"), Some("id")), "{id}");
        assert!(error.advice().is_some(), "{id}");
    }
}

#[tokio::test]
async fn an_error_with_an_undocumented_body_keeps_status_headers_and_body() {
    let html = "<html><body>Bad gateway</body></html>";
    for status in [400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504] {
        for (content_type, body) in [
            ("text/html", html.as_bytes()),
            ("application/json", b"".as_slice()),
            ("application/json", b"null"),
            ("application/json", b"[]"),
            ("application/json", b"{}"),
            ("application/json", br#"{"error":"nope","status":1}"#),
            ("application/json", br#"{"type":{"a":1}}"#),
            ("application/json", br#"{"type":"x""#),
            ("text/plain; charset=latin-1", b"caf\xe9"),
        ] {
            let error = error_of(http(status, content_type, body)).await;
            let kind = if status == 429 { ErrorKind::RateLimited } else { ErrorKind::Api };
            assert_eq!((error.kind(), error.http_status().unwrap().as_u16()), (kind, status));
            assert!(error.api().is_none() && error.code().is_none(), "{error:?}");
            assert_eq!((error.raw_body(), error.request_id()), (Some(body), Some("request-7")));
            assert_eq!(error.headers().unwrap()["content-type"], content_type);
            let says = format!("{} bytes of {}", body.len(), content_type.split(';').next().unwrap());
            assert!(error.to_string().contains(&says), "{error}");
        }
    }
}

#[tokio::test]
async fn an_unreadable_error_field_does_not_affect_the_others() {
    let error =
        error_of(json(404, r#"{"type":["x"],"code":"verification_id_not_found","message":{"en":"m"},"error":""}"#))
            .await;
    let api = error.api().unwrap();
    assert_eq!(
        (api.code.as_ref(), api.type_.as_ref(), api.message.as_ref()),
        (Some(&ErrorCode::VerificationIdNotFound), None, None)
    );
    let error =
        error_of(http(400, "application/json", b"{\"code\":\"invalid_request\",\"message\":\"caf\xe9\"}")).await;
    assert_eq!((error.code(), message(error.api().unwrap())), (Some(&ErrorCode::InvalidRequest), Some("caf\u{fffd}")));
}

/// A status and code can have several documented meanings. A wrong meaning is worse than none.
#[tokio::test]
async fn an_error_shows_its_meaning_only_if_it_is_unambiguous() {
    for (status, body, meaning) in [
        (403, r#"{"type":"validation_error","code":"authentication_failed"}"#, Some("was not sent")),
        (403, r#"{"type":"authentication_error","code":"authentication_failed"}"#, Some("another key, id or time")),
        (401, r#"{"type":"authentication_error","code":"authentication_failed"}"#, Some("not a valid pair")),
        (404, r#"{"type":"not_found_error","code":"verification_id_value_invalid"}"#, Some("DigiLocker")),
        (403, r#"{"code":"authentication_failed"}"#, None),
        (418, r#"{"type":"validation_error","code":"invalid_request"}"#, None),
    ] {
        let error = error_of(json(status, body)).await.to_string();
        match meaning {
            Some(meaning) => assert!(error.contains(meaning), "{body}: {error}"),
            None => assert!(error.ends_with(" (request id request-7)") && !error.contains(". ("), "{body}: {error}"),
        }
    }
}

#[tokio::test]
async fn documented_causes_come_with_advice() {
    for (status, body, advice) in [
        (403, r#"{"type":"authentication_error","code":"ip_validation_failed","message":"203.0.113.7"}"#, "allow-list"),
        (403, r#"{"type":"validation_error","code":"authentication_failed"}"#, "ClientBuilder::two_factor"),
        (
            403,
            r#"{"type":"authentication_error","code":"authentication_failed","message":"Signature mismatch"}"#,
            "clock",
        ),
        (400, r#"{"type":"validation_error","code":"x-client-secret_value_invalid"}"#, "production keys"),
        (401, r#"{"type":"authentication_error","code":"authentication_failed"}"#, "same key pair"),
        (404, r#"{"message":"Route Not Found"}"#, "is enabled"),
        (422, r#"{"type":"validation_error","code":"insufficient_balance"}"#, "Top up"),
    ] {
        let error = error_of(json(status, body)).await;
        assert!(error.advice().unwrap().contains(advice), "{error}");
        assert!(error.to_string().contains(advice), "{error}");
    }
    let nothing_to_say = error_of(json(404, r#"{"type":"validation_error","code":"brand_new"}"#)).await;
    assert_eq!(nothing_to_say.advice(), None);
}

#[tokio::test]
async fn an_undocumented_error_body_still_gives_its_message() {
    let error = error_of(json(404, r#"{"message":"Route Not Found"}"#)).await;
    assert_eq!(message(error.api().unwrap()), Some("Route Not Found"));
    assert!(error.to_string().contains("404 Not Found: The path is wrong"), "{error}");
}

#[tokio::test]
async fn a_success_status_without_a_documented_body_is_a_decode_error() {
    for (body, says, path) in [
        ("", "the body is empty", None),
        ("null", "not an object", None),
        ("[]", "not an object", None),
        ("7", "not an object", None),
        ("{}", "none of the documented fields", None),
        (r#"{"unheard":"of"}"#, "none of the documented fields", None),
        (r#"{"status":null,"verification_id":""}"#, "none of the documented fields", None),
        ("<html>log in</html>", "is not JSON", None),
        (r#"{"verification_id":"x","sta"#, "ends too early", None),
        (r#"{"verification_id":"x","status":"REC"#, "ends within the field `status`", Some("status")),
        (r#"{"reference_id":"x","message":"words alone are no error body"}"#, "none of the documented fields", None),
        (r#"{"verification_id":"x"} trailing"#, "something follows", None),
        (r#"{"reference_id":9223372036854775808}"#, "none of the documented fields", None),
        (r#"{"status":["RECEIVED"],"vkyc_link":{"url":"x"}}"#, "none of the documented fields", None),
        (r#"{"verification_id":"x","status":"A","status":"B"}"#, "field `status`", Some("status")),
    ] {
        let error = error_of(json(200, body)).await;
        assert_eq!((error.kind(), error.http_status().unwrap().as_u16()), (ErrorKind::Decode, 200), "{body}");
        assert_eq!((error.request_id(), error.delivery()), (Some("request-7"), Delivery::Answered));
        assert_eq!((error.raw_body(), error.field_path()), (Some(body.as_bytes()), path), "{body}");
        assert_eq!(error.headers().unwrap()["content-type"], "application/json");
        assert!(error.to_string().contains(says), "{body}: {error}");
    }
}

#[tokio::test]
async fn undocumented_success_statuses_are_errors() {
    let sample = support::published_sample().to_string();
    let created = error_of(json(201, &sample)).await;
    assert_eq!(created.kind(), ErrorKind::Decode);
    assert!(created.to_string().contains("the spec has no success with this status"), "{created}");
    assert_eq!(error_of(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()).await.kind(), ErrorKind::Decode);
    let pending = r#"{"type":"validation_error","code":"validation_pending"}"#;
    for body in [r#"{"type":"brand_new"}"#, r#"{"code":"brand_new"}"#] {
        assert_eq!(error_of(json(200, body)).await.kind(), ErrorKind::Api, "{body}");
    }
    for status in [200, 202] {
        let error = error_of(json(status, pending)).await;
        assert_eq!((error.kind(), error.code()), (ErrorKind::Api, Some(&ErrorCode::ValidationPending)), "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Server::answering(json(200, support::published_sample().to_string())).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("HTTP/1.1 {status} Moved\r\nlocation: {}\r\ncontent-length: 0\r\n\r\n", elsewhere.url());
        let error = error_of(location.into_bytes()).await;
        assert_eq!((error.kind(), error.http_status().unwrap().as_u16()), (ErrorKind::Redirect, status));
    }
    assert_eq!(elsewhere.requests().len(), 0);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_cut_off() {
    let server = Server::scripted(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nx-request-id: request-7\r\n\r\n").await;
        while stream.write_all(&[b' '; 4096]).await.is_ok() {}
    })
    .await;
    let client = server.builder().max_response_bytes(10_000).build().unwrap();
    let error = client.status(id()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::TooLarge, Delivery::Answered));
    assert_eq!(error.raw_body().unwrap().len(), 10_000);
    assert_eq!(error.request_id(), Some("request-7"));
}

#[tokio::test]
async fn a_body_of_exactly_the_limit_is_accepted() {
    let sample = r#"{"verification_id":"vkyc_42","status":"RECEIVED"}"#;
    let server = Server::answering(json(200, sample)).await;
    let client = |bytes| server.builder().max_response_bytes(bytes).build().unwrap();
    assert!(client(sample.len()).status(id()).await.is_ok());
    assert_eq!(client(sample.len() - 1).status(id()).await.unwrap_err().kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn calls_to_silent_and_trickling_servers_end_at_the_timeout() {
    let silent = Server::scripted(|stream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    let trickling = Server::scripted(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await;
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    for (server, delivery) in [(&silent, Delivery::Unknown), (&trickling, Delivery::Answered)] {
        let per_client = server.builder().timeout(Duration::from_millis(300)).build().unwrap().status(id());
        let per_call = server.client().status(id()).timeout(Duration::from_millis(300));
        for request in [per_client, per_call] {
            let start = Instant::now();
            let error = request.await.unwrap_err();
            assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, delivery));
            assert!(start.elapsed() >= Duration::from_millis(300) && start.elapsed() < Duration::from_secs(5));
        }
    }
}

#[tokio::test]
async fn a_call_with_an_invalid_timeout_sends_nothing() {
    let server = Server::answering(json(200, "{}")).await;
    let error = server.client().status(id()).timeout(Duration::ZERO).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery(), error.attempts()), (ErrorKind::Config, Delivery::NotSent, 0));
    assert!(error.to_string().contains("timeout is zero"), "{error}");
    let longer = Duration::from_secs(31);
    let error = server.client().status(id()).attempt_timeout(longer).await.unwrap_err();
    assert!(error.to_string().contains("attempt_timeout is longer than timeout"), "{error}");
    assert_eq!(server.requests().len(), 0);
}

/// The library sets no such limit; a user may.
#[tokio::test]
async fn a_read_timeout_of_the_http_client_is_a_timeout() {
    let silent = Server::scripted(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let builder = silent.builder().retry(RetryPolicy::none()).http(|http| http.read_timeout(Duration::from_millis(50)));
    let error = builder.build().unwrap().status(id()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::Unknown));
}

#[tokio::test]
async fn broken_connections_keep_the_received_bytes() {
    for (answer, delivery, body) in [
        (b"".as_slice(), Delivery::Unknown, None),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc", Delivery::Answered, Some(b"abc".as_slice())),
        (b"not http at all\r\n\r\n", Delivery::Unknown, None),
    ] {
        let error = error_of(answer.to_vec()).await;
        assert_eq!((error.kind(), error.delivery(), error.raw_body()), (ErrorKind::Io, delivery, body));
    }
}

/// A call awaited without a runtime is an error, not a panic.
#[test]
fn a_call_without_a_runtime_is_an_error() {
    let client = Client::builder()
        .environment(Environment::custom("http://127.0.0.1:1").unwrap())
        .credentials(Credentials::new("id", "secret").unwrap())
        .build()
        .unwrap();
    let mut call = client.status(id()).into_future();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let std::task::Poll::Ready(Err(error)) = call.as_mut().poll(&mut context) else { panic!("the call did not end") };
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("no tokio runtime"), "{error}");
}

#[tokio::test]
async fn an_operation_names_its_missing_argument_or_body() {
    let server = Server::answering(json(200, "{}")).await;
    let operations = server.client().operations().clone();
    let asked = operations.vkyc_get_status().send().await.unwrap_err();
    let written = operations.vkyc_initiate().send().await.unwrap_err();
    for (error, what) in [(asked, "the argument `verification_ref` is missing"), (written, "the body is missing")] {
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidRequest, Delivery::NotSent));
        assert!(support::all_texts(&error).contains(what), "{error}");
    }
    assert!(server.requests().is_empty());
}
