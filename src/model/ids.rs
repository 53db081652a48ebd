//! The two ids by which a verification is asked for, and the choice between them.
//!
//! Cashfree takes either id, marks neither as required and does not say which wins. [`VerificationRef`] is exactly one of
//! them, so "neither" and "both" do not compile. The limits of the text come from the spec.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::generated::constants;

/// The id that the merchant chose for a verification: 1 to 50 of `A-Z a-z 0-9 . _ -`.
///
/// Cashfree shows it in its dashboard and it may stand in logs; do not put a name or a phone number into it.
///
/// ```
/// use cashfree_vkyc::{VerificationId, VerificationIdError};
///
/// assert_eq!(VerificationId::new("vkyc_42")?.as_str(), "vkyc_42");
/// assert_eq!(VerificationId::new("vkyc 42"), Err(VerificationIdError::Character { character: ' ', position: 4 }));
/// # Ok::<(), VerificationIdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct VerificationId(Box<str>);

impl VerificationId {
    /// Most characters that an id may have (documented).
    pub const MAX_LENGTH: usize = constants::VERIFICATION_ID_MAX;

    /// Checks an id.
    ///
    /// # Errors
    /// When it is empty, too long, or has a character that Cashfree does not allow; the error says which.
    pub fn new(id: impl AsRef<str>) -> Result<Self, VerificationIdError> {
        let id = id.as_ref();
        let length = id.chars().count();
        if length < constants::VERIFICATION_ID_MIN {
            return Err(VerificationIdError::Empty);
        }
        if length > constants::VERIFICATION_ID_MAX {
            return Err(VerificationIdError::TooLong { length });
        }
        match id.chars().enumerate().find(|(_, character)| !is_allowed(*character)) {
            Some((position, character)) => Err(VerificationIdError::Character { character, position }),
            None => Ok(Self(id.into())),
        }
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_allowed(character: char) -> bool {
    constants::VERIFICATION_ID_CHARACTERS.iter().any(|(first, last)| (*first..=*last).contains(&character))
}

impl fmt::Display for VerificationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl AsRef<str> for VerificationId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<VerificationId> for String {
    fn from(id: VerificationId) -> Self {
        id.0.into()
    }
}

impl FromStr for VerificationId {
    type Err = VerificationIdError;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        Self::new(id)
    }
}

impl TryFrom<&str> for VerificationId {
    type Error = VerificationIdError;

    fn try_from(id: &str) -> Result<Self, Self::Error> {
        Self::new(id)
    }
}

impl TryFrom<String> for VerificationId {
    type Error = VerificationIdError;

    fn try_from(id: String) -> Result<Self, Self::Error> {
        Self::new(id)
    }
}

/// Why a text is no [`VerificationId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerificationIdError {
    /// The text is empty.
    #[error("the verification id is empty; pass the id that you gave when you initiated the verification")]
    Empty,
    /// The text has too many characters.
    #[error("the verification id has {length} characters; at most {max} are allowed", max = VerificationId::MAX_LENGTH)]
    TooLong {
        /// How many characters there are.
        length: usize,
    },
    /// The text has a character that is not allowed.
    #[error(
        "the verification id has the character {character:?} at position {position}; \
         allowed are letters (A-Z, a-z), digits, '.', '_' and '-'"
    )]
    Character {
        /// The first such character.
        character: char,
        /// Where it stands, counted in characters from 0.
        position: usize,
    },
}

/// The id that Cashfree gave to a verification.
///
/// ```
/// use cashfree_vkyc::ReferenceId;
/// assert_eq!(ReferenceId(1358).to_string(), "1358");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(transparent)]
pub struct ReferenceId(pub i64);

impl fmt::Display for ReferenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for ReferenceId {
    type Err = std::num::ParseIntError;

    fn from_str(id: &str) -> Result<Self, Self::Err> {
        id.parse().map(Self)
    }
}

impl From<i64> for ReferenceId {
    fn from(id: i64) -> Self {
        Self(id)
    }
}

/// Which verification is meant: by exactly one of its ids.
///
/// ```
/// use cashfree_vkyc::{ReferenceId, VerificationId, VerificationRef};
///
/// let by_ours: VerificationRef = VerificationId::new("vkyc_42")?.into();
/// let by_theirs: VerificationRef = ReferenceId(1358).into();
/// assert_ne!(by_ours, by_theirs);
/// # Ok::<(), cashfree_vkyc::VerificationIdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VerificationRef {
    /// By the merchant's id.
    VerificationId(VerificationId),
    /// By Cashfree's id.
    ReferenceId(ReferenceId),
}

impl From<VerificationId> for VerificationRef {
    fn from(id: VerificationId) -> Self {
        Self::VerificationId(id)
    }
}

impl From<&VerificationId> for VerificationRef {
    fn from(id: &VerificationId) -> Self {
        Self::VerificationId(id.clone())
    }
}

impl From<ReferenceId> for VerificationRef {
    fn from(id: ReferenceId) -> Self {
        Self::ReferenceId(id)
    }
}

impl fmt::Display for VerificationRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::VerificationId(id) => fmt::Display::fmt(id, f),
            Self::ReferenceId(id) => fmt::Display::fmt(id, f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_those_of_the_spec() {
        assert!(VerificationId::new("a".repeat(50)).is_ok());
        assert_eq!(VerificationId::new("a".repeat(51)), Err(VerificationIdError::TooLong { length: 51 }));
        assert_eq!(VerificationId::new(""), Err(VerificationIdError::Empty));
        assert!(VerificationId::new("AZaz09._-").is_ok());
    }

    #[test]
    fn every_other_character_is_named_with_its_place() {
        for character in [' ', '/', '?', '&', '%', '+', '=', '#', '\n', '\0', 'é', 'अ', '🎥'] {
            let id = format!("ab{character}cd");
            assert_eq!(VerificationId::new(&id), Err(VerificationIdError::Character { character, position: 2 }));
            let error = VerificationId::new(&id).unwrap_err().to_string();
            assert!(error.contains(&format!("{character:?}")) && error.contains("allowed"), "{error}");
        }
    }

    #[test]
    fn ids_are_checked_when_they_are_read_back() {
        let id = VerificationId::new("vkyc_42").unwrap();
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"vkyc_42\"");
        assert_eq!(serde_json::from_str::<VerificationId>("\"vkyc_42\"").unwrap(), id);
        assert!(serde_json::from_str::<VerificationId>("\"a b\"").is_err());
        assert_eq!(serde_json::from_str::<ReferenceId>("1358").unwrap(), "1358".parse().unwrap());
    }

    #[test]
    fn length_is_counted_in_characters_before_they_are_looked_at() {
        assert_eq!(VerificationId::new("é".repeat(51)), Err(VerificationIdError::TooLong { length: 51 }));
    }
}
