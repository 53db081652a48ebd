//! Reads the body of a request, within limits of bytes, time and memory (feature `axum`). `read_limiter.rs` decides about memory.

use std::fmt;
use std::future::poll_fn;
use std::mem::take;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use axum_core::body::Body;
use http_body::Body as _;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::error::WebhookError;
use super::read_limiter::ReadLimiter;

/// Reads bodies. Clones share the memory limit.
#[derive(Clone)]
pub(super) struct BodyReader(Arc<Mutex<ReadLimiter<oneshot::Sender<()>>>>);

impl BodyReader {
    pub(super) fn new(max_buffered_bytes: usize) -> Self {
        Self(Arc::new(Mutex::new(ReadLimiter::new(max_buffered_bytes))))
    }

    /// Reads a whole body of at most `max_bytes`, within the time `limit`.
    pub(super) async fn read(&self, body: Body, max_bytes: usize, limit: Duration) -> Result<Vec<u8>, WebhookError> {
        let mut whole = pin!(self.whole(body, max_bytes));
        // A complete body needs no timer, and so no runtime.
        if let Poll::Ready(done) = poll_fn(|context| Poll::Ready(whole.as_mut().poll(context))).await {
            return done;
        }
        tokio::time::timeout(limit, whole).await.unwrap_or(Err(WebhookError::TooSlow { limit }))
    }

    async fn whole(&self, mut body: Body, max_bytes: usize) -> Result<Vec<u8>, WebhookError> {
        let (started, mut buffer) = (Instant::now(), Vec::new());
        // A body with a larger announced length is not read at all.
        if usize::try_from(body.size_hint().lower()).map_or(true, |bytes| bytes > max_bytes) {
            return Err(WebhookError::TooLarge { limit: max_bytes });
        }
        while !body.is_end_stream() {
            let mut parked = self.park(started, take(&mut buffer));
            let frame = poll_fn(|context| match Pin::new(&mut body).poll_frame(context) {
                Poll::Ready(frame) => Poll::Ready(Ok(frame)),
                Poll::Pending => Pin::new(&mut parked.evicted).poll(context).map(|_| Err(WebhookError::TooBusy)),
            });
            let frame = frame.await?;
            buffer = parked.take()?;
            let Some(frame) = frame else { break };
            let Ok(data) = frame.map_err(|_| WebhookError::Unreadable)?.into_data() else { continue };
            if data.len() > max_bytes - buffer.len() {
                return Err(WebhookError::TooLarge { limit: max_bytes });
            }
            // A copy, so that a body in pieces of one byte uses only one byte for each.
            buffer.extend_from_slice(&data);
        }
        Ok(buffer)
    }

    fn park(&self, started: Instant, buffer: Vec<u8>) -> Parked<'_> {
        let (notify, evicted) = oneshot::channel();
        let key = self.limiter().park(Instant::now().into_std(), started.into_std(), buffer, notify);
        Parked { reader: self, key, evicted }
    }

    /// A panic cannot leave the state inconsistent.
    fn limiter(&self) -> MutexGuard<'_, ReadLimiter<oneshot::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A parked buffer. Dropping it frees the memory.
struct Parked<'a> {
    reader: &'a BodyReader,
    key: u64,
    evicted: oneshot::Receiver<()>,
}

impl Parked<'_> {
    fn take(&self) -> Result<Vec<u8>, WebhookError> {
        self.reader.limiter().take(self.key).ok_or(WebhookError::TooBusy)
    }
}

impl Drop for Parked<'_> {
    fn drop(&mut self) {
        let _ = self.take();
    }
}

/// Prints the limit.
impl fmt::Debug for BodyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.limiter().limit, f)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream::{self, StreamExt as _};
    use tokio::task::JoinHandle;
    use tokio::time::timeout;

    use super::super::read_limiter::OVERHEAD;
    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn pieces(sizes: &[usize]) -> stream::Iter<std::vec::IntoIter<Result<Vec<u8>, Infallible>>> {
        stream::iter(sizes.iter().map(|size| Ok(vec![b'x'; *size])).collect::<Vec<_>>())
    }

    fn complete(sizes: &[usize]) -> Body {
        Body::from_stream(pieces(sizes))
    }

    fn stalled(sizes: &[usize]) -> Body {
        Body::from_stream(pieces(sizes).chain(stream::pending()))
    }

    /// A request that is a millisecond old.
    async fn spawn(reader: &BodyReader, body: Body) -> JoinHandle<Result<Vec<u8>, WebhookError>> {
        let reader = reader.clone();
        let task = tokio::spawn(async move { reader.read(body, 1024, LONG).await });
        tokio::time::sleep(Duration::from_millis(1)).await;
        task
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_has_bounded_bytes_and_a_bounded_time() {
        let reader = BodyReader::new(usize::MAX);
        for sizes in [[0, 0, 0], [1, 0, 2], [4, 4, 2]] {
            let read = reader.read(complete(&sizes), 10, LONG).await.unwrap();
            assert_eq!(read.len(), sizes.iter().sum::<usize>());
        }
        for body in [complete(&[4, 4, 3]), stalled(&[11]), Body::from(vec![b'x'; 11])] {
            assert_eq!(reader.read(body, 10, LONG).await, Err(WebhookError::TooLarge { limit: 10 }));
        }
        for limit in [Duration::ZERO, LONG] {
            let read = timeout(2 * LONG, reader.read(stalled(&[4, 4]), 10, limit)).await.expect("no end");
            assert_eq!(read, Err(WebhookError::TooSlow { limit }));
        }
        assert!(reader.read(complete(&[7]), 10, Duration::MAX).await.is_ok());
    }

    #[test]
    fn a_complete_body_needs_no_runtime() {
        use futures_util::FutureExt as _;
        let reader = BodyReader::new(0);
        let read = |body| reader.read(body, 10, LONG).now_or_never();
        assert!(matches!(read(Body::from("1234567890")), Some(Ok(body)) if body == b"1234567890"));
        assert!(matches!(read(complete(&[4, 6])), Some(Ok(body)) if body.len() == 10));
    }

    #[tokio::test(start_paused = true)]
    async fn an_eviction_ends_its_request_at_once_and_no_other() {
        let reader = BodyReader::new(2 * OVERHEAD + 100);
        let (first, second) = (spawn(&reader, stalled(&[40, 40])).await, spawn(&reader, stalled(&[])).await);
        assert!(!first.is_finished() && !second.is_finished());
        let third = spawn(&reader, stalled(&[10])).await;
        assert!(first.is_finished() && !second.is_finished() && !third.is_finished());
        assert_eq!(first.await.unwrap(), Err(WebhookError::TooBusy));
    }

    #[tokio::test(start_paused = true)]
    async fn bytes_after_an_eviction_change_nothing() {
        let reader = BodyReader::new(OVERHEAD);
        let (arrive, arrival) = oneshot::channel();
        let late = stream::once(arrival).map(|piece| Ok::<_, Infallible>(piece.unwrap_or_default()));
        let evicted = spawn(&reader, Body::from_stream(pieces(&[1]).chain(late))).await;
        arrive.send(vec![b'x']).unwrap();
        let _parked = reader.park(Instant::now(), Vec::new());
        assert_eq!(evicted.await.unwrap(), Err(WebhookError::TooBusy));
    }

    #[tokio::test(start_paused = true)]
    async fn the_age_counts_from_the_head() {
        let reader = BodyReader::new(2 * OVERHEAD + 100);
        let late = stream::once(async { tokio::time::sleep(Duration::from_millis(10)).await }).map(|()| Ok(vec![b'x']));
        let dripping = Body::from_stream(pieces(&[1]).chain(late).chain(stream::pending()));
        let dripping = spawn(&reader, dripping).await;
        let second = spawn(&reader, stalled(&[2])).await;
        tokio::time::sleep(Duration::from_millis(20)).await;
        let _third = spawn(&reader, stalled(&[2])).await;
        assert!(dripping.is_finished() && !second.is_finished());
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_ends_holds_no_memory() {
        let reader = BodyReader::new(usize::MAX);
        for _ in 0..3 {
            let dropped = spawn(&reader, stalled(&[40])).await;
            dropped.abort();
            assert!(dropped.await.unwrap_err().is_cancelled());
            assert!(reader.read(complete(&[4, 4]), 10, LONG).await.is_ok());
            assert!(reader.read(stalled(&[4]), 10, LONG).await.is_err());
            assert!(reader.read(complete(&[40]), 10, LONG).await.is_err());
            assert!((0..100).all(|key| reader.limiter().take(key).is_none()));
        }
    }
}
