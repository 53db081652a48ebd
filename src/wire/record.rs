//! Decodes a record field by field, without losing anything.
//!
//! | in the JSON | in the record |
//! |---|---|
//! | a field of the spec | the field |
//! | a field of the spec with a value that cannot be decoded | absent, and the unchanged value in `extra` |
//! | any other field | the unchanged value in `extra` |
//! | a field of the spec twice | an error, because either could be meant |
//! | any other field twice | the last value, as in serde_json |

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::decode::{Lenient, Reading};

/// A generated type that can be decoded.
pub(crate) trait Record: Default {
    /// Returns the number and the name of a field of the spec. At most 128 fields.
    fn field(name: &str) -> Option<(u32, &'static str)>;

    /// Decodes the value of a field. Returns the value unchanged if it does not fit the field.
    fn read_field<'de, A: MapAccess<'de>>(&mut self, field: u32, entries: &mut A) -> Result<Option<Value>, A::Error>;

    /// The fields that the spec does not know, and the values that could not be decoded.
    fn extra(&mut self) -> &mut Map<String, Value>;
}

/// Decodes a record.
pub(crate) fn read<'de, T: Record, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_map(RecordVisitor(PhantomData))
}

/// Decodes a scalar that may be absent.
pub(crate) fn scalar<'de, T, A>(field: &mut T, entries: &mut A) -> Result<Option<Value>, A::Error>
where
    T: Lenient + Default,
    A: MapAccess<'de>,
{
    match entries.next_value()? {
        Reading::Value(value) => *field = value,
        Reading::Absent => {}
        Reading::Unreadable(raw) => return Ok(Some(raw)),
    }
    Ok(None)
}

/// Decodes a list, a record or any other value that may be absent.
pub(crate) fn other<'de, T, A>(field: &mut Option<T>, entries: &mut A) -> Result<Option<Value>, A::Error>
where
    T: DeserializeOwned,
    A: MapAccess<'de>,
{
    let raw: Value = entries.next_value()?;
    if raw.is_null() || raw == "" {
        return Ok(None);
    }
    *field = T::deserialize(&raw).ok();
    Ok(field.is_none().then_some(raw))
}

struct RecordVisitor<T>(PhantomData<T>);

impl<'de, T: Record> Visitor<'de> for RecordVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<T, A::Error> {
        let (mut record, mut seen) = (T::default(), 0_u128);
        while let Some(Key(key, _)) = entries.next_key::<Key<T>>()? {
            let (name, raw) = match key {
                Ok((field, name)) => {
                    let bit = 1_u128 << field;
                    if seen & bit != 0 {
                        entries.next_value_seed(Twice(name))?;
                    }
                    seen |= bit;
                    match record.read_field(field, &mut entries)? {
                        Some(raw) => (name.to_owned(), raw),
                        None => continue,
                    }
                }
                Err(name) => (name, entries.next_value()?),
            };
            record.extra().insert(name, raw);
        }
        Ok(record)
    }
}

/// A repeated field. The error is raised at its value, so that its path is known.
struct Twice(&'static str);

impl<'de> DeserializeSeed<'de> for Twice {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, _: D) -> Result<(), D::Error> {
        Err(D::Error::duplicate_field(self.0))
    }
}

/// The name of a field: one of `T`'s, or another.
struct Key<T>(Result<(u32, &'static str), String>, PhantomData<T>);

impl<'de, T: Record> Deserialize<'de> for Key<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_identifier(KeyVisitor(PhantomData))
    }
}

struct KeyVisitor<T>(PhantomData<T>);

impl<T: Record> Visitor<'_> for KeyVisitor<T> {
    type Value = Key<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a field")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Key(T::field(name).ok_or_else(|| name.to_owned()), PhantomData))
    }
}
