//! What a verified webhook costs: headers, HMAC and decoding of a 1 KB event into `Event`, against the bare parts: HMAC by
//! aws-lc-rs over the same bytes and serde_json into a plain struct.
//!
//! `cargo bench --bench webhook` prints nanoseconds, the ratio, and events a second on one core. Batches of both alternate,
//! and medians are compared, so that a noisy machine disturbs both alike.

#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::time::Instant;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::webhook::{Event, EventType, Verifier};
use serde::Deserialize;

/// What somebody would write by hand: no unknown values, no extra fields, no redaction, no times.
#[derive(Deserialize)]
#[allow(dead_code)]
struct Plain {
    event_type: Option<String>,
    event_time: Option<String>,
    data: PlainVerification,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct PlainVerification {
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

const BATCH: u32 = 1_000;
const ROUNDS: usize = 101;

fn main() {
    let verifier = Verifier::new("the-client-secret").unwrap();
    let mut vkyc = Sandbox::published_sample();
    vkyc.agent_remarks = Some("The customer showed the card and answered every question.".into());
    let event = Event::new(EventType::VkycUserCallCompleted, "2025-05-22T03:51:14Z".into(), vkyc);
    let signed = verifier.sign(serde_json::to_vec(&event).unwrap());
    let (headers, body) = (signed.headers(), signed.body());

    let key = hmac::Key::new(hmac::HMAC_SHA256, b"the-client-secret");
    let timestamp = headers.get("x-webhook-timestamp").unwrap().as_bytes();
    let signature = headers.get("x-webhook-signature").unwrap().as_bytes();
    let bare = || {
        let given = STANDARD.decode(black_box(signature)).unwrap();
        let mut context = hmac::Context::with_key(&key);
        context.update(black_box(timestamp));
        context.update(black_box(body));
        aws_lc_rs::constant_time::verify_slices_are_equal(context.sign().as_ref(), &given).unwrap();
        drop(black_box(serde_json::from_slice::<Plain>(body).unwrap()));
    };
    let ours = || drop(black_box(verifier.verify(black_box(&headers), black_box(body)).unwrap()));

    let (mut ours_times, mut bare_times) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours_times.push(nanoseconds(ours));
        bare_times.push(nanoseconds(bare));
    }
    let (ours, bare) = (median(ours_times), median(bare_times));
    println!("verify and decode of one event, {} bytes, median of {ROUNDS} batches of {BATCH}", body.len());
    println!("  Verifier                  {ours:>8.0} ns");
    println!("  HMAC and a plain struct   {bare:>8.0} ns");
    println!("  ratio                     {:>8.2}", ours / bare);
    println!("  events a second, one core {:>8.0}", 1e9 / ours);
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
