//! Decodes and prints values of the wire. Knows nothing of Video KYC.
//!
//! ```text
//! bytes ─▶ repair ─▶ record ─▶ decode, open_enum, Timestamp, NumberOrText, Sensitive ─▶ a field of a generated type
//!   │                  └─ not described by the spec ─▶ `extra`, Unrecognized: name and kind
//!   └─ not an object ─▶ DecodeFailure: position, never the value
//! a request as JSON ─▶ rules ─▶ Problems: field and rule, before anything is sent
//! a value ─▶ Escaped and Name (external text), Redacted and NamesOnly (secrets) ─▶ Debug, Display, logs
//! ```

#[cfg(feature = "client")]
pub(crate) mod correlation;
pub(crate) mod decode;
mod decode_failure;
mod number_or_text;
pub(crate) mod open_enum;
mod printed;
#[cfg(feature = "client")]
mod problem;
pub(crate) mod record;
mod repair;
#[cfg(feature = "client")]
pub(crate) mod rules;
pub(crate) mod schema;
pub(crate) mod secrets;
pub(crate) mod sensitive;
mod timestamp;
pub(crate) mod unrecognized;

#[cfg(feature = "client")]
pub(crate) use correlation::{Correlation, correlate, echo, sent_id};
pub(crate) use decode_failure::DecodeFailure;
#[cfg(feature = "client")]
pub(crate) use printed::Name;
pub(crate) use printed::{Characters, Escaped};
pub(crate) use repair::from_slice;

pub use number_or_text::NumberOrText;
pub use open_enum::UnknownValue;
#[cfg(feature = "client")]
pub use problem::{Problem, ProblemKind};
pub use secrets::without_secrets;
pub use sensitive::Sensitive;
pub use timestamp::Timestamp;
pub use unrecognized::{Unrecognized, UnrecognizedKind};
