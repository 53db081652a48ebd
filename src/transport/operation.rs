//! What the spec says of an operation, as far as sending it goes. The generated code makes one for each.

use std::fmt;

use http::Method;

/// An operation of the spec.
#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) id: &'static str,
    pub(crate) method: Method,
    /// The path as the spec has it, with the names of its parameters rather than their values.
    pub(crate) path: &'static str,
    /// Method and path, as OpenTelemetry names the span of a call.
    pub(crate) name: &'static str,
    /// The HTTP status of its success.
    pub(crate) success: u16,
    /// Whether sending it twice does no harm.
    pub(crate) idempotent: bool,
    /// Its place in the generated list, and in what a client prepares for each.
    pub(crate) index: usize,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.id, self.name)
    }
}

/// For tests of what needs one and does not look at it.
#[cfg(test)]
pub(crate) static SOME_OPERATION: Operation = Operation {
    id: "someOperation",
    method: Method::GET,
    path: "/some",
    name: "GET /some",
    success: 200,
    idempotent: true,
    index: 0,
};
