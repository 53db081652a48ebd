//! The readers of pages as a library, for the properties in `fuzz/`: what the verbs print and record, without a terminal, a file
//! or a process for each page.

use crate::drift::{Known, against_page, recorded};
use crate::failure::{Failure, Result};
use crate::printed;
use crate::project::root;
use crate::states;

/// The readers, and what they compare a page with: the project's own files.
#[derive(Debug)]
pub struct Readers(Known);

impl Readers {
    /// Readers that compare with the project's own files.
    ///
    /// # Errors
    /// When one of those cannot be read.
    pub fn of_the_project() -> Result<Self> {
        Known::read(&root()).map(Self).map_err(Failure::not_compared)
    }

    /// The reports of `spec drift` and of `spec states` on a page, each as text, as Markdown and as JSON.
    #[must_use]
    pub fn read(&self, page: &str) -> [[String; 3]; 2] {
        let Self(known) = self;
        let states = states::against_page(&known.spec, &known.published, "page.md", page);
        [against_page(known, "page.md", page), states]
            .map(|report| [report.text(), report.markdown_of(1), printed::json(&report.json())])
    }

    /// What `spec drift --update` would write of a page; `None` for one that cannot be compared.
    #[must_use]
    pub fn record(&self, page: &str) -> Option<String> {
        recorded(&self.0, "page.md", page)
    }
}
