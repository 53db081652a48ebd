//! The recording of a call: a signed link that is valid for an hour.
//!
//! ```text
//! VideoKyc::recording() ─▶ RecordingLink ─▶ expires_at, is_expired
//!                               └─▶ download(client, writer)     range resume · fresh link when it expired · cap
//! ```
//!
//! A link does not prove that the call is over or took place: Cashfree's own sample has a link and `RECEIVED / LINK_GENERATED`.
//! Read [`Lifecycle`](crate::Lifecycle) instead.

use std::fmt;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::generated::VerificationRef;
use crate::wire::Sensitive;

/// The longest validity of a link signed by S3.
const LONGEST: i64 = 7 * 24 * 3600;

/// The link to the recording of a call. It contains a credential, so it is never printed.
///
/// ```
/// use cashfree_vkyc::VideoKyc;
///
/// let mut vkyc = VideoKyc::default();
/// assert!(vkyc.recording().is_none());
///
/// let link = "https://bucket.s3.amazonaws.com/r.mp4?X-Amz-Date=20250709T084809Z&X-Amz-Expires=3600&X-Amz-Signature=00";
/// vkyc.recording_link = Some(link.into());
/// let recording = vkyc.recording().ok_or("no link")?;
/// assert_eq!(recording.expires_at().ok_or("not signed")?.to_string(), "2025-07-09T09:48:09Z");
/// assert!(recording.is_expired(std::time::SystemTime::now()));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RecordingLink {
    url: Sensitive<String>,
    #[cfg_attr(not(feature = "client"), allow(dead_code, reason = "downloads ask it for a fresh link"))]
    verification: Option<VerificationRef>,
}

impl RecordingLink {
    pub(super) fn new(url: Sensitive<String>, verification: Option<VerificationRef>) -> Self {
        Self { url, verification }
    }

    /// The verification whose status returns a fresh link.
    #[cfg(feature = "client")]
    pub(crate) fn verification(&self) -> Option<&VerificationRef> {
        self.verification.as_ref()
    }

    /// Returns the link itself. The caller is responsible for where it goes.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.url.expose()
    }

    /// Returns the time when the link expires, from its query (`X-Amz-Date` and `X-Amz-Expires`). `None` if they are absent.
    #[must_use]
    pub fn expires_at(&self) -> Option<jiff::Timestamp> {
        let (_, query) = self.expose().split_once('?')?;
        let query = query.split('#').next().unwrap_or_default().as_bytes();
        let value = |name: &str| form_urlencoded::parse(query).find(|(key, _)| key == name).map(|(_, value)| value);
        let signed = DateTime::strptime("%Y%m%dT%H%M%SZ", &*value("X-Amz-Date")?).ok()?;
        let seconds: i64 = value("X-Amz-Expires")?.parse().ok()?;
        let seconds = (1..=LONGEST).contains(&seconds).then_some(seconds)?;
        Offset::UTC.to_timestamp(signed).ok()?.checked_add(SignedDuration::from_secs(seconds)).ok()
    }

    /// Whether the link has expired at a time: `SystemTime::now()`, or a `jiff::Timestamp`. A link without an expiry time never
    /// expires.
    #[must_use]
    pub fn is_expired(&self, now: impl TryInto<jiff::Timestamp>) -> bool {
        // A time beyond jiff's last year, 9999, is after every expiry.
        let now = now.try_into().unwrap_or(jiff::Timestamp::MAX);
        self.expires_at().is_some_and(|end| end <= now)
    }
}

impl fmt::Debug for RecordingLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingLink").field("url", &self.url).field("expires_at", &self.expires_at()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::VideoKyc;

    fn expiry(url: &str) -> Option<String> {
        let vkyc = VideoKyc { recording_link: Some(url.into()), ..VideoKyc::default() };
        vkyc.recording().unwrap().expires_at().map(|end| end.to_string())
    }

    #[test]
    fn the_expiry_of_a_signed_link_is_read() {
        let end = Some("2025-07-09T09:48:09Z".to_owned());
        assert_eq!(expiry("https://h/r?X-Amz-Date=20250709T084809Z&X-Amz-Expires=3600"), end);
        assert_eq!(expiry("https://h/r?a=b&X-Amz-Expires=3600&X-Amz-Date=20250709T084809Z&c#d"), end);
        assert_eq!(expiry("https://h/r?X-Amz-Date=20250709T084809%5A&X-Amz-Expires=3600#X-Amz-Expires=1"), end);
    }

    #[test]
    fn a_link_without_a_complete_signature_has_no_expiry() {
        for url in [
            "",
            "https://storage.cashfree.com/vkyc/recordings/test333.mp4",
            "https://h/r?X-Amz-Date=20250709T084809Z",
            "https://h/r?X-Amz-Expires=3600",
            "https://h/r?X-Amz-Date=yesterday&X-Amz-Expires=3600",
            "https://h/r?X-Amz-Date=20251340T084809Z&X-Amz-Expires=3600",
            "https://h/r?X-Amz-Date=20250709T084809Z&X-Amz-Expires=-1",
            "https://h/r?X-Amz-Date=20250709T084809Z&X-Amz-Expires=0",
            "https://h/r?X-Amz-Date=20250709T084809Z&X-Amz-Expires=9223372036854775807",
            "https://h/r#?X-Amz-Date=20250709T084809Z&X-Amz-Expires=x",
            "not a link at all ??",
        ] {
            assert_eq!(expiry(url), None, "{url}");
        }
    }

    #[test]
    fn a_link_is_expired_from_its_last_second_on() {
        let url = "https://h/r?X-Amz-Date=20250709T084809Z&X-Amz-Expires=3600";
        let vkyc = VideoKyc { recording_link: Some(url.into()), ..VideoKyc::default() };
        let link = vkyc.recording().unwrap();
        let end = link.expires_at().unwrap();
        assert!(link.is_expired(end) && !link.is_expired(end - SignedDuration::from_secs(1)));
        assert!(!format!("{link:?}").contains("https"));
    }
}
