//! How values are read from the wire, and how they are printed. Knows nothing of Video KYC.
//!
//! ```text
//! bytes ─▶ decode, open_enum, Timestamp, Sensitive ─▶ a field of a generated type
//!   └─ not what was expected ─▶ DecodeFailure: where, and nothing of the value
//! a value ─▶ Escaped and Name (what others wrote), Redacted and NamesOnly (what must not be shown) ─▶ Debug, Display, logs
//! ```

pub(crate) mod decode;
mod decode_failure;
#[cfg(feature = "client")]
mod echo;
pub(crate) mod open_enum;
mod printed;
pub(crate) mod sensitive;
mod timestamp;

pub(crate) use decode_failure::DecodeFailure;
#[cfg(feature = "client")]
pub(crate) use echo::contradicts;
pub(crate) use printed::Escaped;
#[cfg(feature = "client")]
pub(crate) use printed::Name;

pub use open_enum::UnknownValue;
pub use sensitive::Sensitive;
pub use timestamp::Timestamp;
