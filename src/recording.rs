//! The recording of a call: a link that is signed for an hour, and what can be told from it.
//!
//! ```text
//! VideoKyc::recording() ─▶ RecordingLink ─▶ expires_at, is_expired
//!                               └─▶ download(client, writer)     range resume · fresh link when it expired · cap
//! ```
//!
//! A link does not show that the call is over, or that there was one: Cashfree's own sample has a link and
//! `RECEIVED / LINK_GENERATED`. Ask [`Lifecycle`](crate::Lifecycle) for that.

#[cfg(feature = "client")]
mod download;

use std::fmt;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

#[cfg(feature = "client")]
pub use download::{Download, DownloadError, Progress};

use crate::{Sensitive, VerificationRef, VideoKyc};

/// The longest time for which S3 signs a link.
const LONGEST: i64 = 7 * 24 * 3600;

/// Where the recording of a call lies. It carries a credential, so it prints as little as any secret.
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
/// assert_eq!(recording.expires_at().ok_or("not signed")?.to_rfc3339(), "2025-07-09T09:48:09+00:00");
/// assert!(recording.is_expired(std::time::SystemTime::now()));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RecordingLink {
    url: Sensitive<String>,
    /// Whom to ask for a fresh link.
    verification: Option<VerificationRef>,
}

impl VideoKyc {
    /// The link to the recording of the call, if there is one. It does not show that the call is over.
    #[must_use]
    pub fn recording(&self) -> Option<RecordingLink> {
        self.recording_link.clone().map(|url| RecordingLink { url, verification: self.verification_ref() })
    }
}

impl RecordingLink {
    /// The link itself. Whoever calls this answers for where it goes.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.url.expose()
    }

    /// When the link lapses, as its own query says (`X-Amz-Date` and `X-Amz-Expires`). `None` when it is not signed so.
    #[must_use]
    pub fn expires_at(&self) -> Option<DateTime<Utc>> {
        let (_, query) = self.expose().split_once('?')?;
        let query = query.split('#').next().unwrap_or_default().as_bytes();
        let value = |name: &str| form_urlencoded::parse(query).find(|(key, _)| key == name).map(|(_, value)| value);
        let signed = NaiveDateTime::parse_from_str(&value("X-Amz-Date")?, "%Y%m%dT%H%M%SZ").ok()?.and_utc();
        let seconds: i64 = value("X-Amz-Expires")?.parse().ok()?;
        let seconds = (1..=LONGEST).contains(&seconds).then_some(seconds)?;
        signed.checked_add_signed(TimeDelta::try_seconds(seconds)?)
    }

    /// Whether the link has lapsed at a time, such as `SystemTime::now()`. A link that does not say counts as living.
    #[must_use]
    pub fn is_expired(&self, now: impl Into<DateTime<Utc>>) -> bool {
        let now = now.into();
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

    fn expiry(url: &str) -> Option<String> {
        let vkyc = VideoKyc { recording_link: Some(url.into()), ..VideoKyc::default() };
        vkyc.recording().unwrap().expires_at().map(|end| end.to_rfc3339())
    }

    #[test]
    fn the_expiry_of_a_signed_link_is_read() {
        let end = Some("2025-07-09T09:48:09+00:00".to_owned());
        assert_eq!(expiry("https://h/r?X-Amz-Date=20250709T084809Z&X-Amz-Expires=3600"), end);
        assert_eq!(expiry("https://h/r?a=b&X-Amz-Expires=3600&X-Amz-Date=20250709T084809Z&c#d"), end);
        assert_eq!(expiry("https://h/r?X-Amz-Date=20250709T084809%5A&X-Amz-Expires=3600#X-Amz-Expires=1"), end);
    }

    #[test]
    fn what_is_not_signed_so_has_no_expiry() {
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
        assert!(link.is_expired(end) && !link.is_expired(end - TimeDelta::seconds(1)));
        assert!(!format!("{link:?}").contains("https"));
    }
}
