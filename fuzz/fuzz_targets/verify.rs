//! Unsigned headers and bodies, and signed bodies.
#![no_main]

use cashfree_vkyc_fuzz::{
    a_flipped_bit_is_refused, a_signed_body_is_judged_by_its_content, only_the_original_split_is_valid,
    unsigned_bytes_are_refused,
};

libfuzzer_sys::fuzz_target!(|input: (Vec<u8>, Vec<u8>, Vec<u8>)| {
    let (signature, timestamp, body) = input;
    unsigned_bytes_are_refused(&signature, &timestamp, &body);
    a_signed_body_is_judged_by_its_content(&body);
    only_the_original_split_is_valid(&body);
    let place = signature.iter().fold(0, |place, byte| place * 256 % 1_000_003 + usize::from(*byte));
    a_flipped_bit_is_refused(&body, place);
});
