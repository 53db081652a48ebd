//! What lenient, loss-free decoding costs: one status answer into `VideoKyc`, against serde_json into a plain struct.
//!
//! `cargo bench --bench decode` prints nanoseconds and the ratio. Batches of both alternate, and medians are compared, so
//! that a noisy machine disturbs both alike.

#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::time::Instant;

use cashfree_vkyc::VideoKyc;
use cashfree_vkyc::sandbox::Sandbox;
use serde::Deserialize;

/// What somebody would write by hand: no unknown values, no extra fields, no redaction, no times.
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

const BATCH: u32 = 2_000;
const ROUNDS: usize = 51;

fn main() {
    let body = serde_json::to_vec(&Sandbox::published_sample()).unwrap();
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(nanoseconds(|| drop(black_box(serde_json::from_slice::<VideoKyc>(black_box(&body)).unwrap()))));
        plain.push(nanoseconds(|| drop(black_box(serde_json::from_slice::<Plain>(black_box(&body)).unwrap()))));
    }
    let (ours, plain) = (median(ours), median(plain));
    println!("decode of one answer, {} bytes, median of {ROUNDS} batches of {BATCH}", body.len());
    println!("  VideoKyc      {ours:>8.0} ns");
    println!("  plain struct  {plain:>8.0} ns");
    println!("  ratio         {:>8.2}", ours / plain);
}

fn nanoseconds(mut work: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..BATCH).for_each(|_| work());
    start.elapsed().as_secs_f64() * 1e9 / f64::from(BATCH)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
