//! Many unauthenticated senders against the extractor, over real sockets: their responses, their memory, and concurrent signed
//! requests.

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::{Router, routing::post};
use cashfree_vkyc::webhook::{SignedRequest, VerifiedEvent, Verifier};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::MissedTickBehavior;

use crate::support::alone;

const SENDERS: usize = 200;

fn verifier() -> Verifier {
    Verifier::new("secret").unwrap()
}

async fn endpoint(verifier: Verifier) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/hook", post(async |VerifiedEvent(_): VerifiedEvent| ())).with_state(verifier);
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()
}

/// The head of a request with a made-up signature that has the right length.
fn head(timestamp: u128, length: usize) -> String {
    format!(
        "POST /hook HTTP/1.1\r\nhost: x\r\nx-webhook-signature: {}A=\r\nx-webhook-timestamp: {timestamp}\r\ncontent-length: {length}\r\n\r\n",
        "A".repeat(42)
    )
}

/// Many connections that send these bytes, and nothing more.
async fn stall(address: SocketAddr, bytes: &[u8]) -> Vec<TcpStream> {
    let mut senders = Vec::new();
    for _ in 0..SENDERS {
        let mut sender = TcpStream::connect(address).await.unwrap();
        sender.write_all(bytes).await.unwrap();
        senders.push(sender);
    }
    senders
}

/// Returns the response to a sender, within a short time.
async fn answer(sender: &mut TcpStream) -> String {
    let mut bytes = vec![0; 4096];
    let read =
        tokio::time::timeout(Duration::from_secs(8), sender.read(&mut bytes)).await.expect("no response").unwrap();
    String::from_utf8_lossy(&bytes[..read]).into_owned()
}

#[tokio::test]
async fn a_made_up_signature_with_an_old_time_is_refused_before_its_body() {
    let address = endpoint(verifier()).await;
    for mut sender in stall(address, head(1, 1000).as_bytes()).await {
        assert!(answer(&mut sender).await.starts_with("HTTP/1.1 401 "));
    }
}

#[tokio::test]
async fn stalled_requests_get_408_at_the_read_timeout() {
    let limit = Duration::from_millis(300);
    let address = endpoint(verifier().read_timeout(limit)).await;
    let start = Instant::now();
    for mut sender in stall(address, format!("{}{{", head(now(), 1000)).as_bytes()).await {
        assert!(answer(&mut sender).await.starts_with("HTTP/1.1 408 "));
    }
    assert!(start.elapsed() >= limit);
    // Single bytes do not extend the time.
    let mut dripping = TcpStream::connect(address).await.unwrap();
    dripping.write_all(head(now(), 1000).as_bytes()).await.unwrap();
    let (mut read, mut write) = dripping.into_split();
    let drip = tokio::spawn(async move {
        while write.write_all(b"{").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let mut first = [0; 12];
    tokio::time::timeout(Duration::from_secs(8), read.read_exact(&mut first)).await.expect("no response").unwrap();
    assert_eq!(&first, b"HTTP/1.1 408");
    drip.abort();
}

#[tokio::test]
async fn stalled_requests_do_not_block_others() {
    let verifier = verifier().max_buffered_bytes(33 * 1024);
    let address = endpoint(verifier.clone()).await;
    let mut stalling = stall(address, head(now(), 1000).as_bytes()).await;
    // All except the last four, which take 8 KiB each.
    for sender in &mut stalling[..SENDERS - 4] {
        let answer = answer(sender).await;
        assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("\r\nretry-after: 1\r\n"), "{answer}");
    }
    // Honest requests are served, although head and body are sent separately.
    for _ in 0..20 {
        let signed = verifier.sign(r#"{"event_type":"VKYC_X","data":{"reference_id":1}}"#);
        let mut honest = TcpStream::connect(address).await.unwrap();
        honest.write_all(&request_head(&signed)).await.unwrap();
        stalling.push(TcpStream::connect(address).await.unwrap());
        stalling.last_mut().unwrap().write_all(head(now(), 1000).as_bytes()).await.unwrap();
        tokio::time::sleep(Duration::from_millis(5)).await;
        honest.write_all(signed.body()).await.unwrap();
        assert!(answer(&mut honest).await.starts_with("HTTP/1.1 200 "));
    }
}

#[tokio::test]
async fn a_signed_body_is_accepted_after_many_stalled_requests() {
    let verifier = verifier();
    let address = endpoint(verifier.clone()).await;
    let signed = verifier.sign(r#"{"event_type":"VKYC_X","data":{"reference_id":1}}"#);
    let mut genuine = TcpStream::connect(address).await.unwrap();
    genuine.write_all(&request_head(&signed)).await.unwrap();
    let _stalling = stall(address, format!("{}{{", head(now(), 1000)).as_bytes()).await;
    // After the response to a later request, the server has read the stalled ones.
    let mut last = TcpStream::connect(address).await.unwrap();
    last.write_all(format!("{}{{}}", head(now(), 2)).as_bytes()).await.unwrap();
    assert!(answer(&mut last).await.starts_with("HTTP/1.1 401 "));
    genuine.write_all(signed.body()).await.unwrap();
    assert!(answer(&mut genuine).await.starts_with("HTTP/1.1 200 "));
}

/// Up to 2,000 unsigned requests a second: some stall before their body, after one byte or before the last byte, some are complete.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn most_genuine_requests_pass_during_an_attack() {
    let verifier = verifier();
    let address = endpoint(verifier.clone()).await;
    let limit = verifier.body_limit();
    let kinds = [(1000, 0), (1000, 1), (limit, limit - 1), (2, 2)];
    let attack = tokio::spawn(async move {
        let mut ticks = tokio::time::interval(Duration::from_micros(500));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        for (length, sent) in kinds.into_iter().cycle() {
            ticks.tick().await;
            tokio::spawn(async move {
                let mut sender = TcpStream::connect(address).await?;
                sender.write_all(&[head(now(), length).into_bytes(), vec![b'{'; sent]].concat()).await?;
                sender.read_to_end(&mut Vec::new()).await
            });
        }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut genuine = tokio::task::JoinSet::new();
    for _ in 0..150 {
        let signed = verifier.sign(r#"{"event_type":"VKYC_X","data":{"reference_id":1}}"#);
        genuine.spawn(async move {
            let mut line = [0; 13];
            let exchange = async {
                let mut sender = TcpStream::connect(address).await?;
                sender.write_all(&request_head(&signed)).await?;
                tokio::time::sleep(Duration::from_millis(60)).await;
                let _ = sender.write_all(signed.body()).await;
                sender.read_exact(&mut line).await
            };
            exchange.await.is_ok() && &line == b"HTTP/1.1 200 "
        });
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let passed = genuine.join_all().await.into_iter().filter(|passed| *passed).count();
    attack.abort();
    assert!(passed > 100, "{passed} of 150 genuine requests passed");
}

/// The head of a signed request.
fn request_head(signed: &SignedRequest) -> Vec<u8> {
    let headers = signed.headers();
    let lines = headers.iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()));
    let lines: String = lines.collect();
    format!("POST /hook HTTP/1.1\r\nhost: x\r\n{lines}content-length: {}\r\n\r\n", signed.body().len()).into_bytes()
}

/// Returns the resident memory of this process, in KiB.
#[cfg(target_os = "linux")]
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim_matches([' ', '\t', 'k', 'B']).parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn stalled_senders_hold_less_than_24_mib() {
    let test = "stalled_senders_hold_less_than_24_mib";
    if alone::told().is_none() {
        let output = alone::run(alone::process(module_path!(), test, "stall"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let verifier = verifier().max_buffered_bytes(1024 * 1024);
        let limit = verifier.body_limit();
        let address = endpoint(verifier).await;
        // The largest body, in one piece and in pieces of one byte.
        let mut whole = head(now(), limit).into_bytes();
        whole.resize(whole.len() + limit - 1, b'{');
        let mut pieces = head(now(), 0).replace("content-length: 0", "transfer-encoding: chunked").into_bytes();
        (1..limit).for_each(|_| pieces.extend_from_slice(b"1\r\n{\r\n"));
        let before = resident();
        for (bytes, name) in [(whole, "whole"), (pieces, "in pieces")] {
            let senders = stall(address, &bytes).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
            let held = resident().saturating_sub(before);
            drop(senders);
            eprintln!("{SENDERS} senders hold {held} KiB, {name}");
            // 1 MiB of bodies, and the memory of hyper and the tasks for 200 connections.
            assert!(held < 24 * 1024, "{SENDERS} senders hold {held} KiB, {name}");
        }
    });
}
