//! Bodies that may be events.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &[u8]| cashfree_vkyc_fuzz::a_decoded_event_survives_encoding(body));
