//! Waiting for a verification: ask now, then again at an interval that fits its phase, and at once when a webhook says so.
//!
//! ```text
//!           ┌──────────── interval of the phase, jittered ─────────────┐
//!           ▼                                                          │
//! start ─▶ poll ─▶ changed? ─▶ yield it ─▶ final? ─▶ end             │ no
//!           ▲ │ transient error: ride it out ──────────────────────────┤
//!           │ └ permanent error: end                                   │
//!  feed(event)                                     deadline: one last poll, then end
//! ```
//!
//! Polls take only what the client's rate limit has left over from calls, and at most four fifths of it: each watch waits the
//! longer, the more of them there are. So a client with [`RateLimit::STANDARD`](crate::RateLimit::STANDARD), 100 a minute, has
//! room for 80 polls a minute: 80 watches at the default interval of a minute, or 1,000 that look every 12 minutes and a half.
//! Webhooks that are fed to them do not wait for that.
//!
//! Nothing runs in the background: dropping the future or the stream ends it. Nothing has to be stored: a watch can be taken
//! up again with the id alone.

mod error;
mod intervals;
mod poller;
mod wake;
mod watches;

use std::borrow::Borrow;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};

pub use error::{WatchError, WatchErrorKind};
pub use intervals::Intervals;
pub use watches::Watches;

use super::handle::Client;
use crate::model::{IntoVerificationRef, Outcome, OutcomeRules, Phase, VerificationRef, VideoKyc};
use crate::transport::{Error, Priority, Response, Watching};
use crate::webhook::Event;
use poller::{Poll as PollStatus, Poller, Window};
use wake::Wake;

impl Client {
    /// Waits for a verification. Say how long with [`WatchBuilder::max_wait`].
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
    /// let vkyc = watch.until_final().await?;
    /// println!("{} / {}", vkyc.status, vkyc.sub_status);
    /// # Ok(())
    /// # }
    /// ```
    pub fn watch(&self, verification: impl IntoVerificationRef) -> WatchBuilder {
        WatchBuilder { client: self.clone(), verification: verification.into_ref(), intervals: Intervals::default() }
    }
}

/// A watch that has yet to be told how long it may take. [`Client::watch`] makes it.
#[derive(Clone)]
#[must_use = "a watch does nothing until it is awaited"]
pub struct WatchBuilder {
    client: Client,
    verification: VerificationRef,
    intervals: Intervals,
}

impl WatchBuilder {
    /// How long to wait in all. It has no default: an hour is much for a call that is running, and little for a customer
    /// who has a link for a month.
    ///
    /// When it is over, the status is asked for one last time, for which there are up to 5 seconds more; later than that, no
    /// watch ends, whatever the server or the rate limit does.
    pub fn max_wait(self, max_wait: Duration) -> Watch {
        let Self { client, verification, intervals } = self;
        Watch { client, verification, intervals, max_wait, wake: Arc::default() }
    }

    /// How long to wait between two polls. See [`Intervals`] for the default.
    pub fn interval(mut self, intervals: impl Into<Intervals>) -> Self {
        self.intervals = intervals.into();
        self
    }
}

/// Waits for one verification. Clones share what they are fed.
#[derive(Clone)]
#[must_use = "a watch does nothing until it is awaited"]
pub struct Watch {
    client: Client,
    verification: VerificationRef,
    intervals: Intervals,
    max_wait: Duration,
    wake: Arc<Wake>,
}

impl Watch {
    /// How long to wait between two polls. See [`Intervals`] for the default.
    pub fn interval(mut self, intervals: impl Into<Intervals>) -> Self {
        self.intervals = intervals.into();
        self
    }

    /// The state now, and then each change of it, until it is final: status, sub-status, link, meeting, recording or
    /// remarks. A recording's link that was merely signed anew is no change.
    ///
    /// Ends with an error as [`WatchErrorKind`] lists; nothing follows an error.
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

    /// Waits until the verification is final. That does not say that the customer passed: read `sub_status` and the
    /// remarks.
    ///
    /// A state that this version does not know is never final, also where its status alone would be; wait for such a one
    /// with [`until_closed`](Self::until_closed) or [`until`](Self::until).
    ///
    /// The future owns what it needs, so that it can be spawned as it is:
    ///
    /// ```no_run
    /// # use cashfree_vkyc::Watch;
    /// # async fn example(watch: Watch, event: cashfree_vkyc::webhook::Event) -> Result<(), Box<dyn std::error::Error>> {
    /// let state = tokio::spawn(watch.until_final());
    /// watch.feed(event);
    /// println!("{}", state.await??.status);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// When the time is over, or a poll fails for good; see [`WatchErrorKind`].
    pub fn until_final(&self) -> impl Future<Output = Result<Response<VideoKyc>, WatchError>> + Send + use<> {
        self.poller().until(|vkyc| vkyc.lifecycle().is_final())
    }

    /// Waits until the status says that nothing more will happen, whether or not this version knows the sub-status.
    ///
    /// Cashfree has not published the sub-statuses of `AUDITOR_REVIEWED`, `COMPLETED` and `FAILED`. Where your account's last
    /// states have one, [`until_final`](Self::until_final) does not end with it, and this does. All the more: it does not
    /// say that the customer passed.
    ///
    /// # Errors
    /// As for [`until_final`](Self::until_final).
    pub fn until_closed(&self) -> impl Future<Output = Result<Response<VideoKyc>, WatchError>> + Send + use<> {
        self.poller().until(|vkyc| vkyc.lifecycle().phase() == Phase::Closed)
    }

    /// Waits until it is decided how it ended for the customer, as your account's rules say. It also ends, with
    /// [`Outcome::Undecided`], where nothing more will happen and no rule is for the state: have a look at it, and add a rule.
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
    /// As for [`until_final`](Self::until_final).
    pub fn until_outcome(
        &self,
        rules: &OutcomeRules,
    ) -> impl Future<Output = Result<(Outcome, Response<VideoKyc>), WatchError>> + Send + use<> {
        let (rules, poller) = (rules.clone(), self.poller());
        async move {
            let is_over = |vkyc: &VideoKyc| vkyc.lifecycle().phase() == Phase::Closed;
            let vkyc = poller.until(|vkyc| rules.outcome(vkyc).is_decided() || is_over(vkyc)).await?;
            Ok((rules.outcome(&vkyc), vkyc))
        }
    }

    /// Waits until `reached` says so of a state.
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
    /// When the time is over, a poll fails for good, or the verification ends in another state; see [`WatchErrorKind`].
    pub fn until<F>(&self, reached: F) -> impl Future<Output = Result<Response<VideoKyc>, WatchError>> + use<F>
    where
        F: FnMut(&VideoKyc) -> bool,
    {
        self.poller().until(reached)
    }

    /// Takes note of a verified webhook: if it is about this verification, whoever waits polls at once, and `true` comes back.
    ///
    /// The event itself is not shown as a state, since it may be late; and should the status lag behind the event, or the poll
    /// fail, a few more follow soon. Polls of a watch stay at least 0.6 seconds apart, however many events come. Polling goes
    /// on, for the webhook that never comes. Where many watches wait, [`Watches`] knows which one it is.
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
        let watching = self.client.transport().watching();
        let target = Target { client: self.client.clone(), verification: self.verification.clone(), watching };
        Poller::new(target, self.intervals.clone(), self.max_wait, Arc::clone(&self.wake))
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

/// What is polled.
struct Target {
    client: Client,
    verification: VerificationRef,
    watching: Watching,
}

impl PollStatus for Target {
    async fn poll(&self, window: Window) -> Result<Response<VideoKyc>, Error> {
        // The client's rate limit may be shared with a thousand watches: waiting for a slot is no failure of the poll.
        let priority = Priority::Background { until: Some(window.until), end: Some(window.end) };
        self.client.status(self.verification.clone()).priority(priority).await
    }

    fn least_interval(&self) -> Duration {
        self.watching.least_interval()
    }
}

impl fmt::Debug for WatchBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchBuilder").field("intervals", &self.intervals).finish_non_exhaustive()
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("max_wait", &self.max_wait)
            .field("intervals", &self.intervals)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Changes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Changes").finish_non_exhaustive()
    }
}
