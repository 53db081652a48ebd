//! What time it is in the sandbox: the machine's, the runtime's where that is paused, or one that stands still.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

pub(super) struct Clock(Mutex<Now>);

#[derive(Clone, Copy)]
enum Now {
    /// Runs, so much ahead of the machine's clock.
    Running {
        ahead: SignedDuration,
    },
    /// Runs as the runtime's time does, which a test moves.
    OfRuntime {
        then: Timestamp,
        since: Instant,
    },
    Still(Timestamp),
}

impl Clock {
    /// `paused`: the runtime that is asked has a clock that only a test moves.
    pub(super) fn new(still_at: Option<Timestamp>, paused: bool) -> Self {
        Self(Mutex::new(match still_at {
            Some(instant) => Now::Still(instant),
            None if paused => Now::OfRuntime { then: Timestamp::now(), since: Instant::now() },
            None => Now::Running { ahead: SignedDuration::ZERO },
        }))
    }

    pub(super) fn now(&self) -> Timestamp {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Now::Running { ahead } => later(Timestamp::now(), ahead),
            Now::OfRuntime { then, since } => later(then, signed(since.elapsed())),
            Now::Still(instant) => instant,
        }
    }

    pub(super) fn system_time(&self) -> SystemTime {
        // Before 1970 there is no time that both know.
        self.now().try_into().unwrap_or(SystemTime::UNIX_EPOCH)
    }

    pub(super) fn advance(&self, time: Duration) {
        let time = signed(time);
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Now::Running { ahead } => *ahead = ahead.saturating_add(time),
            Now::OfRuntime { then, .. } => *then = later(*then, time),
            Now::Still(instant) => *instant = later(*instant, time),
        }
    }
}

/// The end of the calendar is no error in a test.
pub(super) fn later(instant: Timestamp, time: SignedDuration) -> Timestamp {
    instant.checked_add(time).unwrap_or(Timestamp::MAX)
}

pub(super) fn signed(time: Duration) -> SignedDuration {
    SignedDuration::try_from(time).unwrap_or(SignedDuration::MAX)
}

/// Whether this runtime's time stands still until a test moves it (`#[tokio::test(start_paused = true)]`).
///
/// Tokio does not say. But its time is the machine's as long as it runs, so when that has moved and it has not, it is paused.
pub(super) fn is_paused() -> bool {
    let (ours, machines) = (Instant::now(), std::time::Instant::now());
    while machines.elapsed().is_zero() {
        std::hint::spin_loop();
    }
    Instant::now() == ours
}
