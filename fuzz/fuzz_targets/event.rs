//! Bodies that may be events.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| cashfree_vkyc_fuzz::what_decodes_survives(body));
