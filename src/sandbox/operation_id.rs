//! The `operationId`s that tests name.

use crate::model::generated::ROUTES;

/// The problem of an `operationId` that the spec does not have. A misspelt one is not taken for one that was never called.
pub(super) fn unknown_id(operation: &str) -> Option<String> {
    let known: Vec<_> = ROUTES.iter().map(|route| route.id).collect();
    (!known.contains(&operation)).then(|| format!("must be one of {}", known.join(", ")))
}
