//! Events that come twice: who handles them, and what becomes of a claim.

use std::sync::Arc;
use std::time::Duration;

use cashfree_vkyc::webhook::{Claim, Dedupe, Event, EventType, MemoryDedupe};

use crate::support;

fn event(reference_id: i64) -> Event {
    Event::new(EventType::VkycUserCallQueued, "2025-05-22T03:51:14Z".into(), support::vkyc(reference_id))
}

#[tokio::test]
async fn of_several_deliveries_one_is_handled_and_the_others_wait_for_what_becomes_of_it() {
    let store: Arc<dyn Dedupe> = Arc::new(MemoryDedupe::default());
    let key = event(1).key();
    let claims: Vec<_> = (0..8)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.claim(&key).await.unwrap() })
        })
        .collect();
    let mut outcomes = Vec::new();
    for claim in claims {
        outcomes.push(claim.await.unwrap());
    }
    let count = |claim| outcomes.iter().filter(|outcome| **outcome == claim).count();
    assert_eq!((count(Claim::Mine), count(Claim::Busy), count(Claim::Done)), (1, 7, 0));
    // It failed: the redelivery is handled. It worked: no other is.
    store.release(&key).await.unwrap();
    assert_eq!(store.claim(&key).await.unwrap(), Claim::Mine);
    store.done(&key).await.unwrap();
    assert_eq!(store.claim(&key).await.unwrap(), Claim::Done);
}

#[tokio::test]
async fn a_handler_that_never_said_what_became_of_it_loses_its_claim() {
    let store = MemoryDedupe::default().lease(Duration::from_millis(50));
    let key = event(1).key();
    assert_eq!(store.claim(&key).await.unwrap(), Claim::Mine);
    assert_eq!(store.claim(&key).await.unwrap(), Claim::Busy);
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(store.claim(&key).await.unwrap(), Claim::Mine);
    store.done(&key).await.unwrap();
    tokio::time::sleep(Duration::from_millis(60)).await;
    assert_eq!(store.claim(&key).await.unwrap(), Claim::Done, "what is done does not lapse");
}

#[tokio::test]
async fn the_memory_of_events_is_bounded_and_forgets_the_oldest() {
    async fn handle(store: impl Dedupe, n: i64) -> Claim {
        let key = event(n).key();
        let claim = store.claim(&key).await.unwrap();
        store.done(&key).await.unwrap();
        claim
    }
    let store = MemoryDedupe::new(100);
    for n in 0..1000 {
        assert_eq!(handle(&store, n).await, Claim::Mine);
    }
    assert_eq!(handle(&store, 900).await, Claim::Done, "the last 100 are remembered");
    assert_eq!(handle(&store, 899).await, Claim::Mine, "what came before is forgotten");
    assert_eq!(handle(Arc::new(MemoryDedupe::new(0)), 1).await, Claim::Mine);
}
