//! Events that come twice: who handles them, and what becomes of a claim.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use cashfree_vkyc::webhook::{Claim, ClaimToken, Dedupe, Event, EventKey, EventType, MemoryDedupe};
use futures_util::FutureExt as _;

use crate::support;

fn event(reference_id: i64) -> Event {
    Event::new(EventType::VkycUserCallQueued, "2025-05-22T03:51:14Z".into(), support::vkyc(reference_id))
}

/// What a future gives that waits for nothing. There is no runtime here, and none is needed.
fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("the memory waits for nobody")
}

fn claim(store: &impl Dedupe, key: &EventKey) -> Claim {
    now(store.claim(key)).unwrap()
}

/// The token of a claim that has to be had.
fn mine(store: &impl Dedupe, key: &EventKey) -> ClaimToken {
    match claim(store, key) {
        Claim::Mine(token) => token,
        other => panic!("{other:?}"),
    }
}

fn done(store: &impl Dedupe, key: &EventKey, token: ClaimToken) {
    now(store.done(key, token)).unwrap();
}

fn release(store: &impl Dedupe, key: &EventKey, token: ClaimToken) {
    now(store.release(key, token)).unwrap();
}

/// A store whose leases last a minute of a clock that goes when it is told to.
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

mod a_claim {
    use super::*;

    #[test]
    fn is_one_for_all_who_ask_at_once() {
        const ASK: usize = 200;
        let store: Arc<dyn Dedupe> = Arc::new(MemoryDedupe::default());
        let (key, start) = (event(1).key(), Barrier::new(ASK));
        let ask = || {
            start.wait();
            claim(&store, &key)
        };
        let outcomes: Vec<_> = std::thread::scope(|scope| {
            let asked: Vec<_> = (0..ASK).map(|_| scope.spawn(ask)).collect();
            asked.into_iter().map(|claim| claim.join().unwrap()).collect()
        });
        let count = |wanted: fn(&Claim) -> bool| outcomes.iter().filter(|claim| wanted(claim)).count();
        assert_eq!(count(|claim| matches!(claim, Claim::Mine(_))), 1);
        assert_eq!(count(|claim| *claim == Claim::Busy), ASK - 1);
    }

    #[test]
    fn that_is_released_goes_to_the_redelivery_and_one_that_is_done_to_nobody() {
        let (store, key) = (MemoryDedupe::default(), event(1).key());
        let failed = mine(&store, &key);
        release(&store, &key, failed);
        let worked = mine(&store, &key);
        assert_ne!(failed, worked);
        done(&store, &key, worked);
        assert_eq!(claim(&store, &key), Claim::Done);
        assert!(matches!(claim(&store, &event(2).key()), Claim::Mine(_)), "another event is another claim");
    }

    #[test]
    fn lapses_when_nothing_is_said_of_it_and_what_is_done_does_not() {
        let (time, key) = (Timed::new(), event(1).key());
        let store = &time.store;
        mine(store, &key);
        time.pass(59);
        assert_eq!(claim(store, &key), Claim::Busy);
        time.pass(1);
        let token = mine(store, &key);
        done(store, &key, token);
        time.pass(1_000_000);
        assert_eq!(claim(store, &key), Claim::Done);
    }

    #[test]
    fn that_lapsed_is_not_heard_while_another_handles_the_event() {
        let (time, key) = (Timed::new(), event(1).key());
        let late = mine(&time.store, &key);
        time.pass(60);
        let other = mine(&time.store, &key);
        for say in [release, done] {
            say(&time.store, &key, late);
            assert_eq!(claim(&time.store, &key), Claim::Busy);
        }
        time.pass(59);
        assert_eq!(claim(&time.store, &key), Claim::Busy, "nor is the other's lease cut short");
        release(&time.store, &key, other);
        assert!(matches!(claim(&time.store, &key), Claim::Mine(_)), "nor was the other's claim made its own");
    }

    #[test]
    fn that_lapsed_does_not_undo_what_another_has_done() {
        let (time, key) = (Timed::new(), event(1).key());
        let late = mine(&time.store, &key);
        time.pass(60);
        let other = mine(&time.store, &key);
        done(&time.store, &key, other);
        for token in [late, other] {
            release(&time.store, &key, token);
            assert_eq!(claim(&time.store, &key), Claim::Done);
        }
    }

    #[test]
    fn that_lapsed_and_was_taken_over_by_nobody_may_still_be_done() {
        let (time, key) = (Timed::new(), event(1).key());
        let late = mine(&time.store, &key);
        time.pass(3600);
        done(&time.store, &key, late);
        assert_eq!(claim(&time.store, &key), Claim::Done);
    }

    #[test]
    fn acts_for_its_own_event_and_by_its_own_token_only() {
        let (store, first, second) = (MemoryDedupe::default(), event(1).key(), event(2).key());
        let (one, two) = (mine(&store, &first), mine(&store, &second));
        for (key, token) in [(&first, two), (&second, one), (&first, ClaimToken::random().unwrap())] {
            done(&store, key, token);
            release(&store, key, token);
            assert_eq!(claim(&store, key), Claim::Busy);
        }
        release(&store, &event(3).key(), one);
        done(&store, &event(3).key(), one);
        assert!(matches!(claim(&store, &event(3).key()), Claim::Mine(_)), "what nobody claimed is nobody's");
    }

    #[test]
    fn has_a_token_that_a_store_can_keep() {
        let token = ClaimToken::random().unwrap();
        assert_ne!(token, ClaimToken::random().unwrap());
        assert_eq!(token, ClaimToken::from_bytes(*token.as_bytes()));
        let known = ClaimToken::from_bytes([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 255]);
        assert_eq!(known.to_string(), "000102030405060708090a0b0c0d0eff");
        assert_eq!(format!("{known:?}"), "ClaimToken(000102030405060708090a0b0c0d0eff)");
    }
}

mod the_memory {
    use super::*;

    #[test]
    fn is_bounded_and_forgets_the_oldest() {
        let handle = |store: &MemoryDedupe, n| {
            let key = event(n).key();
            let token = mine(store, &key);
            done(store, &key, token);
        };
        let store = MemoryDedupe::new(100);
        (0..1000).for_each(|n| handle(&store, n));
        assert_eq!(claim(&store, &event(900).key()), Claim::Done, "the last 100 are remembered");
        assert!(matches!(claim(&store, &event(899).key()), Claim::Mine(_)), "what came before is forgotten");
        let one = MemoryDedupe::new(0);
        (0..3).for_each(|n| handle(&one, n));
        assert_eq!(claim(&one, &event(2).key()), Claim::Done, "zero counts as one");
    }

    #[test]
    fn takes_no_longer_to_release_the_more_it_remembers() {
        const MANY: i64 = 100_000;
        let store = MemoryDedupe::new(MANY as usize);
        let held: Vec<_> = (0..MANY).map(|n| event(n).key()).map(|key| (key, mine(&store, &key))).collect();
        let start = Instant::now();
        // The newest first, which is where a search from the oldest takes longest.
        held.iter().rev().for_each(|(key, token)| release(&store, key, *token));
        assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    }
}
