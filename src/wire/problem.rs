//! A rule that a request breaks: field, kind and rule.

use std::fmt;

/// A rule that a request breaks. It does not contain the value.
///
/// ```
/// use cashfree_vkyc::{Initiate, ProblemKind, SecurityQuestion, UserId, VerificationId};
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
/// assert_eq!(error.problems()[0].kind(), ProblemKind::Empty);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    field: String,
    kind: ProblemKind,
    rule: String,
}

/// The kind of rule that a request breaks. Branch on it: the text of [`Problem::rule`] is for people and may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// A required field, argument or header is absent.
    Missing,
    /// A text or a list is empty.
    Empty,
    /// The value has the wrong type: a number instead of a text, or a body that is not JSON.
    WrongType,
    /// A text has too few characters.
    TooShort,
    /// A text, or the whole body, is too long.
    TooLong,
    /// A text has characters that the field does not allow.
    Characters,
    /// A text is not in the required form: a date, a time or a URL.
    Format,
    /// The value is not one of the allowed values.
    NotAllowed,
    /// A number is less than the minimum or greater than the maximum.
    OutOfRange,
    /// A list has too few items.
    TooFew,
    /// A list has too many items.
    TooMany,
    /// The items of a list are not numbered 1, 2, 3 and so on.
    Numbering,
    /// Not exactly one field of a group is present.
    NotExactlyOne,
    /// The field, or the body, is not part of the request.
    Unexpected,
    /// The argument is present more than once.
    Repeated,
}

impl Problem {
    pub(crate) fn new(field: &str, kind: ProblemKind, rule: impl Into<String>) -> Self {
        Self { field: field.to_owned(), kind, rule: rule.into() }
    }

    /// Returns the path of the field, as in `aadhaar_details.dob` or `security_questions[0].answer`.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// Returns the kind of the broken rule.
    #[must_use]
    pub const fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// Returns the rule as text, as in "must have at most 50 characters".
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
