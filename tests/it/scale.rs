//! Many calls: a soak with faults that accounts for every call, and flat memory.
//!
//! The servers run here. The callers run in a child process, whose memory and open files are measured.

use std::collections::HashMap;
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::{Client, Credentials, Environment, ErrorKind, ReferenceId, RetryPolicy};
use futures_util::StreamExt as _;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::support::alone;

/// Runs a test of this file in a child, against `url`. Returns its output.
async fn child(test: &str, url: &str) -> String {
    let process = alone::process(module_path!(), test, url);
    let output = tokio::task::spawn_blocking(move || alone::run(process)).await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    text
}

fn client(url: &str, id: &str, secret: &str) -> Client {
    Client::builder()
        .environment(Environment::custom(url).unwrap())
        .credentials(Credentials::new(id, secret).unwrap())
        .retry(RetryPolicy::default().base_delay(Duration::from_millis(1)))
        .build()
        .unwrap()
}

/// A field of /proc/self/status, in KiB.
fn memory(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    line.trim_matches([':', ' ', '\t', 'k', 'B']).parse().unwrap()
}

fn open_files() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count()
}

/// Serves keep-alive connections. `answer` returns the response to a request's head, and whether to close after it.
async fn serve(answer: impl Fn(&str) -> (Vec<u8>, bool) + Clone + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve_connection(stream, answer.clone()));
        }
    });
    url
}

async fn serve_connection(mut stream: TcpStream, answer: impl Fn(&str) -> (Vec<u8>, bool)) {
    let (read, mut write) = stream.split();
    let mut read = BufReader::new(read);
    let mut head = String::new();
    while read.read_line(&mut head).await.is_ok_and(|length| length > 0) {
        if head.ends_with("\r\n\r\n") {
            let (bytes, close) = answer(&head);
            if write.write_all(&bytes).await.is_err() || close {
                return;
            }
            head.clear();
        }
    }
}

fn answer(status: u16, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} S\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len())
        .into_bytes()
}

#[tokio::test]
async fn a_failed_call_does_not_stop_a_bulk_call() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.put(Sandbox::published_sample());
    let client = sandbox.client().unwrap();
    let ids = [ReferenceId(1), ReferenceId(1358), ReferenceId(2), ReferenceId(1358), ReferenceId(3)];
    let results: Vec<_> = client.statuses(ids).concurrency(2).collect().await;
    assert_eq!(results.len(), 5);
    for (id, result) in results {
        match id {
            ReferenceId(1358) => assert_eq!(result.unwrap().reference_id, Some(1358)),
            _ => assert_eq!(result.unwrap_err().kind(), ErrorKind::Api),
        }
    }
    assert_eq!(client.statuses(Vec::<ReferenceId>::new()).count().await, 0);
}

#[tokio::test]
async fn a_bulk_call_never_exceeds_its_concurrency() {
    let (now, most) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (under_way, highest) = (now.clone(), most.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (under_way, highest) = (under_way.clone(), highest.clone());
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                highest.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(10)).await;
                under_way.fetch_sub(1, Ordering::SeqCst);
                let _ = stream.write_all(&answer(404, "{}")).await;
            });
        }
    });
    assert_eq!(client(&url, "id", "secret").statuses((0..60).map(ReferenceId)).concurrency(5).count().await, 60);
    assert_eq!(most.load(Ordering::SeqCst), 5);
}

/// A tenth of the calls get a fault at their first attempt, and a hundredth at every attempt.
const CALLS: i64 = 40_000;

fn reference_id(head: &str) -> i64 {
    head.split("reference_id=").nth(1).and_then(|rest| rest.split(' ').next()).unwrap().parse().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_soak_with_faults_accounts_for_every_call_in_flat_memory() {
    if let Some(url) = alone::told() {
        return soak(&url).await;
    }
    let tries: Arc<Mutex<HashMap<i64, u32>>> = Arc::default();
    let requests = Arc::new(AtomicU64::new(0));
    let count = requests.clone();
    let url = serve(move |head| {
        count.fetch_add(1, Ordering::Relaxed);
        let id = reference_id(head);
        let good = || (answer(200, &format!(r#"{{"reference_id":{id},"status":"RECEIVED"}}"#)), false);
        if id % 10 != 0 {
            return good();
        }
        let mut tries = tries.lock().unwrap();
        let tried = tries.entry(id).or_default();
        *tried += 1;
        match (*tried > 1 && id % 100 != 0, id / 100 % 5) {
            (true, _) => good(),
            (_, 0) => (answer(503, "{}"), false),
            (_, 1) => (Vec::new(), true),
            (_, 2) => (answer(200, r#"{"reference_id":1}"#)[..80].to_vec(), true),
            (_, 3) => (b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 6\r\n\r\n<html>".to_vec(), false),
            _ => (b"HTTP/1.1 429 Too Many\r\nretry-after: 0\r\ncontent-length: 2\r\n\r\n{}".to_vec(), false),
        }
    })
    .await;
    let report = child("a_soak_with_faults_accounts_for_every_call_in_flat_memory", &url).await;
    let attempts: u64 = report.lines().find_map(|line| line.strip_prefix("attempts ")).unwrap().parse().unwrap();
    assert_eq!(attempts, requests.load(Ordering::Relaxed), "a request is not accounted for");
}

async fn soak(url: &str) {
    let client = client(url, "id", "secret");
    let mut statuses = client.statuses((1..=CALLS).map(ReferenceId)).concurrency(64);
    let (mut good, mut bad, mut attempts, mut early) = (0, 0, 0u64, 0);
    while let Some((ReferenceId(id), result)) = statuses.next().await {
        match result {
            Ok(vkyc) => {
                assert_eq!(vkyc.reference_id, Some(id), "a response went to another call");
                attempts += u64::from(vkyc.attempts());
                good += 1;
            }
            Err(error) => {
                assert!(id % 100 == 0, "{id}: {error}");
                // A bulk call retries after a 429, regardless of the retry policy.
                let expected = if error.kind() == ErrorKind::RateLimited { 5 } else { 3 };
                assert_eq!(error.attempts(), expected, "{error}");
                attempts += u64::from(expected);
                bad += 1;
            }
        }
        if good + bad == CALLS / 10 {
            early = memory("VmRSS");
        }
    }
    assert_eq!((good, bad), (CALLS - CALLS / 100, CALLS / 100));
    let late = memory("VmRSS");
    assert!(late < early + 8 * 1024, "memory grew from {early} to {late} KiB");
    assert!(open_files() < 64 + 40, "{} files are open", open_files());
    println!("\nattempts {attempts}\nmemory {early} -> {late} KiB");
}

#[tokio::test]
async fn a_body_of_200_megabytes_takes_less_than_16_mib_of_memory() {
    if let Some(url) = alone::told() {
        return huge(&url).await;
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 4096]).await;
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 200000000\r\n\r\n").await;
                while stream.write_all(&[b' '; 65_536]).await.is_ok() {}
            });
        }
    });
    child("a_body_of_200_megabytes_takes_less_than_16_mib_of_memory", &url).await;
}

async fn huge(url: &str) {
    let client = client(url, "id", "secret");
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let idle = memory("VmHWM");
    for _ in 0..3 {
        assert_eq!(client.status(ReferenceId(1)).await.unwrap_err().kind(), ErrorKind::TooLarge);
    }
    let peak = memory("VmHWM");
    assert!(peak < idle + 16 * 1024, "memory rose from {idle} to {peak} KiB");
}
