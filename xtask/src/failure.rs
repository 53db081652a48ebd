//! Why a chore was not done, and the exit code that says so.

use std::fmt;

use cashfree_vkyc_codegen::openapi::printable;

/// Why a chore was not done, in words for the person who ran it, and the exit code for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// 1 when something is to be done, 2 when something could not be looked at.
    pub code: u8,
    /// What it is, and what to do.
    pub message: String,
}

impl Failure {
    /// Something is to be done.
    pub(crate) fn found(message: String) -> Self {
        Self { code: 1, message }
    }

    /// Something could not be looked at.
    pub(crate) fn not_compared(message: String) -> Self {
        Self { code: 2, message }
    }
}

/// Its message on as many lines as it has, without what a terminal obeys: what a tool or a file said may stand in it.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message.lines().map(printable).collect::<Vec<_>>().join("\n"))
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::found(message)
    }
}

/// What a chore ends with.
pub type Result<T = ()> = std::result::Result<T, Failure>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_its_lines_and_nothing_that_a_terminal_obeys() {
        assert_eq!(Failure::found("a\x1b[2J\n  b\u{202e}\r\n".into()).to_string(), "a\\u{1b}[2J\n  b\\u{202e}");
    }
}
