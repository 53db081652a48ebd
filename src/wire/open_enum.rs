//! What every generated open enum can do.
//!
//! The generator writes the variants and their words; the macro here writes the traits. Decoding never fails on a new
//! value and never loses it: it becomes `Unknown`, which keeps the text and encodes to it again.

use std::fmt;

use super::printed::Name;

/// The text of a value that this version does not know. Read it with the enum's `as_str`.
///
/// It cannot be made by hand, so that an enum never holds a known value in disguise.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnknownValue(Box<str>);

impl UnknownValue {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.into())
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text where it looks like a name, else its length: whatever a server sends may stand here.
impl fmt::Debug for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Name(&self.0), f)
    }
}

impl fmt::Display for UnknownValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Name(&self.0), f)
    }
}

macro_rules! open_enum {
    ($name:ident { $($variant:ident => $wire:literal, $words:literal;)* }) => {
        impl $name {
            /// The values that this version knows, in the order of the spec.
            pub const KNOWN: &'static [Self] = &[$(Self::$variant),*];

            /// The value's text on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::Unknown(value) => value.as_str(),
                }
            }

            /// What the value means, in the words of the spec. Empty where it has none, and for a value that this version does not
            /// know.
            #[must_use]
            pub const fn description(&self) -> &'static str {
                match self {
                    $(Self::$variant => $words,)*
                    Self::Unknown(_) => "",
                }
            }

            /// Whether this version knows the value.
            #[must_use]
            pub const fn is_known(&self) -> bool {
                !matches!(self, Self::Unknown(_))
            }

            /// Whether there was no value at all: absent, null or an empty text.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.as_str().is_empty()
            }

            /// Whether there is a value, and this version does not know it.
            #[allow(dead_code, reason = "an enum need not be in a response")]
            pub(crate) fn is_unrecognized(&self) -> bool {
                !self.is_known() && !self.is_empty()
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                match text {
                    $($wire => Self::$variant,)*
                    other => Self::Unknown(crate::wire::open_enum::UnknownValue::new(other)),
                }
            }
        }

        impl Default for $name {
            /// No value: `Unknown` with an empty text.
            fn default() -> Self {
                "".into()
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        /// The text on the wire; of a value that this version does not know, only where it looks like a name. For the exact
        /// text, see [`as_str`](Self::as_str).
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    Self::Unknown(value) => std::fmt::Display::fmt(value, f),
                    known => f.pad(known.as_str()),
                }
            }
        }

        crate::wire::open_enum::any_text!($name, or_default);
        crate::wire::open_enum::text_value!($name, { "type": "string", "anyOf": [{ "enum": [$($wire),*] }, {}] });
    };
}
pub(crate) use open_enum;

/// Writes the traits of a generated type that is a text: how a copy of it in a response is compared, and its schema.
macro_rules! text_value {
    ($name:ident, $schema:tt) => {
        #[cfg(feature = "client")]
        impl crate::wire::correlation::Correlated for $name {
            fn scalar(&self) -> Option<crate::wire::decode::Scalar<'_>> {
                self.as_str().scalar()
            }
        }

        crate::wire::schema::json_schema!($name, inline: false, $schema);
    };
}
pub(crate) use text_value;

/// Writes the traits of a type for which any text is a value.
macro_rules! any_text {
    ($name:ident, $reader:ident) => {
        impl From<String> for $name {
            fn from(text: String) -> Self {
                text.as_str().into()
            }
        }

        impl std::str::FromStr for $name {
            type Err = std::convert::Infallible;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Ok(text.into())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::wire::decode::$reader(deserializer)
            }
        }

        impl crate::wire::decode::Lenient for $name {
            const EXPECTS: &'static str = <String as crate::wire::decode::Lenient>::EXPECTS;

            fn from_scalar(scalar: crate::wire::decode::Scalar<'_>) -> Option<Self> {
                match scalar {
                    // The common case, without a copy.
                    crate::wire::decode::Scalar::Text(text) => Some(text.into()),
                    other => String::from_scalar(other).map(Self::from),
                }
            }
        }
    };
}
pub(crate) use any_text;
