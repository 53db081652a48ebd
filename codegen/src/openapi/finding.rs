//! Problems of a spec: place, message and help. A place is a JSON pointer (RFC 6901). Text from outside is made safe to print,
//! because anybody may have written a page or a spec.
//!
//! Every message of this crate is a [`Finding`], so that a maintainer always gets a file, a line, a JSON pointer and the
//! edit to make. [`SpecError`] contains all findings of one run.

use std::borrow::Cow;
use std::fmt;

/// One problem of a spec.
///
/// It prints as `file:line:column #/json/pointer: message`, then the help on its own line. It always has two lines, whatever text of
/// the spec it contains.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The name of the file, as given to the reader.
    pub file: String,
    /// Line and column, both from 1, if the file could be read.
    pub place: Option<(usize, usize)>,
    /// The JSON pointer of the node (RFC 6901), empty for the whole document.
    pub pointer: String,
    /// The problem.
    pub message: String,
    /// How to fix it.
    pub help: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&printable(&self.file))?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        let [pointer, message, help] = [&self.pointer, &self.message, &self.help].map(|text| printable(text));
        write!(f, " #{pointer}: {message}\n    help: {help}")
    }
}

/// A spec that cannot be turned into code, with all findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError {
    findings: Vec<Finding>,
}

impl SpecError {
    /// The findings, in the order of the document. Never empty.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// `Ok` if there are no findings.
    pub(crate) fn check(findings: Vec<Finding>) -> Result<(), Self> {
        if findings.is_empty() { Ok(()) } else { Err(Self { findings }) }
    }
}

impl From<Finding> for SpecError {
    fn from(finding: Finding) -> Self {
        Self { findings: vec![finding] }
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<_> = self.findings.iter().map(Finding::to_string).collect();
        f.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for SpecError {}

/// A JSON pointer: empty for the whole document, else `/step/step`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pointer(pub(super) String);

impl Pointer {
    /// The pointer of the whole document.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The pointer with these steps from the root.
    #[must_use]
    pub fn of<const N: usize>(steps: [&str; N]) -> Self {
        steps.iter().fold(Self::root(), |at, step| at.push(step))
    }

    /// The pointer of a child: a name, escaped as in the RFC, or an index of a list.
    #[must_use]
    pub fn push(&self, step: impl fmt::Display) -> Self {
        Self(format!("{}/{}", self.0, step.to_string().replace('~', "~0").replace('/', "~1")))
    }

    /// The pointer of the parent; `None` for the whole document.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(above, _)| Self(above.to_owned()))
    }
}

impl AsRef<str> for Pointer {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

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

/// Whether a character is visible and affects no other text. Such a character is unchanged by std's `escape_debug` after a
/// letter, also if it is a combining mark. Quotes and backslashes are printable, too.
#[must_use]
pub fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_control();
    }
    format!("a{character}").escape_debug().eq(['a', character])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_escaped() {
        assert_eq!(Pointer::of(["paths", "/a~b"]).push(3).as_ref(), "/paths/~1a~0b/3");
        assert_eq!(Pointer::of(["a", "b"]).parent(), Some(Pointer::of(["a"])));
        assert_eq!(Pointer::root().parent(), None);
    }

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
    fn a_finding_always_has_two_lines() {
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
