//! Runs one side of a comparison a number of times. Prints the number of allocations of the process or, for the memory cases, the
//! bytes that it held.
//!
//! ```text
//! cashfree-vkyc-benches serve                           a server; prints its address, ends with its input
//! cashfree-vkyc-benches call ours 400 http://…          case, side, number of times, address of the server
//! ```
//!
//! The difference of two runs is the cost per repetition, without the start. `cargo xtask measure` computes it, for these figures
//! and for instructions under valgrind. No clock is involved.

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

/// The library, or the code by hand in `benches/bare`.
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
        _ => panic!("{side} is not a side: say ours or bare"),
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
        _ => panic!("{case} is not a case"),
    }
    let made = ALLOCATOR.stats();
    made.allocations + made.reallocations
}

/// Returns the number of bytes currently allocated.
fn held() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}
