//! Makes text from outside safe for a terminal, and removes credentials that a server echoes. The rules are those of the library
//! (`src/wire/printed.rs`), which does not export them.
//!
//! | text | printed by | how |
//! |---|---|---|
//! | a requested value, such as a link or a remark; our own texts | [`line`] | all of it, on one line |
//! | any other text of a server, such as a state or a time | [`short`] | up to 300 characters of it, then its length |
//! | names, such as a request id | [`name`] | unchanged if it looks like a name, else its length |

use std::io;

use cashfree_vkyc::without_secrets;
use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

/// The longest text of a server, in characters, that is printed if the user did not ask for it.
const LONGEST_TEXT: usize = 300;

/// The longest name that is printed. A UUID has 36 characters.
const LONGEST_NAME: usize = 64;

/// Whether a character could affect the text around it: control characters, separators, and marks that are invisible or change the
/// reading order. The check puts a letter before it, so that combining marks, as in Devanagari, are printable.
fn is_unsafe(character: char) -> bool {
    let follows_a_letter = format!("a{character}");
    !matches!(character, '"' | '\'' | '\\') && follows_a_letter.escape_debug().ne(follows_a_letter.chars())
}

/// Escapes a text so that it cannot affect a terminal and stays on its line.
pub(crate) fn line(text: &str) -> String {
    without_secrets(text)
        .chars()
        .map(|c| if is_unsafe(c) { c.escape_default().to_string() } else { c.into() })
        .collect()
}

/// Escapes a text like [`line`], and shortens it to a readable length.
pub(crate) fn short(text: &str) -> String {
    let text = without_secrets(text);
    match text.char_indices().nth(LONGEST_TEXT) {
        Some((end, _)) => {
            format!("{}… ({} characters)", line(text.get(..end).unwrap_or_default()), text.chars().count())
        }
        None => line(text),
    }
}

/// Prints a name. A server can send any text in its place, such as a link.
pub(crate) fn name(text: &str) -> String {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
    if text.len() <= LONGEST_NAME && text.bytes().all(is_part) {
        return without_secrets(text).to_owned();
    }
    format!("[{} characters]", text.chars().count())
}

/// Returns a value as one line of exact JSON that cannot affect a terminal: unsafe characters beyond ASCII are escaped too. A text
/// with a credential is redacted.
///
/// # Errors
/// When the value cannot be represented in JSON.
pub(crate) fn json(value: &impl Serialize) -> io::Result<String> {
    let mut out = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut out, Safe))?;
    String::from_utf8(out).map_err(io::Error::other)
}

struct Safe;

impl Formatter for Safe {
    /// Prints a part of a text that has no characters that JSON escapes. A credential has none either, so no part ends within it.
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        without_secrets(fragment).chars().try_for_each(|character| match is_unsafe(character) {
            true => character.encode_utf16(&mut [0; 2]).iter().try_for_each(|unit| write!(writer, "\\u{unit:04x}")),
            false => write!(writer, "{character}"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsafe_characters_are_escaped() {
        assert_eq!(line("a\nb\u{1b}[31m\u{202e}\u{200b}\u{2028}"), "a\\nb\\u{1b}[31m\\u{202e}\\u{200b}\\u{2028}");
        for fine in ["नमस्ते", "é", "🎥", "a b", "C:\\a"] {
            assert_eq!((line(fine), short(fine)), (fine.to_owned(), fine.to_owned()));
        }
    }

    #[test]
    fn json_is_exact_and_safe_for_a_terminal() {
        let text = "\u{85}\u{202e}\u{2028}\u{e0041}\u{1b} \"\\' 🎥 नमस्ते";
        let line = json(&text).unwrap();
        assert!(!line.contains(is_unsafe) && line.ends_with("' 🎥 नमस्ते\""), "{line:?}");
        assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
    }

    #[test]
    fn a_long_text_is_cut_and_its_length_printed() {
        let (fits, long) = ("é".repeat(300), "é".repeat(5000));
        assert_eq!(short(&fits), fits);
        assert_eq!(short(&long), format!("{fits}… (5000 characters)"));
        assert_eq!(line(&long), long);
    }

    #[test]
    fn only_text_that_looks_like_a_name_is_printed_as_one() {
        for fine in ["", "USER_QUEUED", "x-request-id", "a.b", &"x".repeat(64)] {
            assert_eq!(name(fine), fine);
        }
        for other in ["a b", "https://a/", "é", &"x".repeat(65)] {
            assert_eq!(name(other), format!("[{} characters]", other.chars().count()));
        }
    }
}
