//! The time between two polls: by phase, jittered, and within the documented rate limit.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::{Evidence, Lifecycle, Phase, constants};

/// The time between two polls.
///
/// By default 60 seconds before the customer begins and during the auditor's review, 15 during the checks, 10 in the queue, 5
/// during the call, and 30 in an unknown phase. In an unknown state, the default interval grows while nothing changes: to a tenth
/// of the time since the last change, at most an hour.
///
/// Each wait is between 80 % and 120 % of the interval, so that watches that begin together spread. It is at least 0.6 seconds,
/// the documented limit of an account. For many watches at once, set a [`RateLimit`](crate::RateLimit): all watches together use
/// at most four fifths of it, by waiting longer.
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

/// The longest default interval.
const LONGEST: Duration = Duration::from_secs(3600);

impl Intervals {
    /// The shortest time between two polls: 100 a minute, the documented standard of an account.
    pub const LEAST: Duration = Duration::from_millis(60_000 / constants::REQUESTS_PER_MINUTE_VKYC_GET_STATUS as u64);

    /// Sets the interval of one phase.
    #[must_use]
    pub fn phase(mut self, phase: Phase, interval: Duration) -> Self {
        self.by_phase.insert(phase, interval);
        self
    }

    /// Returns the interval of a phase.
    #[must_use]
    pub fn of(&self, phase: Phase) -> Duration {
        self.set_for(phase).unwrap_or(match phase {
            Phase::Invited | Phase::Review | Phase::Closed => Duration::from_secs(60),
            Phase::Checks => Duration::from_secs(15),
            Phase::Queue => Duration::from_secs(10),
            Phase::Call => Duration::from_secs(5),
            Phase::Unknown => Duration::from_secs(30),
        })
    }

    fn set_for(&self, phase: Phase) -> Option<Duration> {
        self.by_phase.get(&phase).copied().or(self.everywhere)
    }

    /// Returns the interval of a state that did not change for some time. An unknown state may be final, so its watch may never
    /// see an end.
    fn of_state(&self, state: Lifecycle, unchanged_for: Duration) -> Duration {
        let interval = self.of(state.phase());
        if state.evidence() == Evidence::Unknown && self.set_for(state.phase()).is_none() {
            return interval.max((unchanged_for / 10).min(LONGEST));
        }
        interval
    }

    /// Returns one wait. Before the first state is seen, the interval of an unknown phase applies.
    pub(super) fn draw(&self, state: Option<Lifecycle>, unchanged_for: Duration) -> Duration {
        let interval = state.map_or_else(|| self.of(Phase::Unknown), |state| self.of_state(state, unchanged_for));
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

    fn state(status: &str, sub_status: &str) -> Option<Lifecycle> {
        Some(Lifecycle::of(&status.into(), &sub_status.into()))
    }

    #[test]
    fn waits_are_spread_around_the_interval_and_keep_the_rate_limit() {
        let queue = state("PRE_VIDEO_CALL", "USER_QUEUED");
        let call = state("VIDEO_CALL", "");
        assert_eq!(queue.unwrap().phase(), Phase::Queue);
        let intervals = Intervals::default().phase(Phase::Call, Duration::ZERO);
        let waits: Vec<_> = (0..500).map(|_| intervals.draw(queue, Duration::ZERO).as_millis()).collect();
        assert!(waits.iter().all(|wait| (8_000..=12_000).contains(wait)));
        assert!(waits.iter().any(|wait| *wait < 8_800) && waits.iter().any(|wait| *wait > 11_200));
        assert!((0..100).all(|_| intervals.draw(call, Duration::MAX) == Duration::from_millis(600)));
        assert!((0..100).all(|_| Intervals::from(Duration::MAX).draw(call, Duration::ZERO) > Duration::MAX / 2));
    }

    #[test]
    fn the_interval_of_an_unknown_state_grows_to_an_hour_and_no_other_does() {
        let second = Duration::from_secs;
        let after = |intervals: &Intervals, state: Option<Lifecycle>, unchanged| {
            intervals.of_state(state.unwrap(), second(unchanged))
        };
        let usual = Intervals::default();
        for unknown in [state("BRAND_NEW", ""), state("COMPLETED", "BRAND_NEW")] {
            let first = after(&usual, unknown, 0);
            assert!(first <= second(60));
            assert_eq!(after(&usual, unknown, 6_000), second(600));
            assert_eq!(after(&usual, unknown, 30 * 86_400), second(3_600));
            // An interval of the caller's does not grow.
            assert_eq!(after(&Intervals::from(second(2)), unknown, 86_400), second(2));
        }
        assert_eq!(after(&usual, state("PRE_VIDEO_CALL", "USER_QUEUED"), 86_400), second(10));
    }

    #[test]
    fn the_interval_of_a_phase_has_precedence_over_that_of_all_phases_and_the_default() {
        let (one, two) = (Duration::from_secs(1), Duration::from_secs(2));
        let intervals = Intervals::from(one).phase(Phase::Call, two);
        assert_eq!((intervals.of(Phase::Call), intervals.of(Phase::Invited)), (two, one));
        assert!(Intervals::default().of(Phase::Call) < Intervals::default().of(Phase::Invited));
    }
}
