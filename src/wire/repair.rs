//! Decodes a body, even if a text or a number in it is beyond what serde_json accepts.
//!
//! | in the body | read as |
//! |---|---|
//! | half of a surrogate pair, as when a text was cut within an emoji: `\ud83d` | U+FFFD |
//! | a number beyond the largest float: `1e400` | the text of its digits |
//!
//! Only a body that fails to decode is searched for these, so other bodies cost nothing more.

use serde::de::DeserializeOwned;

/// Decodes a body.
pub(crate) fn from_slice<T: DeserializeOwned>(body: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(body).or_else(|error| match repaired(body) {
        Some(text) => serde_json::from_str(&text),
        None => Err(error),
    })
}

/// Replaces everything in a text or a number that serde_json rejects. `None` if there is nothing to replace.
pub(super) fn repaired(body: &[u8]) -> Option<String> {
    let mut rest = str::from_utf8(body).ok()?;
    let (mut text, mut in_text, mut changed) = (String::with_capacity(rest.len()), false, false);
    while let Some(first) = rest.chars().next() {
        let (length, replacement) = match first {
            '\\' => escape(rest),
            '-' | '0'..='9' if !in_text => number(rest),
            _ => (first.len_utf8(), None),
        };
        in_text ^= first == '"';
        let (token, after) = rest.split_at_checked(length)?;
        changed |= replacement.is_some();
        text.push_str(replacement.as_deref().unwrap_or(token));
        rest = after;
    }
    changed.then_some(text)
}

/// Returns the length of the escape at the start of the text, and its replacement.
fn escape(text: &str) -> (usize, Option<String>) {
    let code_unit = |at: usize| u16::from_str_radix(text.get(at..)?.strip_prefix("\\u")?.get(..4)?, 16).ok();
    match (code_unit(0), code_unit(6)) {
        (Some(0xd800..=0xdbff), Some(0xdc00..=0xdfff)) => (12, None),
        (Some(0xd800..=0xdfff), _) => (6, Some("\\ufffd".to_owned())),
        _ => (text.chars().take(2).map(char::len_utf8).sum(), None),
    }
}

/// Returns the length of the number at the start of the text, and its replacement.
fn number(text: &str) -> (usize, Option<String>) {
    let is_part = |character: char| matches!(character, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
    let end = text.find(|character| !is_part(character)).unwrap_or(text.len());
    let digits = text.get(..end).unwrap_or_default();
    let is_beyond = digits.parse().is_ok_and(f64::is_infinite);
    (end, is_beyond.then(|| format!("\"{digits}\"")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn half_of_a_surrogate_pair_is_replaced_and_a_whole_pair_is_kept() {
        for (body, text) in [
            (r#"["a\ud83d"]"#, "a\u{fffd}"),
            (r#"["\ud83d\ud83d\ude00\ude00"]"#, "\u{fffd}😀\u{fffd}"),
            (r#"["\uD83DA\"\\\udE00"]"#, "\u{fffd}A\"\\\u{fffd}"),
            (r#"["\\ud83d\ud83d"]"#, "\\ud83d\u{fffd}"),
        ] {
            assert!(serde_json::from_str::<Value>(body).is_err(), "{body}");
            assert_eq!(from_slice::<Value>(body.as_bytes()).unwrap(), json!([text]), "{body}");
        }
    }

    #[test]
    fn a_number_that_is_too_large_becomes_text_with_its_digits() {
        let digits = "9".repeat(400);
        let body = format!(r#"{{"a":1e400,"b":[-1E+999,7,-2.5e3],"c":"1e400","d":{digits}}}"#);
        assert!(serde_json::from_str::<Value>(&body).is_err());
        let read: Value = from_slice(body.as_bytes()).unwrap();
        assert_eq!(read, json!({ "a": "1e400", "b": ["-1E+999", 7, -2500.0], "c": "1e400", "d": digits }));
    }

    #[test]
    fn another_mistake_stays_one() {
        for body in [
            &b"{\"a\":\"\xff\"}"[..],
            b"{\"a\":\"\\ud83d",
            b"{\"a\":\"\\ud8",
            b"\"\\",
            b"[1e400",
            b"[1e400e5]",
            b"[01]",
            b"",
            b"[1] \\ud83d",
        ] {
            assert!(from_slice::<Value>(body).is_err(), "{body:?}");
        }
    }
}
