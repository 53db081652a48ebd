//! Makes external text safe to print. All external text that is printed passes through here.
//!
//! | text | type | printed as |
//! |---|---|---|
//! | messages for people | [`Escaped`] | up to 300 characters, on one line, in their original order |
//! | names, such as a field, an unknown status or a request id | [`Name`] | unchanged if it looks like a name, else its length |

use std::fmt::{self, Write as _};

use super::secrets::without_secrets;

/// The longest text that is printed, in characters.
const LONGEST_TEXT: usize = 300;

/// The longest name that is printed. A UUID has 36 characters, the longest sub-status 34.
const LONGEST_NAME: usize = 64;

/// External text, limited in length and without characters that could forge log lines or change the reading order.
#[derive(Clone, Copy)]
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Examines twice the printed length, so that no part of a credential remains before the cut.
        let end = self.0.char_indices().nth(2 * LONGEST_TEXT).map_or(self.0.len(), |(end, _)| end);
        let mut characters = without_secrets(self.0.get(..end).unwrap_or_default()).chars();
        for character in characters.by_ref().take(LONGEST_TEXT) {
            match character {
                ' '..='~' => f.write_char(character)?,
                // Escapes the character after a letter, so that a combining mark is printed unchanged.
                _ => String::from_iter(['a', character])
                    .escape_debug()
                    .skip(1)
                    .try_for_each(|part| f.write_char(part))?,
            }
        }
        if characters.next().is_some() { f.write_str("…") } else { Ok(()) }
    }
}

/// Prints the escaped text in quotes.
impl fmt::Debug for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Text that should be a name. It may be anything, even a secret.
#[derive(Clone, Copy)]
pub(crate) struct Name<'a>(pub(crate) &'a str);

impl Name<'_> {
    fn looks_like_one(self) -> bool {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        self.0.len() <= LONGEST_NAME && self.0.bytes().all(is_part)
    }
}

impl fmt::Display for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.looks_like_one() {
            f.pad(without_secrets(self.0))
        } else {
            write!(f, "[{} characters]", self.0.chars().count())
        }
    }
}

/// A name in quotes.
impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.looks_like_one() { write!(f, "\"{}\"", without_secrets(self.0)) } else { fmt::Display::fmt(self, f) }
    }
}

/// Ranges of characters in readable form.
#[derive(Clone, Copy)]
pub(crate) struct Characters(pub(crate) &'static [(char, char)]);

impl fmt::Display for Characters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, (first, last)) in self.0.iter().enumerate() {
            let space = if n == 0 { "" } else { " " };
            if first == last { write!(f, "{space}{first}")? } else { write!(f, "{space}{first}-{last}")? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_and_cannot_forge_a_line() {
        assert_eq!(Escaped("a\nb\u{1b}[31m").to_string(), "a\\nb\\u{1b}[31m");
        assert_eq!(Escaped(&"x".repeat(301)).to_string(), format!("{}…", "x".repeat(300)));
        assert_eq!(Escaped(&"x".repeat(300)).to_string(), "x".repeat(300));
        assert_eq!(format!("{:?}", Some(Escaped("a\"b"))), "Some(\"a\"b\")");
    }

    #[test]
    fn a_credential_across_the_cut_is_not_printed_in_part() {
        super::super::secrets::keep("a-credential-of-thirty-characters", false);
        let text = format!("{} a-credential-of-thirty-characters", "x".repeat(289));
        assert!(!Escaped(&text).to_string().contains("a-cred"));
    }

    #[test]
    fn marks_that_change_the_order_or_break_the_line_are_escaped() {
        for mark in "\u{202e}\u{202a}\u{2066}\u{2069}\u{200f}\u{2028}\u{2029}\u{85}\u{feff}\u{200b}\u{e0041}".chars() {
            let printed = Escaped(&format!("a{mark}b")).to_string();
            assert_eq!(printed, format!("a\\u{{{:x}}}b", u32::from(mark)));
        }
        for fine in ["नमस्ते", "é", "🎥", "a b"] {
            assert_eq!(Escaped(fine).to_string(), fine);
        }
    }

    #[test]
    fn only_a_text_that_looks_like_a_name_is_printed() {
        for name in ["", "USER_QUEUED", "x-request-id", "a.b", "7", &"x".repeat(64)] {
            assert_eq!((Name(name).to_string(), format!("{:?}", Name(name))), (name.to_owned(), format!("\"{name}\"")));
        }
        for other in ["a b", "a\nb", "Zm9v+/==", "é", "a\u{202e}b", "{}", &"x".repeat(65)] {
            let length = format!("[{} characters]", other.chars().count());
            assert_eq!((Name(other).to_string(), format!("{:?}", Name(other))), (length.clone(), length));
        }
        assert_eq!(format!("[{:>5}]", Name("ab")), "[   ab]");
    }

    #[test]
    fn characters_are_listed_range_by_range() {
        assert_eq!(Characters(&[('A', 'Z'), ('.', '.'), ('-', '-')]).to_string(), "A-Z . -");
    }
}
