//! Adding to times without overflow.

use std::time::Duration;

use tokio::time::Instant;

/// Returns the time this long after another. On overflow, returns one that is later than any deadline.
pub(crate) fn later(start: Instant, time: Duration) -> Instant {
    start.checked_add(time).unwrap_or_else(|| start + Duration::from_secs(u64::from(u32::MAX)))
}
