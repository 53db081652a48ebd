//! Conformance suites for implementations of [`Dedupe`](cashfree_vkyc::webhook::Dedupe) and
//! [`RateLimiter`](cashfree_vkyc::RateLimiter).
//!
//! ```text
//! your store ─▶ dedupe(…) or rate_limiter(…) ─▶ Report ─▶ assert_passed
//!                  └ Time: waits, or moves the clock of your store
//! ```
//!
//! The suites test concurrent claims, expired leases, late owners, limits per minute, priorities, lost responses and clocks that
//! jump. The stores of `cashfree-vkyc` and `cashfree-vkyc-redis` pass them.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use cashfree_vkyc::webhook::MemoryDedupe;
//! use cashfree_vkyc_conformance::{self as conformance, Time};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let lease = Duration::from_millis(500);
//! let store = Arc::new(MemoryDedupe::default().lease(lease)); // replace it with your store
//! let report = conformance::dedupe(lease, &Time::real(), || store.clone()).await;
//! report.assert_passed();
//! println!("{report}"); // includes the cases that were skipped, because this clock cannot be set
//! # }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod dedupe;
mod rate_limiter;

use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

pub use dedupe::dedupe;
pub use rate_limiter::rate_limiter;

/// The passing of time for the store under test.
pub struct Time {
    now: Mutex<Duration>,
    /// Sets the store's clock, if it can be set.
    set: Option<Box<dyn Fn(Duration) + Send + Sync>>,
}

/// The start of a clock that the suite sets, late enough to go back.
const BEGIN: Duration = Duration::from_secs(1000 * 24 * 3600);

impl Time {
    /// Waits in tokio's time. For stores whose clock cannot be set; the cases about clocks that jump are skipped.
    #[must_use]
    pub const fn real() -> Self {
        Self { now: Mutex::new(BEGIN), set: None }
    }

    /// Sets the store's clock: `set` gets the time since an instant of your choice. It begins with a thousand days, because it
    /// also goes back.
    #[must_use]
    pub fn moved(set: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        set(BEGIN);
        Self { now: Mutex::new(BEGIN), set: Some(Box::new(set)) }
    }

    const fn is_moved(&self) -> bool {
        self.set.is_some()
    }

    /// Lets time pass.
    async fn advance(&self, time: Duration) {
        if self.jump(|now| now.saturating_add(time)).is_err() {
            tokio::time::sleep(time).await;
        }
    }

    /// Sets the clock to another time at once.
    fn jump(&self, change: impl FnOnce(Duration) -> Duration) -> Outcome {
        let set = self.set.as_ref().ok_or(Fault::CannotJump)?;
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = change(*now);
        set(*now);
        Ok(())
    }
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_moved() { "Time(moved)" } else { "Time(real)" })
    }
}

/// The results of a suite. `Display` prints a line for each case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "call `assert_passed`, or the failures go unnoticed"]
pub struct Report {
    cases: Vec<(&'static str, Verdict)>,
}

/// The result of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The store conforms.
    Passed,
    /// The case could not be tested, for this reason.
    Skipped(&'static str),
    /// The store does not conform, for this reason.
    Failed(String),
}

impl Report {
    fn add(&mut self, name: &'static str, outcome: Outcome) {
        let verdict = match outcome {
            Ok(()) => Verdict::Passed,
            Err(Fault::CannotJump) => Verdict::Skipped("this clock cannot jump"),
            Err(Fault::Failed(why)) => Verdict::Failed(why),
        };
        self.cases.push((name, verdict));
    }

    /// Returns the name and the result of each case.
    pub fn cases(&self) -> impl Iterator<Item = (&'static str, &Verdict)> {
        self.cases.iter().map(|(name, verdict)| (*name, verdict))
    }

    /// Returns whether no case failed.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.cases.iter().any(|(_, verdict)| matches!(verdict, Verdict::Failed(_)))
    }

    /// Asserts that no case failed.
    ///
    /// # Panics
    /// If a case failed, with all results.
    #[track_caller]
    pub fn assert_passed(&self) {
        assert!(self.passed(), "the store does not conform:\n{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, verdict) in &self.cases {
            match verdict {
                Verdict::Passed => writeln!(f, "passed    {name}")?,
                Verdict::Skipped(why) => writeln!(f, "skipped   {name}: {why}")?,
                Verdict::Failed(why) => writeln!(f, "FAILED    {name}: {why}")?,
            }
        }
        Ok(())
    }
}

/// The result of a case.
type Outcome = Result<(), Fault>;

enum Fault {
    CannotJump,
    Failed(String),
}

/// Any error or text is a failure of the store, so that `?` reports it.
impl<E: fmt::Display> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Fails with this text unless the condition holds.
fn ensure(holds: bool, failure: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(failure().into()) }
}

/// Polls a future this many times and drops it then, as if its caller had gone away.
async fn interrupted<T>(mut future: Pin<Box<dyn Future<Output = T> + Send + '_>>, polls: usize) {
    for _ in 0..polls {
        let poll = std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_ready()));
        if poll.await {
            return;
        }
        tokio::task::yield_now().await;
    }
}
