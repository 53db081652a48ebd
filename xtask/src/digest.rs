//! The fingerprint of a text.

use aws_lc_rs::digest::{SHA256, digest};

/// SHA-256, in hexadecimal digits.
pub(crate) fn sha256(text: &str) -> String {
    digest(&SHA256, text.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}
