//! Text that came from outside, made fit to be printed: a page or a spec may be anybody's.

use std::borrow::Cow;

/// A text on one line, in the order in which it stands, without what a terminal obeys. What does more than stand in its place
/// is shown as what it is, as in `\n` and `\u{1b}`; a text without it stays as it is.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_printable) {
        return Cow::Borrowed(text);
    }
    let mut printed = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_printable(character) {
            printed.push(character);
        } else {
            printed.extend(character.escape_default());
        }
    }
    printed.into()
}

/// Whether a character does no more than stand in its place: it is no control character, no separator of lines or paragraphs,
/// and none of the marks that turn the order of reading or show nothing.
#[must_use]
pub fn is_printable(character: char) -> bool {
    !character.is_control()
        && !matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::super::Finding;
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_shown_as_what_it_is() {
        assert_eq!(printable("a\n::error::b\r\t\u{1b}[31m\u{9b}2J"), "a\\n::error::b\\r\\t\\u{1b}[31m\\u{9b}2J");
        let marks = "\u{0}\u{7f}\u{85}\u{ad}\u{61c}\u{200b}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}";
        for mark in marks.chars().chain("\u{feff}\u{e0041}".chars()) {
            assert_eq!(printable(&format!("a{mark}b")), format!("a\\u{{{:x}}}b", u32::from(mark)));
        }
        for fine in ["", "नमस्ते", "é — “x”", "🎥", "a\\n `b`", "|"] {
            assert!(matches!(printable(fine), Cow::Borrowed(same) if same == fine), "{fine}");
        }
    }

    #[test]
    fn a_finding_is_two_lines_whatever_it_says() {
        let text = "a\nb\u{1b}[2J\u{202e}";
        let finding = Finding {
            file: text.into(),
            place: Some((1, 2)),
            pointer: text.into(),
            message: text.into(),
            help: text.into(),
        };
        let printed = finding.to_string();
        assert_eq!(printed.lines().count(), 2, "{printed:?}");
        assert!(printed.split('\n').all(|line| line.chars().all(is_printable)), "{printed:?}");
        assert!(printed.starts_with("a\\nb\\u{1b}[2J\\u{202e}:1:2 #a\\nb"), "{printed:?}");
    }
}
