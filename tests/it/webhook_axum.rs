//! The extractor over real sockets: requests that reach the handler, and responses without it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use axum::{Router, extract::FromRef, extract::State, routing::post};
use cashfree_vkyc::EventType;
use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::webhook::{
    Dedupe, Event, EventKey, MemoryDedupe, SignedRequest, VerifiedBody, VerifiedEvent, Verifier, WebhookError,
    handle_once,
};
use http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support;

/// Headers that could be Cashfree's, so that the body is read.
fn could_be_signed() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    format!("x-webhook-signature: kGZjaNMwULua7ufWf6++nlm9T2b8JwVtWSIMoEyn12U=\r\nx-webhook-timestamp: {now}\r\n")
}

#[derive(Clone)]
struct App {
    verifier: Verifier,
    received: Arc<Mutex<Vec<Event>>>,
}

impl FromRef<App> for Verifier {
    fn from_ref(app: &App) -> Self {
        app.verifier.clone()
    }
}

async fn receive(State(app): State<App>, VerifiedEvent(event): VerifiedEvent) -> &'static str {
    app.received.lock().unwrap().push(event);
    "received"
}

/// An endpoint, and the events that its handler received.
async fn endpoint(verifier: Verifier) -> (SocketAddr, Arc<Mutex<Vec<Event>>>) {
    let app = App { verifier, received: Arc::default() };
    let received = Arc::clone(&app.received);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/hook", post(receive)).with_state(app);
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, received)
}

async fn send(address: SocketAddr, signed: &SignedRequest) -> (StatusCode, String) {
    let request = reqwest::Client::new().post(format!("http://{address}/hook"));
    let answer = request.headers(signed.headers()).body(signed.body().to_vec()).send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

#[tokio::test]
async fn a_verified_body_prints_its_key_and_its_length() {
    use axum::extract::FromRequest as _;

    let verifier = Verifier::new("secret").unwrap();
    let signed = verifier.sign(r#"{"canary":1}"#);
    let mut request = axum::extract::Request::new(signed.body().to_vec().into());
    *request.headers_mut() = signed.headers();
    let body = VerifiedBody::from_request(request, &verifier).await.unwrap();
    assert_eq!((&body.bytes[..], body.key), (signed.body(), EventKey::of(signed.body())));
    assert_eq!(format!("{body:?}"), format!("VerifiedBody {{ key: {:?}, bytes: 12 }}", body.key));
}

/// Sends these bytes, and returns the first line of the response.
async fn raw(address: SocketAddr, bytes: &[u8], then_close: bool) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    if then_close {
        stream.shutdown().await.unwrap();
    }
    let mut answer = vec![0; 4096];
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read(&mut answer)).await.unwrap().unwrap_or(0);
    String::from_utf8_lossy(&answer[..read]).lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_extractor_accepts_an_event_signed_by_the_sandbox() {
    let sandbox = Sandbox::start().await.unwrap();
    let (address, received) = endpoint(sandbox.verifier().unwrap()).await;
    let event = Event::new(EventType::VkycUserCallQueued, "2025-05-22T03:51:14Z".into(), support::vkyc(7));
    let signed = sandbox.verifier().unwrap().sign(serde_json::to_vec(&event).unwrap());
    assert_eq!(send(address, &signed).await.0, StatusCode::OK);
    assert_eq!(*received.lock().unwrap(), [event]);
}

#[tokio::test]
async fn a_refused_request_gets_its_status_and_never_reaches_the_handler() {
    let verifier = Verifier::new("secret").unwrap();
    let (address, received) = endpoint(verifier.clone().max_body_bytes(10_000)).await;
    let forged = Verifier::new("guessed").unwrap().sign("{}");
    let stale = verifier.sign("{}").at(SystemTime::now() - Duration::from_secs(301));
    for (signed, expected, says) in [
        (forged, StatusCode::UNAUTHORIZED, "signature does not fit"),
        (stale, StatusCode::UNAUTHORIZED, "s ago"),
        (verifier.sign("no JSON"), StatusCode::UNAUTHORIZED, "does not begin"),
        (verifier.sign("{no JSON"), StatusCode::BAD_REQUEST, "not JSON"),
        (verifier.sign("{}"), StatusCode::BAD_REQUEST, "not a Video KYC event"),
        (verifier.sign(vec![b' '; 10_001]), StatusCode::PAYLOAD_TOO_LARGE, "10000 bytes"),
    ] {
        let (status, body) = send(address, &signed).await;
        assert_eq!(status, expected, "{body}");
        assert!(body.contains(says), "{body}");
    }
    assert!(received.lock().unwrap().is_empty());
}

#[tokio::test]
async fn an_announced_gigabyte_is_refused_without_being_read() {
    let (address, _) = endpoint(Verifier::new("secret").unwrap()).await;
    let (start, signed) = (Instant::now(), could_be_signed());
    let head = format!("POST /hook HTTP/1.1\r\nhost: x\r\n{signed}content-length: 1000000000\r\n\r\n");
    assert_eq!(raw(address, head.as_bytes(), false).await, "HTTP/1.1 413 Payload Too Large");
    assert!(start.elapsed() < Duration::from_secs(5), "it waited for the body");
}

#[tokio::test]
async fn a_request_without_a_signature_is_refused_before_its_body() {
    let (address, _) = endpoint(Verifier::new("secret").unwrap()).await;
    for (header, expected) in
        [("", "HTTP/1.1 401 Unauthorized"), ("x-webhook-signature: no base64\r\n", "HTTP/1.1 400 Bad Request")]
    {
        let head = format!("POST /hook HTTP/1.1\r\nhost: x\r\n{header}content-length: 1000\r\n\r\n");
        assert_eq!(raw(address, head.as_bytes(), false).await, expected);
    }
}

#[tokio::test]
async fn the_extractor_works_with_a_state_in_an_arc() {
    let verifier = Verifier::new("secret").unwrap();
    let app = Arc::new(App { verifier: verifier.clone(), received: Arc::default() });
    let received = Arc::clone(&app.received);
    let handler = |State(app): State<Arc<App>>, VerifiedEvent(event): VerifiedEvent| async move {
        app.received.lock().unwrap().push(event);
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/hook", post(handler)).with_state(app);
    tokio::spawn(async move { axum::serve(listener, router).await });
    let (status, _) = send(address, &verifier.sign(r#"{"event_type":"VKYC_X","data":{"reference_id":7}}"#)).await;
    assert_eq!((status, received.lock().unwrap().len()), (StatusCode::OK, 1));
}

#[tokio::test]
async fn a_failed_delivery_gets_500_and_its_repetition_is_handled_once() {
    let sandbox = Sandbox::start().await.unwrap();
    let (seen, runs): (Arc<dyn Dedupe>, _) = (Arc::new(MemoryDedupe::default()), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&runs);
    let handler = async move |VerifiedEvent(event): VerifiedEvent| {
        let keep = async |_: &Event| if counter.fetch_add(1, Ordering::SeqCst) == 0 { Err("no disk") } else { Ok(()) };
        match handle_once(&seen, &event, keep).await {
            Ok(handled) => handled.http_status(),
            Err(error) => error.http_status(),
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/hook", post(handler)).with_state(sandbox.verifier().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let event = Event::new(EventType::VkycUserCallQueued, "2025-05-22T03:51:14Z".into(), support::vkyc(7));
    for (status, handled) in [(StatusCode::INTERNAL_SERVER_ERROR, 1), (StatusCode::OK, 2), (StatusCode::OK, 2)] {
        let signed = sandbox.verifier().unwrap().sign(serde_json::to_vec(&event).unwrap());
        assert_eq!(send(address, &signed).await.0, status);
        assert_eq!(runs.load(Ordering::SeqCst), handled);
    }
}

#[tokio::test]
async fn a_body_that_fails_during_reading_is_unreadable() {
    use axum::extract::FromRequest as _;
    let verifier = Verifier::new("secret").unwrap();
    let pieces = [Ok("{"), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
    let body = axum::body::Body::from_stream(futures_util::stream::iter(pieces));
    let mut request = axum::extract::Request::new(body);
    *request.headers_mut() = verifier.sign("{").headers();
    let error = VerifiedEvent::from_request(request, &verifier).await.unwrap_err();
    assert_eq!((&error, error.http_status()), (&WebhookError::Unreadable, StatusCode::BAD_REQUEST));
}

#[tokio::test]
async fn a_chunked_body_over_the_limit_is_refused() {
    let (address, _) = endpoint(Verifier::new("secret").unwrap().max_body_bytes(100)).await;
    let signed = could_be_signed();
    let mut bytes =
        format!("POST /hook HTTP/1.1\r\nhost: x\r\n{signed}transfer-encoding: chunked\r\n\r\n").into_bytes();
    (0..20).for_each(|_| bytes.extend_from_slice(b"a\r\n0123456789\r\n"));
    assert_eq!(raw(address, &bytes, false).await, "HTTP/1.1 413 Payload Too Large");
}

#[tokio::test]
async fn a_truncated_body_never_reaches_the_handler() {
    let (address, received) = endpoint(Verifier::new("secret").unwrap()).await;
    let signed = could_be_signed();
    let bytes = format!("POST /hook HTTP/1.1\r\nhost: x\r\n{signed}content-length: 100\r\n\r\n{{\"event_type\"");
    assert!(!raw(address, bytes.as_bytes(), true).await.contains("200"));
    assert!(received.lock().unwrap().is_empty());
}
