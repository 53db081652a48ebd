//! How scalars are read from the wire: leniently where Cashfree's answers are known to vary, and exactly always.
//!
//! The generated structs name these functions in `deserialize_with`. `""`, `null` and absent all mean "not there"; a
//! number where a text is due and a numeric text where an integer is due are taken without losing a digit. What would
//! have to be guessed is an error. Messages name what was expected and never the value.
//!
//! (`serde_with::PickFirst` could do a part of this; it drops the reason of the failure and reads through `f64`.)

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, IntoDeserializer as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// A scalar as it came.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Scalar<'a> {
    Text(&'a str),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Bool(bool),
}

/// A type that can be read from more than one kind of scalar.
pub(crate) trait Lenient: Sized {
    /// What is due, for messages.
    const EXPECTS: &'static str;

    /// `None` when the scalar cannot be this value exactly.
    fn from_scalar(scalar: Scalar<'_>) -> Option<Self>;
}

/// Reads a scalar that may be missing.
pub(crate) fn optional<'de, T: Lenient, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    optional_other(deserializer).map(|found| found.map(|Exact(value)| value))
}

/// Reads a value whose absence is its default.
pub(crate) fn or_default<'de, T: Lenient + Default, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    optional(deserializer).map(Option::unwrap_or_default)
}

/// Reads a value that must be there.
pub(crate) fn required<'de, T: Lenient, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    optional(deserializer)?.ok_or_else(|| D::Error::custom(format_args!("expected {}, found none", T::EXPECTS)))
}

/// Reads a list, a map or any other value that may be missing.
pub(crate) fn optional_other<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(OtherVisitor(PhantomData))
}

/// Reads the fields that the spec does not know. A name that stands twice is refused, as it is for a field of the spec:
/// which of the two was meant would be a guess.
pub(crate) fn extra<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Map<String, Value>, D::Error> {
    deserializer.deserialize_map(ExtraVisitor)
}

struct ExtraVisitor;

impl<'de> Visitor<'de> for ExtraVisitor {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("fields with names of their own")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut extra = Map::new();
        while let Some((name, value)) = entries.next_entry::<String, Value>()? {
            if extra.insert(name, value).is_some() {
                return Err(A::Error::custom("a field stands twice"));
            }
        }
        Ok(extra)
    }
}

/// Takes "not there" for `None`, and hands everything else to `T`.
struct OtherVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for OtherVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value or null")
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(None) } else { T::deserialize(text.into_deserializer()).map(Some) }
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        T::deserialize(number.into_deserializer()).map(Some)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        T::deserialize(number.into_deserializer()).map(Some)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        T::deserialize(number.into_deserializer()).map(Some)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        T::deserialize(value.into_deserializer()).map(Some)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        T::deserialize(SeqAccessDeserializer::new(items)).map(Some)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(entries)).map(Some)
    }
}

/// A scalar that is there.
struct Exact<T>(T);

impl<'de, T: Lenient> Deserialize<'de> for Exact<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor(PhantomData)).map(Self)
    }
}

struct ScalarVisitor<T>(PhantomData<T>);

impl<T: Lenient> ScalarVisitor<T> {
    fn read<E: Error>(scalar: Scalar<'_>) -> Result<T, E> {
        T::from_scalar(scalar).ok_or_else(|| E::custom(format_args!("expected {}", T::EXPECTS)))
    }
}

impl<'de, T: Lenient> Visitor<'de> for ScalarVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTS)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Self::read(Scalar::Text(text))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Self::read(Scalar::Signed(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Self::read(Scalar::Unsigned(number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Self::read(Scalar::Float(number))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Self::Value, E> {
        Self::read(Scalar::Bool(value))
    }
}

impl Lenient for String {
    const EXPECTS: &'static str = "a text, or a whole number below 2^64";

    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Text(text) => Some(text.to_owned()),
            Scalar::Signed(number) => Some(number.to_string()),
            Scalar::Unsigned(number) => Some(number.to_string()),
            // serde_json gives larger and fractional numbers as `f64`, whose digits need not be those on the wire.
            Scalar::Float(_) | Scalar::Bool(_) => None,
        }
    }
}

impl Lenient for bool {
    const EXPECTS: &'static str = "true or false";

    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Bool(value) => Some(value),
            Scalar::Text(text) => text.parse().ok(),
            _ => None,
        }
    }
}

impl Lenient for f64 {
    const EXPECTS: &'static str = "a number";

    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar {
            Scalar::Float(number) => Some(number),
            Scalar::Signed(number) => exact(number.unsigned_abs()).map(|value| if number < 0 { -value } else { value }),
            Scalar::Unsigned(number) => exact(number),
            Scalar::Text(text) => text.parse().ok(),
            Scalar::Bool(_) => None,
        }
    }
}

/// A whole number as `f64`, up to 2^53, beyond which digits would be lost.
#[allow(clippy::cast_precision_loss, reason = "exact within the bound")]
fn exact(number: u64) -> Option<f64> {
    (number <= 1 << 53).then_some(number as f64)
}

macro_rules! lenient_integer {
    ($($integer:ty),*) => {$(
        impl Lenient for $integer {
            const EXPECTS: &'static str = concat!("a whole number (", stringify!($integer), "), or a text of its digits");

            fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
                match scalar {
                    Scalar::Text(text) => text.parse().ok(),
                    Scalar::Signed(number) => number.try_into().ok(),
                    Scalar::Unsigned(number) => number.try_into().ok(),
                    Scalar::Float(_) | Scalar::Bool(_) => None,
                }
            }
        }
    )*};
}
lenient_integer!(i32, i64, u32, u64);

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: Lenient>(json: &str) -> Result<Option<T>, String> {
        optional(&mut serde_json::Deserializer::from_str(json)).map_err(|error| error.to_string())
    }

    #[test]
    fn empty_and_null_are_none() {
        for json in ["null", "\"\""] {
            assert_eq!(read::<String>(json), Ok(None));
            assert_eq!(read::<i64>(json), Ok(None));
        }
    }

    #[test]
    fn integers_are_exact_up_to_the_last_one_and_refused_beyond() {
        for (json, value) in [
            ("9223372036854775807", i64::MAX),
            ("\"9223372036854775807\"", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("\"11174\"", 11174),
        ] {
            assert_eq!(read::<i64>(json), Ok(Some(value)));
        }
        for json in
            ["9223372036854775808", "\"9223372036854775808\"", "1.5", "1e3", "\"12a\"", "\" 1\"", "true", "{}", "[1]"]
        {
            let error = read::<i64>(json).unwrap_err();
            assert!(error.contains("a whole number (i64)"), "{json}: {error}");
        }
    }

    #[test]
    fn a_number_becomes_text_without_losing_a_digit_or_is_refused() {
        assert_eq!(read::<String>("18446744073709551615"), Ok(Some("18446744073709551615".into())));
        assert_eq!(read::<String>("-7"), Ok(Some("-7".into())));
        for json in ["18446744073709551616", "12.50", "true"] {
            assert!(read::<String>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn messages_do_not_carry_the_value() {
        for json in ["\"canary\"", "31337.5", "true"] {
            let error = read::<i64>(json).unwrap_err();
            assert!(!error.contains("canary") && !error.contains("31337") && !error.contains("true"), "{error}");
        }
    }

    #[test]
    fn lists_and_maps_may_be_empty_texts_and_keep_their_own_rules() {
        fn other<T: serde::de::DeserializeOwned>(json: &str) -> Result<Option<T>, String> {
            optional_other(&mut serde_json::Deserializer::from_str(json)).map_err(|error| error.to_string())
        }
        assert_eq!(other::<Vec<u8>>("\"\""), Ok(None));
        assert_eq!(other::<Vec<u8>>("null"), Ok(None));
        assert_eq!(other::<Vec<u8>>("[1,2]"), Ok(Some(vec![1, 2])));
        assert!(other::<Vec<u8>>("\"x\"").is_err() && other::<Vec<u8>>("{}").is_err());
        for json in ["{\"a\":[1,null,{\"b\":\"c\"}]}", "[1]", "7", "-7", "1.5", "true", "\"x\""] {
            assert_eq!(other(json), Ok(Some(serde_json::from_str::<serde_json::Value>(json).unwrap())));
        }
    }

    #[test]
    fn whole_numbers_become_f64_while_that_is_exact() {
        assert_eq!(read::<f64>("5000000000"), Ok(Some(5e9)));
        assert_eq!(read::<f64>("-5000000000"), Ok(Some(-5e9)));
        assert!(read::<f64>("9007199254740993").is_err());
    }

    #[test]
    fn required_values_must_be_there() {
        let missing = required::<i64, _>(&mut serde_json::Deserializer::from_str("null"));
        assert!(missing.unwrap_err().to_string().contains("found none"));
        assert_eq!(or_default::<String, _>(&mut serde_json::Deserializer::from_str("null")).unwrap(), "");
    }
}
