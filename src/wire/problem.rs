//! What is wrong with a request, as callers see it: field and rule.

use std::fmt;

/// A rule that a request breaks. The value is not in it.
///
/// ```
/// use cashfree_vkyc::{Initiate, SecurityQuestion, UserId, VerificationId};
/// # use cashfree_vkyc::sandbox::Sandbox;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let client = Sandbox::start().await?.client()?;
/// let initiate = Initiate::new(VerificationId::new("vkyc_42")?, UserId::new("user_7")?)
///     .security_questions([SecurityQuestion::new().order(2).question("Mother's name?").answer("")]);
/// let error = client.initiate(initiate).await.unwrap_err();
/// let problems: Vec<String> = error.problems().iter().map(ToString::to_string).collect();
/// assert_eq!(problems, [
///     "security_questions[0].answer is empty",
///     "security_questions must be numbered by `order`: 1, 2, 3 and so on",
/// ]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    field: String,
    rule: String,
}

impl Problem {
    pub(crate) fn new(field: &str, rule: impl Into<String>) -> Self {
        Self { field: field.to_owned(), rule: rule.into() }
    }

    /// Where, as in `aadhaar_details.dob` or `security_questions[0].answer`.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The rule that is broken, as in "must have at most 50 characters".
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.rule
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.rule)
    }
}
