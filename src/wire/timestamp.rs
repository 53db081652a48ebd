//! Times as Cashfree writes them: with or without a time of day, with or without a zone.
//!
//! `link_expiry` and `meeting_schedule` were seen as RFC 3339, with milliseconds, and as a plain date. An unknown form must not
//! fail a call, so a [`Timestamp`] keeps the text and parses it on request.

use std::fmt;

use jiff::civil::{Date, Time};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

use super::printed::Escaped;

/// A point in time, or a date, together with its original text.
///
/// RFC 3339, `YYYY-MM-DD`, and `YYYY-MM-DD HH:MM:SS` (also with `T`, a fraction or ` IST`) are understood. Without a zone, UTC is
/// assumed, as Cashfree documents for `meeting_schedule`; see [`has_zone`](Self::has_zone).
///
/// ```
/// use cashfree_vkyc::Timestamp;
///
/// let expiry = Timestamp::from("2025-08-03T00:00:00.000Z");
/// assert_eq!(expiry.timestamp().map(|time| time.as_second()), Some(1754179200));
///
/// let odd = Timestamp::from("next Tuesday");
/// assert_eq!((odd.timestamp(), odd.as_str()), (None, "next Tuesday"));
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Timestamp(Box<str>);

/// Seconds from UTC to India Standard Time (`IST`), which has no daylight saving time.
const INDIA: i32 = (5 * 60 + 30) * 60;

/// The parsed text. It is parsed on request, because most times of most responses are only stored.
struct Read {
    utc: jiff::Timestamp,
    has_time: bool,
    has_zone: bool,
}

impl Timestamp {
    /// Returns the original text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the point in time; midnight for a plain date. `None` if the text cannot be parsed.
    #[must_use]
    pub fn timestamp(&self) -> Option<jiff::Timestamp> {
        self.read().map(|read| read.utc)
    }

    /// Returns the date in UTC. `None` if the text cannot be parsed.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        self.read().map(|read| Offset::UTC.to_datetime(read.utc).date())
    }

    /// Whether the text has a time of day.
    #[must_use]
    pub fn has_time(&self) -> bool {
        self.read().is_some_and(|read| read.has_time)
    }

    /// Whether the text has a zone. Without one, UTC was assumed.
    #[must_use]
    pub fn has_zone(&self) -> bool {
        self.read().is_some_and(|read| read.has_zone)
    }

    fn read(&self) -> Option<Read> {
        // A text of digits may be an id, and jiff would read it as a date without dashes.
        let (text, ist) = match self.0.strip_suffix(" IST") {
            Some(text) => (text, Offset::from_seconds(INDIA).ok()),
            None => (&*self.0, None),
        };
        let pieces = Pieces::parse(text).ok().filter(|_| text.as_bytes().get(4) == Some(&b'-'))?;
        if pieces.time_zone_annotation().is_some() {
            return None;
        }
        let (time, offset) = match (pieces.time(), pieces.to_numeric_offset(), ist) {
            (Some(time), None, Some(ist)) => (Some(time), Some(ist)),
            (time, offset, None) => (time, offset),
            // Two zones, or a zone without a time.
            (_, _, Some(_)) => return None,
        };
        let stated = pieces.date().to_datetime(time.unwrap_or(Time::midnight()));
        let utc = offset.unwrap_or(Offset::UTC).to_timestamp(stated).ok()?;
        Some(Read { utc, has_time: time.is_some(), has_zone: offset.is_some() })
    }
}

impl From<&str> for Timestamp {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

super::open_enum::any_text!(Timestamp, required);

/// Cashfree's format: UTC, with milliseconds.
impl From<jiff::Timestamp> for Timestamp {
    fn from(time: jiff::Timestamp) -> Self {
        format!("{time:.3}").into()
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({:?})", Escaped(&self.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Escaped(&self.0), f)
    }
}

super::schema::json_schema!(Timestamp, inline: true, { "type": "string", "format": "timestamp" });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_that_was_seen_is_read() {
        for (text, rfc3339, has_time, has_zone) in [
            ("2025-07-19T14:30:00Z", "2025-07-19T14:30:00Z", true, true),
            ("2025-07-09T14:50:00.000Z", "2025-07-09T14:50:00Z", true, true),
            ("2025-05-05T18:01:05+05:30", "2025-05-05T12:31:05Z", true, true),
            ("2025-07-19", "2025-07-19T00:00:00Z", false, false),
            ("2024-02-15 16:53:15", "2024-02-15T16:53:15Z", true, false),
            ("2024-02-15 16:53:15.250", "2024-02-15T16:53:15.25Z", true, false),
            ("2024-02-15T16:53:15", "2024-02-15T16:53:15Z", true, false),
            ("2024-02-02 17:30:00 IST", "2024-02-02T12:00:00Z", true, true),
        ] {
            let timestamp = Timestamp::from(text);
            assert_eq!(timestamp.timestamp().map(|time| time.to_string()).as_deref(), Some(rfc3339), "{text}");
            assert_eq!((timestamp.has_time(), timestamp.has_zone()), (has_time, has_zone), "{text}");
            assert_eq!(serde_json::to_value(&timestamp).unwrap(), text);
        }
    }

    #[test]
    fn a_text_that_is_not_a_time_is_kept() {
        for text in [
            "soon",
            "2025-13-01",
            "2025-02-30",
            "1754179200",
            "20250719",
            "2024-02-02 IST",
            "2024-02-02T17:30:00Z IST",
            "2024-02-02 17:30:00 PST",
            "2024-02-02T17:30:00[Asia/Kolkata]",
            "2024-02-02T17:30:00+05:30[Asia/Kolkata]",
        ] {
            let timestamp: Timestamp = serde_json::from_value(text.into()).unwrap();
            assert_eq!((timestamp.as_str(), timestamp.timestamp(), timestamp.has_zone()), (text, None, false));
            assert_eq!(serde_json::to_value(&timestamp).unwrap(), text);
        }
    }

    #[test]
    fn a_time_is_written_as_cashfree_writes_it() {
        let time = Timestamp::from(jiff::Timestamp::from_second(1_754_179_200).unwrap());
        assert_eq!(
            (time.as_str(), time.to_string().as_str()),
            ("2025-08-03T00:00:00.000Z", "2025-08-03T00:00:00.000Z")
        );
        assert_eq!(format!("{time:?}"), "Timestamp(\"2025-08-03T00:00:00.000Z\")");
        assert_eq!((time.date(), Timestamp::from("soon").date()), (Some(jiff::civil::date(2025, 8, 3)), None));
    }
}
