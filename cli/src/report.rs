//! The format of a report of `doctor`: names, types and words of responses, and no value. `cargo xtask spec evidence` compiles this file too.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// The version of the format.
pub(crate) const VERSION: u32 = 1;

/// Stands for a name or a word that may be a value. The spec has no such name.
#[allow(dead_code, reason = "only the command line withholds names")]
pub(crate) const WITHHELD: &str = "?";

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

/// The server that was asked. Only the first two are Cashfree's for certain: a URL may be a stand-in that was made from the spec.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Server {
    Sandbox,
    Production,
    Custom,
}

/// One response.
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
    /// The JSON types of each field, by its path: `a.b` is a field of an object, and `a[]` an item of a list.
    pub(crate) fields: BTreeMap<String, BTreeSet<String>>,
    /// The state of a verification.
    pub(crate) state: Option<State>,
    /// The type and code of an error.
    pub(crate) error: Option<ErrorName>,
}

/// What was asked for.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Case {
    /// Something that exists.
    Known,
    /// An id that does not exist.
    UnknownId,
    /// Something new.
    New,
    /// Something new under an id that was used before.
    UsedId,
    /// Keys of nobody.
    OtherKeys,
    NoKeys,
    OtherVersion,
    OtherPath,
}

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct State {
    pub(crate) status: String,
    /// Empty if none was sent.
    pub(crate) sub_status: String,
}

#[derive(Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ErrorName {
    #[serde(rename = "type")]
    pub(crate) type_: Option<String>,
    pub(crate) code: Option<String>,
}
