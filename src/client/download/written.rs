//! The part of a recording that is written, and what a response must have to continue it.

use std::io::{self, Read};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;

use super::error::DownloadError;
use super::receipt::Receipt;
use super::response::Part;

/// How far a download has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes written so far.
    pub bytes: u64,
    /// Bytes in all, if the storage says.
    pub total: Option<u64>,
}

/// The bytes that are written, and the file that they are of.
pub(super) struct Written {
    pub(super) at: Progress,
    hash: Context,
    etag: Option<HeaderValue>,
    content_type: Option<HeaderValue>,
    /// How many bytes of the current response are written already, and their hash so far.
    repeated: u64,
    repeated_hash: Context,
}

impl Written {
    pub(super) fn nothing() -> Self {
        Self {
            at: Progress { bytes: 0, total: None },
            hash: Context::new(&SHA256),
            etag: None,
            content_type: None,
            repeated: 0,
            repeated_hash: Context::new(&SHA256),
        }
    }

    /// Reads the bytes that an earlier download has written. `etag` is the strong one that it reported.
    pub(super) fn again(mut earlier: impl Read, etag: &str) -> io::Result<Self> {
        let mut written = Self { etag: HeaderValue::from_str(etag).ok(), ..Self::nothing() };
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match earlier.read(&mut buffer) {
                Ok(0) => return Ok(written),
                Ok(length) => written.count(buffer.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// The ETag that identifies the bytes of the file. A weak one does not.
    pub(super) fn strong_etag(&self) -> Option<&HeaderValue> {
        self.etag.as_ref().filter(|etag| !etag.as_bytes().starts_with(b"W/"))
    }

    /// Whether an interrupted download may continue.
    pub(super) fn can_resume(&self) -> bool {
        self.at.bytes == 0 || self.strong_etag().is_some()
    }

    /// Continues with a response, if it is of the same file.
    pub(super) fn continue_with(&mut self, headers: &HeaderMap, part: &Part) -> Result<(), DownloadError> {
        let done = self.at.bytes;
        if done == 0 {
            // A file that is begun anew may be another one.
            (self.at.total, self.etag) = (part.total, headers.get(ETAG).cloned());
            self.content_type = headers.get(CONTENT_TYPE).cloned();
        } else {
            let is_same = self.strong_etag().is_some_and(|etag| headers.get(ETAG) == Some(etag));
            let fits = part.total.is_none() || self.at.total.is_none() || part.total == self.at.total;
            if !is_same || !fits || part.from.is_some_and(|from| from != done) {
                return Err(DownloadError::Changed);
            }
            self.at.total = part.total.or(self.at.total);
            self.content_type = self.content_type.take().or_else(|| headers.get(CONTENT_TYPE).cloned());
        }
        self.repeated = if part.from.is_none() { done } else { 0 };
        self.repeated_hash = Context::new(&SHA256);
        Ok(())
    }

    /// Whether the response ended before the bytes that are written already.
    pub(super) fn is_short(&self) -> bool {
        self.repeated > 0
    }

    /// The bytes of a chunk that are not written yet. Those that are must be the same.
    pub(super) fn new_of(&mut self, mut chunk: Bytes) -> Result<Bytes, DownloadError> {
        if self.repeated > 0 {
            let known = usize::try_from(self.repeated).unwrap_or(usize::MAX).min(chunk.len());
            self.repeated_hash.update(&chunk.split_to(known));
            self.repeated -= known as u64;
            if self.repeated == 0 && hex(&self.repeated_hash) != hex(&self.hash) {
                return Err(DownloadError::Changed);
            }
        }
        Ok(chunk)
    }

    /// Counts bytes that were written.
    pub(super) fn count(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.at.bytes = self.at.bytes.saturating_add(bytes.len() as u64);
    }

    pub(super) fn receipt(self, began_at: Timestamp) -> Receipt {
        let text = |value: Option<HeaderValue>| Some(value?.to_str().ok()?.to_owned());
        Receipt {
            bytes: self.at.bytes,
            sha256: hex(&self.hash),
            content_type: text(self.content_type),
            etag: text(self.etag),
            began_at,
            ended_at: Timestamp::now(),
        }
    }
}

/// The hash of the bytes so far, in hex.
fn hex(hash: &Context) -> String {
    let hash = hash.clone().finish();
    let digits = hash.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_fips_180() {
        let mut written = Written::nothing();
        assert_eq!(hex(&written.hash), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        written.count(b"a");
        written.count(b"bc");
        assert_eq!(hex(&written.hash), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
