//! Data that the spec does not describe, by name and kind: how an operator learns that the API changed.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

use super::printed::Name;
use super::record::Record;

/// One place of a response or an event that differs from the spec. It has no value, so it can be logged.
///
/// ```
/// use cashfree_vkyc::{UnrecognizedKind, VideoKyc};
///
/// let json = r#"{"status":"ON_HOLD","meeting_schedule":{},"priority":1}"#;
/// let vkyc: VideoKyc = serde_json::from_str(json)?;
/// let found: Vec<_> = vkyc.unrecognized().map(|found| (found.name().to_owned(), found.kind())).collect();
/// assert_eq!(found, [
///     ("meeting_schedule".to_owned(), UnrecognizedKind::Unreadable),
///     ("priority".to_owned(), UnrecognizedKind::Field),
///     ("status".to_owned(), UnrecognizedKind::Value),
/// ]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unrecognized {
    name: String,
    kind: UnrecognizedKind,
}

/// How data differs from the spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum UnrecognizedKind {
    /// The spec has no field of this name. Its value is in `extra`.
    Field,
    /// The spec has the field, and not this value of its open enum, which is `Unknown`.
    Value,
    /// The spec has the field, which cannot have this value. It is absent, and the value is in `extra`.
    Unreadable,
}

impl Unrecognized {
    /// The name of the field, with those of the records that it is in: `aadhaar_details.split_address.pincode`. The items of a list
    /// share one name: `security_questions[].order`. A text that does not look like a name is given by its length.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it differs from the spec.
    #[must_use]
    pub const fn kind(&self) -> UnrecognizedKind {
        self.kind
    }

    /// An open enum with an unknown value.
    pub(crate) fn value(name: &str) -> Self {
        Self { name: name.to_owned(), kind: UnrecognizedKind::Value }
    }

    /// The same, in a record that is in another one.
    pub(crate) fn within(self, record: &str) -> Self {
        Self { name: format!("{record}.{}", self.name), ..self }
    }
}

impl fmt::Display for Unrecognized {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.kind)
    }
}

impl fmt::Display for UnrecognizedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Field => "unknown field",
            Self::Value => "unknown value",
            Self::Unreadable => "unreadable value",
        })
    }
}

/// The unrecognised data in the `extra` of a record.
pub(crate) fn in_extra<T: Record>(extra: &Map<String, Value>) -> BTreeSet<Unrecognized> {
    let kind = |name| if T::field(name).is_some() { UnrecognizedKind::Unreadable } else { UnrecognizedKind::Field };
    extra.keys().map(|name| Unrecognized { name: Name(name).to_string(), kind: kind(name) }).collect()
}

/// Logs what was not logged before in this process. The list of what was is bounded: a server cannot make it grow for ever.
pub(crate) fn log(record: &'static str, found: impl IntoIterator<Item = Unrecognized>) {
    const MOST: usize = 1_000;
    static LOGGED: Mutex<BTreeSet<(&str, Unrecognized)>> = Mutex::new(BTreeSet::new());

    for found in found {
        if !tracing::enabled!(target: "cashfree_vkyc", tracing::Level::INFO) {
            return;
        }
        let mut logged = LOGGED.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = logged.len() < MOST && logged.insert((record, found.clone()));
        drop(logged);
        if is_new {
            tracing::info!(
                target: "cashfree_vkyc",
                { cashfree.record = record, cashfree.field = found.name, cashfree.difference = %found.kind },
                "Cashfree sent data that this version does not recognize"
            );
        }
    }
}
