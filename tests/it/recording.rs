//! Downloads of recordings over real sockets: complete, interrupted and resumed, with expired links, and refused.

#[cfg(unix)]
mod file;
mod hosts;
mod receipt;
mod whole;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cashfree_vkyc::{Client, DownloadError, Progress, Receipt, RecordingLink, RetryPolicy, VideoKyc};
use tokio::io::AsyncWriteExt as _;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::support::log::logged;
use crate::support::{self, Server};

const FILE: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyz";
const LAPSED: &str = "X-Amz-Date=20250709T084809Z&X-Amz-Expires=3600&X-Amz-Signature=canary-7f3a";

/// A storage that sends the next of these responses to each connection, and then repeats the last one.
async fn storage(answers: Vec<Vec<u8>>) -> Server {
    let answers = Arc::new(Mutex::new(VecDeque::from(answers)));
    Server::scripted(move |mut stream| {
        let answer = {
            let mut answers = answers.lock().unwrap();
            if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() }
        };
        async move {
            let _ = stream.write_all(&answer).await;
            let _ = stream.shutdown().await;
        }
    })
    .await
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

/// A response with the file from a byte on, of which only `sent` bytes are sent.
fn part(from: usize, sent: usize, etag: &str) -> Vec<u8> {
    let length = FILE.len() - from;
    let head = match from {
        0 => format!("200 OK\r\ncontent-length: {length}\r\netag: {etag}"),
        _ => format!(
            "206 Partial\r\ncontent-length: {length}\r\ncontent-range: bytes {from}-{}/{}\r\netag: {etag}",
            FILE.len() - 1,
            FILE.len()
        ),
    };
    answer(&head, &FILE[from..from + sent])
}

/// The link to a file on `server`.
fn link(server: &Server, query: &str) -> RecordingLink {
    let mut vkyc = VideoKyc::default();
    vkyc.reference_id = Some(7);
    vkyc.recording_link = Some(format!("{}/r.mp4?{query}", server.url()).as_str().into());
    vkyc.recording().unwrap()
}

/// A client of an API that sends only errors.
async fn silent() -> Client {
    Server::answering(support::json(500, "{}")).await.builder().retry(RetryPolicy::none()).build().unwrap()
}

/// An API whose status names the link to a file on `storage`.
async fn api(storage: &Server, query: &str) -> Server {
    let url = format!("{}/r.mp4?{query}", storage.url());
    Server::answering(support::json(200, format!(r#"{{"reference_id":7,"recording_link":"{url}"}}"#))).await
}

/// A policy that does not keep a test waiting.
fn quick(attempts: u32) -> RetryPolicy {
    RetryPolicy::default().max_attempts(attempts).base_delay(Duration::from_millis(1))
}

async fn download(link: &RecordingLink, client: &Client) -> (Result<Receipt, DownloadError>, Vec<u8>) {
    let mut file = Vec::new();
    let outcome = link.download(client, &mut file).await;
    (outcome, file)
}

#[tokio::test]
async fn a_download_reports_progress_and_sends_no_credentials() {
    let storage = storage(vec![part(0, 36, "\"a\"")]).await;
    let (mut file, mut seen) = (Vec::new(), Vec::new());
    let receipt = link(&storage, "").download(&silent().await, &mut file).progress(|at: Progress| seen.push(at)).await;
    assert_eq!((receipt.unwrap().bytes(), file.as_slice()), (36, FILE));
    let last = seen.last().unwrap();
    assert_eq!((last.bytes, last.total), (36, Some(36)));
    let request = storage.requests()[0].to_lowercase();
    assert!(request.contains("accept-encoding: identity\r\n") && !request.contains("range:"), "{request}");
    for ours in
        ["x-client-id", "x-client-secret", "x-api-version", "x-cf-signature", "test-client", "authorization", "cookie"]
    {
        assert!(!request.contains(ours), "{ours} in {request}");
    }
}

#[tokio::test]
async fn an_interrupted_download_resumes_at_its_byte() {
    let storage = storage(vec![part(0, 10, "\"a\""), part(10, 5, "\"a\""), part(15, 21, "\"a\"")]).await;
    let (outcome, file) = download(&link(&storage, ""), &silent().await).await;
    assert_eq!((outcome.unwrap().bytes(), file.as_slice()), (36, FILE));
    let requests: Vec<_> = storage.requests().iter().map(|request| request.to_lowercase()).collect();
    assert!(
        requests[1].contains("range: bytes=10-\r\n") && requests[1].contains("if-range: \"a\"\r\n"),
        "{requests:?}"
    );
    assert!(requests[2].contains("range: bytes=15-\r\n"), "{requests:?}");
}

#[tokio::test]
async fn an_empty_attempt_does_not_fix_the_version_of_the_file() {
    let nothing = answer("200 OK\r\ncontent-length: 99\r\netag: \"a\"", b"");
    let chunked = answer("200 OK\r\ntransfer-encoding: chunked", b"a\r\n0123456789\r\n0\r\n\r\n");
    let storage = storage(vec![nothing, chunked]).await;
    let (outcome, file) = download(&link(&storage, ""), &silent().await).await;
    assert_eq!((outcome.unwrap().bytes(), file.as_slice()), (10, &FILE[..10]));
}

#[tokio::test]
async fn a_resumed_download_accepts_the_whole_file_again() {
    let storage = storage(vec![part(0, 10, "\"a\""), part(0, 36, "\"a\"")]).await;
    let (outcome, file) = download(&link(&storage, ""), &silent().await).await;
    assert_eq!((outcome.unwrap().bytes(), file.as_slice()), (36, FILE));
}

#[tokio::test]
async fn parts_of_two_files_are_never_joined() {
    let shifted = answer("206 Partial\r\ncontent-length: 5\r\ncontent-range: bytes 9-13/36\r\netag: \"a\"", b"9abcd");
    let longer =
        answer("206 Partial\r\ncontent-length: 27\r\ncontent-range: bytes 10-36/37\r\netag: \"a\"", &[b'x'; 27]);
    for second in [part(0, 36, "\"b\""), part(10, 26, "\"b\""), shifted, longer] {
        let storage = storage(vec![part(0, 10, "\"a\""), second]).await;
        let (outcome, file) = download(&link(&storage, ""), &silent().await).await;
        assert!(matches!(outcome, Err(DownloadError::Changed)), "{outcome:?}");
        assert_eq!(file, FILE[..10]);
    }
}

#[tokio::test]
async fn a_download_without_a_strong_etag_is_not_resumed() {
    for first in [part(0, 10, "W/\"a\""), answer("200 OK\r\ncontent-length: 36", &FILE[..10])] {
        let storage = storage(vec![first, part(10, 26, "\"a\"")]).await;
        let (outcome, file) = download(&link(&storage, ""), &silent().await).await;
        assert!(matches!(outcome, Err(DownloadError::Interrupted(_))), "{outcome:?}");
        assert_eq!((file.as_slice(), storage.requests().len()), (&FILE[..10], 1));
    }
}

/// The last error of the chain has the reason.
#[tokio::test]
async fn an_interrupted_download_names_its_cause() {
    let storage = storage(vec![answer("200 OK\r\ncontent-length: 36", &FILE[..10])]).await;
    let (outcome, _) = download(&link(&storage, "sig=canary-7f3a"), &silent().await).await;
    let error = outcome.unwrap_err();
    let cause = std::iter::successors(std::error::Error::source(&error), |cause| cause.source()).last().unwrap();
    let (shown, cause) = (error.to_string(), cause.to_string());
    assert!(shown.ends_with(&format!("could not be resumed: {cause}")) && cause.len() > 5, "{shown}");
    assert!(!support::all_texts(&error).contains("canary"), "{error}");
}

#[tokio::test]
async fn a_download_fails_after_three_attempts_without_a_byte() {
    let storage = storage(vec![answer("503 Busy\r\ncontent-length: 0", b"")]).await;
    let outcome = link(&storage, "").download(&silent().await, Vec::new()).retry(quick(3)).await;
    assert!(matches!(outcome, Err(DownloadError::Interrupted(_))), "{outcome:?}");
    assert_eq!(storage.requests().len(), 3);
    let outcome = link(&storage, "").download(&silent().await, Vec::new()).retry(RetryPolicy::none()).await;
    assert!(matches!(outcome, Err(DownloadError::Interrupted(_))), "{outcome:?}");
    assert_eq!(storage.requests().len(), 4);
}

#[tokio::test]
async fn received_bytes_reset_the_count_of_attempts() {
    let nothing = || answer("503 Busy\r\ncontent-length: 0", b"");
    let storage = storage(vec![
        nothing(),
        part(0, 10, "\"a\""),
        nothing(),
        part(10, 10, "\"a\""),
        nothing(),
        part(20, 16, "\"a\""),
    ])
    .await;
    let mut file = Vec::new();
    let receipt = link(&storage, "").download(&silent().await, &mut file).retry(quick(3)).await;
    assert_eq!((receipt.unwrap().bytes(), file.as_slice()), (36, FILE));
}

#[tokio::test]
async fn a_download_waits_for_the_retry_after_of_the_storage() {
    let busy = answer("503 Slow Down\r\nretry-after: 1\r\ncontent-length: 0", b"");
    let storage = storage(vec![busy, part(0, 36, "\"a\"")]).await;
    let start = std::time::Instant::now();
    let receipt = link(&storage, "").download(&silent().await, Vec::new()).retry(quick(2)).await;
    assert_eq!(receipt.unwrap().bytes(), 36);
    assert!(start.elapsed() >= Duration::from_secs(1), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_416_at_the_end_completes_a_file_of_unknown_length() {
    let cut = answer("200 OK\r\ntransfer-encoding: chunked\r\netag: \"a\"", b"a\r\n0123456789\r\n");
    let beyond = |total, etag| {
        let head = format!("416 No\r\ncontent-range: bytes */{total}\r\netag: {etag}\r\ncontent-length: 0");
        answer(&head, b"")
    };
    let unnamed = answer("416 No\r\ncontent-range: bytes */10\r\ncontent-length: 0", b"");
    for end in [beyond(10, "\"a\""), unnamed] {
        let whole = storage(vec![cut.clone(), end]).await;
        let (outcome, file) = download(&link(&whole, ""), &silent().await).await;
        assert_eq!((outcome.unwrap().bytes(), file.as_slice()), (10, &FILE[..10]));
    }
    for other in [beyond(9, "\"a\""), beyond(10, "\"b\"")] {
        let storage = storage(vec![cut.clone(), other]).await;
        let (outcome, _) = download(&link(&storage, ""), &silent().await).await;
        assert!(matches!(outcome, Err(DownloadError::Refused { .. })), "{outcome:?}");
    }
}

/// Headers and certificates that a user sets for Cashfree are as secret as the key pair.
#[tokio::test]
async fn headers_for_cashfree_are_not_sent_to_the_storage() {
    use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
    let set =
        |name: http::HeaderName, value: &'static str| HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
    let storage = storage(vec![part(0, 36, "\"a\"")]).await;
    let api = Server::answering(support::json(200, r#"{"reference_id":7}"#)).await;
    let builder = api.builder().http(move |http| http.default_headers(set(AUTHORIZATION, "Bearer canary")));
    let named = http::HeaderName::from_static("x-gateway");
    let client =
        builder.download_http(move |http| http.default_headers(set(named.clone(), "downloads"))).build().unwrap();
    client.status(cashfree_vkyc::ReferenceId(7)).await.unwrap();
    link(&storage, "").download(&client, Vec::new()).await.unwrap();
    assert!(api.requests()[0].contains("Bearer canary") && !api.requests()[0].contains("x-gateway"));
    assert!(storage.requests()[0].contains("x-gateway: downloads") && !storage.requests()[0].contains("canary"));
}

/// A storage that sends one byte, breaks the connection and then refuses must not cause endless status calls.
#[tokio::test]
async fn requests_for_fresh_links_are_bounded() {
    let sent = std::sync::atomic::AtomicUsize::new(0);
    let storage = Server::scripted(move |mut stream| {
        let n = sent.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        async move {
            let bytes =
                if n.is_multiple_of(2) { part(n / 2, 1, "\"a\"") } else { answer("403 No\r\ncontent-length: 0", b"") };
            let _ = stream.write_all(&bytes).await;
            let _ = stream.shutdown().await;
        }
    })
    .await;
    let api = api(&storage, "fresh=1").await;
    let outcome = link(&storage, "").download(&api.client(), Vec::new()).retry(quick(3)).await;
    assert!(matches!(outcome, Err(DownloadError::Expired)), "{outcome:?}");
    assert_eq!(api.requests().len(), 5);
}

#[tokio::test]
async fn an_expired_link_is_replaced_before_the_first_request() {
    let storage = storage(vec![part(0, 36, "\"a\"")]).await;
    let api = api(&storage, "fresh=1").await;
    let (outcome, file) = download(&link(&storage, LAPSED), &api.client()).await;
    assert_eq!((outcome.unwrap().bytes(), file.as_slice()), (36, FILE));
    assert!(storage.requests()[0].contains("fresh=1") && storage.requests().len() == 1);
    assert!(api.requests()[0].contains("reference_id=7") && api.requests().len() == 1);
}

#[tokio::test]
async fn a_link_that_expires_during_the_download_is_replaced() {
    // S3 sends 403 for an expired link, and 400 for a link whose credentials have expired.
    for refusal in ["403 Forbidden", "400 Bad Request", "401 Unauthorized"] {
        let refusal = answer(&format!("{refusal}\r\ncontent-length: 0"), b"");
        let storage = storage(vec![part(0, 10, "\"a\""), refusal, part(10, 26, "\"a\"")]).await;
        let api = api(&storage, "fresh=1").await;
        let (outcome, file) = download(&link(&storage, "old=1"), &api.client()).await;
        assert_eq!((outcome.unwrap().bytes(), file.as_slice()), (36, FILE));
        assert_eq!(api.requests().len(), 1);
        assert!(storage.requests()[2].contains("fresh=1"));
    }
}

#[tokio::test]
async fn a_refused_fresh_link_ends_the_download() {
    let storage = storage(vec![answer("403 Forbidden\r\ncontent-length: 0", b"")]).await;
    let api = api(&storage, LAPSED).await;
    for query in ["", LAPSED] {
        let (outcome, _) = download(&link(&storage, query), &api.client()).await;
        assert!(matches!(outcome, Err(DownloadError::Refused { http_status }) if http_status == 403), "{outcome:?}");
    }
    assert_eq!((api.requests().len(), storage.requests().len()), (2, 3));
}

#[tokio::test]
async fn an_expired_link_without_a_replacement_ends_the_download() {
    let storage = storage(vec![part(0, 36, "\"a\"")]).await;
    let api = Server::answering(support::json(200, r#"{"reference_id":7,"recording_link":""}"#)).await;
    let (outcome, _) = download(&link(&storage, LAPSED), &api.client()).await;
    assert!(matches!(outcome, Err(DownloadError::Expired)), "{outcome:?}");
    let (outcome, _) = download(&link(&storage, LAPSED), &silent().await).await;
    assert!(matches!(outcome, Err(DownloadError::Status(_))), "{outcome:?}");
    assert!(storage.requests().is_empty());
}

#[tokio::test]
async fn redirects_and_errors_of_the_storage_end_the_download() {
    let elsewhere = storage(vec![part(0, 36, "\"a\"")]).await;
    let moved = format!("302 Found\r\nlocation: {}\r\ncontent-length: 0", elsewhere.url());
    for (head, status) in [(moved.as_str(), 302), ("404 Gone\r\ncontent-length: 0", 404), ("204 No Content", 204)] {
        let storage = storage(vec![answer(head, b"")]).await;
        let (outcome, _) = download(&link(&storage, ""), &silent().await).await;
        assert!(matches!(outcome, Err(DownloadError::Refused { http_status }) if http_status == status), "{outcome:?}");
        assert_eq!(storage.requests().len(), 1);
    }
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn max_bytes_applies_to_announced_and_unannounced_sizes() {
    let client = silent().await;
    let announced = storage(vec![part(0, 10, "\"a\"")]).await;
    let chunked = answer("200 OK\r\ntransfer-encoding: chunked", b"a\r\n0123456789\r\na\r\n0123456789\r\n0\r\n\r\n");
    let unannounced = storage(vec![chunked]).await;
    for (storage, most) in [(announced, 0), (unannounced, 10)] {
        let mut file = Vec::new();
        let outcome = link(&storage, "").download(&client, &mut file).max_bytes(15).await;
        assert!(matches!(outcome, Err(DownloadError::TooLarge { limit: 15 })), "{outcome:?}");
        assert!(file.len() <= most, "{}", file.len());
    }
    let chunked = answer("200 OK\r\ntransfer-encoding: chunked", b"a\r\n0123456789\r\n0\r\n\r\n");
    for (whole, size) in [(part(0, 36, "\"a\""), 36), (chunked, 10)] {
        let receipt = link(&storage(vec![whole]).await, "").download(&client, tokio::io::sink()).max_bytes(size).await;
        assert_eq!(receipt.unwrap().bytes(), size, "exactly the limit");
    }
}

#[tokio::test]
async fn a_stalled_download_ends_at_the_timeout() {
    let stalls = Server::scripted(|mut stream| async move {
        let _ = stream.write_all(&part(0, 10, "\"a\"")).await;
        tokio::time::sleep(Duration::from_secs(60)).await;
    })
    .await;
    let limit = Duration::from_millis(300);
    let outcome = link(&stalls, "").download(&silent().await, Vec::new()).timeout(limit).await;
    assert!(matches!(outcome, Err(DownloadError::Timeout { limit: l }) if l == limit), "{outcome:?}");
}

#[tokio::test]
async fn links_without_https_or_with_a_user_are_not_fetched() {
    let client = silent().await;
    for (url, says) in [
        ("http://10.0.0.1/r.mp4", "is not https"),
        ("http://localhost.example.com/r.mp4", "is not https"),
        ("ftp://127.0.0.1/r.mp4", "is not https"),
        ("file:///etc/passwd", "is not https"),
        ("https://user:canary@example.com/r.mp4", "user or password"),
        ("canary", "cannot be read"),
    ] {
        let mut vkyc = VideoKyc::default();
        vkyc.recording_link = Some(url.into());
        let error = vkyc.recording().unwrap().download(&client, Vec::new()).await.unwrap_err();
        let text = support::all_texts(&error);
        assert!(text.contains(says) && !text.contains("canary"), "{text}");
    }
}

#[tokio::test]
async fn links_and_download_errors_do_not_print_the_url() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/r.mp4?sig=canary-7f3a", listener.local_addr().unwrap())
    };
    let mut vkyc = VideoKyc::default();
    vkyc.recording_link = Some(closed.as_str().into());
    let link = vkyc.recording().unwrap();
    let client = silent().await;
    let mut printed = format!("{link:?} {:?} {vkyc:?}", link.download(&client, Vec::new()));
    printed.push_str(&support::all_texts(&link.download(&client, Vec::new()).retry(quick(2)).await.unwrap_err()));
    assert!(!printed.contains("canary") && !printed.contains("r.mp4"), "{printed}");
}

#[tokio::test]
async fn an_error_of_the_writer_ends_the_download() {
    struct Full;
    impl tokio::io::AsyncWrite for Full {
        fn poll_write(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &[u8],
        ) -> std::task::Poll<std::io::Result<usize>> {
            std::task::Poll::Ready(Err(std::io::ErrorKind::StorageFull.into()))
        }
        fn poll_flush(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            std::task::Poll::Ready(Ok(()))
        }
        fn poll_shutdown(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            std::task::Poll::Ready(Ok(()))
        }
    }
    let storage = storage(vec![part(0, 36, "\"a\"")]).await;
    let outcome = link(&storage, "").download(&silent().await, Full).await;
    let Err(error @ DownloadError::Write(_)) = outcome else { panic!("{outcome:?}") };
    let cause = std::io::Error::from(std::io::ErrorKind::StorageFull).to_string();
    assert!(error.to_string().ends_with(&cause), "{error}");
    assert_eq!(storage.requests().len(), 1);
}

#[tokio::test]
async fn the_log_of_a_download_shows_no_link() {
    let storage =
        storage(vec![part(0, 10, "\"a\""), answer("403 No\r\ncontent-length: 0", b""), part(10, 26, "\"a\"")]).await;
    let api = api(&storage, "sig=canary-7f3a").await;
    let (link, client) = (link(&storage, "sig=canary-7f3a"), api.client());
    let ((outcome, _), text) = logged(FmtSpan::NONE, async move { download(&link, &client).await }).await;
    assert_eq!(outcome.unwrap().bytes(), 36);
    assert!(text.contains("hyper") && text.contains("cashfree_vkyc"), "the log is not captured");
    assert!(!text.contains("canary") && !text.contains("r.mp4"), "{text}");
}

/// The defaults that users rely on.
#[tokio::test]
async fn the_default_limits_equal_those_of_the_docs() {
    let server = storage(vec![answer("404 Gone", b"")]).await;
    let client = server.client();
    let download = format!("{:?}", link(&server, "").download(&client, tokio::io::sink()));
    assert!(download.contains("max_bytes: 2147483648, timeout: 1800s"), "{download}");
    let verifier = format!("{:?}", cashfree_vkyc::webhook::Verifier::new("secret").unwrap());
    for limit in ["tolerance: Some(300s)", "max_body_bytes: 262144", "read_timeout: 10s", "max_buffered_bytes: 4194304"]
    {
        assert!(verifier.contains(limit), "{limit}: {verifier}");
    }
}
