//! The methods and traits of every generated open enum.
//!
//! The generator writes the variants and their texts; the macro here writes the rest. A new value never fails to decode: it
//! becomes `Unknown`, which keeps the text and encodes to it again.

use std::fmt;

use super::printed::Name;

/// The text of a value that this version does not know. Read it with the enum's `as_str`.
///
/// It has no public constructor, so an enum cannot hold a known value as an unknown one.
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

/// Prints the text if it looks like a name, else its length, because a server may send anything here.
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

            /// Returns the value's text on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)*
                    Self::Unknown(value) => value.as_str(),
                }
            }

            /// Returns the spec's description of the value. Empty if it has none, or if this version does not know the value.
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

            /// Whether the value is absent: missing, null or an empty text.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.as_str().is_empty()
            }

            /// Whether the value is present and this version does not know it.
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
            /// The absent value: `Unknown` with an empty text.
            fn default() -> Self {
                "".into()
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        /// Prints the text on the wire. An unknown value is printed only if it looks like a name; for the exact text, see
        /// [`as_str`](Self::as_str).
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

/// Writes the traits of a generated text type: its comparison with a copy in the response, and its schema.
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
                    // The common case: no intermediate copy.
                    crate::wire::decode::Scalar::Text(text) => Some(text.into()),
                    other => String::from_scalar(other).map(Self::from),
                }
            }
        }
    };
}
pub(crate) use any_text;
