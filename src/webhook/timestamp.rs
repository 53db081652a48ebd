//! The time in `x-webhook-timestamp`: milliseconds in Cashfree's samples, seconds from other products, distinguished by
//! magnitude.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::error::WebhookError;

/// Smaller numbers count seconds, until the year 5138. As milliseconds they would be before March 1973.
const FIRST_MILLISECONDS: u64 = 100_000_000_000;

/// Parses decimal digits. The error is the problem, in words.
pub(super) fn read(text: &[u8]) -> Result<SystemTime, &'static str> {
    if text.is_empty() {
        return Err("is empty");
    }
    if !text.iter().all(u8::is_ascii_digit) {
        return Err("is not a whole number of milliseconds or seconds since 1970");
    }
    let number: Option<u64> = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    let since_1970 = number.map(|number| {
        if number < FIRST_MILLISECONDS { Duration::from_secs(number) } else { Duration::from_millis(number) }
    });
    since_1970.and_then(|since_1970| UNIX_EPOCH.checked_add(since_1970)).ok_or("is out of range")
}

/// Checks that a time is close enough to `now`, in both directions.
pub(super) fn check_age(at: SystemTime, now: SystemTime, tolerance: Duration) -> Result<(), WebhookError> {
    match now.duration_since(at) {
        Ok(age) if age > tolerance => Err(WebhookError::Stale { age, tolerance }),
        Err(error) if error.duration() > tolerance => {
            Err(WebhookError::FromTheFuture { ahead: error.duration(), tolerance })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_and_seconds_are_distinguished() {
        let seconds = |text: &str| read(text.as_bytes()).map(|at| at.duration_since(UNIX_EPOCH).unwrap().as_secs_f64());
        assert_eq!(seconds("1746427759733"), Ok(1_746_427_759.733));
        assert_eq!(seconds("1746427759"), Ok(1_746_427_759.0));
        assert_eq!(seconds("0"), Ok(0.0));
        assert_eq!((seconds("99999999999"), seconds("100000000000")), (Ok(99_999_999_999.0), Ok(100_000_000.0)));
    }

    #[test]
    fn a_text_that_is_not_a_time_is_an_error_with_the_reason() {
        for text in ["-1", "+1", "NaN", "1e3", "1.5", " 1", "1 ", "0x10", "१७४६", "\u{ff11}"] {
            assert_eq!(
                read(text.as_bytes()),
                Err("is not a whole number of milliseconds or seconds since 1970"),
                "{text}"
            );
        }
        assert_eq!(read(b"1000000000000000000000000000000"), Err("is out of range"));
        assert_eq!(read(b""), Err("is empty"));
        assert!(read(b"\xff\xfe").is_err());
    }

    #[test]
    fn the_tolerance_holds_both_ways_to_the_millisecond() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000_000);
        let (five, millisecond) = (Duration::from_secs(300), Duration::from_millis(1));
        assert_eq!(check_age(now - five, now, five), Ok(()));
        assert_eq!(check_age(now + five, now, five), Ok(()));
        let age = five + millisecond;
        assert_eq!(check_age(now - age, now, five), Err(WebhookError::Stale { age, tolerance: five }));
        assert_eq!(check_age(now + age, now, five), Err(WebhookError::FromTheFuture { ahead: age, tolerance: five }));
    }
}
