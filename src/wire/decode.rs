//! Reads scalars from the wire: tolerates other types where Cashfree's responses vary, and never changes a value.
//!
//! `""`, `null` and absent all mean "absent". A number for a text, a text of digits for an integer, and a whole float are read
//! without losing a digit. A value that would have to be guessed is unreadable: `record.rs` keeps it unchanged, and a type that
//! is decoded on its own returns an error that names the expected type and never the value.
//!
//! (`serde_with::PickFirst` does part of this, but drops the reason of the failure and reads through `f64`.)

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// A scalar as it was received.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Scalar<'a> {
    Text(&'a str),
    Signed(i64),
    Unsigned(u64),
    Float(f64),
    Bool(bool),
}

impl Scalar<'_> {
    /// Converts a whole float to an integer, up to 2^53. Beyond that, digits would be lost.
    #[allow(clippy::cast_possible_truncation, reason = "exact within the bound")]
    fn whole(self) -> Self {
        match self {
            Scalar::Float(number) if number.fract() == 0.0 && number.abs() <= EXACT => Scalar::Signed(number as i64),
            other => other,
        }
    }
}

/// 2^53: every whole number up to here is exact as a float.
const EXACT: f64 = 9_007_199_254_740_992.0;

impl From<Scalar<'_>> for Value {
    fn from(scalar: Scalar<'_>) -> Self {
        match scalar {
            Scalar::Text(text) => text.into(),
            Scalar::Signed(number) => number.into(),
            Scalar::Unsigned(number) => number.into(),
            Scalar::Float(number) => number.into(),
            Scalar::Bool(value) => value.into(),
        }
    }
}

/// A type that can be read from more than one kind of scalar.
pub(crate) trait Lenient: Sized {
    /// The expected kinds, for messages.
    const EXPECTS: &'static str;

    /// Returns `None` if the scalar cannot be converted exactly.
    fn from_scalar(scalar: Scalar<'_>) -> Option<Self>;
}

impl<T: Lenient> Lenient for Option<T> {
    const EXPECTS: &'static str = T::EXPECTS;

    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        T::from_scalar(scalar).map(Some)
    }
}

/// Reads a value, or the default if it is absent.
pub(crate) fn or_default<'de, T: Lenient + Default, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    match Reading::deserialize(deserializer)? {
        Reading::Absent => Ok(T::default()),
        reading => reading.required(),
    }
}

/// Reads a value that must be present.
pub(crate) fn required<'de, T: Lenient, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    Reading::deserialize(deserializer)?.required()
}

/// The result of reading a `T`.
#[derive(Debug, PartialEq)]
pub(super) enum Reading<T> {
    Value(T),
    Absent,
    Unreadable(Value),
}

impl<T: Lenient> Reading<T> {
    fn required<E: Error>(self) -> Result<T, E> {
        match self {
            Reading::Value(value) => Ok(value),
            Reading::Absent => Err(E::custom(format_args!("expected {}, found none", T::EXPECTS))),
            Reading::Unreadable(_) => Err(E::custom(format_args!("expected {}", T::EXPECTS))),
        }
    }
}

impl<'de, T: Lenient> Deserialize<'de> for Reading<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ReadingVisitor(PhantomData))
    }
}

struct ReadingVisitor<T>(PhantomData<T>);

impl<T: Lenient> ReadingVisitor<T> {
    fn read<E>(scalar: Scalar<'_>) -> Result<Reading<T>, E> {
        Ok(T::from_scalar(scalar).map_or_else(|| Reading::Unreadable(scalar.into()), Reading::Value))
    }
}

impl<'de, T: Lenient> Visitor<'de> for ReadingVisitor<T> {
    type Value = Reading<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTS)
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Reading::Absent)
    }

    fn visit_none<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Reading::Absent)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        Reading::deserialize(deserializer)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() { Ok(Reading::Absent) } else { Self::read(Scalar::Text(text)) }
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

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(items)).map(Reading::Unreadable)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        Value::deserialize(MapAccessDeserializer::new(entries)).map(Reading::Unreadable)
    }
}

impl Lenient for String {
    const EXPECTS: &'static str = "a text, or a whole number below 2^64";

    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        match scalar.whole() {
            Scalar::Text(text) => Some(text.to_owned()),
            Scalar::Signed(number) => Some(number.to_string()),
            Scalar::Unsigned(number) => Some(number.to_string()),
            // serde_json returns larger and fractional numbers as `f64`, whose digits may differ from those on the wire.
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
            Scalar::Signed(number) => {
                exact(number.unsigned_abs()).map(|value| if number.is_negative() { -value } else { value })
            }
            Scalar::Unsigned(number) => exact(number),
            Scalar::Text(text) => text.parse().ok().filter(|number: &f64| number.is_finite()),
            Scalar::Bool(_) => None,
        }
    }
}

/// A whole number as `f64`, up to 2^53. Beyond that, digits would be lost.
#[allow(clippy::cast_precision_loss, reason = "exact within the bound")]
fn exact(number: u64) -> Option<f64> {
    (number <= 1 << 53).then_some(number as f64)
}

macro_rules! lenient_integer {
    ($($integer:ty),*) => {$(
        impl Lenient for $integer {
            const EXPECTS: &'static str = concat!("a whole number (", stringify!($integer), "), or a text of its digits");

            fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
                match scalar.whole() {
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

    fn read<T: Lenient + Default>(json: &str) -> Result<Option<T>, String> {
        let read = required::<T, _>(&mut serde_json::Deserializer::from_str(json));
        match read.map_err(|error| error.to_string()) {
            Err(error) if error.contains("found none") => Ok(None),
            read => read.map(Some),
        }
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
            ("1358.0", 1358),
            ("1e3", 1000),
            ("-9007199254740992.0", -9_007_199_254_740_992),
        ] {
            assert_eq!(read::<i64>(json), Ok(Some(value)));
        }
        for json in
            ["9223372036854775808", "\"9223372036854775808\"", "1.5", "1e19", "\"12a\"", "\" 1\"", "true", "{}", "[1]"]
        {
            let error = read::<i64>(json).unwrap_err();
            assert!(error.contains("a whole number (i64)"), "{json}: {error}");
        }
    }

    #[test]
    fn a_number_becomes_text_without_losing_a_digit_or_is_refused() {
        assert_eq!(read::<String>("18446744073709551615"), Ok(Some("18446744073709551615".into())));
        assert_eq!(read::<String>("-7"), Ok(Some("-7".into())));
        assert_eq!(read::<String>("560001.0"), Ok(Some("560001".into())));
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
    fn an_unreadable_value_is_kept_unchanged() {
        for json in ["{\"a\":[1,null]}", "[1]", "7", "-7", "1.5", "1358.0", "\"x\""] {
            let value: Value = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::from_str::<Reading<bool>>(json).unwrap(), Reading::Unreadable(value));
        }
        assert_eq!(serde_json::from_str::<Reading<i64>>("true").unwrap(), Reading::Unreadable(true.into()));
    }

    #[test]
    fn whole_numbers_become_f64_while_that_is_exact() {
        assert_eq!(read::<f64>("5000000000"), Ok(Some(5e9)));
        assert_eq!(read::<f64>("-5000000000"), Ok(Some(-5e9)));
        assert!(read::<f64>("9007199254740993").is_err());
    }

    #[test]
    fn a_boolean_is_read_from_text_too() {
        for (json, value) in [("true", true), ("\"true\"", true), ("false", false), ("\"false\"", false)] {
            assert_eq!(serde_json::from_str::<Reading<bool>>(json).unwrap(), Reading::Value(value), "{json}");
        }
    }

    #[test]
    fn required_values_must_be_there() {
        let missing = required::<i64, _>(&mut serde_json::Deserializer::from_str("null"));
        assert!(missing.unwrap_err().to_string().contains("found none"));
        assert_eq!(or_default::<String, _>(&mut serde_json::Deserializer::from_str("null")).unwrap(), "");
    }
}
