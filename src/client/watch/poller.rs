//! The sequence of polls: when each is due, and what its outcome means.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::watch::Receiver;
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::{Instrument as _, debug_span};

use super::error::{Progress, WatchError, WatchErrorKind};
use super::intervals::Intervals;
use super::watches::Wake;
use crate::model::VideoKyc;
use crate::transport::{DEFAULT_ATTEMPT_TIMEOUT, Error, Response, later};

/// The waits after an event, while polls fail or return the old state: the status may lag behind the event.
const AFTER_EVENT: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(9)];

/// The longest time of a poll that is in progress at the deadline, with its wait for a slot.
pub(super) const LAST_POLL: Duration = Duration::from_secs(5);

/// The shortest time that a slot must leave for its poll. The watch does not wait for a later slot.
const LEAST_TIME: Duration = Duration::from_secs(1);

/// A watch ends after this many consecutive responses that are not Cashfree's, such as a gateway's page.
const NON_API_RESPONSES: u32 = 5;

/// The effect of a watch: one request for the state.
pub(super) trait Poll: Send + Sync {
    /// Polls once. Until `until`, other calls get slots first. The poll ends at `end`.
    fn poll(&self, until: Instant, end: Instant) -> impl Future<Output = Result<Response<VideoKyc>, Error>> + Send;

    /// Returns the shortest time between two polls, so that all watches together keep the rate limit.
    fn least_interval(&self) -> Duration;
}

/// The caller's function for each change.
#[derive(Clone, Default)]
pub(super) struct OnChange(pub(super) Option<Arc<Callback>>);

type Callback = dyn Fn(&VideoKyc) + Send + Sync;

impl fmt::Debug for OnChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "set" } else { "none" })
    }
}

/// One watch in progress.
pub(super) struct Poller<P> {
    target: P,
    intervals: Intervals,
    max_wait: Duration,
    on_change: OnChange,
    fed: Receiver<()>,
    /// Keeps `fed` open after the `Watch` is dropped.
    _wake: Arc<Wake>,
    times: Option<Times>,
    progress: Progress,
    /// The time of the last change.
    changed: Option<Instant>,
    /// The rest of [`AFTER_EVENT`].
    soon: std::slice::Iter<'static, Duration>,
    /// Consecutive responses that were not Cashfree's.
    non_api_responses: u32,
    /// The time since which a verification that was seen before is not found.
    missing_since: Option<Instant>,
    /// Whether no poll may follow.
    over: bool,
}

/// The times of the next polls. Set by the first poll.
#[derive(Clone, Copy)]
struct Times {
    start: Instant,
    deadline: Instant,
    /// The next poll without an event.
    due: Instant,
    /// The next poll after an event.
    earliest: Instant,
    /// The earliest time of any poll, even of the last one, because of the rate limit.
    floor: Instant,
}

impl<P: Poll> Poller<P> {
    pub(super) fn new(target: P, intervals: Intervals, max_wait: Duration, wake: Arc<Wake>) -> Self {
        Self {
            target,
            intervals,
            max_wait,
            on_change: OnChange::default(),
            fed: wake.subscribe(),
            _wake: wake,
            times: None,
            progress: Progress::default(),
            changed: None,
            soon: [].iter(),
            non_api_responses: 0,
            missing_since: None,
            over: false,
        }
    }

    pub(super) fn on_change(self, on_change: OnChange) -> Self {
        Self { on_change, ..self }
    }

    /// Waits for a state for which `reached` is true.
    pub(super) async fn until(
        mut self,
        mut reached: impl FnMut(&VideoKyc) -> bool,
    ) -> Result<Response<VideoKyc>, WatchError> {
        loop {
            let (state, _) = self.next().await?;
            if reached(&state) {
                return Ok(state);
            }
            if state.lifecycle().is_final() {
                return Err(self.end(WatchErrorKind::Final));
            }
        }
    }

    /// Streams the first state and each change, until one is final or a poll fails permanently.
    pub(super) fn changes(self) -> impl Stream<Item = Result<Response<VideoKyc>, WatchError>> + Send
    where
        P: 'static,
    {
        unfold(Some(self), |poller| async move {
            let mut poller = poller?;
            loop {
                match poller.next().await {
                    Err(error) => return Some((Err(error), None)),
                    Ok((_, false)) => {}
                    Ok((state, true)) => {
                        let is_final = state.lifecycle().is_final();
                        return Some((Ok(state), (!is_final).then_some(poller)));
                    }
                }
            }
        })
    }

    /// Polls until a poll succeeds. Returns the state, and whether it differs from the previous one.
    async fn next(&mut self) -> Result<(Response<VideoKyc>, bool), WatchError> {
        loop {
            if self.over {
                return Err(self.end(WatchErrorKind::ExceededMaxWait));
            }
            let times = self.wait().await;
            self.progress.polls += 1;
            let span = debug_span!(target: "cashfree_vkyc", "cashfree_vkyc.watch", poll = self.progress.polls);
            // A poll ends at the deadline, but has at least a few seconds, not counting the wait for other calls.
            let end = times.deadline.max(Instant::now() + LAST_POLL);
            let outcome = self.target.poll(end - LEAST_TIME, end).instrument(span).await;
            let now = Instant::now();
            // A poll that ends after the deadline is the last one.
            self.over = now >= times.deadline;
            match outcome {
                Ok(state) => return Ok(self.observe(state, now)),
                Err(error) if error.is_retryable() || error.is_pending() || self.is_tolerated(&error, now) => {
                    self.schedule(now, error.retry_after());
                    self.progress.error = Some(error);
                }
                Err(error) => {
                    self.progress.error = Some(error);
                    return Err(self.end(WatchErrorKind::Failed));
                }
            }
        }
    }

    /// Whether the next response may differ: this one is not Cashfree's, or it does not find a verification that was seen before.
    fn is_tolerated(&mut self, error: &Error, now: Instant) -> bool {
        if error.is_not_found() && self.progress.last.is_some() {
            if self.missing_since.is_none() {
                self.soon = AFTER_EVENT.iter();
            }
            return now.duration_since(*self.missing_since.get_or_insert(now)) < DEFAULT_ATTEMPT_TIMEOUT;
        }
        self.non_api_responses = if error.is_non_api_response() { self.non_api_responses + 1 } else { 0 };
        (1..NON_API_RESPONSES).contains(&self.non_api_responses)
    }

    /// Waits until a poll is due, or an event requests one.
    async fn wait(&mut self) -> Times {
        let Some(times) = self.times else {
            let start = Instant::now();
            let deadline = later(start, self.max_wait);
            return *self.times.insert(Times { start, deadline, due: start, earliest: start, floor: start });
        };
        if timeout_at(times.due.min(times.deadline), self.fed.changed()).await.is_ok() {
            sleep_until(times.earliest.min(times.deadline)).await;
            self.fed.mark_unchanged();
            self.soon = AFTER_EVENT.iter();
        }
        sleep_until(times.floor).await;
        times
    }

    fn observe(&mut self, state: Response<VideoKyc>, now: Instant) -> (Response<VideoKyc>, bool) {
        let is_change = self.progress.last.as_ref().is_none_or(|last| last.differs_from(&state));
        self.progress.last = Some((*state).clone());
        self.progress.error = None;
        self.non_api_responses = 0;
        self.missing_since = None;
        if is_change {
            if let OnChange(Some(on_change)) = &self.on_change {
                on_change(&state);
            }
            self.changed = Some(now);
            self.soon = [].iter();
        }
        self.schedule(now, None);
        (state, is_change)
    }

    /// Sets when the next poll is due, after one that ended at `now`.
    fn schedule(&mut self, now: Instant, asked: Option<Duration>) {
        let state = self.progress.last.as_ref().map(VideoKyc::lifecycle);
        let unchanged_for = self.changed.map_or(Duration::ZERO, |changed| now.duration_since(changed));
        let asked = asked.unwrap_or_default();
        let interval = self.intervals.draw(state, unchanged_for).max(self.target.least_interval());
        let wait = self.soon.next().map_or(interval, |soon| interval.min(*soon)).max(asked);
        let Some(times) = &mut self.times else { return };
        // A time that overflows is replaced by the deadline.
        let after = |wait: Duration| now.checked_add(wait).unwrap_or(times.deadline);
        (times.due, times.earliest) = (after(wait), after(Intervals::LEAST.max(asked)));
        times.floor = after(Intervals::LEAST);
    }

    /// Returns the error with the progress so far.
    fn end(&mut self, kind: WatchErrorKind) -> WatchError {
        let mut progress = Box::new(std::mem::take(&mut self.progress));
        progress.elapsed = self.times.map_or(Duration::ZERO, |times| times.start.elapsed());
        WatchError { kind, progress }
    }
}

#[cfg(test)]
mod tests;
