//! The claims on events of one process, in bounded memory.
//!
//! ```text
//!             claim                          complete(token)
//! unknown ─────────────▶ held(token, since) ─────────────────▶ processed
//!    ▲                    │    │      ▲                            │
//!    │   release(token)   │    └──────┘ claim after the lease:     │
//!    ├────────────────────┘             another token              │
//!    └──── the oldest claims, when there are more than `capacity` ─┘
//! ```
//!
//! `Claims` is the state machine. It has no lock and no clock. `MemoryDedupe` adds both.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::dedupe::{Claim, ClaimToken, Dedupe, DedupeFuture};
use super::event::EventKey;

/// A store of the last events of one process, in bounded memory. A restart forgets them.
///
/// The default remembers 10,000 events, and a claim expires after a minute. It works with any async runtime, and without one.
///
/// ```
/// use std::time::Duration;
/// use cashfree_vkyc::webhook::MemoryDedupe;
///
/// let seen = MemoryDedupe::new(100_000).lease(Duration::from_secs(300));
/// ```
pub struct MemoryDedupe {
    clock: Arc<dyn Fn() -> Instant + Send + Sync>,
    claims: Mutex<Claims>,
}

impl MemoryDedupe {
    /// Remembers the last `capacity` events; zero counts as one.
    ///
    /// An event costs about 200 bytes. Choose many more than are handled at the same time: the oldest claim is forgotten even if
    /// its event is being handled, and a redelivery of that event is then handled too.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { clock: Arc::new(Instant::now), claims: Mutex::new(Claims::new(capacity, Duration::from_secs(60))) }
    }

    /// Sets how long a handler may take. A claim that is older, and neither completed nor released, expires. The default is a
    /// minute.
    #[must_use]
    pub fn lease(self, lease: Duration) -> Self {
        self.claims().lease = lease;
        self
    }

    /// Sets the clock. The default is the system's monotonic clock.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(now);
        self
    }

    /// No panic can leave the claims half changed.
    fn claims(&self) -> MutexGuard<'_, Claims> {
        self.claims.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemoryDedupe {
    fn default() -> Self {
        Self::new(10_000)
    }
}

impl Dedupe for MemoryDedupe {
    fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, Claim> {
        Box::pin(async move {
            // The clock may be the user's code, so it is read without the lock.
            let now = (self.clock)();
            Ok(self.claims().claim(*key, now))
        })
    }

    fn complete<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()> {
        Box::pin(async move {
            self.claims().complete(key, token);
            Ok(())
        })
    }

    fn release<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()> {
        Box::pin(async move {
            self.claims().release(key, token);
            Ok(())
        })
    }
}

impl fmt::Debug for MemoryDedupe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Claims { capacity, lease, .. } = *self.claims();
        f.debug_struct("MemoryDedupe").field("capacity", &capacity).field("lease", &lease).finish_non_exhaustive()
    }
}

/// The state machine of claims.
#[derive(Clone)]
struct Claims {
    capacity: usize,
    lease: Duration,
    held: HashMap<EventKey, Held>,
    /// The keys in `held` by claim number: the oldest first.
    order: BTreeMap<u128, EventKey>,
    /// The number of the last claim. A token is the number of its claim, so no two are equal.
    last: u128,
}

#[derive(Clone)]
struct Held {
    number: u128,
    /// The start of the lease. `None` once the event is processed.
    since: Option<Instant>,
}

impl Claims {
    fn new(capacity: usize, lease: Duration) -> Self {
        Self { capacity: capacity.max(1), lease, held: HashMap::new(), order: BTreeMap::new(), last: 0 }
    }

    fn claim(&mut self, key: EventKey, now: Instant) -> Claim {
        if let Some(Held { number, since }) = self.held.get_mut(&key) {
            let Some(since) = since else { return Claim::Processed };
            // If the clock went back, the lease starts again, so that it ends.
            *since = now.min(*since);
            if now.duration_since(*since) < self.lease {
                return Claim::InProgress;
            }
            self.order.remove(number);
        }
        self.last += 1;
        self.held.insert(key, Held { number: self.last, since: Some(now) });
        self.order.insert(self.last, key);
        if self.held.len() > self.capacity
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.held.remove(&oldest);
        }
        Claim::Acquired(ClaimToken::from_bytes(self.last.to_be_bytes()))
    }

    fn complete(&mut self, key: &EventKey, token: ClaimToken) {
        if let Some(held) = self.held_by(key, token) {
            held.since = None;
        }
    }

    fn release(&mut self, key: &EventKey, token: ClaimToken) {
        if let Some(Held { number, .. }) = self.held_by(key, token) {
            let number = *number;
            self.order.remove(&number);
            self.held.remove(key);
        }
    }

    /// Returns the claim that holds the token, unless its event is processed.
    fn held_by(&mut self, key: &EventKey, token: ClaimToken) -> Option<&mut Held> {
        let number = u128::from_be_bytes(*token.as_bytes());
        self.held.get_mut(key).filter(|held| held.number == number && held.since.is_some())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::model::{Event, EventType, VideoKyc};

    const HOLDERS: usize = 3;
    const SECOND: Duration = Duration::from_secs(1);
    const LEASE: i64 = 2;

    fn key(n: usize) -> EventKey {
        let data = VideoKyc { reference_id: Some(1), ..VideoKyc::default() };
        Event::new(EventType::VkycUserCallQueued, n.to_string().into(), data).key()
    }

    /// An action of a holder, or of the clock.
    #[derive(Clone, Copy, Debug)]
    enum Action {
        /// A holder claims a key. If it succeeds, the holder forgets its token and keeps the new one.
        Claim(usize, usize),
        /// A holder uses its token on a key, its own or another one.
        Complete(usize, usize),
        Release(usize, usize),
        /// Advances the clock by this many seconds.
        Clock(i64),
    }

    fn actions(keys: usize) -> Vec<Action> {
        let pairs = (0..HOLDERS).flat_map(|holder| (0..keys).map(move |key| (holder, key)));
        let by_holders = pairs.flat_map(|(h, k)| [Action::Claim(h, k), Action::Complete(h, k), Action::Release(h, k)]);
        by_holders.chain([1, LEASE, -1].map(Action::Clock)).collect()
    }

    /// A claim of the naive model, which lists the oldest first.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    struct Known {
        key: usize,
        token: u128,
        /// `None` once processed.
        since: Option<i64>,
    }

    /// The key and age of each claim, and for each holder the key of its last claim and whether that is still known.
    type Essence = (Vec<(usize, Option<i64>)>, [(usize, bool); HOLDERS]);

    /// The machine, the naive model (a list that is searched), and the last claim of each holder: its key and token.
    #[derive(Clone)]
    struct Pair {
        claims: Claims,
        known: Vec<Known>,
        holders: [(usize, u128); HOLDERS],
        newest: u128,
        now: i64,
        start: Instant,
    }

    impl Pair {
        fn new(capacity: usize) -> Self {
            let start = Instant::now() + Duration::from_secs(1_000_000);
            let claims = Claims::new(capacity, Duration::from_secs(LEASE.unsigned_abs()));
            Self { claims, known: Vec::new(), holders: [(0, 0); HOLDERS], newest: 0, now: 0, start }
        }

        fn instant(&self, seconds: i64) -> Instant {
            let distance = SECOND * u32::try_from(seconds.unsigned_abs()).unwrap();
            if seconds < 0 { self.start - distance } else { self.start + distance }
        }

        /// Takes an action on both sides, and checks the promises.
        fn act(&mut self, action: Action, keys: &[EventKey]) {
            match action {
                Action::Clock(seconds) => self.now += seconds,
                Action::Claim(holder, key) => {
                    let before = self.known.clone();
                    let claimed = self.claims.claim(keys[key], self.instant(self.now));
                    let expected = self.expect_claim(key);
                    let token = expected.map(|token| ClaimToken::from_bytes(token.to_be_bytes()));
                    assert_eq!(claimed, token.map_or_else(|claim| claim, Claim::Acquired), "{action:?}");
                    let Ok(token) = expected else { return self.check(keys) };
                    assert!(token > std::mem::replace(&mut self.newest, token), "a token is new");
                    let ended = |known: &Known| known.since.is_some_and(|since| self.now - since >= LEASE);
                    assert!(
                        before.iter().all(|known| known.key != key || ended(known)),
                        "one owner, and none afterwards"
                    );
                    self.holders[holder] = (key, token);
                }
                Action::Complete(holder, key) | Action::Release(holder, key) => {
                    let token = self.holders[holder].1;
                    let owned = |known: &Known| (known.key, known.token) == (key, token) && known.since.is_some();
                    let token = ClaimToken::from_bytes(token.to_be_bytes());
                    if let Action::Complete(..) = action {
                        self.claims.complete(&keys[key], token);
                        self.known.iter_mut().filter(|known| owned(known)).for_each(|known| known.since = None);
                    } else {
                        self.claims.release(&keys[key], token);
                        self.known.retain(|known| !owned(known));
                    }
                }
            }
            self.check(keys);
        }

        /// Returns the claim according to the model: a token, or the reason for none.
        fn expect_claim(&mut self, key: usize) -> Result<u128, Claim> {
            if let Some(position) = self.known.iter().position(|known| known.key == key) {
                let Some(since) = &mut self.known[position].since else { return Err(Claim::Processed) };
                *since = self.now.min(*since);
                if self.now - *since < LEASE {
                    return Err(Claim::InProgress);
                }
                self.known.remove(position);
            }
            let token = self.claims.last;
            self.known.push(Known { key, token, since: Some(self.now) });
            let forgotten = self.known.len().saturating_sub(self.claims.capacity);
            self.known.drain(..forgotten);
            Ok(token)
        }

        /// Checks that the machine has exactly the claims of the model.
        fn check(&self, keys: &[EventKey]) {
            assert!(self.known.len() <= self.claims.capacity);
            assert_eq!((self.claims.held.len(), self.claims.order.len()), (self.known.len(), self.known.len()));
            for (known, (number, key)) in self.known.iter().zip(&self.claims.order) {
                let held = &self.claims.held[key];
                assert_eq!((known.token, keys[known.key], known.token), (*number, *key, held.number));
                assert_eq!(known.since.map(|since| self.instant(since)), held.since);
            }
        }

        /// Returns everything that the future depends on. An age is capped at the lease.
        fn essence(&self) -> Essence {
            let claims =
                self.known.iter().map(|known| (known.key, known.since.map(|since| (self.now - since).min(LEASE))));
            let is_known = |token| self.known.iter().any(|known| known.token == token);
            (claims.collect(), self.holders.map(|(key, token)| (key, is_known(token))))
        }
    }

    /// Explores every state that three holders of three events can reach.
    #[test]
    fn every_sequence_keeps_the_promises() {
        for (capacity, keys, states) in [(1, 2, 128), (2, 3, 6_492), (3, 2, 1_206)] {
            let (actions, keys) = (actions(keys), [0, 1, 2].map(key));
            let mut reached = HashSet::new();
            let mut open = vec![Pair::new(capacity)];
            while let Some(pair) = open.pop() {
                for action in &actions {
                    let mut next = pair.clone();
                    next.act(*action, &keys);
                    let essence = next.essence();
                    // A clock that goes back further only repeats this case.
                    let is_bounded = essence.0.iter().all(|(_, age)| age.is_none_or(|age| age >= -1));
                    if is_bounded && reached.insert(essence) {
                        open.push(next);
                    }
                }
            }
            assert_eq!(reached.len(), states, "capacity {capacity}");
        }
    }

    #[test]
    fn long_random_sequences_agree_with_the_model() {
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        let mut random = |below: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            usize::try_from(seed % u64::try_from(below).unwrap()).unwrap()
        };
        let (keys, actions): (Vec<_>, _) = ((0..12).map(key).collect(), actions(12));
        for capacity in 1..=10 {
            let mut pair = Pair::new(capacity);
            for _ in 0..20_000 {
                pair.act(actions[random(actions.len())], &keys);
            }
        }
    }
}
