//! The errors that the spec documents, looked up.

use super::generated::constants::DOCUMENTED_ERRORS;
use super::generated::{DocumentedError, ErrorMeaning};

impl DocumentedError {
    /// Every error that this version's spec documents, in its order.
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

    /// The HTTP status it comes with.
    #[must_use]
    pub const fn http_status(&self) -> u16 {
        self.http_status
    }

    /// The kind of error, as Cashfree names it.
    #[must_use]
    pub const fn type_(&self) -> Option<&'static str> {
        self.type_
    }

    /// Its code. The same code may have another meaning with another status or type.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        self.code
    }

    /// Its meaning.
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        self.meaning
    }

    /// What to do about it, if the spec says.
    #[must_use]
    pub const fn advice(&self) -> Option<&'static str> {
        self.advice
    }

    /// The only row with this status, type and code. `None` if several rows share them, since one of them could be wrong.
    pub(crate) fn find(http_status: u16, type_: Option<&str>, code: Option<&str>) -> Option<&'static Self> {
        let is_it = |row: &&Self| row.http_status == http_status && row.type_ == type_ && row.code == code;
        let mut rows = DOCUMENTED_ERRORS.iter().filter(is_it);
        rows.next().filter(|_| rows.next().is_none())
    }

    /// The meaning of this status and code for callers that branch on it: of the rows with this type, or of all rows if none has
    /// it. `None` if they disagree.
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

    /// The error with this code, in any case: Cashfree reports some refusals as a sub-status, too.
    pub(crate) fn named(code: &str) -> Option<&'static Self> {
        DOCUMENTED_ERRORS.iter().find(|row| row.code.is_some_and(|known| known.eq_ignore_ascii_case(code)))
    }

    /// A row with this status and code, for the sandbox.
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
    fn one_code_means_what_its_status_says() {
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
