//! The sandbox responds as Cashfree documents, so that a test against it is meaningful. The tests of its controls are in
//! `sandbox/`.

mod assertions;
mod control;
mod documented;
mod endpoint;
mod faults;
mod journeys;
mod merchant;

mod operations;
mod recordings;
mod time;
mod webhooks;

use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::{ReferenceId, Status, VerificationId};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::support::{self, alone};

/// Sends a request as bytes, which the client would refuse to send.
async fn ask(sandbox: &Sandbox, target: &str, headers: &str) -> (u16, serde_json::Value) {
    let url = sandbox.environment().unwrap().base_url().to_owned();
    let mut stream = tokio::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).await.unwrap();
    let request = format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head[9..12].parse().unwrap(), serde_json::from_str(body).unwrap())
}

/// The headers that every request needs.
fn due(sandbox: &Sandbox) -> String {
    format!("{}x-api-version: {}\r\n", pair(sandbox), support::api_version())
}

fn pair(sandbox: &Sandbox) -> String {
    format!("x-client-id: {}\r\nx-client-secret: {}\r\n", sandbox.client_id(), sandbox.client_secret())
}

#[tokio::test]
async fn requests_are_checked_in_the_documented_order() {
    let sandbox = Sandbox::start().await.unwrap();
    let long = format!("/vkyc?verification_id={}", "a".repeat(51));
    let (due, pair) = (due(&sandbox), pair(&sandbox));
    let mixed = format!("x-client-id: {}\r\nx-client-secret: b\r\n", sandbox.client_id());
    let version = |version: &str| format!("{pair}x-api-version: {version}\r\n");
    let (unreal, empty) = (version("2024-02-30"), version(""));
    let documentation = "Bad request, please check API documentation";
    for (target, headers, status, type_, code) in [
        ("/vkyc?reference_id=1", "", 400, "validation_error", "x-client-id_missing"),
        ("/vkyc?reference_id=1", "x-client-id: a\r\n", 400, "validation_error", "x-client-secret_missing"),
        (
            "/vkyc?reference_id=1",
            "x-client-id: a\r\nx-client-secret: b\r\n",
            401,
            "authentication_error",
            "authentication_failed",
        ),
        ("/vkyc?reference_id=1", &mixed, 401, "authentication_error", "authentication_failed"),
        ("/vkyc?reference_id=1", &pair, 400, "validation_error", documentation),
        ("/vkyc?reference_id=1", &unreal, 400, "validation_error", documentation),
        ("/vkyc?reference_id=1", &empty, 400, "validation_error", documentation),
        ("/vkyc", &due, 400, "validation_error", "invalid_request"),
        ("/vkyc?verification_id=a&reference_id=1", &due, 400, "validation_error", "invalid_request"),
        ("/vkyc?verification_id=", &due, 400, "validation_error", "verification_id_missing"),
        ("/vkyc?verification_id=a%20b", &due, 400, "validation_error", "verification_id_value_invalid"),
        (&long, &due, 400, "validation_error", "verification_id_length_exceeded"),
        ("/vkyc?verification_id=a&verification_id=b", &due, 400, "validation_error", "verification_id_value_invalid"),
        ("/vkyc?verification_id=a&new=1", &due, 400, "validation_error", documentation),
        ("/vkyc?reference_id=abc", &due, 400, "validation_error", "reference_id_value_invalid"),
        ("/vkyc?verification_id=nobody", &due, 404, "validation_error", "verification_id_not_found"),
        ("/vkyc?reference_id=404", &due, 404, "validation_error", "reference_id_not_found"),
    ] {
        let (got, body) = ask(&sandbox, target, headers).await;
        assert_eq!((got, body["type"].as_str(), body["code"].as_str()), (status, Some(type_), Some(code)), "{target}");
        assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{body}");
    }
    assert_eq!(ask(&sandbox, "/elsewhere", &due).await.0, 404);
}

#[tokio::test]
async fn every_error_response_is_documented_for_its_status() {
    let spec = support::spec();
    let sandbox = Sandbox::start().await.unwrap();
    for target in ["/vkyc", "/vkyc?reference_id=x", "/vkyc?reference_id=9", "/vkyc?verification_id=x"] {
        for headers in ["", &due(&sandbox)] {
            let (status, body) = ask(&sandbox, target, headers).await;
            let responses = spec.at("/paths/~1vkyc/get/responses").unwrap();
            let response = spec.resolve(&responses[status.to_string()]);
            let examples = response["content"]["application/json"]["examples"].as_object().unwrap();
            let documented =
                |e: &serde_json::Value| e["value"]["type"] == body["type"] && e["value"]["code"] == body["code"];
            assert!(examples.values().any(documented), "{status} {body}");
        }
    }
}

#[tokio::test]
async fn the_published_sample_is_the_one_of_the_spec() {
    let sample = serde_json::to_value(Sandbox::published_sample()).unwrap();
    assert_eq!(sample, support::published_sample());
}

#[tokio::test]
async fn verifications_are_found_by_either_id_and_replaced() {
    let sandbox = Sandbox::start().await.unwrap();
    sandbox.put(Sandbox::published_sample());
    let mut changed = Sandbox::published_sample();
    changed.status = Status::from("SOMETHING_NEW");
    sandbox.put(changed.clone());
    let client = sandbox.client().unwrap();
    let by_ours = client.status(VerificationId::new("vkyc_verification_id").unwrap()).await.unwrap();
    let by_theirs = client.status(ReferenceId(1358)).await.unwrap();
    assert_eq!((&*by_ours, &*by_theirs), (&changed, &changed));
}

#[test]
fn a_sandbox_outlives_its_runtime_and_stops_when_dropped() {
    let run = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sandbox = run().block_on(Sandbox::start()).unwrap();
    // An id that no other server knows, in case that one gets the port.
    let id = i64::from(std::process::id()) << 20;
    sandbox.put(support::vkyc(id));
    let client = sandbox.client().unwrap();
    assert!(run().block_on(client.status(ReferenceId(id)).into_future()).is_ok());
    drop(sandbox);
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert!(run().block_on(client.status(ReferenceId(id)).into_future()).is_err());
}

/// Without a free descriptor, a server that accepts in a loop would use all CPU time.
#[cfg(target_os = "linux")]
#[test]
fn a_sandbox_without_file_descriptors_does_not_spin() {
    if alone::told().is_some() {
        return starve();
    }
    let process = alone::process(module_path!(), "a_sandbox_without_file_descriptors_does_not_spin", "starve");
    let mut limited = std::process::Command::new("sh");
    limited.args(["-c", "ulimit -n 60; exec \"$0\" \"$@\""]).arg(process.get_program()).args(process.get_args());
    limited.envs(process.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = alone::run(limited);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// In a child process: takes every file descriptor, and connects with the last.
#[cfg(target_os = "linux")]
fn starve() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sandbox = runtime.block_on(Sandbox::start()).unwrap();
    let url = sandbox.environment().unwrap().base_url().to_owned();
    let mut schedule = std::fs::File::open("/proc/self/stat").unwrap();
    let mut files: Vec<_> = std::iter::from_fn(|| std::fs::File::open("/dev/null").ok()).collect();
    drop(files.pop());
    let waiting = std::net::TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    let before = cpu(&mut schedule);
    std::thread::sleep(std::time::Duration::from_secs(1));
    let spent = cpu(&mut schedule) - before;
    drop((waiting, files));
    // Ticks are hundredths of a second.
    assert!(spent < 30, "{spent} ticks of a hundred");
}

/// Returns the CPU time of the process, in ticks.
#[cfg(target_os = "linux")]
fn cpu(stat: &mut std::fs::File) -> u64 {
    use std::io::{Read as _, Seek as _};
    let mut text = String::new();
    stat.rewind().unwrap();
    stat.read_to_string(&mut text).unwrap();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap().split_whitespace().collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}
