//! The number of watches of a client, which share what its calls leave of the rate limit.

use std::sync::Arc;
use std::time::Duration;

/// Counts the watches in progress. Clones share the count.
#[derive(Clone, Default)]
pub(super) struct Running(Arc<Token>);

/// Each watch holds a clone of the token.
#[derive(Default)]
struct Token(Arc<()>);

impl Running {
    /// Counts one more watch, as long as the value lives.
    pub(super) fn join(&self) -> Arc<()> {
        Arc::clone(&self.0.0)
    }

    /// The least time between two polls of one watch, so that all watches together leave a fifth of the rate limit to calls.
    pub(super) fn least_interval(&self, per_minute: Option<u32>) -> Duration {
        let Some(per_minute) = per_minute.filter(|per_minute| *per_minute > 0) else { return Duration::ZERO };
        let watches = u32::try_from(Arc::strong_count(&self.0.0) - 1).unwrap_or(u32::MAX);
        Duration::from_secs(75).saturating_mul(watches) / per_minute
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn watches_share_four_fifths_of_the_limit_while_they_live() {
        let running = Running::default();
        let watches: Vec<_> = (0..80).map(|_| running.clone().join()).collect();
        assert_eq!(running.least_interval(Some(100)), Duration::from_secs(60));
        drop(watches);
        let _watch = running.join();
        assert_eq!(running.least_interval(Some(100)), Duration::from_millis(750));
        assert_eq!([None, Some(0)].map(|limit| running.least_interval(limit)), [Duration::ZERO; 2]);
    }
}
