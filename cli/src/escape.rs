//! Text from outside, made safe for a terminal. The rules are those of the library (`src/wire/printed.rs`), which does not export them.
//!
//! | text | printed by | how |
//! |---|---|---|
//! | a value that the user asked for, such as a link or a remark; our own texts | [`line`] | all of it, on one line |
//! | any other text of a server, such as a state or a time | [`short`] | the same, up to 300 characters, then their number |
//! | names, such as a request id | [`name`] | unchanged if it looks like a name, else its length |

use serde::Serialize;

/// The longest text of a server that is printed without being asked for, in characters.
const LONGEST_TEXT: usize = 300;

/// The longest name that is printed. A UUID has 36 characters.
const LONGEST_NAME: usize = 64;

/// Whether a character could affect more than its own place: control characters, separators, and marks that change the reading
/// order or are invisible. The letter before it keeps combining marks printable, as in Devanagari.
fn is_unsafe(character: char) -> bool {
    let follows_a_letter = format!("a{character}");
    !matches!(character, '"' | '\'' | '\\') && follows_a_letter.escape_debug().ne(follows_a_letter.chars())
}

/// Escapes a text so that it cannot affect a terminal and stays on its line.
pub(crate) fn line(text: &str) -> String {
    escaped(text.chars())
}

/// The same, cut to a length that people read.
pub(crate) fn short(text: &str) -> String {
    let (length, start) = (text.chars().count(), text.chars().take(LONGEST_TEXT));
    if length <= LONGEST_TEXT { line(text) } else { format!("{}… ({length} characters)", escaped(start)) }
}

fn escaped(characters: impl Iterator<Item = char>) -> String {
    let mut out = String::new();
    for character in characters {
        if is_unsafe(character) { out.extend(character.escape_default()) } else { out.push(character) }
    }
    out
}

/// Prints a name. A server can send any text in its place, such as a link.
pub(crate) fn name(text: &str) -> String {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if text.len() <= LONGEST_NAME && text.bytes().all(is_part) {
        return text.to_owned();
    }
    format!("[{} characters]", text.chars().count())
}

/// Returns a value as one line of exact JSON that cannot affect a terminal: unsafe characters beyond ASCII are escaped too.
///
/// # Errors
/// When the value cannot be represented in JSON.
pub(crate) fn json(value: &impl Serialize) -> serde_json::Result<String> {
    let text = serde_json::to_string(value)?;
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if is_unsafe(character) {
            out.extend(character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(character);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_act_is_shown_as_what_it_is() {
        assert_eq!(line("a\nb\u{1b}[31m\u{202e}\u{200b}\u{2028}"), "a\\nb\\u{1b}[31m\\u{202e}\\u{200b}\\u{2028}");
        for fine in ["नमस्ते", "é", "🎥", "a b", "C:\\a"] {
            assert_eq!((line(fine), short(fine)), (fine.to_owned(), fine.to_owned()));
        }
    }

    #[test]
    fn json_affects_no_terminal_and_stays_exact() {
        let text = "\u{85}\u{202e}\u{2028}\u{e0041}\u{1b} \"\\' 🎥 नमस्ते";
        let line = json(&text).unwrap();
        assert!(!line.contains(is_unsafe) && line.ends_with("' 🎥 नमस्ते\""), "{line:?}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }

    #[test]
    fn what_is_long_is_cut_and_its_length_told() {
        let (fits, long) = ("é".repeat(300), "é".repeat(5000));
        assert_eq!(short(&fits), fits);
        assert_eq!(short(&long), format!("{fits}… (5000 characters)"));
        assert_eq!(line(&long), long);
    }

    #[test]
    fn a_name_is_printed_where_it_looks_like_one() {
        for fine in ["", "USER_QUEUED", "x-request-id", "a.b", &"x".repeat(64)] {
            assert_eq!(name(fine), fine);
        }
        for other in ["a b", "https://a/", "é", &"x".repeat(65)] {
            assert_eq!(name(other), format!("[{} characters]", other.chars().count()));
        }
    }
}
