//! What the head of a response says of its body: which part of the file it is, and how its end is told.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderName, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::error::DownloadError;

pub(super) const CONTRADICTION: DownloadError = DownloadError::Answer { problem: "mismatch itself about its length" };

/// The part of a file that a response is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Where in the file its first byte is. `None`: it is all of the file.
    pub(super) from: Option<u64>,
    /// How many bytes it has. `None`: as many as come, the last chunk tells.
    pub(super) length: Option<u64>,
    /// How many bytes the file has, where it is told.
    pub(super) total: Option<u64>,
}

impl Part {
    /// The part that a response is. `length` is that of its body, as HTTP reads it.
    ///
    /// # Errors
    /// When the body is not that of the file, or when its end would not be told from a cut.
    pub(super) fn of(headers: &HeaderMap, status: StatusCode, length: Option<u64>) -> Result<Self, DownloadError> {
        if words(headers, CONTENT_ENCODING)
            .any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"))
        {
            return Err(DownloadError::Answer { problem: "is encoded, which was not asked for" });
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
            return Err(DownloadError::Answer { problem });
        }
        Ok(Self { from: None, length, total: length })
    }
}

/// The words of a header that is a list, however many lines it has.
fn words(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &[u8]> {
    headers
        .get_all(name)
        .into_iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
}

/// Whether the body comes in chunks, and is nothing else besides.
fn is_chunked(headers: &HeaderMap) -> Result<bool, DownloadError> {
    let mut codings = words(headers, TRANSFER_ENCODING);
    match (codings.next(), codings.next()) {
        (None, _) => Ok(false),
        (Some(coding), None) if coding.eq_ignore_ascii_case(b"chunked") => Ok(true),
        // Which is to say: not in chunks. It is long withdrawn.
        (Some(coding), None) if coding.eq_ignore_ascii_case(b"identity") => Ok(false),
        _ => Err(DownloadError::Answer { problem: "is encoded on its way, which was not asked for" }),
    }
}

/// First byte, the byte after the last one, and total of `Content-Range: bytes 5-9/10`; the total may be `*`.
fn range(headers: &HeaderMap) -> Option<(u64, u64, Option<u64>)> {
    let (range, total) = content_range(headers)?.split_once('/')?;
    let (from, last) = range.split_once('-')?;
    let (from, end) = (number(from)?, number(last)?.checked_add(1)?);
    let total = if total == "*" { None } else { Some(number(total)?) };
    (from < end && total.is_none_or(|total| end <= total)).then_some((from, end, total))
}

/// The total that a response to a range beyond the end of the file names: `Content-Range: bytes */36`.
pub(super) fn total_beyond(headers: &HeaderMap) -> Option<u64> {
    number(content_range(headers)?.strip_prefix("*/")?)
}

fn content_range(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(CONTENT_RANGE).into_iter();
    let value = values.next().filter(|_| values.next().is_none())?;
    value.to_str().ok()?.strip_prefix("bytes ")
}

/// Digits and nothing else; `parse` takes a sign.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The ETag that stands for the bytes of the file. A weak one does not.
pub(super) fn strong_etag(headers: &HeaderMap) -> Option<HeaderValue> {
    headers.get(ETAG).filter(|etag| is_strong(etag)).cloned()
}

/// Whether an `ETag` is for the very bytes of a file.
pub(super) fn is_strong(etag: &HeaderValue) -> bool {
    !etag.as_bytes().starts_with(b"W/")
}
