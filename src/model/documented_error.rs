//! Looks up the errors that the spec documents.

use super::generated::constants::DOCUMENTED_ERRORS;
use super::generated::{DocumentedError, ErrorMeaning};

impl DocumentedError {
    /// Returns every error that the spec of this version documents, in the order of the spec.
    ///
    /// ```
    /// use cashfree_vkyc::DocumentedError;
    ///
    /// let mut rows = DocumentedError::all().iter().filter(|row| row.code() == Some("ip_validation_failed"));
    /// assert!(rows.any(|row| row.http_status() == 403 && row.advice().is_some()));
    /// ```
    #[must_use]
    pub fn all() -> &'static [Self] {
        DOCUMENTED_ERRORS
    }

    /// Returns the HTTP status of the error.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        self.http_status
    }

    /// Returns the kind of error, as Cashfree names it.
    #[must_use]
    pub const fn type_(&self) -> Option<&'static str> {
        self.type_
    }

    /// Returns the error code. The same code may have another meaning with another status or type.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        self.code
    }

    /// Returns the meaning of the error.
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        self.meaning
    }

    /// Returns the recommended action, if the spec has one.
    #[must_use]
    pub const fn advice(&self) -> Option<&'static str> {
        self.advice
    }

    /// Returns the only row with this status, type and code. `None` if several rows share them, because it is unclear which
    /// applies.
    pub(crate) fn find(http_status: u16, type_: Option<&str>, code: Option<&str>) -> Option<&'static Self> {
        let is_it = |row: &&Self| row.http_status == http_status && row.type_ == type_ && row.code == code;
        let mut rows = DOCUMENTED_ERRORS.iter().filter(is_it);
        rows.next().filter(|_| rows.next().is_none())
    }

    /// Returns the meaning of this status and code, for callers that branch on it: from the rows with this type, or from all rows
    /// if none has it. `None` if they disagree.
    pub(crate) fn meaning_of(http_status: u16, type_: Option<&str>, code: &str) -> Option<ErrorMeaning> {
        let agreed = |of_any_type: bool| {
            let is_it = |row: &&Self| row.http_status == http_status && row.code == Some(code);
            let rows = DOCUMENTED_ERRORS.iter().filter(is_it).filter(|row| of_any_type || row.type_ == type_);
            let mut meanings = rows.map(|row| row.means);
            let first = meanings.next()?;
            meanings.all(|meaning| meaning == first).then_some(first)
        };
        agreed(false).or_else(|| agreed(true)).flatten()
    }

    /// Returns the error with this code, in any case: Cashfree also reports some errors as a sub-status.
    pub(crate) fn named(code: &str) -> Option<&'static Self> {
        DOCUMENTED_ERRORS.iter().find(|row| row.code.is_some_and(|known| known.eq_ignore_ascii_case(code)))
    }

    /// Returns a row with this status and code, for the sandbox.
    #[cfg(feature = "sandbox")]
    pub(crate) fn with_code(http_status: u16, code: &str) -> Option<&'static Self> {
        DOCUMENTED_ERRORS
            .iter()
            .find(|row| row.http_status == http_status && row.code == Some(code) && row.type_.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_decides_the_meaning_of_a_code() {
        let meaning = |status, code| DocumentedError::meaning_of(status, Some("validation_error"), code);
        assert_eq!(meaning(404, "verification_id_not_found"), Some(ErrorMeaning::NotFound));
        assert_eq!(meaning(404, "verification_id_value_invalid"), Some(ErrorMeaning::NotFound));
        assert_eq!(meaning(409, "verification_id_value_invalid"), Some(ErrorMeaning::Conflict));
        assert_eq!(meaning(400, "verification_id_value_invalid"), None);
        assert_eq!(meaning(403, "authentication_failed"), Some(ErrorMeaning::Authentication));
        assert_eq!(meaning(404, "brand_new"), None);
    }

    #[test]
    fn a_missing_or_new_type_does_not_hide_a_meaning() {
        for type_ in [None, Some("brand_new_error")] {
            let meaning = DocumentedError::meaning_of(404, type_, "user_id_not_found");
            assert_eq!(meaning, Some(ErrorMeaning::NotFound));
        }
    }
}
