//! Why a chore was not done, and the exit code that says so.

/// Why a chore was not done, in words for the person who ran it, and the exit code for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// 1 when something is to be done, 2 when something could not be looked at.
    pub code: u8,
    /// What it is, and what to do.
    pub message: String,
}

impl Failure {
    /// Something is to be done.
    pub(crate) fn found(message: String) -> Self {
        Self { code: 1, message }
    }

    /// Something could not be looked at.
    pub(crate) fn not_compared(message: String) -> Self {
        Self { code: 2, message }
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::found(message)
    }
}

/// What a chore ends with.
pub type Result<T = ()> = std::result::Result<T, Failure>;
