//! By which the build tells whether the text that lies ready was made from this very spec. Compiled into `build.rs`, which
//! compares, and into `xtask`, which writes it down.

/// The length of a text and its 64-bit FNV-1a hash. It guards against a mistake: who forges the spec can write the fingerprint
/// too, whatever the hash. So it need not cost a crate that every user compiles for their build.
pub(crate) fn fingerprint(text: &[u8]) -> String {
    let hash = text
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{} bytes, FNV-1a {hash:016x}\n", text.len())
}
