//! The format of a report of `doctor`: names, types and words of responses, without values. `cargo xtask spec evidence` compiles this
//! file too.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// The version of the format.
pub(crate) const VERSION: u32 = 1;

/// The observations of one run.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Report {
    pub(crate) version: u32,
    /// The version of the program, which ends with that of the API.
    pub(crate) program: String,
    pub(crate) server: Server,
    pub(crate) observations: Vec<Observation>,
}

/// The server. Only the first two are surely Cashfree's: a URL may lead to a simulation that was built from the spec.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Server {
    Sandbox,
    Production,
    Custom,
}

/// One response. A `?` replaces a name or a word that may be a value.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Observation {
    pub(crate) case: Case,
    /// The `operationId` of the spec.
    pub(crate) operation: String,
    /// The names of the fields in the body of the request.
    pub(crate) sent: BTreeSet<String>,
    pub(crate) http_status: u16,
    /// The names of the headers.
    pub(crate) headers: BTreeSet<String>,
    /// The limit in requests a minute, by the rate-limit headers.
    pub(crate) limit: Option<u64>,
    /// The JSON types of each field, by its path: `a.b` is a field of an object, `a[]` an item of a list, and `.` the body.
    pub(crate) fields: BTreeMap<String, BTreeSet<String>>,
    /// The status and sub-status of a verification. The second may be empty.
    pub(crate) state: Option<[String; 2]>,
    /// The type and code of an error.
    pub(crate) error: Option<[Option<String>; 2]>,
}

/// The purpose of a request.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Case {
    Known,
    New,
    /// Something new with an id that was used before.
    UsedId,
    UnknownId,
    OtherKeys,
    NoKeys,
    OtherSignature,
    OtherVersion,
    OtherPath,
}
