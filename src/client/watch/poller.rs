//! The sequence of polls: when each is due, and what its outcome means.

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
use super::wake::Wake;
use crate::model::{Phase, VideoKyc};
use crate::transport::{Error, Response, later};

/// What a server may ask a watch to wait, at the most: one that asks for days would make it deaf to events.
const LONGEST_ASKED: Duration = Duration::from_secs(600);

/// After an event: how soon to poll again when the poll failed, or saw what was there before. The status may lag behind.
const AFTER_EVENT: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(9)];

/// How long a poll that is under way at the deadline may take from its beginning, its wait for a slot included.
pub(super) const LAST_POLL: Duration = Duration::from_secs(5);

/// How many polls in a row may be answered by something that is not Cashfree, such as a gateway's page, before that ends a
/// watch.
const NON_API_RESPONSES: u32 = 5;

/// When a poll may happen.
#[derive(Clone, Copy)]
pub(super) struct Window {
    /// Until then, others may go first.
    pub(super) until: Instant,
    /// Then it is over.
    pub(super) end: Instant,
}

/// Asks for the state.
pub(super) trait Poll: Send + Sync {
    /// Asks once.
    fn poll(&self, window: Window) -> impl Future<Output = Result<Response<VideoKyc>, Error>> + Send;

    /// The least time between two polls, for the sake of all who share a rate limit.
    fn least_interval(&self) -> Duration;
}

/// One watch under way.
pub(super) struct Poller<P> {
    target: P,
    intervals: Intervals,
    max_wait: Duration,
    fed: Receiver<()>,
    /// Keeps `fed` open when the `Watch` is gone.
    _wake: Arc<Wake>,
    times: Option<Times>,
    progress: Progress,
    /// What is left of [`AFTER_EVENT`].
    soon: std::slice::Iter<'static, Duration>,
    /// Polls in a row that were answered by somebody else.
    non_api_responses: u32,
    /// No poll may follow.
    over: bool,
}

/// When things are due. Set by the first poll.
#[derive(Clone, Copy)]
struct Times {
    start: Instant,
    deadline: Instant,
    /// The next poll, if nothing wakes us.
    due: Instant,
    /// The next poll, if an event does.
    earliest: Instant,
    /// Before this, no poll keeps the rate limit; not even the last.
    floor: Instant,
}

impl Times {
    /// For a poll that begins now: it is cut at the deadline, or has its few seconds, of which the wait for others is no part.
    fn window(&self) -> Window {
        let soonest = Instant::now() + LAST_POLL;
        let end = self.deadline.max(soonest);
        Window { until: end - LAST_POLL, end }
    }
}

/// A state, and whether it differs from the one before.
pub(super) struct Observation {
    state: Response<VideoKyc>,
    is_change: bool,
}

impl<P: Poll> Poller<P> {
    pub(super) fn new(target: P, intervals: Intervals, max_wait: Duration, wake: Arc<Wake>) -> Self {
        let fed = wake.subscribe();
        let soon = [].iter();
        Self {
            target,
            intervals,
            max_wait,
            fed,
            _wake: wake,
            times: None,
            progress: Progress::default(),
            soon,
            non_api_responses: 0,
            over: false,
        }
    }

    /// Waits for a state that is `reached`.
    pub(super) async fn until(
        mut self,
        mut reached: impl FnMut(&VideoKyc) -> bool,
    ) -> Result<Response<VideoKyc>, WatchError> {
        loop {
            let Observation { state, .. } = self.next().await?;
            if reached(&state) {
                return Ok(state);
            }
            if state.lifecycle().is_final() {
                return Err(self.end(WatchErrorKind::Final));
            }
        }
    }

    /// The first state and each change, until one is final or something fails.
    pub(super) fn changes(self) -> impl Stream<Item = Result<Response<VideoKyc>, WatchError>> + Send
    where
        P: 'static,
    {
        unfold(Some(self), |poller| async move {
            let mut poller = poller?;
            loop {
                match poller.next().await {
                    Err(error) => return Some((Err(error), None)),
                    Ok(Observation { is_change: false, .. }) => {}
                    Ok(Observation { state, .. }) => {
                        let is_final = state.lifecycle().is_final();
                        return Some((Ok(state), (!is_final).then_some(poller)));
                    }
                }
            }
        })
    }

    /// Polls until a poll succeeds.
    async fn next(&mut self) -> Result<Observation, WatchError> {
        loop {
            if self.over {
                return Err(self.end(WatchErrorKind::ExceededMaxWait));
            }
            let times = self.wait().await;
            // What begins at the deadline is the last poll, and so is what is under way then.
            let last = times.deadline <= Instant::now();
            self.progress.polls += 1;
            let span = debug_span!(target: "cashfree_vkyc", "cashfree_vkyc.watch", poll = self.progress.polls);
            let window = times.window();
            let outcome = self.target.poll(window).instrument(span).await;
            let now = Instant::now();
            self.over = last || now >= times.deadline;
            match outcome {
                Ok(state) => return Ok(self.observe(state, now)),
                Err(error) if error.is_retryable() || self.may_pass(&error) => {
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

    /// Whether somebody between here and Cashfree answered, who may be gone at the next poll.
    fn may_pass(&mut self, error: &Error) -> bool {
        self.non_api_responses = if error.is_non_api_response() { self.non_api_responses + 1 } else { 0 };
        (1..NON_API_RESPONSES).contains(&self.non_api_responses)
    }

    /// Waits until a poll is due, or an event asks for one.
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

    fn observe(&mut self, state: Response<VideoKyc>, now: Instant) -> Observation {
        let is_change = self.progress.last.as_ref().is_none_or(|last| last.differs_from(&state));
        self.progress.last = Some((*state).clone());
        self.progress.error = None;
        self.non_api_responses = 0;
        if is_change {
            self.soon = [].iter();
        }
        self.schedule(now, None);
        Observation { state, is_change }
    }

    /// Sets when the next poll is due, after one that ended now.
    fn schedule(&mut self, now: Instant, asked: Option<Duration>) {
        let phase = self.progress.last.as_ref().map_or(Phase::Unknown, |last| last.lifecycle().phase());
        let asked = asked.unwrap_or_default().min(LONGEST_ASKED);
        let interval = self.intervals.draw(phase).max(self.target.least_interval());
        let wait = self.soon.next().map_or(interval, |soon| interval.min(*soon)).max(asked);
        let Some(times) = &mut self.times else { return };
        // What lies beyond all time is cut at the deadline anyway.
        let after = |wait: Duration| now.checked_add(wait).unwrap_or(times.deadline);
        (times.due, times.earliest) = (after(wait), after(Intervals::LEAST.max(asked)));
        times.floor = after(Intervals::LEAST);
    }

    /// Ends the watch with what was seen.
    fn end(&mut self, kind: WatchErrorKind) -> WatchError {
        self.over = true;
        let mut progress = std::mem::take(&mut self.progress);
        progress.elapsed = self.times.map_or(Duration::ZERO, |times| times.start.elapsed());
        WatchError::new(kind, progress)
    }
}

#[cfg(test)]
mod tests;
