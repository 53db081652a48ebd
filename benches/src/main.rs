//! Runs one side of a comparison so many times, and prints how many allocations the process made in all.
//!
//! ```text
//! cashfree-vkyc-benches serve                           a server; prints its address, ends when its input does
//! cashfree-vkyc-benches call ours 400 http://…          one case, one side, how many times, where
//! ```
//!
//! Whoever runs it twice and subtracts has what one time costs, without what it takes to begin: `cargo xtask measure` does,
//! for allocations here and for instructions under valgrind. Nothing here looks at a clock.

#![allow(clippy::unwrap_used, clippy::panic)]

mod server;

use std::alloc::System;
use std::hint::black_box;
use std::{env, io};

use aws_lc_rs::hmac;
use cashfree_vkyc::sandbox::Sandbox;
use cashfree_vkyc::webhook::{Event, EventType, Verifier};
use cashfree_vkyc::{Client, Credentials, Environment, ReferenceId, VideoKyc};
use cashfree_vkyc_bare as bare;
use futures_util::{StreamExt as _, stream};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tracing_subscriber::filter::LevelFilter;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["serve"] => server::serve(),
        [case, side, times, url] => run(case, side, times.parse().unwrap(), url),
        _ => panic!("say `serve`, or a case, a side, how many times, and the address of the server"),
    }
}

fn run(case: &str, side: &str, times: u32, url: &str) {
    let ours = match side {
        "ours" => true,
        "bare" => false,
        _ => panic!("{side} is neither ours nor bare"),
    };
    match case {
        "call" => calls(ours, times, 1, url),
        "calls" => calls(ours, times, 64, url),
        "traced" => traced(ours, times, url),
        "decode" => decode(ours, times),
        "webhook" => webhook(ours, times),
        _ => panic!("{case} is no case"),
    }
    let made = ALLOCATOR.stats();
    println!("{}", made.allocations + made.reallocations);
}

/// Calls the server, on one thread, so that counts are the same from run to run.
fn calls(ours: bool, times: u32, in_flight: usize, url: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // The verification that the server's answer is about.
    let ids = stream::iter(0..times).map(|_| 1358);
    if ours {
        let credentials = Credentials::new("client-id", "client-secret").unwrap();
        let client = Client::builder().environment(Environment::custom(url).unwrap()).credentials(credentials);
        let client = &client.build().unwrap();
        let all = ids.map(|id| async move { drop(client.status(ReferenceId(id)).await.unwrap()) });
        runtime.block_on(all.buffer_unordered(in_flight).collect::<()>());
    } else {
        let client = &bare::client().unwrap();
        let url = &format!("{url}/vkyc");
        let all = ids.map(|id| async move { drop(bare::status(client, url, id).await.unwrap()) });
        runtime.block_on(all.buffer_unordered(in_flight).collect::<()>());
    }
}

/// Calls under a subscriber such as services have: it formats the span of each call, which nobody reads. A program written
/// by hand traces nothing, so the other side goes without.
fn traced(ours: bool, times: u32, url: &str) {
    if ours {
        tracing_subscriber::fmt().with_max_level(LevelFilter::INFO).with_ansi(true).with_writer(io::sink).init();
    }
    calls(ours, times, 1, url);
}

fn decode(ours: bool, times: u32) {
    let body = serde_json::to_vec(&Sandbox::published_sample()).unwrap();
    for _ in 0..times {
        if ours {
            drop(black_box(serde_json::from_slice::<VideoKyc>(black_box(&body)).unwrap()));
        } else {
            drop(black_box(bare::decode(black_box(&body)).unwrap()));
        }
    }
}

fn webhook(ours: bool, times: u32) {
    let verifier = Verifier::new("the-client-secret").unwrap();
    let mut vkyc = Sandbox::published_sample();
    vkyc.agent_remarks = Some("The customer showed the card and answered every question.".into());
    let event = Event::new(EventType::VkycUserCallCompleted, "2025-05-22T03:51:14Z".into(), vkyc);
    let signed = verifier.sign(serde_json::to_vec(&event).unwrap());
    let (headers, body) = (signed.headers(), signed.body());
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"the-client-secret");
    let timestamp = headers.get("x-webhook-timestamp").unwrap().as_bytes();
    let signature = headers.get("x-webhook-signature").unwrap().as_bytes();
    for _ in 0..times {
        if ours {
            drop(black_box(verifier.verify(black_box(&headers), black_box(body)).unwrap()));
        } else {
            drop(black_box(bare::verify(&key, black_box(timestamp), black_box(signature), black_box(body)).unwrap()));
        }
    }
}
