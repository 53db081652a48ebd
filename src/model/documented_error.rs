//! The errors that the spec documents, looked up.

use super::generated::DocumentedError;
use super::generated::constants::DOCUMENTED_ERRORS;

impl DocumentedError {
    /// The one row with this status, type and code. `None` when several meanings share them: none is better than a wrong
    /// one.
    pub(crate) fn find(http_status: u16, type_: Option<&str>, code: Option<&str>) -> Option<&'static Self> {
        let is_it = |row: &&Self| row.http_status == http_status && row.type_ == type_ && row.code == code;
        let mut rows = DOCUMENTED_ERRORS.iter().filter(is_it);
        rows.next().filter(|_| rows.next().is_none())
    }

    /// Whether some documented error is of this type.
    pub(crate) fn has_type(type_: &str) -> bool {
        DOCUMENTED_ERRORS.iter().any(|row| row.type_ == Some(type_))
    }

    /// A row with this status and code, for the sandbox, which knows which error it means.
    #[cfg(feature = "sandbox")]
    pub(crate) fn with_code(http_status: u16, code: &str) -> Option<&'static Self> {
        DOCUMENTED_ERRORS
            .iter()
            .find(|row| row.http_status == http_status && row.code == Some(code) && row.type_.is_some())
    }
}
