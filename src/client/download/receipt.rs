//! What a download gives: what a compliance file keeps beside a recording.

use std::fmt;

use aws_lc_rs::digest::{Context, SHA256};
use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// What was downloaded, to be kept beside it: how many bytes, their hash, what the storage said of them, and when.
///
/// It serialises to JSON, and shows no link.
///
/// ```no_run
/// # async fn example(client: cashfree_vkyc::Client, recording: cashfree_vkyc::RecordingLink) -> Result<(), Box<dyn std::error::Error>> {
/// let mut file: Vec<u8> = Vec::new();
/// let receipt = recording.download(&client, &mut file).await?;
/// assert_eq!(receipt.bytes(), file.len() as u64);
/// println!("{}  recording.mp4", receipt.sha256());     // as `sha256sum` prints it
/// println!("{}", serde_json::to_string(&receipt)?);
/// // {"bytes":36,"sha256":"74e7…","content_type":"video/mp4","etag":"\"a\"","began_at":"2025-…Z","ended_at":"2025-…Z"}
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Receipt {
    pub(super) bytes: u64,
    pub(super) sha256: String,
    pub(super) content_type: Option<String>,
    pub(super) etag: Option<String>,
    #[serde(serialize_with = "text")]
    pub(super) began_at: Timestamp,
    #[serde(serialize_with = "text")]
    pub(super) ended_at: Timestamp,
}

impl Receipt {
    /// How many bytes were written. Never 0: an empty recording is an error.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// SHA-256 of all that was written, as 64 hex digits in lower case. It covers every part of a resumed download.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// What the storage says that the bytes are, as in `video/mp4`. Nobody checked them for it.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The storage's own name for this version of the file, as it came: with its quotes, and `W/` before a weak one.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.etag.as_deref()
    }

    /// When the download began, by the clock of this machine.
    #[must_use]
    pub const fn began_at(&self) -> Timestamp {
        self.began_at
    }

    /// When the last byte was written and the writer flushed, by the clock of this machine.
    #[must_use]
    pub const fn ended_at(&self) -> Timestamp {
        self.ended_at
    }
}

/// Without what the storage says: it knows the link, and may repeat it.
impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receipt")
            .field("bytes", &self.bytes)
            .field("sha256", &self.sha256)
            .field("began_at", &self.began_at)
            .field("ended_at", &self.ended_at)
            .finish_non_exhaustive()
    }
}

fn text<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(time)
}

/// SHA-256 of bytes as they come.
#[derive(Clone)]
pub(super) struct Sha256(Context);

impl Sha256 {
    pub(super) fn new() -> Self {
        Self(Context::new(&SHA256))
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash of what came so far, in hex.
    pub(super) fn hex(&self) -> String {
        let hash = self.0.clone().finish();
        hash.as_ref()
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_fips_180() {
        let mut hash = Sha256::new();
        assert_eq!(hash.hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        hash.update(b"a");
        hash.update(b"bc");
        assert_eq!(hash.hex(), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
