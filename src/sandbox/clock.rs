//! The clock of the sandbox: the machine's time, the time of a paused runtime, or a fixed time.

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::lock::lock;

pub(super) struct Clock(Mutex<Now>);

#[derive(Clone, Copy)]
enum Now {
    /// Ahead of the machine's clock by this time.
    Running {
        ahead: SignedDuration,
    },
    /// The time of the runtime, which a test advances.
    OfRuntime {
        then: Timestamp,
        since: Instant,
    },
    Fixed(Timestamp),
}

impl Clock {
    /// `paused`: only the test advances the time of this runtime.
    pub(super) fn new(fixed_at: Option<Timestamp>, paused: bool) -> Self {
        Self(Mutex::new(match fixed_at {
            Some(instant) => Now::Fixed(instant),
            None if paused => Now::OfRuntime { then: Timestamp::now(), since: Instant::now() },
            None => Now::Running { ahead: SignedDuration::ZERO },
        }))
    }

    pub(super) fn now(&self) -> Timestamp {
        match *lock(&self.0) {
            Now::Running { ahead } => later(Timestamp::now(), ahead),
            Now::OfRuntime { then, since } => later(then, signed(since.elapsed())),
            Now::Fixed(instant) => instant,
        }
    }

    pub(super) fn system_time(&self) -> SystemTime {
        // Only one of the two types has times before 1970.
        self.now().try_into().unwrap_or(SystemTime::UNIX_EPOCH)
    }

    pub(super) fn advance(&self, time: Duration) {
        let time = signed(time);
        match &mut *lock(&self.0) {
            Now::Running { ahead } => *ahead = ahead.saturating_add(time),
            Now::OfRuntime { then, .. } => *then = later(*then, time),
            Now::Fixed(instant) => *instant = later(*instant, time),
        }
    }
}

/// The sum, or the end of the calendar.
pub(super) fn later(instant: Timestamp, time: SignedDuration) -> Timestamp {
    instant.checked_add(time).unwrap_or(Timestamp::MAX)
}

pub(super) fn signed(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)
}

/// Whether only the test advances the time of this runtime (`#[tokio::test(start_paused = true)]`).
///
/// Tokio has no function for it. Its time runs like the machine's unless it is paused.
pub(super) fn is_paused() -> bool {
    let (tokio, machine) = (Instant::now(), std::time::Instant::now());
    while machine.elapsed().is_zero() {
        std::hint::spin_loop();
    }
    Instant::now() == tokio
}
