//! The `operationId`s that tests name.

use crate::model::generated::ROUTES;

/// Returns a problem if the spec does not have this `operationId`. Otherwise a misspelt one would look like one that was never
/// called.
pub(super) fn unknown_id(operation: &str) -> Option<String> {
    let known: Vec<_> = ROUTES.iter().map(|route| route.id).collect();
    (!known.contains(&operation)).then(|| format!("must be one of {}", known.join(", ")))
}
