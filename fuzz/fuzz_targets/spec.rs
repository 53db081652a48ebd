//! Text that may be a spec.
#![no_main]
#![allow(dead_code)]

#[path = "../src/harmless.rs"]
mod harmless;
#[path = "../src/reading.rs"]
mod reading;

use reading::a_spec_is_read_or_refused;

libfuzzer_sys::fuzz_target!(|text: &str| a_spec_is_read_or_refused(text));
