//! Unsigned headers and bodies, and signed bodies.
#![no_main]

use cashfree_vkyc_fuzz::{
    a_flipped_bit_is_refused, no_other_cut_passes, what_nobody_signed_is_refused, what_was_signed_is_judged_by_its_body,
};

libfuzzer_sys::fuzz_target!(|input: (Vec<u8>, Vec<u8>, Vec<u8>)| {
    let (signature, timestamp, body) = input;
    what_nobody_signed_is_refused(&signature, &timestamp, &body);
    what_was_signed_is_judged_by_its_body(&body);
    no_other_cut_passes(&body);
    a_flipped_bit_is_refused(&body, signature.iter().fold(0, |place, byte| place * 256 % 1_000_003 + usize::from(*byte)));
});
