//! Waits for a verification: polls now, then at the interval of its phase, and at once after a webhook.
//!
//! ```text
//!           ┌──────────── interval of the phase, jittered ─────────────┐
//!           ▼                                                          │ no
//! start ─▶ poll ─▶ changed? ─▶ yield it ─▶ final? ─▶ end ──────────────┤
//!           ▲ │ transient error ───────────────────────────────────────┘
//!           │ └ permanent error: end
//!  feed(event)                                     deadline: one last poll, then end
//! ```
//!
//! Polls use slots of the client's rate limit that calls do not need, and at most four fifths of it: with more watches, the
//! interval is longer. A client with [`RateLimit::STANDARD`](crate::RateLimit::STANDARD), 100 a minute, allows 80 polls a minute:
//! 80 watches at an interval of a minute, or 1,000 watches that poll every 12.5 minutes. Polls after events do not wait for that.
//!
//! Many watches may share one endpoint: [`Watches`] passes an event to the watches of its verification.
//!
//! Nothing runs in the background: dropping the future or the stream ends the watch. Nothing has to be stored: the id is enough
//! to watch again.

mod error;
mod intervals;
mod poller;
mod watches;

use std::borrow::Borrow;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use tokio::time::Instant;

pub use error::{WatchError, WatchErrorKind};
pub use intervals::Intervals;
pub use watches::Watches;

use super::handle::Client;
use crate::model::{IntoVerificationRef, Outcome, OutcomeRules, VerificationRef, VideoKyc};
use crate::transport::{Error, Response, Schedule};
use crate::webhook::Event;
use poller::{OnChange, Poll as PollStatus, Poller};
use watches::Wake;

impl Client {
    /// Waits for a verification. Set the time limit with [`WatchBuilder::max_wait`].
    ///
    /// ```
    /// # use cashfree_vkyc::{Status, VerificationId, sandbox::Sandbox};
    /// use std::time::Duration;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = Sandbox::start().await?;
    /// # let mut done = Sandbox::published_sample();
    /// # (done.status, done.sub_status) = (Status::Expired, "VKYC_EXPIRED".into());
    /// # sandbox.put(done);
    /// # let client = sandbox.client()?;
    /// let watch = client.watch(VerificationId::new("vkyc_verification_id")?).max_wait(Duration::from_secs(3600));
    /// let vkyc = watch.until_closed().await?;
    /// println!("{} / {}", vkyc.status, vkyc.sub_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn watch(&self, verification: impl IntoVerificationRef) -> WatchBuilder {
        WatchBuilder { client: self.clone(), verification: verification.into_ref(), intervals: Intervals::default() }
    }
}

/// A watch without a time limit yet, returned by [`Client::watch`].
#[derive(Clone, Debug)]
#[must_use = "a watch does nothing until it is awaited"]
pub struct WatchBuilder {
    client: Client,
    verification: VerificationRef,
    intervals: Intervals,
}

impl WatchBuilder {
    /// Limits the wait. There is no default: an hour is long for a call in progress, and short for a customer whose link is valid
    /// for a month.
    ///
    /// At the limit, the status is asked for one last time, which takes up to 5 seconds. No watch ends later than that.
    pub fn max_wait(self, max_wait: Duration) -> Watch {
        let Self { client, verification, intervals } = self;
        Watch { client, verification, intervals, max_wait, wake: Arc::default(), on_change: OnChange::default() }
    }

    /// Sets the time between two polls. See [`Intervals`] for the default.
    pub fn interval(mut self, intervals: impl Into<Intervals>) -> Self {
        self.intervals = intervals.into();
        self
    }
}

/// Waits for one verification. Clones share their events.
#[derive(Clone, Debug)]
#[must_use = "a watch does nothing until it is awaited"]
pub struct Watch {
    client: Client,
    verification: VerificationRef,
    intervals: Intervals,
    max_wait: Duration,
    wake: Arc<Wake>,
    on_change: OnChange,
}

impl Watch {
    /// Sets the time between two polls. See [`Intervals`] for the default.
    pub fn interval(mut self, intervals: impl Into<Intervals>) -> Self {
        self.intervals = intervals.into();
        self
    }

    /// Calls `on_change` with the first state and with each change, the last one included. Use it to keep a row of your database
    /// current during [`until_closed`](Self::until_closed).
    ///
    /// ```no_run
    /// # use cashfree_vkyc::{Client, VerificationId, VideoKyc, WatchError};
    /// # use std::time::Duration;
    /// # fn store(vkyc: &VideoKyc) {}
    /// # async fn example(client: Client, id: VerificationId) -> Result<(), WatchError> {
    /// let watch = client.watch(&id).max_wait(Duration::from_secs(3600)).on_change(|vkyc| store(vkyc));
    /// let closed = watch.until_closed().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn on_change(mut self, on_change: impl Fn(&VideoKyc) + Send + Sync + 'static) -> Self {
        self.on_change = OnChange(Some(Arc::new(on_change)));
        self
    }

    /// Streams the current state, and then each change until the state is final: of status, sub-status, link, meeting, recording
    /// or remarks. A new signature of the recording link is not a change.
    ///
    /// Ends with an error as [`WatchErrorKind`] lists. Nothing follows an error.
    ///
    /// ```
    /// # use cashfree_vkyc::{Status, ReferenceId, sandbox::Sandbox};
    /// # use std::time::Duration;
    /// use futures_util::StreamExt as _;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = Sandbox::start().await?;
    /// # let mut done = Sandbox::published_sample();
    /// # (done.status, done.sub_status) = (Status::Expired, "VKYC_EXPIRED".into());
    /// # sandbox.put(done);
    /// # let client = sandbox.client()?;
    /// let mut changes = client.watch(ReferenceId(1358)).max_wait(Duration::from_secs(3600)).changes();
    /// while let Some(vkyc) = changes.next().await {
    ///     let vkyc = vkyc?;
    ///     println!("{}: {}", vkyc.status, vkyc.lifecycle().advice());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn changes(&self) -> Changes {
        Changes(Box::pin(self.poller().changes().fuse()))
    }

    /// Waits until the verification is closed: its status is a last one, with any sub-status. Prefer this method.
    ///
    /// A closed verification need not have passed: read `sub_status` and the remarks, or use [`OutcomeRules`].
    ///
    /// The future owns its data, so it can be spawned:
    ///
    /// ```no_run
    /// # use cashfree_vkyc::Watch;
    /// # async fn example(watch: Watch, event: cashfree_vkyc::webhook::Event) -> Result<(), Box<dyn std::error::Error>> {
    /// let closed = tokio::spawn(watch.until_closed());
    /// watch.feed(event);
    /// println!("{}", closed.await??.status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the time limit is reached, or a poll fails permanently; see [`WatchErrorKind`].
    pub fn until_closed(&self) -> impl Future<Output = Result<Response<VideoKyc>, WatchError>> + Send + use<> {
        self.poller().until(|vkyc| vkyc.lifecycle().is_closed())
    }

    /// Waits until the state is final: this version knows both status and sub-status as an end. For accounts whose final states
    /// are known.
    ///
    /// Cashfree has not published the sub-statuses of `AUDITOR_REVIEWED`, `COMPLETED` and `FAILED`. If your account uses some,
    /// [`until_closed`](Self::until_closed) ends and this method does not.
    ///
    /// # Errors
    /// As for [`until_closed`](Self::until_closed).
    pub fn until_final(&self) -> impl Future<Output = Result<Response<VideoKyc>, WatchError>> + Send + use<> {
        self.poller().until(|vkyc| vkyc.lifecycle().is_final())
    }

    /// Waits until your account's rules decide the outcome. It also ends if the verification is closed in a state without a rule,
    /// with [`Outcome::Undecided`]: check the state, and add a rule.
    ///
    /// ```no_run
    /// # use cashfree_vkyc::{Outcome, OutcomeRules, Watch, WatchError};
    /// # async fn example(watch: Watch) -> Result<(), WatchError> {
    /// let rules = OutcomeRules::default().rule("AUDITOR_REVIEWED", "APPROVED", Outcome::Passed);
    /// let (outcome, vkyc) = watch.until_outcome(&rules).await?;
    /// match outcome {
    ///     Outcome::Passed => println!("welcome"),
    ///     Outcome::Undecided => println!("look at {} / {}", vkyc.status, vkyc.sub_status),
    ///     other => println!("{other}"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// As for [`until_closed`](Self::until_closed).
    pub fn until_outcome(
        &self,
        rules: &OutcomeRules,
    ) -> impl Future<Output = Result<(Outcome, Response<VideoKyc>), WatchError>> + Send + use<> {
        let (rules, poller) = (rules.clone(), self.poller());
        async move {
            let is_over = |vkyc: &VideoKyc| rules.outcome(vkyc).is_decided() || vkyc.lifecycle().is_closed();
            let vkyc = poller.until(is_over).await?;
            Ok((rules.outcome(&vkyc), vkyc))
        }
    }

    /// Waits for a state for which `reached` returns true.
    ///
    /// ```
    /// # use cashfree_vkyc::{Client, Phase, ReferenceId, WatchError};
    /// # use std::time::Duration;
    /// # async fn example(client: Client) -> Result<(), WatchError> {
    /// let watch = client.watch(ReferenceId(1358)).max_wait(Duration::from_secs(900));
    /// let over = watch.until(|vkyc| vkyc.lifecycle().phase() >= Phase::Review).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If the time limit is reached, a poll fails permanently, or the verification ends in another state; see [`WatchErrorKind`].
    pub fn until<F>(&self, reached: F) -> impl Future<Output = Result<Response<VideoKyc>, WatchError>> + use<F>
    where
        F: FnMut(&VideoKyc) -> bool,
    {
        self.poller().until(reached)
    }

    /// Polls at once if a verified event is about this verification. Returns whether it is.
    ///
    /// The event does not replace the state, because it may be late. If the status lags behind the event, or the poll fails, a
    /// few more polls follow soon. Polls of a watch are at least 0.6 seconds apart, however many events arrive, and continue
    /// without events. For many watches, use [`Watches`].
    ///
    /// ```no_run
    /// # use cashfree_vkyc::{Watch, webhook::{Verifier, WebhookError}};
    /// fn receive(watch: &Watch, verifier: &Verifier, headers: &http::HeaderMap, body: &[u8]) -> Result<(), WebhookError> {
    ///     watch.feed(verifier.verify(headers, body)?);
    ///     Ok(())
    /// }
    /// ```
    pub fn feed(&self, event: impl Borrow<Event>) -> bool {
        let is_mine = event.borrow().data.is_meant_by(&self.verification);
        if is_mine {
            self.wake.wake();
        }
        is_mine
    }

    fn poller(&self) -> Poller<Target> {
        let counted = self.client.watches.join();
        let target = Target { client: self.client.clone(), verification: self.verification.clone(), _counted: counted };
        let poller = Poller::new(target, self.intervals.clone(), self.max_wait, Arc::clone(&self.wake));
        poller.on_change(self.on_change.clone())
    }
}

impl Watches {
    /// Adds a watch and returns it. Adding it or a clone of it again changes nothing.
    pub fn add(&self, watch: Watch) -> Watch {
        watch.wake.join(self, &watch.verification);
        watch
    }
}

/// The stream of [`Watch::changes`].
#[must_use = "a stream does nothing until it is polled"]
pub struct Changes(Pin<Box<dyn Stream<Item = Result<Response<VideoKyc>, WatchError>> + Send>>);

impl Stream for Changes {
    type Item = Result<Response<VideoKyc>, WatchError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }
}

/// The polled verification.
struct Target {
    client: Client,
    verification: VerificationRef,
    _counted: Arc<()>,
}

impl PollStatus for Target {
    async fn poll(&self, until: Instant, end: Instant) -> Result<Response<VideoKyc>, Error> {
        // A thousand watches may share the rate limit, so waiting for a slot does not fail the poll.
        let schedule = Schedule::WhenFree { until: Some(until), end: Some(end) };
        self.client.status(self.verification.clone()).schedule(schedule).await
    }

    fn least_interval(&self) -> Duration {
        self.client.watches.least_interval(self.client.transport().per_minute())
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Credentials, Environment, RateLimit};

    #[test]
    fn watches_leave_a_fifth_of_the_rate_limit_of_their_client_to_calls() {
        let credentials = Credentials::new("id", "secret").unwrap();
        let environment = Environment::custom("http://127.0.0.1:1").unwrap();
        let client =
            Client::builder().environment(environment).credentials(credentials).rate_limit(RateLimit::per_minute(60));
        let client = client.build().unwrap();
        let target = || Target {
            client: client.clone(),
            verification: crate::ReferenceId(1).into(),
            _counted: client.watches.join(),
        };
        let targets: Vec<_> = (0..80).map(|_| target()).collect();
        assert!(targets.iter().all(|target| target.least_interval() == Duration::from_secs(100)));
    }
}
