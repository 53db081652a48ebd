//! Many status calls at once: a stream with bounded concurrency, in the order of the responses.
//!
//! ```text
//! ids ─▶ at most N concurrent calls (each waits for its slot of the client's rate limit) ─▶ (id, result)
//!  ▲                    │ 429: no further call during a pause
//!  └── asked again ◀────┘
//! ```
//!
//! Single calls of the client take slots first; these take the rest. The time limit of each starts with its slot. Memory depends
//! on N, not on the number of ids: the next id is taken when a call has ended.

use std::collections::VecDeque;
use std::fmt;
use std::future::IntoFuture as _;
use std::iter::{Fuse, Peekable};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::{BoxFuture, Join, Ready, join, ready};
use futures_util::stream::{FuturesUnordered, Stream};
use tokio::time::{Instant, Sleep, sleep_until};

use super::Client;
use crate::model::{IntoVerificationRef, VideoKyc};
use crate::transport::{Error, ErrorKind, Response, Schedule, later};

/// The default number of concurrent calls.
const DEFAULT_CONCURRENCY: usize = 8;

/// How often an id is asked for if every response is a 429.
const MOST_ASKED: u32 = 5;

type StatusResult = Result<Response<VideoKyc>, Error>;

/// A call, with its item.
type Call<T> = Join<Ready<Asked<T>>, BoxFuture<'static, StatusResult>>;

impl Client {
    /// Asks for the states of many verifications. Returns a stream of each item with its result, in the order of the responses.
    ///
    /// At most 8 calls run at a time (see [`Statuses::concurrency`]), under the client's rate limit if it has one. A failure is a
    /// result like any other and does not stop the rest. Memory does not grow with the number of ids.
    ///
    /// A 429 applies to all of them: no further call begins until the wait that the server asks for is over (by default 5
    /// seconds, then 10, 20 and so on). The id is asked for again, up to 5 times in total, independent of the retry policy.
    ///
    /// ```
    /// # use cashfree_vkyc::{ReferenceId, sandbox::Sandbox};
    /// use futures_util::StreamExt as _;
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sandbox = Sandbox::start().await?;
    /// # sandbox.put(Sandbox::published_sample());
    /// # let client = sandbox.client()?;
    /// let mut statuses = client.statuses([ReferenceId(1358), ReferenceId(404)]);
    /// while let Some((id, result)) = statuses.next().await {
    ///     match result {
    ///         Ok(vkyc) => println!("{id}: {}", vkyc.status),
    ///         Err(error) => println!("{id}: {error}"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// An item may be any value that names a verification, and is returned unchanged:
    ///
    /// ```
    /// # use cashfree_vkyc::{Client, ReferenceId, VerificationRef};
    /// # use futures_util::StreamExt as _;
    /// #[derive(Clone)]
    /// struct Case { row: u32, reference_id: i64 }
    ///
    /// impl From<Case> for VerificationRef {
    ///     fn from(case: Case) -> Self {
    ///         ReferenceId(case.reference_id).into()
    ///     }
    /// }
    ///
    /// async fn sweep(client: Client, cases: Vec<Case>) {
    ///     let mut statuses = client.statuses(cases);
    ///     while let Some((case, result)) = statuses.next().await {
    ///         println!("row {}: {}", case.row, if result.is_ok() { "known" } else { "failed" });
    ///     }
    /// }
    /// ```
    pub fn statuses<I>(&self, ids: I) -> Statuses<I::IntoIter>
    where
        I: IntoIterator,
        I::Item: IntoVerificationRef + Clone,
    {
        Statuses {
            client: self.clone(),
            ids: ids.into_iter().fuse().peekable(),
            concurrency: DEFAULT_CONCURRENCY,
            calls: FuturesUnordered::new(),
            again: VecDeque::new(),
            pause: Pause::default(),
        }
    }
}

/// The stream of [`Client::statuses`].
#[must_use = "a stream does nothing until it is polled"]
pub struct Statuses<I: Iterator> {
    client: Client,
    ids: Peekable<Fuse<I>>,
    concurrency: usize,
    calls: FuturesUnordered<Call<I::Item>>,
    /// Items whose call got a 429.
    again: VecDeque<Asked<I::Item>>,
    pause: Pause,
}

/// An item, and how often it was asked for.
struct Asked<T> {
    item: T,
    times: u32,
    attempts: u32,
}

impl<I: Iterator> Statuses<I> {
    /// Limits the number of concurrent calls. The default is 8; zero counts as one.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.concurrency = calls.max(1);
        self
    }
}

impl<I> Statuses<I>
where
    I: Iterator,
    I::Item: IntoVerificationRef + Clone,
{
    /// Begins calls until enough are running, or no ids are left.
    fn fill(&mut self) {
        while self.calls.len() < self.concurrency {
            let new = || self.ids.next().map(|item| Asked { item, times: 0, attempts: 0 });
            let Some(asked) = self.again.pop_front().or_else(new) else { return };
            // A 429 pauses all calls, so a single call does not retry it.
            let retry = self.client.transport().limits().retry.clone().unless(ErrorKind::RateLimited);
            // The time limit of a call starts with its slot, however many are queued before it.
            let schedule = Schedule::WhenFree { until: None, end: None };
            let call = self.client.status(asked.item.clone()).retry(retry).schedule(schedule);
            self.calls.push(join(ready(asked), call.into_future()));
        }
    }

    /// Handles the result of a call. `None` if its item is asked for again.
    fn ended(&mut self, mut asked: Asked<I::Item>, result: StatusResult) -> Option<(I::Item, StatusResult)> {
        let error = match result {
            Ok(response) => {
                self.pause.reset();
                return Some((asked.item, Ok(response.after_attempts(asked.attempts))));
            }
            Err(error) => error,
        };
        asked.times += 1;
        asked.attempts += error.attempts();
        if error.kind() == ErrorKind::RateLimited {
            self.pause.begin(error.retry_after());
            if asked.times < MOST_ASKED {
                self.again.push_back(asked);
                return None;
            }
        }
        Some((asked.item, Err(error.with_attempts(asked.attempts))))
    }
}

/// Only boxed futures are pinned.
impl<I: Iterator + Unpin> Unpin for Statuses<I> {}

impl<I> Stream for Statuses<I>
where
    I: Iterator + Unpin,
    I::Item: IntoVerificationRef + Clone,
{
    type Item = (I::Item, StatusResult);

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            let pauses = this.pause.poll(context).is_pending();
            if !pauses {
                this.fill();
            }
            match Pin::new(&mut this.calls).poll_next(context) {
                Poll::Ready(Some((asked, result))) => {
                    if let Some(ended) = this.ended(asked, result) {
                        return Poll::Ready(Some(ended));
                    }
                }
                // The stream can end during a pause.
                Poll::Ready(None) if pauses && (!this.again.is_empty() || this.ids.peek().is_some()) => {
                    return Poll::Pending;
                }
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }
}

impl<I: Iterator> fmt::Debug for Statuses<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statuses")
            .field("concurrency", &self.concurrency)
            .field("under_way", &self.calls.len())
            .finish_non_exhaustive()
    }
}

/// The first pause if the server names none. It doubles until a success, so that a few pauses exceed the minute over which
/// Cashfree counts.
const FIRST: Duration = Duration::from_secs(5);

/// The longest pause if the server names none.
const LONGEST: Duration = Duration::from_secs(60);

/// The pause after a 429, which applies to all calls.
struct Pause {
    over: Option<Pin<Box<Sleep>>>,
    /// The next pause if the server names none.
    next: Duration,
}

impl Default for Pause {
    fn default() -> Self {
        Self { over: None, next: FIRST }
    }
}

impl Pause {
    /// Begins a pause after a 429, which may ask for a wait. During a pause it can only extend it.
    fn begin(&mut self, asked: Option<Duration>) {
        let wait = match asked {
            Some(asked) => asked,
            // Another call of the same burst.
            None if self.over.is_some() => return,
            None => {
                let doubled = (self.next * 2).min(LONGEST);
                std::mem::replace(&mut self.next, doubled)
            }
        };
        let until = later(Instant::now(), wait);
        match &mut self.over {
            Some(over) if over.deadline() >= until => {}
            Some(over) => over.as_mut().reset(until),
            None => self.over = Some(Box::pin(sleep_until(until))),
        }
    }

    /// Resets the doubling after a success.
    fn reset(&mut self) {
        self.next = FIRST;
    }

    /// Ready if there is no pause. Otherwise the task is woken at its end.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(over) = &mut self.over else { return Poll::Ready(()) };
        if over.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.over = None;
        Poll::Ready(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the remaining pause, in seconds.
    async fn rest(pause: &mut Pause) -> u64 {
        let start = Instant::now();
        std::future::poll_fn(|context| pause.poll(context)).await;
        start.elapsed().as_secs()
    }

    #[tokio::test(start_paused = true)]
    async fn the_pause_is_as_long_as_the_server_asks() {
        let mut pause = Pause::default();
        assert_eq!(rest(&mut pause).await, 0);
        for asked in [0, 7, 60] {
            pause.begin(Some(Duration::from_secs(asked)));
            assert_eq!(rest(&mut pause).await, asked);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_time_of_the_server_the_pause_doubles_until_a_success() {
        let mut pause = Pause::default();
        for waits in [5, 10, 20, 40, 60, 60] {
            pause.begin(None);
            pause.begin(None);
            assert_eq!(rest(&mut pause).await, waits, "a burst is one");
        }
        pause.reset();
        pause.begin(None);
        assert_eq!(rest(&mut pause).await, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn the_others_of_a_burst_do_not_extend_it() {
        let mut pause = Pause::default();
        pause.begin(None);
        tokio::time::sleep(Duration::from_secs(3)).await;
        pause.begin(None);
        assert_eq!(rest(&mut pause).await, 2);
        pause.begin(None);
        assert_eq!(rest(&mut pause).await, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn another_refusal_of_the_burst_only_lengthens_the_pause() {
        let mut pause = Pause::default();
        for seconds in [9, 12, 4] {
            pause.begin(Some(Duration::from_secs(seconds)));
        }
        assert_eq!(rest(&mut pause).await, 12);
    }
}
