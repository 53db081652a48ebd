//! Faults of a server, over real sockets: the kind of each error, its attempts, its end in time, and output without personal data.

use std::io::Write as _;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use cashfree_vkyc::{Client, Credentials, Delivery, Environment, Error, ErrorKind, RetryPolicy, VerificationId};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::support::log::logged;
use crate::support::{self, Server, all_texts, http, json};

const TIMEOUT: Duration = Duration::from_millis(1500);
const ATTEMPT: Duration = Duration::from_millis(400);

/// A client that retries quickly, so that three attempts fit into a test.
fn client(url: &str) -> Client {
    Client::builder()
        .environment(Environment::custom(url).unwrap())
        .credentials(Credentials::new("canary-client-id", "canary-client-secret").unwrap())
        .timeout(TIMEOUT)
        .attempt_timeout(ATTEMPT)
        .connect_timeout(ATTEMPT)
        .max_response_bytes(64 * 1024)
        .retry(RetryPolicy::default().base_delay(Duration::from_millis(10)))
        .build()
        .unwrap()
}

/// Calls, and checks the properties of every failure.
async fn fail(url: &str) -> Error {
    let client = client(url);
    let call = async move {
        let start = Instant::now();
        let error = client.status(VerificationId::new("canary-id").unwrap()).await.unwrap_err();
        (error, start.elapsed())
    };
    let ((error, elapsed), log) = logged(FmtSpan::NONE, call).await;
    assert!(elapsed < TIMEOUT + Duration::from_millis(700), "{elapsed:?}: {error}");
    let texts = all_texts(&error);
    assert!(!texts.contains("canary"), "{texts}");
    assert!(!log.is_empty(), "nothing was logged");
    assert!(!log.contains("canary"), "{log}");
    error
}

async fn fails_with(answer: impl Into<Vec<u8>>, kind: ErrorKind, attempts: u32) -> Error {
    let answer = answer.into();
    let shown = String::from_utf8_lossy(&answer[..answer.len().min(80)]).into_owned();
    let server = Server::answering(answer).await;
    let error = fail(&server.url()).await;
    assert_eq!((error.kind(), error.attempts()), (kind, attempts), "{shown}: {error:?}");
    assert_eq!(server.requests().len(), usize::try_from(attempts).unwrap(), "{shown}");
    error
}

async fn script_fails_with<F, Fut>(script: F, kind: ErrorKind, attempts: u32) -> Error
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let server = Server::scripted(script).await;
    let error = fail(&server.url()).await;
    assert_eq!((error.kind(), error.attempts()), (kind, attempts), "{error:?}");
    error
}

#[tokio::test]
async fn refused_connections_and_unknown_hosts_are_connect_errors() {
    // It does not listen, and keeps others from the port.
    let closed = tokio::net::TcpSocket::new_v4().unwrap();
    closed.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let error = fail(&format!("http://{}", closed.local_addr().unwrap())).await;
    assert_eq!((error.kind(), error.delivery(), error.attempts()), (ErrorKind::Connect, Delivery::NotSent, 3));
    let error = fail("https://no-such-host.invalid").await;
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connect, Delivery::NotSent));
}

/// Closes with a reset instead of an orderly end.
fn reset(stream: TcpStream) {
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
}

#[tokio::test]
async fn broken_connections_are_retried() {
    script_fails_with(async |stream| reset(stream), ErrorKind::Io, 3).await;
    let after_headers = |mut stream: TcpStream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ncanary").await;
        tokio::time::sleep(Duration::from_millis(30)).await;
        reset(stream);
    };
    let error = script_fails_with(after_headers, ErrorKind::Io, 3).await;
    assert_eq!((error.delivery(), error.http_status().unwrap().as_u16()), (Delivery::Answered, 200));
    fails_with("", ErrorKind::Io, 3).await;
    fails_with("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\ncanary", ErrorKind::Io, 3).await;
    fails_with("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n6\r\ncanary\r\n", ErrorKind::Io, 3).await;
    fails_with("canary, not HTTP\r\n\r\n", ErrorKind::Io, 3).await;
}

#[tokio::test]
async fn silent_and_slow_responses_end_at_the_timeout() {
    let silence = |stream: TcpStream| async move {
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    };
    script_fails_with(silence, ErrorKind::Timeout, 3).await;
    let slow_headers = |mut stream: TcpStream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while stream.write_all(b"x-canary: canary\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    script_fails_with(slow_headers, ErrorKind::Timeout, 3).await;
    let trickle = |mut stream: TcpStream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await;
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let error = script_fails_with(trickle, ErrorKind::Timeout, 3).await;
    assert_eq!(error.delivery(), Delivery::Answered);
}

#[tokio::test]
async fn oversized_responses_are_cut_off_and_not_retried() {
    let endless = |mut stream: TcpStream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b' '; 16 * 1024]).await.is_ok() {}
    };
    let error = script_fails_with(endless, ErrorKind::TooLarge, 1).await;
    assert_eq!(error.raw_body().unwrap().len(), 64 * 1024);
    let announced = |mut stream: TcpStream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 200000000\r\n\r\n").await;
        for _ in 0..200_000_000 / 65_536 {
            if stream.write_all(&[b' '; 65_536]).await.is_err() {
                break;
            }
        }
    };
    script_fails_with(announced, ErrorKind::TooLarge, 1).await;
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x-canary: canary\r\n".repeat(150));
    fails_with(many, ErrorKind::TooLarge, 1).await;
    let wide = format!("HTTP/1.1 200 OK\r\nx-canary: {}\r\n\r\n", "c".repeat(600_000));
    fails_with(wide, ErrorKind::TooLarge, 1).await;
}

#[tokio::test]
async fn a_compressed_response_is_not_decompressed() {
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    bomb.write_all(&vec![b' '; 20_000_000]).unwrap();
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 64 * 1024);
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        bomb.len()
    )
    .into_bytes();
    answer.extend_from_slice(&bomb);
    let error = fails_with(answer, ErrorKind::Decode, 1).await;
    assert_eq!(error.raw_body(), Some(bomb.as_slice()));
    assert!(error.to_string().contains("compressed"), "{error}");
}

#[tokio::test]
async fn unusual_but_valid_responses_are_accepted() {
    let sample = support::published_sample().to_string();
    let length = sample.len();
    let half = length / 2;
    let chunked = format!(
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{half:x}\r\n{}\r\n{:x}\r\n{}\r\n0\r\n\r\n",
        &sample[..half],
        length - half,
        &sample[half..]
    );
    for answer in [
        chunked,
        format!("HTTP/1.0 200 OK\r\n\r\n{sample}"),
        format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{sample}"),
        format!(
            "HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{sample}"
        ),
        format!("HTTP/1.1 200 OK\r\nx-twice: 1\r\nx-twice: 2\r\ncontent-length: {length}\r\n\r\n{sample}"),
    ] {
        let server = Server::answering(answer.clone()).await;
        let response = client(&server.url()).status(VerificationId::new("vkyc_verification_id").unwrap()).await;
        let response = response.unwrap_or_else(|error| panic!("{error:?}: {answer}"));
        assert_eq!((response.reference_id, response.attempts()), (Some(1358), 1));
    }
}

#[tokio::test]
async fn transient_statuses_are_retried_and_others_are_not() {
    let body = r#"{"type":"t","code":"request_failed","error":{"x":"canary"}}"#;
    for (status, attempts) in [
        (400, 1),
        (401, 1),
        (403, 1),
        (404, 1),
        (408, 3),
        (409, 1),
        (422, 1),
        (500, 3),
        (501, 1),
        (502, 3),
        (503, 3),
        (504, 3),
    ] {
        fails_with(json(status, body), ErrorKind::Api, attempts).await;
        for (content_type, body) in
            [("text/html", "<html>canary".as_bytes()), ("text/plain", b"\xe9 canary"), ("text/plain", b"")]
        {
            let error = fails_with(http(status, content_type, body), ErrorKind::Api, attempts).await;
            assert_eq!(error.raw_body(), Some(body));
        }
    }
    fails_with(json(429, body), ErrorKind::RateLimited, 3).await;
    fails_with(json(202, body), ErrorKind::Api, 1).await;
    fails_with("HTTP/1.1 204 No Content\r\n\r\n", ErrorKind::Decode, 1).await;
    fails_with("HTTP/1.1 304 Not Modified\r\n\r\n", ErrorKind::Redirect, 1).await;
}

#[tokio::test]
async fn a_redirect_error_shows_only_the_host_of_its_target() {
    for (location, says) in [
        ("https://login.example/canary?canary=canary#canary", "on login.example"),
        ("https://canary:canary@login.example:8443/x", "on login.example"),
        ("/canary", "on the same host"),
        ("//login.example/canary", "on login.example"),
        ("data:canary", "has no host"),
    ] {
        let answer = format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        let error = fails_with(answer, ErrorKind::Redirect, 1).await;
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[tokio::test]
async fn a_second_attempt_can_succeed() {
    let sample = json(200, support::published_sample().to_string());
    let tries = std::sync::Arc::new(std::sync::atomic::AtomicU32::new(0));
    let server = Server::scripted(move |mut stream| {
        let (tries, sample) = (tries.clone(), sample.clone());
        async move {
            if tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 1 {
                let _ = stream.write_all(&sample).await;
            }
        }
    })
    .await;
    let response = client(&server.url()).status(VerificationId::new("vkyc_verification_id").unwrap()).await.unwrap();
    assert_eq!((response.attempts(), server.requests().len()), (2, 2));
}

#[tokio::test]
async fn retry_headers_are_parsed_and_never_extend_the_deadline() {
    for (header, asked, attempts) in [
        ("retry-after: 1", Some(1), 2),
        ("retry-after: 0", Some(0), 3),
        ("retry-after: 20", Some(20), 1),
        ("retry-after: 900000000", Some(600), 1),
        ("retry-after: 99999999999999", Some(600), 1),
        ("retry-after: 1445412480", Some(0), 3),
        ("retry-after: 1445412480000", Some(0), 3),
        ("retry-after: Wed, 21 Oct 2015 07:28:00 GMT", Some(0), 3),
        ("retry-after: soon", None, 3),
        ("retry-after: -5", None, 3),
        ("X-RateLimit-Reset: 20", Some(20), 1),
        ("x-ratelimit-reset: 61", Some(60), 1),
        ("x-ratelimit-reset: 18446744073709551615", Some(60), 1),
        ("x-ratelimit-reset: Wed, 21 Oct 2015 07:28:00 GMT", Some(0), 3),
        ("x-ratelimit-retry: 20", Some(20), 1),
        ("x-ratelimit-retry: 3600", Some(60), 1),
        ("x-unrelated: 1", None, 3),
    ] {
        let answer = format!("HTTP/1.1 429 Too Many\r\n{header}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        let error = fails_with(answer, ErrorKind::RateLimited, attempts).await;
        assert_eq!(error.retry_after(), asked.map(Duration::from_secs), "{header}");
    }
    // The rate-limit headers delay a retry only after a 429.
    let answer = "HTTP/1.1 503 Busy\r\nx-ratelimit-reset: 20\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    assert_eq!(fails_with(answer, ErrorKind::Api, 3).await.retry_after(), None);
    let start = Instant::now();
    let answer = "HTTP/1.1 429 Too Many\r\nretry-after: 20\r\ncontent-length: 0\r\n\r\n";
    fails_with(answer, ErrorKind::RateLimited, 1).await;
    assert!(start.elapsed() < Duration::from_secs(1), "it waited beyond the deadline");
}

#[tokio::test]
async fn a_retry_time_in_the_future_is_a_wait_until_then() {
    let time = SystemTime::now() + Duration::from_secs(60);
    let unix = time.duration_since(UNIX_EPOCH).unwrap();
    let date = httpdate::fmt_http_date(time);
    for header in ["retry-after", "x-ratelimit-retry", "x-ratelimit-reset"] {
        for time in [&date, &unix.as_secs().to_string(), &unix.as_millis().to_string()] {
            let head = format!("HTTP/1.1 429 Too Many\r\n{header}: {time}");
            let answer = format!("{head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let error = fails_with(answer, ErrorKind::RateLimited, 1).await;
            let asked = error.retry_after().unwrap().as_secs();
            assert!((45..=60).contains(&asked), "{header}: {time}: {asked}");
        }
    }
}

/// The status and headers count, even if the body is incomplete.
#[tokio::test]
async fn an_error_response_with_a_truncated_body_keeps_its_status() {
    let cut = "HTTP/1.1 429 Too Many\r\nretry-after: 20\r\ncontent-length: 100\r\n\r\ncanary";
    let error = fails_with(cut, ErrorKind::RateLimited, 1).await;
    assert_eq!((error.retry_after(), error.raw_body()), (Some(Duration::from_secs(20)), Some(b"canary".as_slice())));
    fails_with("HTTP/1.1 403 Forbidden\r\ncontent-length: 100\r\n\r\ncanary", ErrorKind::Api, 1).await;
}

/// The possible effect of an earlier attempt is not forgotten when a later one cannot connect.
#[tokio::test]
async fn the_delivery_of_an_error_covers_all_attempts() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        drop(listener);
        let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 4096]).await;
    });
    let error = fail(&url).await;
    assert_eq!((error.kind(), error.delivery(), error.attempts()), (ErrorKind::Connect, Delivery::Unknown, 3));
}

#[tokio::test]
async fn a_stalled_handshake_ends_at_the_connect_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let stalled = listener.accept().await;
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stalled);
    });
    let client = Client::builder()
        .environment(Environment::custom(format!("https://{address}")).unwrap())
        .credentials(Credentials::new("id", "secret").unwrap())
        .connect_timeout(Duration::from_millis(300))
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let start = Instant::now();
    let error = client.status(VerificationId::new("vkyc_verification_id").unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotSent));
    assert!(start.elapsed() >= Duration::from_millis(300) && start.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn the_rate_limit_holds_for_all_clones_and_for_every_attempt() {
    // Two slots at once, then one in about three seconds.
    let limit = || cashfree_vkyc::RateLimit::per_minute(20);
    let good = Server::answering(json(200, support::published_sample().to_string())).await;
    let client = good.builder().rate_limit(limit()).timeout(Duration::from_millis(500)).build().unwrap();
    let call = || client.clone().status(VerificationId::new("vkyc_verification_id").unwrap());
    assert!(call().await.is_ok() && call().await.is_ok());
    let start = Instant::now();
    let error = call().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery(), error.attempts()), (ErrorKind::Timeout, Delivery::NotSent, 0));
    assert!(error.to_string().contains("rate limit") && start.elapsed() < Duration::from_millis(400), "{error}");
    assert_eq!(good.requests().len(), 2);

    let bad = Server::answering(json(503, "{}")).await;
    let client = bad.builder().rate_limit(limit()).timeout(Duration::from_secs(1)).build().unwrap();
    let error = client.status(VerificationId::new("vkyc_verification_id").unwrap()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Api, 2), "the third attempt had no slot in time");
    assert_eq!(bad.requests().len(), 2);
}

/// In a bulk call, the timeout of an id begins with its slot.
#[tokio::test]
async fn ids_of_a_bulk_call_do_not_time_out_while_they_wait_for_slots() {
    use futures_util::StreamExt as _;
    let server = Server::agreeable().await;
    // Ten slots at once, then one in two thirds of a second.
    let limit = cashfree_vkyc::RateLimit::per_minute(100);
    let client = server.builder().rate_limit(limit).timeout(Duration::from_millis(500)).build().unwrap();
    let ids = (1..=13).map(cashfree_vkyc::ReferenceId);
    let failed = client.statuses(ids).concurrency(13).filter(|(_, result)| std::future::ready(result.is_err()));
    assert_eq!(failed.count().await, 0);
    assert_eq!(server.requests().len(), 13);
}

#[tokio::test]
async fn a_short_call_timeout_also_shortens_the_attempts() {
    let server = Server::answering(json(200, support::published_sample().to_string())).await;
    let client = server.builder().attempt_timeout(Duration::from_secs(8)).build().unwrap();
    let call = client.status(VerificationId::new("vkyc_verification_id").unwrap()).timeout(Duration::from_secs(5));
    assert!(call.await.is_ok());
}

/// `localhost` is loopback, whatever the resolver says.
#[tokio::test]
async fn localhost_is_loopback_whatever_the_resolver_returns() {
    let server = Server::answering(json(200, support::published_sample().to_string())).await;
    let port = server.address.port();
    let client = Client::builder()
        .environment(Environment::custom(format!("http://localhost:{port}/verification")).unwrap())
        .credentials(Credentials::new("id", "secret").unwrap())
        .http(|http| http.resolve("localhost", "203.0.113.7:80".parse().unwrap()))
        .timeout(Duration::from_secs(2))
        .build()
        .unwrap();
    assert!(client.status(VerificationId::new("vkyc_verification_id").unwrap()).await.is_ok());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_dropped_call_closes_its_connection() {
    let closed = std::sync::Arc::new(tokio::sync::Notify::new());
    let notify = closed.clone();
    let server = Server::scripted(move |mut stream| {
        let notify = notify.clone();
        async move {
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 16]).await;
            notify.notify_one();
        }
    })
    .await;
    let call = client(&server.url())
        .status(VerificationId::new("vkyc_verification_id").unwrap())
        .timeout(Duration::from_secs(60));
    let call = call.attempt_timeout(Duration::from_secs(60)).into_future();
    assert!(tokio::time::timeout(Duration::from_millis(200), call).await.is_err());
    tokio::time::timeout(Duration::from_secs(5), closed.notified()).await.expect("the connection is still open");
}
