//! Data that the spec does not describe, by name and kind. It shows operators that the API changed.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use serde_json::{Map, Value};

use super::printed::Name;
use super::record::Record;

/// A difference between a response or an event and the spec. It contains no value, so it can be logged.
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
    /// The spec has no field of this name. The value is in `extra`.
    Field,
    /// The spec has the field, but not this value of its open enum. The value is `Unknown`.
    Value,
    /// The spec has the field, but the value does not fit it. The field is absent, and the value is in `extra`.
    Unreadable,
}

impl Unrecognized {
    /// Returns the path of the field: `aadhaar_details.split_address.pincode`. The items of a list share one name:
    /// `security_questions[].order`. A key that does not look like a name is replaced by its length.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns how it differs from the spec.
    #[must_use]
    pub const fn kind(&self) -> UnrecognizedKind {
        self.kind
    }

    /// An open enum with an unknown value.
    pub(crate) fn value(name: &str) -> Self {
        Self { name: name.to_owned(), kind: UnrecognizedKind::Value }
    }

    /// The same difference, within a record.
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

/// Returns the unrecognised data in the `extra` of a record.
pub(crate) fn in_extra<T: Record>(extra: &Map<String, Value>) -> BTreeSet<Unrecognized> {
    let kind = |name| if T::field(name).is_some() { UnrecognizedKind::Unreadable } else { UnrecognizedKind::Field };
    extra.keys().map(|name| Unrecognized { name: Name(name).to_string(), kind: kind(name) }).collect()
}

/// Logs each difference once per process. The list of logged ones is bounded, so a server cannot make it grow without limit.
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
