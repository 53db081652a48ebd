//! Text that may be a spec.
#![no_main]

use cashfree_vkyc_fuzz::reading::a_spec_is_read_or_refused;

libfuzzer_sys::fuzz_target!(|text: &str| a_spec_is_read_or_refused(text));
