//! Values that Cashfree writes as a number in some places and as a text in others.

use std::fmt;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, Serializer};

use super::decode::{Lenient, Scalar};
use super::printed::Name;
use super::sensitive::Sensitive;

/// A whole number or a text. It encodes to the form that it was made or decoded from.
///
/// ```
/// use cashfree_vkyc::NumberOrText;
///
/// let (number, text) = (NumberOrText::from(249749), NumberOrText::from("249749"));
/// assert_eq!(serde_json::to_string(&[&number, &text])?, r#"[249749,"249749"]"#);
/// assert_eq!(number.as_str(), text.as_str());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NumberOrText {
    text: Box<str>,
    is_number: bool,
}

impl NumberOrText {
    /// Returns the text, or the number's digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<i64> for NumberOrText {
    fn from(number: i64) -> Self {
        Self { text: number.to_string().into(), is_number: true }
    }
}

impl From<&str> for NumberOrText {
    fn from(text: &str) -> Self {
        Self { text: text.into(), is_number: false }
    }
}

impl From<String> for NumberOrText {
    fn from(text: String) -> Self {
        Self { text: text.into(), is_number: false }
    }
}

macro_rules! sensitive_from {
    ($($from:ty),*) => {$(
        impl From<$from> for Sensitive<NumberOrText> {
            fn from(value: $from) -> Self {
                Self::new(value.into())
            }
        }
    )*};
}
sensitive_from!(i64, &str, String);

/// Prints the value if it looks like a name or a number, else its length.
impl fmt::Debug for NumberOrText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Name(&self.text), f)
    }
}

impl Serialize for NumberOrText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.is_number, self.text.parse::<i64>(), self.text.parse::<u64>()) {
            (true, Ok(number), _) => serializer.serialize_i64(number),
            (true, _, Ok(number)) => serializer.serialize_u64(number),
            _ => serializer.serialize_str(&self.text),
        }
    }
}

impl<'de> Deserialize<'de> for NumberOrText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        super::decode::required(deserializer)
    }
}

impl Lenient for NumberOrText {
    const EXPECTS: &'static str = String::EXPECTS;

    fn from_scalar(scalar: Scalar<'_>) -> Option<Self> {
        let is_number = !matches!(scalar, Scalar::Text(_));
        String::from_scalar(scalar).map(|text| Self { text: text.into(), is_number })
    }
}

super::schema::json_schema!(NumberOrText, inline: true, { "type": ["integer", "string"] });

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decoded_number_is_encoded_with_the_same_digits() {
        for json in ["249749", "\"249749\"", "\"007\"", "-1", "18446744073709551615", "\"a b\""] {
            let value: NumberOrText = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&value).unwrap(), json);
        }
        assert_eq!(serde_json::from_str::<NumberOrText>("560001.0").unwrap(), NumberOrText::from(560_001));
        assert_eq!(format!("{:?} {:?}", NumberOrText::from(7), NumberOrText::from("a b")), "\"7\" [3 characters]");
        for json in ["\"\"", "null", "1.5", "true", "[1]"] {
            assert!(serde_json::from_str::<NumberOrText>(json).is_err(), "{json}");
        }
    }
}
