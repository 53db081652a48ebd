//! The sequence of looks: when each is due, and what its outcome means.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::sync::watch::{Receiver, Sender};
use tokio::time::{Instant, sleep_until, timeout_at};
use tracing::{Instrument as _, debug_span};

use crate::watch::error::Seen;
use crate::watch::{Intervals, WatchError, WatchErrorKind};
use crate::{Error, Phase, Response, VideoKyc};

/// What a server may ask a watch to wait, at the most: one that asks for days would make it deaf to events.
const LONGEST_ASKED: Duration = Duration::from_secs(600);

/// After an event: how soon to look again when the look failed, or saw what was there before. The status may lag behind.
const AFTER_EVENT: [Duration; 3] = [Duration::from_secs(1), Duration::from_secs(3), Duration::from_secs(9)];

/// How long a look that is under way at the deadline may take from its beginning.
pub(super) const LAST_LOOK: Duration = Duration::from_secs(5);

/// Asks for the state once, for no longer than `limit`.
pub(super) trait Look: Send + Sync {
    fn look(&self, limit: Duration) -> impl Future<Output = Result<Response<VideoKyc>, Error>> + Send;
}

/// One watch under way.
pub(super) struct Looks<L> {
    target: L,
    intervals: Intervals,
    max_wait: Duration,
    fed: Receiver<()>,
    /// Keeps `fed` open when the `Watch` is gone.
    _wake: Arc<Sender<()>>,
    times: Option<Times>,
    seen: Seen,
    /// What is left of [`AFTER_EVENT`].
    soon: std::slice::Iter<'static, Duration>,
    /// No look may follow.
    over: bool,
}

/// When things are due. Set by the first look.
#[derive(Clone, Copy)]
struct Times {
    start: Instant,
    deadline: Instant,
    /// The next look, if nothing wakes us.
    due: Instant,
    /// The next look, if an event does.
    earliest: Instant,
    /// Before this, no look keeps the rate limit; not even the last.
    floor: Instant,
}

/// A state, and whether it differs from the one before.
pub(super) struct Sight {
    state: Response<VideoKyc>,
    is_change: bool,
}

impl<L: Look> Looks<L> {
    pub(super) fn new(target: L, intervals: Intervals, max_wait: Duration, wake: Arc<Sender<()>>) -> Self {
        let fed = wake.subscribe();
        let soon = [].iter();
        Self { target, intervals, max_wait, fed, _wake: wake, times: None, seen: Seen::default(), soon, over: false }
    }

    /// Waits for a state that is `reached`.
    pub(super) async fn until(
        mut self,
        mut reached: impl FnMut(&VideoKyc) -> bool,
    ) -> Result<Response<VideoKyc>, WatchError> {
        loop {
            let Sight { state, .. } = self.next().await?;
            if reached(&state) {
                return Ok(state);
            }
            if state.lifecycle().is_settled() {
                return Err(self.end(WatchErrorKind::Settled));
            }
        }
    }

    /// The first state and each change, until one is settled or something fails.
    pub(super) fn changes(self) -> impl Stream<Item = Result<Response<VideoKyc>, WatchError>> + Send
    where
        L: 'static,
    {
        unfold(Some(self), |looks| async move {
            let mut looks = looks?;
            loop {
                match looks.next().await {
                    Err(error) => return Some((Err(error), None)),
                    Ok(Sight { is_change: false, .. }) => {}
                    Ok(Sight { state, .. }) => {
                        let settled = state.lifecycle().is_settled();
                        return Some((Ok(state), (!settled).then_some(looks)));
                    }
                }
            }
        })
    }

    /// Looks until a look succeeds.
    async fn next(&mut self) -> Result<Sight, WatchError> {
        loop {
            if self.over {
                return Err(self.end(WatchErrorKind::ExceededMaxWait));
            }
            let times = self.wait().await;
            // What begins at the deadline is the last look, and so is what is under way then.
            let left = times.deadline.saturating_duration_since(Instant::now());
            let last = left.is_zero();
            self.seen.looks += 1;
            let span = debug_span!(target: "cashfree_vkyc", "cashfree_vkyc.watch", poll = self.seen.looks);
            let outcome = self.target.look(left.max(LAST_LOOK)).instrument(span).await;
            let now = Instant::now();
            self.over = last || now >= times.deadline;
            match outcome {
                Ok(state) => return Ok(self.saw(state, now)),
                Err(error) if error.is_retryable() => {
                    self.schedule(now, error.retry_after());
                    self.seen.error = Some(error);
                }
                Err(error) => {
                    self.seen.error = Some(error);
                    return Err(self.end(WatchErrorKind::Failed));
                }
            }
        }
    }

    /// Waits until a look is due, or an event asks for one.
    async fn wait(&mut self) -> Times {
        let Some(times) = self.times else {
            let start = Instant::now();
            let far = || start + Duration::from_secs(u64::from(u32::MAX));
            let deadline = start.checked_add(self.max_wait).unwrap_or_else(far);
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

    fn saw(&mut self, state: Response<VideoKyc>, now: Instant) -> Sight {
        let is_change = self.seen.last.as_ref().is_none_or(|last| differ(last, &state));
        self.seen.last = Some((*state).clone());
        self.seen.error = None;
        if is_change {
            self.soon = [].iter();
        }
        self.schedule(now, None);
        Sight { state, is_change }
    }

    /// Sets when the next look is due, after one that ended now.
    fn schedule(&mut self, now: Instant, asked: Option<Duration>) {
        let phase = self.seen.last.as_ref().map_or(Phase::Unknown, |last| last.lifecycle().phase());
        let asked = asked.unwrap_or_default().min(LONGEST_ASKED);
        let interval = self.intervals.draw(phase);
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
        let mut seen = std::mem::take(&mut self.seen);
        seen.elapsed = self.times.map_or(Duration::ZERO, |times| times.start.elapsed());
        WatchError::new(kind, seen)
    }
}

/// Whether something moved that a person would want to know of. A recording's link is signed anew for every answer, so only
/// where it leads counts.
fn differ(old: &VideoKyc, new: &VideoKyc) -> bool {
    let recording = |vkyc: &VideoKyc| {
        vkyc.recording_link.as_ref().map(|link| link.expose().split('?').next().unwrap_or_default().to_owned())
    };
    (&old.status, &old.sub_status) != (&new.status, &new.sub_status)
        || (&old.vkyc_link, &old.link_expiry) != (&new.vkyc_link, &new.link_expiry)
        || old.meeting_schedule != new.meeting_schedule
        || recording(old) != recording(new)
        || (&old.agent_remarks, &old.auditor_remarks) != (&new.agent_remarks, &new.auditor_remarks)
}

#[cfg(test)]
mod tests;
