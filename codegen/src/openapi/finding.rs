//! Problems of a spec: place, message and help.
//!
//! Every message of this crate is a [`Finding`], so that a maintainer always gets a file, a line, a JSON pointer and the
//! edit to make. [`SpecError`] contains all the findings of one run: a lint shows them together, not one per build.

use std::fmt;

use super::printable;

/// One problem of a spec.
///
/// It prints as `file:line:column #/json/pointer: message`, then the help on its own line. It has two lines, whatever text of
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
