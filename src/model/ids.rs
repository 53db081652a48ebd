//! The methods and traits of every generated id. The ids, their limits, and the choices between two of them (`VerificationRef`,
//! `UserRef`) are generated from the spec.

use std::fmt;

use crate::wire::Characters;

/// The reason why a text is not a valid id.
///
/// ```
/// use cashfree_vkyc::{IdError, VerificationId};
///
/// assert_eq!(VerificationId::new("vkyc_42")?.as_str(), "vkyc_42");
/// let error = VerificationId::new("vkyc 42").unwrap_err();
/// assert!(matches!(error, IdError::Character { character: ' ', position: 4, .. }));
/// # Ok::<(), IdError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IdError {
    /// The text is empty.
    #[non_exhaustive]
    Empty {
        /// The name of the id, in words.
        id: &'static str,
    },
    /// The text has too many characters.
    #[non_exhaustive]
    TooLong {
        /// The name of the id, in words.
        id: &'static str,
        /// The number of characters.
        length: usize,
        /// The largest number allowed.
        max: usize,
    },
    /// The text has a character that is not allowed.
    #[non_exhaustive]
    Character {
        /// The name of the id, in words.
        id: &'static str,
        /// The first such character.
        character: char,
        /// Its position, counted in characters from 0.
        position: usize,
        /// First and last character of each allowed range.
        allowed: &'static [(char, char)],
    },
}

impl fmt::Display for IdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty { id } => write!(f, "the {id} is empty; pass the one that you gave when you made it"),
            Self::TooLong { id, length, max } => {
                write!(f, "the {id} has {length} characters; at most {max} are allowed")
            }
            Self::Character { id, character, position, allowed } => {
                let (n, allowed) = (position + 1, Characters(allowed));
                write!(f, "the {id} has the character {character:?} in place {n}; allowed are {allowed}")
            }
        }
    }
}

impl std::error::Error for IdError {}

/// The limits of an id.
pub(crate) struct IdLimits {
    /// The name of the id, in words.
    pub(crate) id: &'static str,
    pub(crate) min: usize,
    pub(crate) max: usize,
    pub(crate) characters: &'static [(char, char)],
}

impl IdLimits {
    pub(crate) fn check(&self, text: &str) -> Result<(), IdError> {
        let Self { id, min, max, characters: allowed } = *self;
        let length = text.chars().count();
        if length < min {
            return Err(IdError::Empty { id });
        }
        if length > max {
            return Err(IdError::TooLong { id, length, max });
        }
        let is_allowed = |character: &char| allowed.iter().any(|(first, last)| (first..=last).contains(&character));
        match text.chars().enumerate().find(|(_, character)| !is_allowed(character)) {
            Some((position, character)) => Err(IdError::Character { id, character, position, allowed }),
            None => Ok(()),
        }
    }
}

/// Writes an id that is a text with limits.
macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident { $limits:expr, $debug:ident }) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Deserialize, ::serde::Serialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The largest number of characters that an id may have.
            pub const MAX_LENGTH: usize = Self::LIMITS.max;

            const LIMITS: crate::model::ids::IdLimits = $limits;

            /// Checks an id.
            ///
            /// # Errors
            /// If it is empty, too long, or has a character that Cashfree does not allow.
            pub fn new(id: impl AsRef<str>) -> Result<Self, crate::model::IdError> {
                let id = id.as_ref();
                Self::LIMITS.check(id).map(|()| Self(id.into()))
            }

            /// Returns the id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        crate::model::ids::id_prints!($name, $debug);

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.into()
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::model::IdError;

            fn from_str(id: &str) -> Result<Self, Self::Err> {
                Self::new(id)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = crate::model::IdError;

            fn try_from(id: &str) -> Result<Self, Self::Error> {
                Self::new(id)
            }
        }

        impl TryFrom<String> for $name {
            type Error = crate::model::IdError;

            fn try_from(id: String) -> Result<Self, Self::Error> {
                Self::new(id)
            }
        }

        crate::wire::open_enum::text_value!(
            $name,
            { "type": "string", "minLength": Self::LIMITS.min, "maxLength": Self::LIMITS.max }
        );
    };
}
pub(crate) use text_id;

/// Writes an id that is a number assigned by Cashfree.
macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident { $debug:ident }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ::serde::Deserialize, ::serde::Serialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(transparent, inline))]
        pub struct $name(pub i64);

        crate::model::ids::id_prints!($name, $debug);

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(id: &str) -> Result<Self, Self::Err> {
                id.parse().map(Self)
            }
        }

        impl From<i64> for $name {
            fn from(id: i64) -> Self {
                Self(id)
            }
        }

        #[cfg(feature = "client")]
        impl crate::wire::correlation::Correlated for $name {
            fn scalar(&self) -> Option<crate::wire::decode::Scalar<'_>> {
                self.0.scalar()
            }
        }
    };
}
pub(crate) use number_id;

/// Prints an id unchanged, or redacted if it identifies a person.
macro_rules! id_prints {
    ($name:ident, plain) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.0).finish()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, f)
            }
        }
    };
    ($name:ident, redacted) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($name)).field(&crate::wire::sensitive::Redacted).finish()
            }
        }
    };
}
pub(crate) use id_prints;

#[cfg(test)]
mod tests {
    use crate::model::{IdError, ReferenceId, UserId, UserRef, UserReferenceId, VerificationId, VerificationRef};

    #[test]
    fn the_limits_are_those_of_the_spec() {
        assert!(VerificationId::new("a".repeat(50)).is_ok());
        assert_eq!(VerificationId::MAX_LENGTH, 50);
        let error = VerificationId::new("a".repeat(51)).unwrap_err();
        assert!(matches!(error, IdError::TooLong { length: 51, max: 50, .. }));
        assert!(matches!(VerificationId::new(""), Err(IdError::Empty { id: "verification id" })));
        assert!(VerificationId::new("AZaz09._-").is_ok());
    }

    #[test]
    fn every_other_character_is_named_with_its_place() {
        for character in [' ', '/', '?', '&', '%', '+', '=', '#', '\n', '\0', 'é', 'अ', '🎥'] {
            let error = VerificationId::new(format!("ab{character}cd")).unwrap_err();
            assert!(matches!(error, IdError::Character { character: c, position: 2, .. } if c == character));
            let error = error.to_string();
            assert!(error.contains(&format!("{character:?}")) && error.contains("allowed are A-Z a-z 0-9"), "{error}");
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
    fn the_length_in_characters_is_checked_before_the_characters() {
        let error = VerificationId::new("é".repeat(51)).unwrap_err();
        assert!(matches!(error, IdError::TooLong { length: 51, .. }));
    }

    #[test]
    fn ids_of_verifications_print_and_ids_of_people_do_not() {
        let ours = VerificationRef::from(VerificationId::new("vkyc_42").unwrap());
        assert_eq!(format!("{ours} {ours:?}"), "vkyc_42 VerificationId(VerificationId(\"vkyc_42\"))");
        assert_eq!(VerificationRef::from(ReferenceId(7)).to_string(), "7");
        let users = [UserRef::from(UserId::new("canary").unwrap()), UserReferenceId(31337).into()];
        let printed = format!("{users:?}");
        assert!(printed.contains("UserId([redacted])"), "{printed}");
        assert!(!printed.contains("canary") && !printed.contains("31337"), "{printed}");
    }
}
