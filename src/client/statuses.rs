//! Many verifications at once: a stream with bounded concurrency, in the order in which answers come.
//!
//! ```text
//! ids ─▶ at most N calls under way (each waits for its slot of the client's rate limit) ─▶ (id, result)
//!  ▲                    │ 429: no further call until then (`pause.rs`)
//!  └── asked again ◀────┘
//! ```
//!
//! Single calls of the client go before these, which take the slots that are left; the time of each begins when it has its
//! slot. Memory depends on N, not on how many ids there are: the next id is taken when a call has ended.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{FuturesUnordered, Stream};

use super::handle::Client;
use super::pause::Pause;
use crate::model::{IntoVerificationRef, VideoKyc};
use crate::transport::{Error, ErrorKind, Priority, Response};

/// How many calls are under way at a time when nobody said.
const DEFAULT_CONCURRENCY: usize = 8;

/// How often an id is asked for when all that comes is 429.
const MOST_ASKED: u32 = 5;

type Answer = Result<Response<VideoKyc>, Error>;
/// A call, with the number of what it asks for.
type Call = Pin<Box<dyn Future<Output = (u64, Answer)> + Send>>;

impl Client {
    /// Asks for the states of many verifications: a stream of what was passed in with its result, as answers come.
    ///
    /// At most 8 calls are under way at a time (see [`Statuses::concurrency`]), under the client's rate limit if it has one.
    /// A failure is a result like any other and does not stop the rest. Memory does not grow with the number of ids.
    ///
    /// A 429 is a sign for all of them: no further call begins until the time that the server asks to wait is over (or 5
    /// seconds, then 10, 20 and so on, where it says nothing), and the id is asked for again, up to 5 times in all, whatever
    /// the policy of retries says.
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
    /// Whatever names a verification comes back as it was, with what else it carries:
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
            ids: Some(ids.into_iter()),
            concurrency: DEFAULT_CONCURRENCY,
            calls: FuturesUnordered::new(),
            asked: HashMap::new(),
            again: VecDeque::new(),
            begun: 0,
            pause: Pause::default(),
        }
    }
}

/// The stream of [`Client::statuses`].
#[must_use = "a stream does nothing until it is polled"]
pub struct Statuses<I: Iterator> {
    client: Client,
    ids: Option<I>,
    concurrency: usize,
    calls: FuturesUnordered<Call>,
    /// What the calls ask for, by number.
    asked: HashMap<u64, Asked<I::Item>>,
    /// What met a 429.
    again: VecDeque<Asked<I::Item>>,
    begun: u64,
    pause: Pause,
}

/// What was passed in, and how often it was tried.
struct Asked<T> {
    item: T,
    times: u32,
    attempts: u32,
}

impl<I: Iterator> Statuses<I> {
    /// How many calls are under way at a time. The default is 8; zero counts as one.
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
    /// Takes ids until enough calls are under way, or there are no more.
    fn fill(&mut self) {
        while self.calls.len() < self.concurrency {
            let Some(asked) = self.again.pop_front().or_else(|| self.next_id()) else { return };
            self.begun += 1;
            let (number, client, verification) = (self.begun, self.client.clone(), asked.item.clone().into_ref());
            self.asked.insert(number, asked);
            self.calls.push(Box::pin(async move {
                // Whoever meets a 429 has all calls wait, so none is tried again for it by itself.
                let retry = client.transport().limits().retry.clone().unless(ErrorKind::RateLimited);
                // A call's time begins when it is its turn, however many are queued before it.
                let priority = Priority::Background { until: None, end: None };
                (number, client.status(verification).retry(retry).priority(priority).await)
            }));
        }
    }

    fn next_id(&mut self) -> Option<Asked<I::Item>> {
        match self.ids.as_mut()?.next() {
            Some(item) => Some(Asked { item, times: 0, attempts: 0 }),
            None => {
                self.ids = None;
                None
            }
        }
    }

    /// Whether there is anything left to ask for, so that the end does not wait for a pause.
    fn has_more(&mut self) -> bool {
        if self.again.is_empty() {
            let next = self.next_id();
            self.again.extend(next);
        }
        !self.again.is_empty()
    }

    /// What came of a call. `None` when it is asked for again.
    fn ended(&mut self, number: u64, answer: Answer) -> Option<(I::Item, Answer)> {
        let Asked { item, times, attempts } = self.asked.remove(&number)?;
        let (times, earlier) = (times + 1, attempts);
        match answer {
            Err(error) if error.kind() == ErrorKind::RateLimited => {
                self.pause.begin(error.retry_after());
                let attempts = earlier + error.attempts();
                if times < MOST_ASKED {
                    self.again.push_back(Asked { item, times, attempts });
                    return None;
                }
                Some((item, Err(error.with_attempts(attempts))))
            }
            Err(error) => {
                let attempts = earlier + error.attempts();
                Some((item, Err(error.with_attempts(attempts))))
            }
            Ok(response) => {
                self.pause.answered();
                Some((item, Ok(response.after_attempts(earlier))))
            }
        }
    }
}

/// Nothing in it is pinned but what lies in boxes.
impl<I: Iterator + Unpin> Unpin for Statuses<I> {}

impl<I> Stream for Statuses<I>
where
    I: Iterator + Unpin,
    I::Item: IntoVerificationRef + Clone,
{
    type Item = (I::Item, Result<Response<VideoKyc>, Error>);

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            let pauses = this.pause.poll(context).is_pending();
            if !pauses {
                this.fill();
            }
            match Pin::new(&mut this.calls).poll_next(context) {
                Poll::Ready(Some((number, answer))) => {
                    if let Some(ended) = this.ended(number, answer) {
                        return Poll::Ready(Some(ended));
                    }
                }
                Poll::Ready(None) if pauses && this.has_more() => return Poll::Pending,
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
