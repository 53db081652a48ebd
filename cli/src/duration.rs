//! Durations as people write them: `500ms`, `5s`, `2m`, `1h`, `3d`; a bare number is seconds.

use std::time::Duration;

/// Reads a duration. `humantime` and `jiff` also accept fractions, spaces and years, and need a unit.
///
/// # Errors
/// When it is no duration, zero, or a century or more.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| "write a number and a unit, as in 500ms, 5s, 2m, 1h or 3d")?;
    let millis = match unit {
        "ms" => 1,
        "" | "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err("the unit is none of ms, s, m, h, d".to_owned()),
    };
    match number.checked_mul(millis) {
        Some(0) => Err("zero is no time at all".to_owned()),
        // A century is a typo, and adding it to an instant may overflow.
        Some(millis) if millis < 100 * 365 * 86_400_000 => Ok(Duration::from_millis(millis)),
        _ => Err("that is longer than anybody waits".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_as_people_write_them() {
        for (text, millis) in [("500ms", 500), ("5", 5000), ("5s", 5000), ("2m", 120_000), ("1h", 3_600_000)] {
            assert_eq!(duration(text).unwrap().as_millis(), millis, "{text}");
        }
        for text in ["", "s", "-1s", "1.5s", "5 s", "0", "0ms", "5y", "99999999999999999999s", "40000d", "五s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
