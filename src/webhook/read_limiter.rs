//! How many bodies are read at the same time, and for how long (feature `axum`).
//!
//! ```text
//! a place is free ─▶ read ─▶ leave
//! none is free ────▶ whoever reads the longest is sent away, and his place is waited for
//! ```
//!
//! An honest body is there within milliseconds. So who reads the longest is who stalls, and senders that stall keep nobody out,
//! however many they are. Who is sent away has left before the next one reads, so the bound is never exceeded.

use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit, oneshot};

use super::error::WebhookError;

/// The places at which bodies are read. Clones are the same places.
#[derive(Clone)]
pub(super) struct ReadLimiter(Arc<Inner>);

struct Inner {
    count: usize,
    free: Semaphore,
    readers: Mutex<Readers>,
}

/// Who is reading, by a number that grows: the first is who reads the longest. What is dropped sends him away.
#[derive(Default)]
struct Readers {
    next: u64,
    present: BTreeMap<u64, oneshot::Sender<()>>,
}

impl ReadLimiter {
    /// As many places; none counts as one.
    pub(super) fn new(count: usize) -> Self {
        let count = count.clamp(1, Semaphore::MAX_PERMITS);
        Self(Arc::new(Inner { count, free: Semaphore::new(count), readers: Mutex::default() }))
    }

    /// Runs `work`, which reads a body, at a place and within a time, which counts from the wait for the place.
    pub(super) async fn read<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, WebhookError>>,
    ) -> Result<T, WebhookError> {
        let mut work = pin!(self.at_a_place(work));
        // Mostly the body is there already: then no timer is set up.
        if let Poll::Ready(done) = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
            return done;
        }
        tokio::time::timeout(limit, work).await.unwrap_or(Err(WebhookError::TooSlow { limit }))
    }

    async fn at_a_place<T>(&self, work: impl Future<Output = Result<T, WebhookError>>) -> Result<T, WebhookError> {
        // What is dropped last is the permit: by then the body is gone.
        let _permit = self.0.permit().await?;
        let mut place = self.0.take();
        let mut work = pin!(work);
        poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(done),
            Poll::Pending => Pin::new(&mut place.evicted).poll(context).map(|_| Err(WebhookError::TooBusy)),
        })
        .await
    }
}

impl Inner {
    /// A place, if need be of whoever reads the longest. Where all of them are leaving for others already, it is too busy.
    async fn permit(&self) -> Result<SemaphorePermit<'_>, WebhookError> {
        if let Ok(permit) = self.free.try_acquire() {
            return Ok(permit);
        }
        drop(self.readers().present.pop_first().ok_or(WebhookError::TooBusy)?);
        self.free.acquire().await.map_err(|_closed| WebhookError::TooBusy)
    }

    fn take(&self) -> Place<'_> {
        let (sender, evicted) = oneshot::channel();
        let mut readers = self.readers();
        let number = readers.next;
        readers.next += 1;
        readers.present.insert(number, sender);
        Place { inner: self, number, evicted }
    }

    /// No panic of ours can leave them half done.
    fn readers(&self) -> MutexGuard<'_, Readers> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one reader, left when it is dropped.
struct Place<'a> {
    inner: &'a Inner,
    number: u64,
    evicted: oneshot::Receiver<()>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.inner.readers().present.remove(&self.number);
    }
}

impl fmt::Debug for ReadLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0.count, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    async fn stall() -> Result<(), WebhookError> {
        std::future::pending().await
    }

    /// A reader that stalls, at its place.
    async fn staller(places: &ReadLimiter, limit: Duration) -> tokio::task::JoinHandle<Result<(), WebhookError>> {
        let places = places.clone();
        let task = tokio::spawn(async move { places.read(limit, stall()).await });
        tokio::task::yield_now().await;
        task
    }

    #[tokio::test(start_paused = true)]
    async fn who_stalls_is_told_in_time() {
        assert_eq!(ReadLimiter::new(1).read(LONG, stall()).await, Err(WebhookError::TooSlow { limit: LONG }));
        assert_eq!(ReadLimiter::new(1).read(Duration::MAX, async { Ok(7) }).await, Ok(7));
        let none = Duration::ZERO;
        assert_eq!(ReadLimiter::new(1).read(none, stall()).await, Err(WebhookError::TooSlow { limit: none }));
    }

    #[tokio::test(start_paused = true)]
    async fn the_longest_reader_gives_way() {
        let places = ReadLimiter::new(2);
        let (first, second) = (staller(&places, LONG).await, staller(&places, LONG).await);
        assert_eq!(places.read(LONG, async { Ok(7) }).await, Ok(7));
        assert_eq!(first.await.unwrap(), Err(WebhookError::TooBusy));
        assert!(!second.is_finished());
        assert_eq!(places.read(LONG, async { Ok(8) }).await, Ok(8), "the place of the first is free");
        assert!(!second.is_finished());
    }

    #[tokio::test(start_paused = true)]
    async fn where_all_are_leaving_the_next_one_is_too_many() {
        let places = ReadLimiter::new(1);
        let staller = staller(&places, LONG).await;
        let (second, third) = tokio::join!(places.read(LONG, async { Ok(2) }), places.read(LONG, async { Ok(3) }));
        assert_eq!((second, third), (Ok(2), Err(WebhookError::TooBusy)));
        assert_eq!(staller.await.unwrap(), Err(WebhookError::TooBusy));
    }

    #[tokio::test(start_paused = true)]
    async fn no_place_is_lost() {
        let places = ReadLimiter::new(0);
        for _ in 0..100 {
            // One hangs up while it reads, another while it waits.
            let reader = staller(&places, LONG).await;
            let waiter = tokio::time::timeout(Duration::ZERO, places.read(LONG, stall()));
            assert!(waiter.await.is_err());
            reader.abort();
            let _ = reader.await;
        }
        assert_eq!(places.0.free.available_permits(), 1);
        assert!(places.0.readers().present.is_empty());
    }

    /// However they come and go, never more read than there are places.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn never_more_read_than_there_are_places() {
        use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
        struct Reading<'a>(&'a AtomicUsize);
        impl Drop for Reading<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, SeqCst);
            }
        }
        let (places, reading, most) = (ReadLimiter::new(8), AtomicUsize::new(0), AtomicUsize::new(0));
        let shared = Arc::new((places, reading, most));
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..2_000 {
            let shared = Arc::clone(&shared);
            tasks.spawn(async move {
                let (places, reading, most) = &*shared;
                let work = async {
                    most.fetch_max(reading.fetch_add(1, SeqCst) + 1, SeqCst);
                    let _reading = Reading(reading);
                    tokio::time::sleep(Duration::from_millis(n % 3)).await;
                    Ok(())
                };
                places.read(LONG, work).await
            });
        }
        let ends = tasks.join_all().await;
        assert!(ends.iter().all(|end| matches!(end, Ok(()) | Err(WebhookError::TooBusy))));
        assert_eq!((shared.1.load(SeqCst), shared.2.load(SeqCst)), (0, 8));
    }
}
