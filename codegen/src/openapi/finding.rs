//! What is wrong with a spec: where, what, and how to fix it.
//!
//! Every message of this crate is a [`Finding`], so that a maintainer always gets a file, a line, a JSON pointer and the
//! edit to make. [`SpecError`] is all the findings of one run: a lint shows them together, not one a build.

use std::fmt;

use super::printable;

/// One thing that is wrong with a spec.
///
/// It prints as `file:line:column #/json/pointer: what is wrong`, then the help on a line of its own; and on two lines only,
/// whatever text of the spec stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The file, as it was named to the reader.
    pub file: String,
    /// Line and column, both from 1, where the file could be read that far.
    pub place: Option<(usize, usize)>,
    /// The JSON pointer of the node (RFC 6901), empty for the whole document.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
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

/// A spec that cannot be turned into code, with everything that was found wrong with it.
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
}

impl From<Finding> for SpecError {
    fn from(finding: Finding) -> Self {
        Self { findings: vec![finding] }
    }
}

impl SpecError {
    /// `Ok` when nothing was found.
    pub(crate) fn check(findings: Vec<Finding>) -> Result<(), Self> {
        if findings.is_empty() { Ok(()) } else { Err(Self { findings }) }
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, finding) in self.findings.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{finding}")?;
        }
        Ok(())
    }
}

impl std::error::Error for SpecError {}
