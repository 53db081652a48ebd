//! The documented errors, as a table, and what they mean.

#[cfg(feature = "client")]
use crate::generated::types::facts::DOCUMENTED_ERRORS;

/// One row of the generated table: an error as the spec documents it.
#[derive(Debug)]
#[cfg_attr(not(feature = "client"), allow(dead_code, reason = "the client and the sandbox read it"))]
pub(crate) struct DocumentedError {
    pub(crate) http_status: u16,
    #[cfg_attr(not(feature = "sandbox"), allow(dead_code, reason = "the sandbox reads it"))]
    pub(crate) type_: Option<&'static str>,
    pub(crate) code: Option<&'static str>,
    pub(crate) meaning: &'static str,
}

#[cfg(feature = "client")]
impl DocumentedError {
    /// The row for a status and code; the first one documented, where several share them.
    pub(crate) fn find(http_status: u16, code: Option<&str>) -> Option<&'static Self> {
        DOCUMENTED_ERRORS.iter().find(|row| row.http_status == http_status && row.code == code)
    }
}
