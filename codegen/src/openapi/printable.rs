//! Text from outside, made safe to print: a page or a spec may come from anybody.

use std::borrow::Cow;

/// A text on one line, without characters that control a terminal or reorder text. Such a character is escaped, as in `\n` and
/// `\u{1b}`; a text without any is unchanged.
#[must_use]
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_printable) {
        return Cow::Borrowed(text);
    }
    let escaped = |c: char| if is_printable(c) { c.to_string() } else { c.escape_default().to_string() };
    text.chars().map(escaped).collect()
}

/// Whether a character is visible where it is written: whether std's `escape_debug` leaves it unchanged after a letter, as it
/// does for combining marks. Quotes and backslashes are printable, too.
#[must_use]
pub fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_control();
    }
    format!("a{character}").escape_debug().eq(['a', character])
}

#[cfg(test)]
mod tests {
    use super::super::Finding;
    use super::*;

    #[test]
    fn control_characters_and_invisible_marks_are_escaped() {
        assert_eq!(printable("a\n::error::b\r\t\u{1b}[31m\u{9b}2J"), "a\\n::error::b\\r\\t\\u{1b}[31m\\u{9b}2J");
        let marks = "\u{0}\u{7f}\u{85}\u{ad}\u{61c}\u{200b}\u{200f}\u{2028}\u{2029}\u{202a}\u{202e}\u{2066}\u{2069}";
        for mark in marks.chars().chain("\u{feff}\u{e0041}".chars()) {
            assert_eq!(printable(&format!("a{mark}b")), format!("a\\u{{{:x}}}b", u32::from(mark)));
        }
        for fine in ["", "नमस्ते", "e\u{301} — “x”", "🎥\u{fe0f}", "a\\n `b` 'c' \"d\"", "|"] {
            assert!(matches!(printable(fine), Cow::Borrowed(same) if same == fine), "{fine}");
        }
    }

    #[test]
    fn a_finding_is_two_lines_whatever_its_text() {
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
