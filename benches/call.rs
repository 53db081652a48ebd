//! What the transport costs: `Client::status` against bare `reqwest` with `serde_json`, CPU time on the caller's thread.
//!
//! ```text
//! cargo bench --bench call                                         CPU per call at 1 and 64 in flight, and the ratios
//! CALLS=3000 ONLY=ours valgrind --tool=callgrind <the binary>      instructions, for one side; take two CALLS and subtract
//! ```
//!
//! The server is a process of its own. Batches of both sides alternate and medians are compared. Linux only: the time is
//! that of /proc/self/schedstat.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Command, Stdio};
use std::{env, fs};

use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::{Client, Credentials, Environment, ReferenceId};
use futures_util::StreamExt as _;
use serde::Deserialize;

/// What somebody would write by hand.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Plain {
    verification_id: Option<String>,
    reference_id: Option<i64>,
    user_reference_id: Option<i64>,
    user_id: Option<String>,
    status: Option<String>,
    sub_status: Option<String>,
    vkyc_link: Option<String>,
    link_expiry: Option<String>,
    recording_link: Option<String>,
    meeting_schedule: Option<String>,
    auditor_remarks: Option<String>,
    agent_remarks: Option<String>,
}

#[derive(Clone, Copy, PartialEq)]
enum Side {
    Ours,
    Bare,
}

const ROUNDS: usize = 15;

fn main() {
    if env::var_os("SERVE").is_some() {
        return serve();
    }
    let mut server =
        Command::new(env::current_exe().unwrap()).env("SERVE", "1").stdout(Stdio::piped()).spawn().unwrap();
    let mut url = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut url).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(run(url.trim()));
    server.kill().unwrap();
    server.wait().unwrap();
}

/// Answers every request on a keep-alive connection with the published sample; one thread a connection.
fn serve() {
    let body = serde_json::to_string(&Sandbox::published_sample()).unwrap();
    let answer =
        format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    println!("http://{}", listener.local_addr().unwrap());
    for stream in listener.incoming() {
        let (mut stream, answer) = (stream.unwrap(), answer.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while stream.read(&mut buffer).is_ok_and(|length| length > 0) && stream.write_all(answer.as_bytes()).is_ok()
            {
            }
        });
    }
}

async fn run(url: &str) {
    let ours = Client::builder()
        .environment(Environment::custom(url).unwrap())
        .credentials(Credentials::new("client-id", "client-secret").unwrap())
        .build()
        .unwrap();
    let bare = reqwest::Client::builder().no_proxy().build().unwrap();
    if let (Ok(only), Ok(calls)) = (env::var("ONLY"), env::var("CALLS")) {
        let side = if only == "ours" { Side::Ours } else { Side::Bare };
        return calls_of(side, &ours, &bare, url, calls.parse().unwrap(), 1).await;
    }
    for in_flight in [1, 64] {
        let (mut of_ours, mut of_bare) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            for (side, times) in [(Side::Ours, &mut of_ours), (Side::Bare, &mut of_bare)] {
                let (calls, start) = (2000, cpu());
                calls_of(side, &ours, &bare, url, calls, in_flight).await;
                times.push((cpu() - start) / 1000.0 / f64::from(calls));
            }
        }
        let (of_ours, of_bare) = (median(of_ours), median(of_bare));
        println!("{in_flight} in flight, CPU of the caller, median of {ROUNDS} batches");
        println!("  Client::status        {of_ours:>7.1} us a call");
        println!("  reqwest + serde_json  {of_bare:>7.1} us a call");
        println!("  ratio                 {:>7.2}", of_ours / of_bare);
    }
}

async fn calls_of(side: Side, ours: &Client, bare: &reqwest::Client, url: &str, calls: u32, in_flight: usize) {
    let url = format!("{url}/vkyc");
    let all = futures_util::stream::iter(0..calls).map(|n| {
        let url = &url;
        async move {
            if side == Side::Ours {
                drop(ours.status(ReferenceId(n.into())).await.unwrap());
            } else {
                let request = bare.get(url).query(&[("reference_id", n)]);
                let request = request.header("x-client-id", "client-id").header("x-client-secret", "client-secret");
                let request = request.header("x-api-version", "2024-12-01").timeout(std::time::Duration::from_secs(30));
                drop(request.send().await.unwrap().json::<Plain>().await.unwrap());
            }
        }
    });
    all.buffer_unordered(in_flight).collect::<()>().await;
}

/// Nanoseconds that this thread was on a CPU.
fn cpu() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
