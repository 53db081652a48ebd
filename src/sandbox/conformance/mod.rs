//! What a store of your own must do behind [`Dedupe`](crate::webhook::Dedupe) or [`RateLimiter`](crate::RateLimiter), as suites
//! that run against it.
//!
//! ```text
//! your store ─▶ dedupe(…) or rate_limiter(…) ─▶ Report ─▶ assert_passed
//!                  └ Time: waits, or moves the clock of your store
//! ```
//!
//! The stores of this library pass them, and so do those of the crate `cashfree-vkyc-redis`: many who ask at once, leases that lapse,
//! owners who are late, answers that are lost, clocks that jump.
//!
//! ```
//! use std::sync::Arc;
//! use std::time::Duration;
//! use cashfree_vkyc::sandbox::conformance::{self, Time};
//! use cashfree_vkyc::webhook::MemoryDedupe;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let lease = Duration::from_millis(500);
//! let store = Arc::new(MemoryDedupe::default().lease(lease)); // in place of it: yours
//! let report = conformance::dedupe(lease, &Time::real(), || store.clone()).await;
//! report.assert_passed();
//! println!("{report}"); // what was left out, since this clock cannot jump
//! # }
//! ```

mod dedupe;
mod rate_limiter;

use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

pub use dedupe::dedupe;
pub use rate_limiter::rate_limiter;

/// How time passes for the store that a suite tests.
pub struct Time(Kind);

enum Kind {
    Real,
    Moved { set: Box<dyn Fn(Duration) + Send + Sync>, now: Mutex<Duration> },
}

/// Where a clock that is moved begins: room to go back.
const BEGIN: Duration = Duration::from_secs(1000 * 24 * 3600);

impl Time {
    /// The suite waits, by tokio's time. For stores with a clock that no test moves; what is tested of clocks that jump is left out.
    #[must_use]
    pub const fn real() -> Self {
        Self(Kind::Real)
    }

    /// The suite moves the store's clock: `set` makes it show so much after an instant of your choice. It begins with a thousand
    /// days, since it also goes back.
    #[must_use]
    pub fn moved(set: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        set(BEGIN);
        Self(Kind::Moved { set: Box::new(set), now: Mutex::new(BEGIN) })
    }

    /// Whether nothing passes but what is let pass.
    const fn is_moved(&self) -> bool {
        matches!(self.0, Kind::Moved { .. })
    }

    async fn advance(&self, time: Duration) {
        match &self.0 {
            Kind::Real => tokio::time::sleep(time).await,
            Kind::Moved { set, now } => {
                let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
                *now = now.saturating_add(time);
                set(*now);
            }
        }
    }

    /// The clock is wrong all at once.
    fn jump(&self, jump: Jump) -> Outcome {
        let Kind::Moved { set, now } = &self.0 else { return Err(Fault::NoJumps) };
        let mut now = now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = match jump {
            Jump::Ahead(time) => now.saturating_add(time),
            Jump::Back(time) => now.saturating_sub(time),
        };
        set(*now);
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Jump {
    Ahead(Duration),
    Back(Duration),
}

impl fmt::Debug for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_moved() { "Time(moved)" } else { "Time(real)" })
    }
}

/// What a suite found. Each case is a line of its `Display`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a suite says nothing unless it is asked: `assert_passed`"]
pub struct Report {
    cases: Vec<(&'static str, Verdict)>,
}

/// What came of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The store does what it must.
    Passed,
    /// It could not be tested, for this reason.
    LeftOut(&'static str),
    /// The store does not, as this says.
    Failed(String),
}

impl Report {
    const fn new() -> Self {
        Self { cases: Vec::new() }
    }

    fn add(&mut self, name: &'static str, outcome: Outcome) {
        let verdict = match outcome {
            Ok(()) => Verdict::Passed,
            Err(Fault::NoJumps) => Verdict::LeftOut("this clock cannot jump"),
            Err(Fault::Failed(why)) => Verdict::Failed(why),
        };
        self.cases.push((name, verdict));
    }

    /// What was tested, and what came of it.
    pub fn cases(&self) -> impl Iterator<Item = (&'static str, &Verdict)> {
        self.cases.iter().map(|(name, verdict)| (*name, verdict))
    }

    /// Whether no case failed.
    #[must_use]
    pub fn passed(&self) -> bool {
        !self.cases.iter().any(|(_, verdict)| matches!(verdict, Verdict::Failed(_)))
    }

    /// Insists that no case failed.
    ///
    /// # Panics
    /// When one did, with what each case showed.
    #[track_caller]
    pub fn assert_passed(&self) {
        assert!(self.passed(), "the store does not do what it must:\n{self}");
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, verdict) in &self.cases {
            match verdict {
                Verdict::Passed => writeln!(f, "passed    {name}")?,
                Verdict::LeftOut(why) => writeln!(f, "left out  {name}: {why}")?,
                Verdict::Failed(why) => writeln!(f, "FAILED    {name}: {why}")?,
            }
        }
        Ok(())
    }
}

/// What a case comes to.
type Outcome = Result<(), Fault>;

enum Fault {
    NoJumps,
    Failed(String),
}

fn failed<T>(why: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Failed(why.into()))
}

/// What must hold, and what it means that it does not.
fn hold(holds: bool, why: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { failed(why()) }
}

/// Lets a future run for so many steps and drops it then, as happens to one whose server or client goes away.
async fn broken_off<T>(mut future: Pin<Box<dyn Future<Output = T> + Send + '_>>, steps: usize) {
    for _ in 0..steps {
        let step = std::future::poll_fn(|context| std::task::Poll::Ready(future.as_mut().poll(context).is_ready()));
        if step.await {
            return;
        }
        tokio::task::yield_now().await;
    }
}
