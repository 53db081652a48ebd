//! Fetches the states of many verifications, and counts them.
//!
//! ```text
//! cargo run --example sweep                                    300 verifications in the embedded sandbox
//!
//! export CASHFREE_CLIENT_ID=… CASHFREE_CLIENT_SECRET=…         against Cashfree's sandbox
//! cargo run --example sweep -- ids.txt                         one verification id per line
//! ```
//!
//! ```text
//! rows ─▶ Client::statuses ─▶ (row, result), as responses arrive ─▶ progress · count by state · advice
//! ```
//!
//! At most 8 calls run at a time, within the client's rate limit. If Cashfree still reports too many requests, the stream waits as
//! long as Cashfree asks, and continues. Memory does not grow with the number of rows.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead as _, IsTerminal as _};

use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::{
    Actor, Client, Credentials, Environment, ErrorCode, RateLimit, VerificationId, VerificationRef, VideoKyc,
};
use futures_util::StreamExt as _;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// A row of your table. It is returned with its result, so that no look-up is needed.
#[derive(Clone)]
struct Row {
    line: usize,
    id: VerificationId,
}

impl From<Row> for VerificationRef {
    fn from(row: Row) -> Self {
        row.id.into()
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result {
    if let Some(file) = env::args().nth(1) {
        let client = Client::builder()
            .environment(Environment::Sandbox)
            .credentials(Credentials::from_env()?)
            .rate_limit(RateLimit::STANDARD)
            .build()?;
        let lines = std::io::BufReader::new(std::fs::File::open(file)?).lines();
        // Lines are read on demand. A line without a valid id is reported and skipped.
        let rows = (1..).zip(lines.map_while(std::io::Result::ok)).filter_map(|(line, text)| row(line, &text));
        return sweep(&client, rows).await;
    }
    println!("No file of ids was given: using the embedded sandbox.\n");
    let sandbox = Sandbox::start().await?;
    put_some(&sandbox);
    sweep(&sandbox.client()?, (1..=300).filter_map(|line| row(line, &format!("case-{line}")))).await
}

fn row(line: usize, text: &str) -> Option<Row> {
    match VerificationId::new(text.trim()) {
        Ok(id) => Some(Row { line, id }),
        Err(error) => {
            eprintln!("line {line}: {error}");
            None
        }
    }
}

/// The counts by state, and the failures.
#[derive(Default)]
struct Summary {
    states: BTreeMap<(String, String), usize>,
    /// States in which you must act: advice and lines.
    yours: BTreeMap<&'static str, Vec<usize>>,
    missing: Vec<usize>,
    failed: BTreeMap<String, Vec<usize>>,
}

async fn sweep(client: &Client, rows: impl Iterator<Item = Row> + Unpin) -> Result {
    let (mut summary, mut done, shows_progress) = (Summary::default(), 0, std::io::stderr().is_terminal());
    let mut statuses = client.statuses(rows);
    while let Some((row, result)) = statuses.next().await {
        done += 1;
        if shows_progress {
            eprint!("\r{done} done");
        }
        match result {
            Ok(vkyc) => summary.count(row.line, &vkyc),
            // The status 404 is not enough: a wrong path, or a product that is not enabled, is a 404 too.
            Err(error) if matches!(error.code(), Some(ErrorCode::VerificationIdNotFound)) => {
                summary.missing.push(row.line);
            }
            Err(error) => summary.failed.entry(error.to_string()).or_default().push(row.line),
        }
    }
    if shows_progress {
        eprintln!();
    }
    summary.print(done);
    if summary.failed.is_empty() { Ok(()) } else { Err("some calls failed".into()) }
}

impl Summary {
    fn count(&mut self, line: usize, vkyc: &VideoKyc) {
        let lifecycle = vkyc.lifecycle();
        *self.states.entry((vkyc.status.to_string(), vkyc.sub_status.to_string())).or_default() += 1;
        if lifecycle.actor() == Actor::Merchant {
            self.yours.entry(lifecycle.advice()).or_default().push(line);
        }
    }

    fn print(&self, done: usize) {
        println!("{done} done");
        for ((status, sub_status), count) in &self.states {
            let slash = if sub_status.is_empty() { "" } else { " / " };
            println!("  {count:>5}  {status}{slash}{sub_status}");
        }
        println!("  {:>5}  not initiated: lines {}", self.missing.len(), first(&self.missing));
        for (advice, lines) in &self.yours {
            println!("\nYour turn, {} times: {advice}\n  lines {}", lines.len(), first(lines));
        }
        for (error, lines) in &self.failed {
            println!("\nFailed, {} times: {error}\n  lines {}", lines.len(), first(lines));
        }
    }
}

/// The first few of the lines.
fn first(lines: &[usize]) -> String {
    let mut sorted = lines.to_vec();
    sorted.sort_unstable();
    let few: Vec<_> = sorted.iter().take(8).map(usize::to_string).collect();
    let more = if sorted.len() > few.len() { ", …" } else { "" };
    if few.is_empty() { "none".into() } else { few.join(", ") + more }
}

/// Adds verifications in all kinds of states. Every fiftieth one is missing.
fn put_some(sandbox: &Sandbox) {
    const STATES: [(&str, &str); 6] = [
        ("RECEIVED", "LINK_GENERATED"),
        ("PRE_VIDEO_CALL", "USER_QUEUED"),
        ("PRE_VIDEO_CALL", "NO_AGENT_FOUND"),
        ("VIDEO_CALL", ""),
        ("AUDITOR_REVIEWED", ""),
        ("EXPIRED", "VKYC_EXPIRED"),
    ];
    for (line, (status, sub_status)) in (1..=300).zip(STATES.iter().cycle()) {
        if line % 50 == 0 {
            continue;
        }
        let mut vkyc = VideoKyc::default();
        (vkyc.verification_id, vkyc.reference_id) = (Some(format!("case-{line}")), Some(line));
        (vkyc.status, vkyc.sub_status) = ((*status).into(), (*sub_status).into());
        sandbox.put(vkyc);
    }
}
