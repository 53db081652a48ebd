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

    /// Its code. The same code may mean something else with another status or type.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        self.code
    }

    /// What it means.
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        self.meaning
    }

    /// What to do about it, where the spec knows.
    #[must_use]
    pub const fn advice(&self) -> Option<&'static str> {
        self.advice
    }

    /// The one row with this status, type and code. `None` when several meanings share them: none is better than a wrong
    /// one.
    pub(crate) fn find(http_status: u16, type_: Option<&str>, code: Option<&str>) -> Option<&'static Self> {
        let is_it = |row: &&Self| row.http_status == http_status && row.type_ == type_ && row.code == code;
        let mut rows = DOCUMENTED_ERRORS.iter().filter(is_it);
        rows.next().filter(|_| rows.next().is_none())
    }

    /// What this status and code mean to those who branch on them. The type decides where the rows differ by it, and the rows
    /// decide only when they agree.
    pub(crate) fn meaning_of(http_status: u16, type_: Option<&str>, code: &str) -> Option<ErrorMeaning> {
        let rows = || DOCUMENTED_ERRORS.iter().filter(|row| row.http_status == http_status && row.code == Some(code));
        let agreed = |mut meanings: Box<dyn Iterator<Item = Option<ErrorMeaning>>>| {
            let first = meanings.next()?;
            meanings.all(|meaning| meaning == first).then_some(first)
        };
        let exact = agreed(Box::new(rows().filter(move |row| row.type_ == type_).map(|row| row.means)));
        exact.or_else(|| agreed(Box::new(rows().map(|row| row.means)))).flatten()
    }

    /// The error whose code this is, in capitals or not: Cashfree says some refusals as a sub-status, too.
    pub(crate) fn named(code: &str) -> Option<&'static Self> {
        DOCUMENTED_ERRORS.iter().find(|row| row.code.is_some_and(|known| known.eq_ignore_ascii_case(code)))
    }

    /// A row with this status and code, for the sandbox, which knows which error it means.
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
