//! Runs one side of a comparison so many times, and prints how many allocations the process made in all; or, of what is done
//! much at a time, how many bytes it held.
//!
//! ```text
//! cashfree-vkyc-benches serve                           a server; prints its address, ends when its input does
//! cashfree-vkyc-benches call ours 400 http://…          one case, one side, how many times, where
//! ```
//!
//! Whoever runs it twice and subtracts has what one time costs, without what it takes to begin: `cargo xtask measure` does,
//! for what is printed here and for instructions under valgrind. Nothing here looks at a clock.

#![allow(clippy::unwrap_used, clippy::panic)]

mod local;
mod memory;
mod network;
mod server;

use std::alloc::System;
use std::env;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// On this library, or by hand: `benches/bare`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Ours,
    Bare,
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["serve"] => server::serve(),
        [case, side, times, url] => println!("{}", run(case, side, times.parse().unwrap(), url)),
        _ => panic!("say `serve`, or a case, a side, how many times, and the address of the server"),
    }
}

fn run(case: &str, side: &str, times: u32, url: &str) -> usize {
    let side = match side {
        "ours" => Side::Ours,
        "bare" => Side::Bare,
        _ => panic!("{side} is neither ours nor bare"),
    };
    match case {
        "call" => network::calls(side, times, 1, url),
        "calls" => network::calls(side, times, 64, url),
        "traced" => network::traced(side, times, url),
        "initiate" => network::initiate(side, times, url),
        "sandbox" => network::sandbox(side, times),
        "decode" => local::decode(side, times),
        "encode" => local::encode(side, times),
        "webhook" => local::webhook(side, times),
        "generation" => local::generation(side, times),
        "sweep" => return memory::sweep(side, times, url),
        "watches" => return memory::watches(side, times, url),
        _ => panic!("{case} is no case"),
    }
    let made = ALLOCATOR.stats();
    made.allocations + made.reallocations
}

/// How many bytes are allocated now.
fn held() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}
