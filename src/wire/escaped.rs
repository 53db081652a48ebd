//! Text that came from outside, made fit for a message: short, and on one line.

use std::fmt;

/// Longest text that is printed, in characters.
const PRINTED: usize = 300;

/// Text of somebody else's, cut to a length and without line breaks, so that it cannot forge lines in a log.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = self.0.chars();
        for character in characters.by_ref().take(PRINTED) {
            if character.is_control() {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        if characters.next().is_some() { f.write_str("…") } else { Ok(()) }
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
    }
}
