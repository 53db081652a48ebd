//! The time between two polls: by phase, jittered, and within the documented rate limit.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::{Phase, constants};

/// The time between two polls.
///
/// By default 60 seconds before the customer begins and during the auditor's review, 15 during the checks, 10 in the queue, 5
/// during the call, and 30 in a phase that this version does not know. Each wait is between 80 % and 120 % of it, so that watches
/// that begin together spread, and at least 0.6 seconds, which is the documented limit of an account. For many watches at once,
/// set a [`RateLimit`](crate::RateLimit): all watches together use at most four fifths of it, by longer waits.
///
/// ```
/// use std::time::Duration;
/// use cashfree_vkyc::{Intervals, Phase};
///
/// let eager = Intervals::from(Duration::from_secs(2));
/// let patient = Intervals::default().phase(Phase::Invited, Duration::from_secs(600));
/// assert_eq!(patient.of(Phase::Call), Duration::from_secs(5));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intervals {
    everywhere: Option<Duration>,
    by_phase: BTreeMap<Phase, Duration>,
}

impl Intervals {
    /// The least time between two polls: 100 a minute, the documented standard of an account.
    pub const LEAST: Duration = Duration::from_millis(60_000 / constants::REQUESTS_PER_MINUTE_VKYC_GET_STATUS as u64);

    /// Sets the interval of one phase.
    #[must_use]
    pub fn phase(mut self, phase: Phase, interval: Duration) -> Self {
        self.by_phase.insert(phase, interval);
        self
    }

    /// The interval of a phase.
    #[must_use]
    pub fn of(&self, phase: Phase) -> Duration {
        let usual = || match phase {
            Phase::Invited | Phase::Review | Phase::Closed => Duration::from_secs(60),
            Phase::Checks => Duration::from_secs(15),
            Phase::Queue => Duration::from_secs(10),
            Phase::Call => Duration::from_secs(5),
            Phase::Unknown => Duration::from_secs(30),
        };
        self.by_phase.get(&phase).copied().or(self.everywhere).unwrap_or_else(usual)
    }

    /// One wait.
    pub(super) fn draw(&self, phase: Phase) -> Duration {
        let interval = self.of(phase);
        let drawn = Duration::try_from_secs_f64(interval.as_secs_f64() * (0.8 + 0.4 * fastrand::f64()));
        drawn.unwrap_or(interval).max(Self::LEAST)
    }
}

/// The same interval in every phase.
impl From<Duration> for Intervals {
    fn from(interval: Duration) -> Self {
        Self { everywhere: Some(interval), by_phase: BTreeMap::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_spread_around_the_interval_and_keep_the_rate_limit() {
        let intervals = Intervals::default().phase(Phase::Call, Duration::ZERO);
        let waits: Vec<_> = (0..500).map(|_| intervals.draw(Phase::Queue).as_millis()).collect();
        assert!(waits.iter().all(|wait| (8_000..=12_000).contains(wait)));
        assert!(waits.iter().any(|wait| *wait < 8_800) && waits.iter().any(|wait| *wait > 11_200));
        assert!((0..100).all(|_| intervals.draw(Phase::Call) == Duration::from_millis(600)));
        assert!((0..100).all(|_| Intervals::from(Duration::MAX).draw(Phase::Call) > Duration::MAX / 2));
    }

    #[test]
    fn a_phase_comes_before_everywhere_and_that_before_the_default() {
        let (one, two) = (Duration::from_secs(1), Duration::from_secs(2));
        let intervals = Intervals::from(one).phase(Phase::Call, two);
        assert_eq!((intervals.of(Phase::Call), intervals.of(Phase::Invited)), (two, one));
        assert!(Intervals::default().of(Phase::Call) < Intervals::default().of(Phase::Invited));
    }
}
