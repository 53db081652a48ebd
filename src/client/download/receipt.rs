//! The receipt of a download, for the compliance file of a recording.

use std::fmt;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// A record to keep beside a recording: its size, its hash, what the storage said of it, and when it was downloaded.
///
/// It serialises to JSON, and does not contain the link.
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
    /// The number of bytes written. Never 0: an empty recording is an error.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// SHA-256 of all bytes written, as 64 hex digits in lower case. It covers every part of a resumed download.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// The media type that the storage reports, as in `video/mp4`. The bytes were not checked for it.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The storage's name for this version of the file, as received: with its quotes, and `W/` before a weak one.
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

/// Omits the storage's texts, which may repeat the link.
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
