//! What is written of a recording so far, and what a response must be to go on with it.

use std::io::{self, Read};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, HeaderName};
use http::{HeaderMap, HeaderValue};
use jiff::Timestamp;

use super::Progress;
use super::answer::{Part, is_strong, strong_etag};
use super::error::DownloadError;
use super::receipt::{Receipt, Sha256};

/// What is written of which file.
pub(super) struct Written {
    pub(super) at: Progress,
    hash: Sha256,
    /// Shows that the file is the same. `None` when the storage sent no strong one.
    pub(super) etag: Option<HeaderValue>,
    /// What the storage said of the file, as text.
    said: Said,
}

#[derive(Default)]
struct Said {
    content_type: Option<String>,
    etag: Option<String>,
}

/// The bytes of a response that are written already: they are compared, and not written again.
pub(super) struct Repeated {
    pub(super) left: u64,
    hash: Sha256,
}

impl Written {
    pub(super) fn nothing() -> Self {
        Self { at: Progress { bytes: 0, total: None }, hash: Sha256::new(), etag: None, said: Said::default() }
    }

    /// What an earlier download has written, read again: `etag` is the strong one that it was told of.
    pub(super) fn again(mut earlier: impl Read, etag: &str) -> io::Result<Self> {
        let mut written = Self::nothing();
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match earlier.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => written.count(buffer.get(..length).unwrap_or_default()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        written.etag = HeaderValue::from_str(etag).ok().filter(is_strong);
        written.said.etag = Some(etag.to_owned());
        Ok(written)
    }

    /// Whether a download that broke off may go on.
    pub(super) fn can_resume(&self) -> bool {
        self.at.bytes == 0 || self.etag.is_some()
    }

    /// Goes on with a response, if it is about the same file, and gives what of it is written already.
    pub(super) fn go_on_with(&mut self, headers: &HeaderMap, part: &Part) -> Result<Repeated, DownloadError> {
        let etag = strong_etag(headers);
        let done = self.at.bytes;
        if done == 0 {
            let text = |name: HeaderName| Some(headers.get(name)?.to_str().ok()?.to_owned());
            self.said = Said { content_type: text(CONTENT_TYPE), etag: text(ETAG) };
            // Of a file that is begun anew, nothing is known from before.
            (self.at.total, self.etag) = (part.total, etag);
        } else {
            let is_same = self.etag.is_some() && self.etag == etag;
            let fits = part.total.is_none() || self.at.total.is_none() || part.total == self.at.total;
            if !is_same || !fits || part.from.is_some_and(|from| from != done) {
                return Err(DownloadError::Changed);
            }
            self.at.total = part.total.or(self.at.total);
            let said = || Some(headers.get(CONTENT_TYPE)?.to_str().ok()?.to_owned());
            self.said.content_type = self.said.content_type.take().or_else(said);
        }
        let left = if part.from.is_none() { done } else { 0 };
        Ok(Repeated { left, hash: Sha256::new() })
    }

    /// The bytes of a chunk that are not written yet.
    pub(super) fn new_of(&self, mut chunk: Bytes, repeated: &mut Repeated) -> Result<Bytes, DownloadError> {
        if repeated.left > 0 {
            let known = usize::try_from(repeated.left).unwrap_or(usize::MAX).min(chunk.len());
            repeated.hash.update(&chunk.split_to(known));
            repeated.left -= known as u64;
            if repeated.left == 0 && repeated.hash.hex() != self.hash.hex() {
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
        let Said { content_type, etag } = self.said;
        let (bytes, sha256) = (self.at.bytes, self.hash.hex());
        Receipt { bytes, sha256, content_type, etag, began_at, ended_at: Timestamp::now() }
    }
}
