//! The readers of pages as a library, for the properties in `fuzz/`: what the verbs print and record, without a terminal, a file
//! or a process for each page.

use crate::drift::{Known, against_page, recorded};
use crate::failure::{Failure, Result};
use crate::printed;
use crate::project::root;
use crate::report::Report;
use crate::states;

/// The readers, and what they compare a page with: the project's own files.
#[derive(Debug)]
pub struct Readers(Known);

/// What a verb says of a page, in each form.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Said {
    /// For people.
    pub text: String,
    /// For an issue or a pull request.
    pub markdown: String,
    /// For programs.
    pub json: String,
}

impl Readers {
    /// Readers that compare with the project's own files.
    ///
    /// # Errors
    /// When one of those cannot be read.
    pub fn of_the_project() -> Result<Self> {
        Known::read(&root()).map(Self).map_err(Failure::not_compared)
    }

    /// What `spec drift` says of a page, and what `spec states` does.
    #[must_use]
    pub fn read(&self, page: &str) -> [Said; 2] {
        [against_page(&self.0, "page.md", page), states::against_page(&self.0.spec, &self.0.published, "page.md", page)]
            .map(|report| said(&report))
    }

    /// What `spec drift --update` would write of a page; `None` for one that cannot be compared.
    #[must_use]
    pub fn record(&self, page: &str) -> Option<String> {
        recorded(&self.0, "page.md", page)
    }
}

fn said(report: &Report) -> Said {
    Said { text: report.text(), markdown: report.markdown(), json: printed::json(&report.json()) }
}
