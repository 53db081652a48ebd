//! The written bytes of a recording; the part of the file in a response, and its end; and the receipt.

use std::fmt;
use std::io::{self, Read};

use bytes::Bytes;
use http::header::{
    CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, HeaderName, TRANSFER_ENCODING,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::super::part_file::hex;
use super::DownloadError;

/// The progress of a download.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes written so far.
    pub bytes: u64,
    /// Total bytes, if the storage reports it.
    pub total: Option<u64>,
}

/// The written bytes, and the file that they belong to.
pub(super) struct Written {
    pub(super) at: Progress,
    hash: Sha256,
    etag: Option<HeaderValue>,
    content_type: Option<HeaderValue>,
    /// The number of coming bytes that are written already, and the hash of those that came before them.
    pub(super) repeated: u64,
    repeated_hash: Sha256,
}

impl Written {
    pub(super) fn nothing() -> Self {
        Self {
            at: Progress { bytes: 0, total: None },
            hash: Sha256::new(),
            etag: None,
            content_type: None,
            repeated: 0,
            repeated_hash: Sha256::new(),
        }
    }

    /// Continues an earlier download, given the number and hash of its bytes.
    pub(super) fn resumed(bytes: u64, hash: Sha256, etag: &str) -> Self {
        let (at, etag) = (Progress { bytes, total: None }, HeaderValue::from_str(etag).ok());
        Self { at, hash, etag, ..Self::nothing() }
    }

    /// Continues an earlier download by reading its bytes. `etag` is its strong ETag.
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

    /// Returns the ETag if it is strong. A weak one does not identify the bytes of the file.
    pub(super) fn strong_etag(&self) -> Option<&HeaderValue> {
        self.etag.as_ref().filter(|etag| !etag.as_bytes().starts_with(b"W/"))
    }

    /// Whether an interrupted download may continue.
    pub(super) fn can_resume(&self) -> bool {
        self.at.bytes == 0 || self.strong_etag().is_some()
    }

    /// Continues with a response, if it belongs to the same file.
    pub(super) fn continue_with(&mut self, headers: &HeaderMap, part: &Part) -> Result<(), DownloadError> {
        let done = self.at.bytes;
        if done == 0 {
            // After a restart, the file may be another one.
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
        self.repeated_hash = Sha256::new();
        Ok(())
    }

    /// Returns the bytes of a chunk that are not written yet. The hash of the others must match that of the written ones.
    pub(super) fn new_of(&mut self, mut chunk: Bytes) -> Result<Bytes, DownloadError> {
        if self.repeated > 0 {
            let known = usize::try_from(self.repeated).unwrap_or(usize::MAX).min(chunk.len());
            self.repeated_hash.update(chunk.split_to(known));
            self.repeated -= known as u64;
            if self.repeated == 0 && hex(&self.repeated_hash) != hex(&self.hash) {
                return Err(DownloadError::Changed);
            }
        }
        Ok(chunk)
    }

    /// Counts written bytes.
    pub(super) fn count(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.at.bytes = self.at.bytes.saturating_add(bytes.len() as u64);
    }

    pub(super) fn receipt(&self, began_at: Timestamp) -> Receipt {
        let text = |value: &Option<HeaderValue>| Some(value.as_ref()?.to_str().ok()?.to_owned());
        Receipt {
            bytes: self.at.bytes,
            sha256: hex(&self.hash),
            content_type: text(&self.content_type),
            etag: text(&self.etag),
            began_at,
            ended_at: Timestamp::now(),
        }
    }
}

pub(super) const CONTRADICTION: DownloadError =
    DownloadError::Response { problem: "contradicts itself about its length" };

/// The part of a file in a response.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The position of its first byte. `None`: the whole file.
    pub(super) from: Option<u64>,
    /// Its number of bytes. `None`: unknown until the last chunk.
    pub(super) length: Option<u64>,
    /// The number of bytes of the file, if the response says.
    pub(super) total: Option<u64>,
}

impl Part {
    /// Parses the head of a response. `length` is the length of its body according to HTTP.
    ///
    /// # Errors
    /// If the body is not the file, or its end could not be distinguished from a broken connection.
    pub(super) fn of(headers: &HeaderMap, status: StatusCode, length: Option<u64>) -> Result<Self, DownloadError> {
        if words(headers, CONTENT_ENCODING)
            .any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"))
        {
            return Err(DownloadError::Response { problem: "is encoded, but no encoding was requested" });
        }
        let chunked = is_chunked(headers)?;
        if chunked && headers.contains_key(CONTENT_LENGTH) {
            return Err(CONTRADICTION);
        }
        if status == StatusCode::PARTIAL_CONTENT {
            let (from, end, total) = range(headers).ok_or(CONTRADICTION)?;
            let length_of_range = end - from;
            if length.is_some_and(|length| length != length_of_range) {
                return Err(CONTRADICTION);
            }
            return Ok(Self { from: Some(from), length: Some(length_of_range), total });
        }
        if !chunked && length.is_none() {
            let problem = "has no length, so that a cut would pass for its end";
            return Err(DownloadError::Response { problem });
        }
        Ok(Self { from: None, length, total: length })
    }
}

/// Returns the elements of a list header, which may have several lines.
fn words(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    headers
        .get_all(name)
        .into_iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
}

/// Whether the body is chunked, and not encoded in another way.
fn is_chunked(headers: &HeaderMap) -> Result<bool, DownloadError> {
    let mut codings = words(headers, TRANSFER_ENCODING);
    match (codings.next(), codings.next()) {
        (None, _) => Ok(false),
        (Some(coding), None) if coding.eq_ignore_ascii_case(b"chunked") => Ok(true),
        // Not chunked. This coding is obsolete.
        (Some(coding), None) if coding.eq_ignore_ascii_case(b"identity") => Ok(false),
        _ => Err(DownloadError::Response { problem: "has a transfer coding that was not requested" }),
    }
}

/// Parses the first byte, the byte after the last one, and the total of `Content-Range: bytes 5-9/10`; the total may be `*`.
fn range(headers: &HeaderMap) -> Option<(u64, u64, Option<u64>)> {
    let (range, total) = content_range(headers)?.split_once('/')?;
    let (from, last) = range.split_once('-')?;
    let (from, end) = (number(from)?, number(last)?.checked_add(1)?);
    let total = if total == "*" { None } else { Some(number(total)?) };
    (from < end && total.is_none_or(|total| end <= total)).then_some((from, end, total))
}

/// Returns the total in a response to a range beyond the end of the file: `Content-Range: bytes */36`.
pub(super) fn total_beyond(headers: &HeaderMap) -> Option<u64> {
    number(content_range(headers)?.strip_prefix("*/")?)
}

fn content_range(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(CONTENT_RANGE).into_iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()?.strip_prefix("bytes ")
}

/// Parses digits only; `parse` also accepts a sign.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A record to keep with a recording: size, hash, the storage's metadata, and the time of the download.
///
/// It is written to JSON and read from it, and does not contain the link.
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
#[derive(Clone, PartialEq, Eq, Hash, Deserialize, Serialize)]
#[non_exhaustive]
pub struct Receipt {
    bytes: u64,
    sha256: String,
    content_type: Option<String>,
    etag: Option<String>,
    #[serde(with = "text")]
    began_at: Timestamp,
    #[serde(with = "text")]
    ended_at: Timestamp,
}

impl Receipt {
    /// Returns the number of bytes written. Never 0: an empty recording is an error.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the SHA-256 of all bytes written, as 64 hex digits in lower case. It covers every part of a resumed download.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Returns the media type that the storage reports, as in `video/mp4`. The content was not checked.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Returns the storage's name for this version of the file, as received: with its quotes, and `W/` before a weak one.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.etag.as_deref()
    }

    /// Returns when the download began, by the clock of this machine.
    #[must_use]
    pub const fn began_at(&self) -> Timestamp {
        self.began_at
    }

    /// Returns when the last byte was written and the writer flushed, by the clock of this machine.
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

/// A time as text.
mod text {
    use std::borrow::Cow;

    use jiff::Timestamp;
    use serde::de::Error;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(time)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
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

    #[test]
    fn an_earlier_download_is_read_to_its_end() {
        struct Earlier(Vec<io::Result<&'static [u8]>>);
        impl Read for Earlier {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let Some(next) = self.0.pop() else { return Ok(0) };
                next.map(|bytes| {
                    buffer[..bytes.len()].copy_from_slice(bytes);
                    bytes.len()
                })
            }
        }
        let interrupted = || Err(io::ErrorKind::Interrupted.into());
        let whole = Written::again(Earlier(vec![Ok(b"bc"), interrupted(), Ok(b"a")]), "\"a\"").unwrap();
        assert_eq!(hex(&whole.hash), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        let broken = Written::again(Earlier(vec![Err(io::ErrorKind::UnexpectedEof.into()), Ok(b"a")]), "\"a\"");
        assert_eq!(broken.map_err(|error| error.kind()).err(), Some(io::ErrorKind::UnexpectedEof));
    }

    #[test]
    fn only_a_chunked_or_unencoded_transfer_is_accepted() {
        for (coding, chunked) in [
            ("chunked", Some(true)),
            ("Chunked", Some(true)),
            ("identity", Some(false)),
            ("gzip", None),
            ("gzip, chunked", None),
        ] {
            let headers = HeaderMap::from_iter([(TRANSFER_ENCODING, HeaderValue::from_static(coding))]);
            assert_eq!(is_chunked(&headers).ok(), chunked, "{coding}");
        }
        assert!(!is_chunked(&HeaderMap::new()).unwrap());
    }

    #[test]
    fn a_range_has_a_first_and_a_last_byte_within_the_file() {
        for (value, expected) in [
            ("bytes 5-9/10", Some((5, 10, Some(10)))),
            ("bytes 5-5/*", Some((5, 6, None))),
            ("bytes 5-4/10", None),
            ("bytes 5-10/10", None),
            ("bytes +5-9/10", None),
        ] {
            let headers = HeaderMap::from_iter([(CONTENT_RANGE, HeaderValue::from_static(value))]);
            assert_eq!(range(&headers), expected, "{value}");
        }
    }

    #[test]
    fn a_receipt_is_read_back_as_it_was_written() {
        let mut written = Written::nothing();
        (written.at.bytes, written.etag) = (3, Some(HeaderValue::from_static("\"a\"")));
        let receipt = written.receipt("2025-07-09T08:48:09.123456789Z".parse().unwrap());
        let json = serde_json::to_string(&receipt).unwrap();
        assert_eq!(serde_json::from_str::<Receipt>(&json).unwrap(), receipt);
        assert_eq!(serde_json::from_reader::<_, Receipt>(json.as_bytes()).unwrap(), receipt);
    }
}
