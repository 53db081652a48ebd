//! Recordings: links to the sandbox, signed as S3 signs them, and the bytes behind them, whole or by range.
//!
//! ```text
//! status ─▶ /recordings/10001.mp4?X-Amz-Date=…&X-Amz-Expires=3600&X-Amz-Signature=… ─▶ 200, 206, 416; 403 for an expired link
//! ```

use std::io;
use std::net::SocketAddr;
use std::sync::LazyLock;

use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::header::{ACCEPT_RANGES, CONTENT_RANGE, ETAG, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, StatusCode};
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::clock::later;
use super::response::Response;

const FOLDER: &str = "/recordings/";
/// The lifetime of a link, in seconds.
const EXPIRES: u32 = 3600;

pub(super) const NO_SUCH: &str = "There is no such recording.";

/// Signs and verifies links.
pub(super) struct Links {
    key: Hmac<Sha256>,
    address: SocketAddr,
    /// How often the test expired all links. It is part of the signature.
    generation: u32,
}

impl Links {
    pub(super) fn new(secret: &str, address: SocketAddr) -> io::Result<Self> {
        let key = Hmac::new_from_slice(secret.as_bytes()).map_err(io::Error::other)?;
        Ok(Self { key, address, generation: 0 })
    }

    /// Expires all earlier links.
    pub(super) fn expire(&mut self) {
        self.generation += 1;
    }

    /// A new link.
    pub(super) fn sign(&self, verification: i64, now: Timestamp) -> String {
        let path = format!("{FOLDER}{verification}.mp4");
        let date = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let day = date.get(..8).unwrap_or_default();
        let signature = self.signature(&path, &date);
        format!(
            "http://{}{path}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=SANDBOX%2F{day}%2Fap-south-1%2Fs3%2Faws4_request\
             &X-Amz-Date={date}&X-Amz-Expires={EXPIRES}&X-Amz-SignedHeaders=host&X-Amz-Signature={signature}",
            self.address,
        )
    }

    fn signature(&self, path: &str, date: &str) -> String {
        let tag = self.key.clone().chain_update(format!("{path}\n{date}\n{}", self.generation)).finalize();
        tag.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The reference id of the verification, if the link is valid.
    pub(super) fn verify(&self, path: &str, query: &str, now: Timestamp) -> Result<i64, &'static str> {
        let value = |name: &str| form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name).map(|(_, v)| v);
        let date = value("X-Amz-Date").unwrap_or_default();
        if value("X-Amz-Signature").as_deref() != Some(&self.signature(path, &date)) {
            return Err("The link is not signed by the sandbox, or the test expired it.");
        }
        let signed = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", &*date).ok();
        let signed = signed.and_then(|signed| jiff::tz::Offset::UTC.to_timestamp(signed).ok());
        if signed.is_none_or(|signed| later(signed, SignedDuration::from_secs(i64::from(EXPIRES))) <= now) {
            return Err("Request has expired");
        }
        let number = path.strip_prefix(FOLDER).and_then(|name| name.strip_suffix(".mp4")?.parse().ok());
        number.ok_or(NO_SUCH)
    }
}

pub(super) fn is_path(path: &str) -> bool {
    path.starts_with(FOLDER)
}

/// The error response, in the words of S3.
pub(super) fn denied(why: &str) -> Response {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>{why}</Message></Error>"
    );
    Response::new(StatusCode::FORBIDDEN, "application/xml", body)
}

/// The bytes, or the requested range of them.
pub(super) fn serve(recording: &Bytes, request: &HeaderMap) -> Response {
    let hash = Sha256::digest(recording);
    let etag: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let etag = HeaderValue::from_str(&format!("\"{etag}\"")).unwrap_or(HeaderValue::from_static("\"\""));
    // A range applies only to the file that was requested first.
    let is_same = request.get(IF_RANGE).is_none_or(|known| *known == etag);
    let range = request.get(RANGE).and_then(|range| range.to_str().ok()).filter(|_| is_same);
    let length = recording.len();
    let (status, body, content_range) = match range.and_then(|range| bounds(range, length)) {
        None => (StatusCode::OK, recording.clone(), None),
        Some(Some((from, end))) if from < end => {
            let range = format!("bytes {from}-{}/{length}", end - 1);
            (StatusCode::PARTIAL_CONTENT, recording.slice(from..end), Some(range))
        }
        Some(_) => (StatusCode::RANGE_NOT_SATISFIABLE, Bytes::new(), Some(format!("bytes */{length}"))),
    };
    let mut response = Response::new(status, "video/mp4", body);
    response.headers.extend([(ACCEPT_RANGES, HeaderValue::from_static("bytes")), (ETAG, etag)]);
    if let Some(range) = content_range.and_then(|range| HeaderValue::from_str(&range).ok()) {
        response.headers.insert(CONTENT_RANGE, range);
    }
    response
}

/// The first byte and the one after the last, of `bytes=a-b`, `bytes=a-` or `bytes=-n`. The outer `None` is for anything except a
/// single range: HTTP lets a server ignore it. The inner `None` is for a range beyond the end.
fn bounds(range: &str, length: usize) -> Option<Option<(usize, usize)>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let (from, end) = match (first, last) {
        ("", last) => (length.saturating_sub(last.parse().ok()?), length),
        (first, "") => (first.parse().ok()?, length),
        (first, last) => (first.parse().ok()?, last.parse::<usize>().ok()?.saturating_add(1).min(length)),
    };
    Some((from < length).then_some((from, end)))
}

/// The recording of a predefined journey. It begins like an MP4 file, and no two parts of it are the same.
static SAMPLE: LazyLock<Bytes> = LazyLock::new(|| {
    let head = *b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom";
    let noise = (0..8192_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes());
    head.into_iter().chain(noise).collect()
});

pub(super) fn sample() -> Bytes {
    SAMPLE.clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_http_defines_them() {
        for (range, found) in [
            ("bytes=0-4", Some(Some((0, 5)))),
            ("bytes=5-", Some(Some((5, 10)))),
            ("bytes=5-99", Some(Some((5, 10)))),
            ("bytes=-3", Some(Some((7, 10)))),
            ("bytes=-99", Some(Some((0, 10)))),
            ("bytes=10-", Some(None)),
            ("bytes=99-", Some(None)),
            ("bytes=a-b", None),
            ("bytes=0-1,3-4", None),
            ("lines=0-4", None),
        ] {
            assert_eq!(bounds(range, 10), found, "{range}");
        }
    }
}
