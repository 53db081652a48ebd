//! Times after another one.

use std::time::Duration;

use tokio::time::Instant;

/// Returns the time this long after another. If the clock does not go that far, it is one that is later than any deadline.
pub(crate) fn later(start: Instant, time: Duration) -> Instant {
    start.checked_add(time).unwrap_or_else(|| start + Duration::from_secs(u64::from(u32::MAX)))
}
