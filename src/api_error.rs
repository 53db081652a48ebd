//! The documented errors, as a table, and what they mean.

use crate::generated::types::Evidence;
use crate::generated::types::facts::DOCUMENTED_ERRORS;

/// One row of the generated table: an error as the spec documents it.
#[derive(Debug)]
#[allow(dead_code, reason = "the sandbox reads what the types alone do not")]
pub(crate) struct DocumentedError {
    pub(crate) http_status: u16,
    pub(crate) type_: Option<&'static str>,
    pub(crate) code: Option<&'static str>,
    pub(crate) meaning: &'static str,
    pub(crate) evidence: Evidence,
}

impl DocumentedError {
    /// The best known row for a status and code; the first one documented, where several share them.
    #[allow(dead_code, reason = "used by the client and the sandbox")]
    pub(crate) fn find(http_status: u16, code: &str) -> Option<&'static Self> {
        let mut rows = DOCUMENTED_ERRORS.iter().filter(|row| row.http_status == http_status);
        rows.find(|row| row.code == Some(code))
    }
}
