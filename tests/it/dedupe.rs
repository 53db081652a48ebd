//! Events that are delivered twice: claims, handlers, and the status of the response.

use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cashfree_vkyc::EventType;
use cashfree_vkyc::webhook::{
    Claim, ClaimToken, Dedupe, DedupeFuture, Event, EventKey, HandleOnceError, Handled, MemoryDedupe, handle_once,
};
use futures_util::FutureExt as _;
use http::StatusCode;

use crate::support;

fn event(reference_id: i64) -> Event {
    Event::new(EventType::VkycUserCallQueued, "2025-05-22T03:51:14Z".into(), support::vkyc(reference_id))
}

/// Returns the result of a future that never waits. There is no runtime here, and none is needed.
fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("the memory store never waits")
}

fn claim(store: &impl Dedupe, key: &EventKey) -> Claim {
    now(store.claim(key)).unwrap()
}

/// Claims the event, and returns the token. Panics if the claim is not acquired.
fn mine(store: &impl Dedupe, key: &EventKey) -> ClaimToken {
    match claim(store, key) {
        Claim::Acquired(token) => token,
        other => panic!("{other:?}"),
    }
}

fn complete(store: &impl Dedupe, key: &EventKey, token: ClaimToken) {
    now(store.complete(key, token)).unwrap();
}

fn release(store: &impl Dedupe, key: &EventKey, token: ClaimToken) {
    now(store.release(key, token)).unwrap();
}

/// A store whose leases last a minute of a clock that the test moves.
struct Timed {
    store: MemoryDedupe,
    seconds: Arc<AtomicU64>,
}

impl Timed {
    fn new() -> Self {
        let (start, seconds) = (Instant::now(), Arc::new(AtomicU64::new(0)));
        let hand = Arc::clone(&seconds);
        let clock = move || start + Duration::from_secs(hand.load(Ordering::SeqCst));
        Self { store: MemoryDedupe::default().lease(Duration::from_secs(60)).clock(clock), seconds }
    }

    fn pass(&self, seconds: u64) {
        self.seconds.fetch_add(seconds, Ordering::SeqCst);
    }
}

// The suite of cashfree-vkyc-conformance, which the memory passes, has the other promises of a claim.
mod claims {
    use super::*;

    #[test]
    fn an_expired_claim_without_a_successor_can_still_complete() {
        let (time, key) = (Timed::new(), event(1).key());
        let late = mine(&time.store, &key);
        time.pass(3600);
        complete(&time.store, &key, late);
        assert_eq!(claim(&time.store, &key), Claim::Processed);
    }

    #[test]
    fn a_claim_token_survives_conversion_to_bytes() {
        let token = ClaimToken::random().unwrap();
        assert_ne!(token, ClaimToken::random().unwrap());
        assert_eq!(token, ClaimToken::from_bytes(*token.as_bytes()));
        let known = ClaimToken::from_bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        assert_eq!(known.to_string(), "000102030405060708090a0b0c0d0eff");
        assert_eq!(format!("{known:?}"), "ClaimToken(000102030405060708090a0b0c0d0eff)");
    }
}

mod memory_store {
    use super::*;

    #[test]
    fn the_memory_store_is_bounded_and_forgets_the_oldest_event() {
        let handle = |store: &MemoryDedupe, n| {
            let key = event(n).key();
            let token = mine(store, &key);
            complete(store, &key, token);
        };
        let store = MemoryDedupe::new(100);
        (0..1000).for_each(|n| handle(&store, n));
        assert_eq!(claim(&store, &event(900).key()), Claim::Processed, "the last 100 are remembered");
        assert!(matches!(claim(&store, &event(899).key()), Claim::Acquired(_)), "older events are forgotten");
        let one = MemoryDedupe::new(0);
        (0..3).for_each(|n| handle(&one, n));
        assert_eq!(claim(&one, &event(2).key()), Claim::Processed, "zero counts as one");
    }

    #[test]
    fn a_release_does_not_search_all_remembered_events() {
        const MANY: i64 = 100_000;
        let store = MemoryDedupe::new(MANY as usize);
        let held: Vec<_> = (0..MANY).map(|n| event(n).key()).map(|key| (key, mine(&store, &key))).collect();
        let start = Instant::now();
        // The newest first: the worst case of a search from the oldest.
        held.iter().rev().for_each(|(key, token)| release(&store, key, *token));
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}

mod handling {
    use super::*;

    type Outcome<T> = Result<Handled<T>, HandleOnceError<&'static str>>;

    fn status<T>(outcome: &Outcome<T>) -> StatusCode {
        outcome.as_ref().map_or_else(|error| error.http_status(), |handled| handled.http_status())
    }

    /// Handles the event, and counts the runs of the handler.
    async fn counted(store: &impl Dedupe, event: &Event, count: &AtomicUsize) -> Outcome<usize> {
        handle_once(store, event, async |_| Ok(count.fetch_add(1, Ordering::SeqCst) + 1)).await
    }

    #[test]
    fn a_handler_runs_once_and_a_repeated_event_is_a_duplicate() {
        let (store, event, count) = (MemoryDedupe::default(), event(1), AtomicUsize::new(0));
        let first = now(counted(&store, &event, &count));
        assert!(matches!(first, Ok(Handled::Processed(1))), "{first:?}");
        let again = now(counted(&store, &event, &count));
        assert!(matches!(again, Ok(Handled::Duplicate)), "{again:?}");
        assert_eq!((status(&first), status(&again)), (StatusCode::OK, StatusCode::OK));
        assert_eq!(count.into_inner(), 1);
    }

    #[test]
    fn a_handler_may_return_a_borrow_of_the_event() {
        let (store, event): (&dyn Dedupe, _) = (&MemoryDedupe::default(), event(7));
        let outcome = now(handle_once(store, &event, |event| async move { Ok::<_, ()>(&event.event_type) }));
        assert!(matches!(outcome, Ok(Handled::Processed(event_type)) if *event_type == event.event_type));
    }

    #[test]
    fn an_event_is_handled_again_after_its_handler_failed() {
        let (store, event, count) = (MemoryDedupe::default(), event(1), AtomicUsize::new(0));
        let failed: Outcome<()> = now(handle_once(&store, &event, |_| ready(Err("no disk"))));
        assert!(matches!(failed, Err(HandleOnceError::Handler("no disk"))), "{failed:?}");
        assert_eq!(status(&failed), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(failed.unwrap_err().to_string().ends_with("no disk"));
        assert!(matches!(now(counted(&store, &event, &count)), Ok(Handled::Processed(1))));
    }

    #[test]
    fn an_event_with_another_holder_is_in_progress() {
        let (store, event, count) = (MemoryDedupe::default(), event(1), AtomicUsize::new(0));
        let other = mine(&store, &event.key());
        let busy = now(counted(&store, &event, &count));
        assert!(matches!(busy, Ok(Handled::InProgress)), "{busy:?}");
        assert_eq!(status(&busy), StatusCode::SERVICE_UNAVAILABLE);
        complete(&store, &event.key(), other);
        assert!(matches!(now(counted(&store, &event, &count)), Ok(Handled::Duplicate)));
        assert_eq!(count.into_inner(), 0);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn one_of_200_concurrent_deliveries_handles_the_event() {
        let (store, count) = (Arc::new(MemoryDedupe::default()), Arc::new(AtomicUsize::new(0)));
        let deliver = || {
            let (store, count) = (Arc::clone(&store), Arc::clone(&count));
            // axum requires a future that is `Send`.
            tokio::spawn(async move {
                let slow = async |_: &Event| {
                    tokio::task::yield_now().await;
                    Ok::<_, &str>(count.fetch_add(1, Ordering::SeqCst))
                };
                handle_once(&store, &event(1), slow).await.unwrap()
            })
        };
        let deliveries: Vec<_> = (0..200).map(|_| deliver()).collect();
        let mut handled = 0;
        for delivery in deliveries {
            handled += usize::from(matches!(delivery.await.unwrap(), Handled::Processed(_)));
        }
        assert_eq!((handled, count.load(Ordering::SeqCst)), (1, 1));
    }

    #[test]
    fn an_event_whose_handler_was_dropped_is_handled_after_its_lease() {
        let (time, event, count) = (Timed::new(), event(1), AtomicUsize::new(0));
        assert!(handle_once(&time.store, &event, |_| pending::<Result<(), ()>>()).now_or_never().is_none());
        assert!(matches!(now(counted(&time.store, &event, &count)), Ok(Handled::InProgress)));
        time.pass(60);
        assert!(matches!(now(counted(&time.store, &event, &count)), Ok(Handled::Processed(1))));
    }

    #[tokio::test]
    async fn an_event_whose_handler_panicked_is_handled_after_its_lease() {
        let (time, count) = (Arc::new(Timed::new()), AtomicUsize::new(0));
        let broken = Arc::clone(&time);
        let panicked = tokio::spawn(async move {
            let handler = async |_: &Event| -> Result<(), ()> { panic!("the test requires a panic") };
            handle_once(&broken.store, &event(1), handler).await
        });
        assert!(panicked.await.unwrap_err().is_panic());
        assert!(matches!(counted(&time.store, &event(2), &count).await, Ok(Handled::Processed(1))));
        assert!(matches!(counted(&time.store, &event(1), &count).await, Ok(Handled::InProgress)));
        time.pass(60);
        assert!(matches!(counted(&time.store, &event(1), &count).await, Ok(Handled::Processed(2))));
    }

    #[test]
    fn a_late_failure_does_not_undo_the_completion_of_another() {
        let (time, event) = (Timed::new(), event(1));
        let slow = async |event: &Event| -> Result<(), _> {
            time.pass(60);
            let other = mine(&time.store, &event.key());
            complete(&time.store, &event.key(), other);
            Err("too late")
        };
        let outcome = now(handle_once(&time.store, &event, slow));
        assert!(matches!(outcome, Err(HandleOnceError::Handler("too late"))), "{outcome:?}");
        assert_eq!(claim(&time.store, &event.key()), Claim::Processed);
    }

    /// A store that is unavailable for one of its three methods.
    struct Away {
        store: MemoryDedupe,
        what: &'static str,
    }

    impl Away {
        fn new(what: &'static str) -> Self {
            Self { store: MemoryDedupe::default(), what }
        }

        fn or<'a, T: Send + 'a>(&'a self, what: &'static str, known: DedupeFuture<'a, T>) -> DedupeFuture<'a, T> {
            if what == self.what { Box::pin(ready(Err(format!("away for {what}").into()))) } else { known }
        }
    }

    impl Dedupe for Away {
        fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, Claim> {
            self.or("claim", self.store.claim(key))
        }

        fn complete<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()> {
            self.or("complete", self.store.complete(key, token))
        }

        fn release<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()> {
            self.or("release", self.store.release(key, token))
        }
    }

    #[test]
    fn an_event_is_not_handled_if_its_claim_fails() {
        let count = AtomicUsize::new(0);
        let outcome = now(counted(&Away::new("claim"), &event(1), &count));
        let Err(HandleOnceError::Store(error)) = &outcome else { panic!("{outcome:?}") };
        assert_eq!(error.to_string(), "away for claim");
        assert_eq!((status(&outcome), count.into_inner()), (StatusCode::SERVICE_UNAVAILABLE, 0));
    }

    #[test]
    fn a_failed_completion_gives_503_and_keeps_the_claim() {
        let (store, count) = (Away::new("complete"), AtomicUsize::new(0));
        let outcome = now(counted(&store, &event(1), &count));
        let Err(HandleOnceError::NotRecorded(error)) = &outcome else { panic!("{outcome:?}") };
        assert_eq!((error.to_string().as_str(), count.into_inner()), ("away for complete", 1));
        assert_eq!(status(&outcome), StatusCode::SERVICE_UNAVAILABLE);
        let error: Box<dyn std::error::Error> = Box::new(outcome.unwrap_err());
        assert!(error.to_string().contains("was handled"), "{error}");
        assert_eq!(error.source().unwrap().to_string(), "away for complete");
        assert_eq!(claim(&store, &event(1).key()), Claim::InProgress, "until the lease expires");
    }

    #[test]
    fn the_error_of_a_handler_is_returned_even_if_the_release_fails() {
        let outcome: Outcome<()> = now(handle_once(&Away::new("release"), &event(1), |_| ready(Err("no disk"))));
        assert!(matches!(outcome, Err(HandleOnceError::Handler("no disk"))), "{outcome:?}");
    }
}
