//! Checks that the pre-generated code is unmodified and belongs to the current spec. Compiled into `build.rs`, which compares, and
//! into `xtask` and the tests, which write it to the header of `generated/types.snap`.

/// The 64-bit FNV-1a hash of the spec and of the two texts made from it, and their length.
///
/// It detects mistakes, not attacks: an attacker who can edit these files can also edit the fingerprint. So it does not need a
/// hash function from another crate, which every user would compile.
pub(crate) fn fingerprint(texts: [&str; 3]) -> String {
    let texts = texts.concat();
    let hash = texts
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("FNV-1a {hash:016x} of {} bytes", texts.len())
}
