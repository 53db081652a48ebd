//! The head of a response: which part of the file its body is, and how the end of the body is recognised.

use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, HeaderName, TRANSFER_ENCODING};
use http::{HeaderMap, StatusCode};

use super::error::DownloadError;

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
    /// Reads the head of a response. `length` is that of its body, as HTTP reads it.
    ///
    /// # Errors
    /// When the body is not that of the file, or when its end could not be distinguished from a broken connection.
    pub(super) fn of(headers: &HeaderMap, status: StatusCode, length: Option<u64>) -> Result<Self, DownloadError> {
        if words(headers, CONTENT_ENCODING)
            .any(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"))
        {
            return Err(DownloadError::Response { problem: "is encoded, which was not asked for" });
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

/// The elements of a header that is a list, on any number of lines.
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
        _ => Err(DownloadError::Response { problem: "is encoded on its way, which was not asked for" }),
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

/// The total in a response to a range beyond the end of the file: `Content-Range: bytes */36`.
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
