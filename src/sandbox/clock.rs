//! The clock of the sandbox: the machine's time, the time of a paused runtime, or a fixed time.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use jiff::{Timestamp, TimestampArithmetic};
use tokio::time::Instant;

use super::lock::lock;

pub(super) struct Clock {
    base: Mutex<Timestamp>,
    /// The time since the base.
    elapsed: Box<dyn Fn() -> Duration + Send + Sync>,
}

impl Clock {
    /// `is_paused`: only the test advances the time of this runtime.
    pub(super) fn new(fixed_at: Option<Timestamp>, is_paused: bool) -> Self {
        let (machine, runtime) = (SystemTime::now(), Instant::now());
        let elapsed: Box<dyn Fn() -> Duration + Send + Sync> = match fixed_at {
            Some(_) => Box::new(|| Duration::ZERO),
            None if is_paused => Box::new(move || runtime.elapsed()),
            None => Box::new(move || machine.elapsed().unwrap_or_default()),
        };
        Self { base: Mutex::new(fixed_at.unwrap_or_else(Timestamp::now)), elapsed }
    }

    pub(super) fn now(&self) -> Timestamp {
        later(*lock(&self.base), (self.elapsed)())
    }

    pub(super) fn system_time(&self) -> SystemTime {
        // Only one of the two types has times before 1970.
        self.now().try_into().unwrap_or(SystemTime::UNIX_EPOCH)
    }

    pub(super) fn advance(&self, time: Duration) {
        let mut base = lock(&self.base);
        *base = later(*base, time);
    }
}

/// The sum, or the last instant of the calendar if it overflows.
pub(super) fn later(instant: Timestamp, time: impl Into<TimestampArithmetic>) -> Timestamp {
    instant.checked_add(time).unwrap_or(Timestamp::MAX)
}

/// Whether only the test advances the time of this runtime (`#[tokio::test(start_paused = true)]`).
///
/// Tokio has no function for this. Unless its time is paused, it advances with the machine's.
pub(super) fn is_paused() -> bool {
    let (tokio, machine) = (Instant::now(), std::time::Instant::now());
    while machine.elapsed().is_zero() {
        std::hint::spin_loop();
    }
    Instant::now() == tokio
}
