//! A response with another id than the requested one is an error. Its connection is not reused, and its state is not returned.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cashfree_vkyc::{
    Client, Credentials, Delivery, DownloadError, ErrorKind, ReferenceId, RetryPolicy, VerificationId, VideoKyc,
    WatchErrorKind,
};

use crate::support::keep_alive::{Answer, KeepAlive};
use crate::support::{self, all_texts};

const SETTLED: &str = r#""status":"EXPIRED","sub_status":"VKYC_EXPIRED""#;

fn about(id: &str) -> String {
    format!(r#"{{"verification_id":"{id}",{SETTLED}}}"#)
}

fn quick() -> RetryPolicy {
    RetryPolicy::default().base_delay(Duration::from_millis(1))
}

#[tokio::test]
async fn a_response_about_another_verification_is_an_error_without_ids() {
    let server = KeepAlive::answering(|_| Answer::new(about("canary-a"))).await;
    let client = server.builder().retry(quick()).build().unwrap();
    let error = client.status(VerificationId::new("canary-b").unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery(), error.attempts()), (ErrorKind::Mismatch, Delivery::Answered, 2));
    assert_eq!(error.raw_body(), Some(about("canary-a").as_bytes()));
    assert!(!error.is_retryable());
    let texts = all_texts(&error);
    assert!(texts.contains("verification_id") && !texts.contains("canary"), "{texts}");
    assert_eq!(server.requests_by_connection(), [1, 1], "a connection was reused");
}

/// A server that changes the case of ids does so in every response. A retry would not help, and the connection is in order.
#[tokio::test]
async fn an_id_in_another_letter_case_fails_once_and_keeps_the_connection() {
    let server = KeepAlive::answering(|_| Answer::new(about("CUSTOMER-A"))).await;
    let client = server.builder().retry(quick()).build().unwrap();
    for _ in 0..3 {
        let error = client.status(VerificationId::new("customer-a").unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Decode, 1));
    }
    assert_eq!(server.requests_by_connection(), [3]);
}

#[tokio::test]
async fn a_response_must_have_the_requested_id_as_a_number_or_a_string() {
    for (body, expected) in [
        (r#"{"reference_id":7,"status":"RECEIVED"}"#, Ok(())),
        (r#"{"reference_id":"7","status":"RECEIVED"}"#, Ok(())),
        (r#"{"status":"RECEIVED"}"#, Err(ErrorKind::Decode)),
        (r#"{"reference_id":null,"verification_id":"any","status":"RECEIVED"}"#, Err(ErrorKind::Decode)),
        (r#"{"reference_id":"","status":"RECEIVED"}"#, Err(ErrorKind::Decode)),
        (r#"{"reference_id":8,"status":"RECEIVED"}"#, Err(ErrorKind::Mismatch)),
        (r#"{"reference_id":"8","status":"RECEIVED"}"#, Err(ErrorKind::Mismatch)),
        (r#"{"reference_id":0,"status":"RECEIVED"}"#, Err(ErrorKind::Mismatch)),
    ] {
        let server = KeepAlive::answering(move |_| Answer::new(body)).await;
        let client = server.builder().retry(RetryPolicy::none()).build().unwrap();
        let by_method = client.status(ReferenceId(7)).await.map_err(|error| error.kind());
        let by_operation = client.operations().vkyc_get_status().verification_ref(ReferenceId(7)).send().await;
        let outcomes = [by_method.map(drop), by_operation.map(drop).map_err(|error| error.kind())];
        assert_eq!(outcomes, [expected; 2], "{body}");
    }
}

#[tokio::test]
async fn a_watch_does_not_end_with_the_state_of_another_customer() {
    let server = KeepAlive::answering(|_| Answer::new(about("customer-a"))).await;
    let client = server.builder().retry(quick()).build().unwrap();
    let watch = client.watch(VerificationId::new("customer-b").unwrap()).max_wait(Duration::from_secs(3600));
    let error = watch.until_final().await.unwrap_err();
    assert_eq!((error.kind(), error.last()), (WatchErrorKind::Failed, None));
    assert_eq!(error.error().unwrap().kind(), ErrorKind::Mismatch);
    assert!(!all_texts(&error).contains("customer-"), "{error}");
}

#[tokio::test]
async fn a_fresh_link_to_another_customers_recording_is_not_followed() {
    let storage = support::Server::answering(support::http(200, "video/mp4", "canary: the video of customer A")).await;
    let link = format!("{}/a.mp4", storage.url());
    let body = format!(r#"{{"verification_id":"customer-a","recording_link":"{link}",{SETTLED}}}"#);
    let server = KeepAlive::answering(move |_| Answer::new(body.clone())).await;
    let client = server.builder().retry(quick()).build().unwrap();
    let mut lapsed = VideoKyc::default();
    lapsed.verification_id = Some("customer-b".into());
    lapsed.recording_link = Some("https://h.example/b?X-Amz-Date=20250709T084809Z&X-Amz-Expires=60".into());
    let mut written = Vec::new();
    let error = lapsed.recording().unwrap().download(&client, &mut written).await.unwrap_err();
    assert!(matches!(&error, DownloadError::Status(error) if error.kind() == ErrorKind::Mismatch), "{error}");
    assert!(written.is_empty() && storage.requests().is_empty());
}

/// A gateway that sends one response too many on its keep-alive connections. The next request would read it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_surplus_response_is_not_used_for_the_next_request() {
    static DELAY: AtomicU64 = AtomicU64::new(200);
    let server = KeepAlive::answering(|request| {
        let id = request.split("verification_id=").nth(1).unwrap().split(' ').next().unwrap();
        // 0.2 to 20 ms after the right one.
        let after = Duration::from_micros(200 + DELAY.fetch_add(1_777, Ordering::Relaxed) % 20_000);
        Answer { surplus: Some((after, about(id))), ..Answer::new(about(id)) }
    })
    .await;
    let client = server.builder().retry(quick()).build().unwrap();
    for n in 0..200 {
        let id = format!("customer-{n}");
        let answer = client.status(VerificationId::new(&id).unwrap()).await.unwrap();
        assert_eq!(answer.verification_id.as_deref(), Some(id.as_str()));
        tokio::time::sleep(Duration::from_millis(n % 5)).await;
    }
}

/// The id of an earlier request shows that a shared connection is out of step, so none of them is used for a while.
#[tokio::test]
async fn a_response_to_an_earlier_request_ends_the_use_of_shared_connections() {
    static MISTAKES: AtomicU64 = AtomicU64::new(1);
    let server = KeepAlive::answering(|request| {
        let id = request.split("verification_id=").nth(1).unwrap().split(' ').next().unwrap();
        let is_mistaken = id == "customer-b" && MISTAKES.swap(0, Ordering::Relaxed) > 0;
        Answer::new(about(if is_mistaken { "customer-a" } else { id }))
    })
    .await;
    let client = server.builder().retry(quick()).build().unwrap();
    for id in ["customer-a", "customer-b", "customer-a"] {
        let found = client.status(VerificationId::new(id).unwrap()).await.unwrap();
        assert_eq!(found.verification_id.as_deref(), Some(id));
    }
    assert_eq!(server.requests_by_connection(), [2, 1, 1]);
}

/// The server confuses one id. The connections of other accounts stay open.
#[tokio::test]
async fn a_mismatch_does_not_close_the_connection_of_another_account() {
    let server = KeepAlive::answering(|request| {
        let id = request.split("verification_id=").nth(1).unwrap().split(' ').next().unwrap();
        Answer::new(about(if id == "stuck" { "foreign" } else { id }))
    })
    .await;
    let first = server.builder().retry(quick()).build().unwrap();
    let second = first.with_credentials(Credentials::new("another-id", "another-secret").unwrap()).unwrap();
    let status = |client: &Client, id: &str| client.status(VerificationId::new(id).unwrap()).into_future();
    status(&second, "customer-1").await.unwrap();
    for _ in 0..20 {
        assert_eq!(status(&first, "stuck").await.unwrap_err().kind(), ErrorKind::Mismatch);
        status(&first, "customer-2").await.unwrap();
        status(&second, "customer-1").await.unwrap();
    }
    // Each repetition for the stuck id used a new connection.
    assert_eq!(server.requests_by_connection().into_iter().max(), Some(61));
}
