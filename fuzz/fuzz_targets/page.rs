//! Text that may be a page of Cashfree.
#![no_main]
#![allow(dead_code)]

#[path = "../src/harmless.rs"]
mod harmless;
#[path = "../src/reading.rs"]
mod reading;

use std::sync::LazyLock;

use reading::a_page_is_reported_harmlessly;
use xtask::Readers;

static READERS: LazyLock<Readers> = LazyLock::new(|| Readers::of_the_project().expect("the project's own files"));

libfuzzer_sys::fuzz_target!(|page: &str| a_page_is_reported_harmlessly(&READERS, page));
