//! Many verifications at once: a stream with bounded concurrency, in the order in which answers come.
//!
//! ```text
//! ids ─▶ at most N calls under way (each waits for its slot of the client's rate limit) ─▶ (id, result)
//! ```
//!
//! Single calls of the client go before these, which take the slots that are left; the time of each begins when it has its
//! slot. Memory depends on N, not on how many ids there are: the next id is taken when a call has ended.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::stream::{FuturesUnordered, Stream};

use super::handle::Client;
use crate::model::{VerificationRef, VideoKyc};
use crate::transport::{Error, Pace, Response};

/// How many calls are under way at a time when nobody said.
const DEFAULT_CONCURRENCY: usize = 8;

type Outcome = (VerificationRef, Result<Response<VideoKyc>, Error>);
type Call = Pin<Box<dyn Future<Output = Outcome> + Send>>;

impl Client {
    /// Asks for the states of many verifications: a stream of each id with its result, as answers come.
    ///
    /// At most 8 calls are under way at a time (see [`Statuses::concurrency`]), under the client's rate limit if it has one.
    /// A failure is a result like any other and does not stop the rest. Memory does not grow with the number of ids.
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
    pub fn statuses<I>(&self, ids: I) -> Statuses<I::IntoIter>
    where
        I: IntoIterator,
        I::Item: Into<VerificationRef>,
    {
        Statuses::new(self.clone(), ids.into_iter())
    }
}

/// The stream of [`Client::statuses`].
#[must_use = "a stream does nothing until it is polled"]
pub struct Statuses<I> {
    client: Client,
    ids: Option<I>,
    concurrency: usize,
    calls: FuturesUnordered<Call>,
}

impl<I> Statuses<I> {
    pub(crate) fn new(client: Client, ids: I) -> Self {
        Self { client, ids: Some(ids), concurrency: DEFAULT_CONCURRENCY, calls: FuturesUnordered::new() }
    }

    /// How many calls are under way at a time. The default is 8; zero counts as one.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.concurrency = calls.max(1);
        self
    }
}

impl<I> Statuses<I>
where
    I: Iterator,
    I::Item: Into<VerificationRef>,
{
    /// Takes ids until enough calls are under way, or there are no more.
    fn fill(&mut self) {
        while self.calls.len() < self.concurrency {
            let Some(id) = self.ids.as_mut().and_then(Iterator::next) else {
                self.ids = None;
                return;
            };
            let (client, id) = (self.client.clone(), id.into());
            self.calls.push(Box::pin(async move {
                // A call's time begins when it is its turn, however many are queued before it.
                let result = client.status(id.clone()).pace(Pace::LeftOver { until: None, end: None }).await;
                (id, result)
            }));
        }
    }
}

impl<I> Stream for Statuses<I>
where
    I: Iterator + Unpin,
    I::Item: Into<VerificationRef>,
{
    type Item = Outcome;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Outcome>> {
        self.fill();
        Pin::new(&mut self.calls).poll_next(context)
    }
}

impl<I> fmt::Debug for Statuses<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Statuses")
            .field("concurrency", &self.concurrency)
            .field("under_way", &self.calls.len())
            .finish_non_exhaustive()
    }
}
