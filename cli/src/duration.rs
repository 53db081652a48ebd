//! Durations as people write them: `500ms`, `5s`, `2m`, `1h30m`, `3d`; a bare number is seconds.

use std::time::Duration;

use jiff::{Span, SpanRelativeTo};

/// A century is a typo, and adding it to an instant may overflow.
const TOO_LONG: Duration = Duration::from_secs(100 * 365 * 86_400);

/// Reads a duration.
///
/// # Errors
/// When it is no duration, zero, or a century or more.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let unit = if text.ends_with(|last: char| last.is_ascii_digit()) { "s" } else { "" };
    let span = format!("{text}{unit}").parse::<Span>();
    let time = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()));
    let time =
        time.and_then(Duration::try_from).map_err(|_| "write a number and a unit, as in 500ms, 5s, 2m, 1h or 3d")?;
    if time.is_zero() || time >= TOO_LONG {
        return Err("it must be more than no time and less than a century".to_owned());
    }
    Ok(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, millis) in
            [("500ms", 500), ("5", 5000), ("5s", 5000), ("2m", 120_000), ("1h", 3_600_000), ("1d", 86_400_000)]
        {
            assert_eq!(duration(text).unwrap().as_millis(), millis, "{text}");
        }
        for text in ["", "s", "-1s", "0", "0ms", "5y", "99999999999999999999s", "40000d", "五s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
