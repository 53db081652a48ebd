//! The events of one process, in memory that does not grow.
//!
//! ```text
//! claims   event ─▶ token, busy since … or done
//! order    (event, token), the oldest first: who is forgotten when there are too many
//! ```
//!
//! A claim that is released, or taken over after its lease, stays in the order under a token that no claim has any longer,
//! and is passed over there. So nothing is ever searched for.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::dedupe::{Claim, ClaimToken, Dedupe, DedupeFuture};
use super::event::EventKey;

/// The events that one process had last, in memory that does not grow. A restart forgets them.
///
/// The default remembers 10,000, and a claim lapses after a minute. Works in any async runtime, and in none.
///
/// ```
/// use std::time::Duration;
/// use cashfree_vkyc::webhook::MemoryDedupe;
///
/// let seen = MemoryDedupe::new(100_000).lease(Duration::from_secs(300));
/// ```
pub struct MemoryDedupe {
    capacity: usize,
    lease: Duration,
    clock: Arc<dyn Fn() -> Instant + Send + Sync>,
    taken: Mutex<Taken>,
}

impl MemoryDedupe {
    /// Remembers the last `capacity` events; zero counts as one.
    ///
    /// An event costs about 200 bytes, and 300 where many are released. Let it be many more than are handled at the same
    /// time: a claim that is forgotten is nobody's, and its event is handled by whoever asks next.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity: capacity.max(1),
            lease: Duration::from_secs(60),
            clock: Arc::new(Instant::now),
            taken: Mutex::default(),
        }
    }

    /// How long a handler may take: a claim that is older, and neither done nor released, lapses. The default is a minute.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// What time it is. The default is the system's monotonic clock; tests give another.
    #[must_use]
    pub fn clock(mut self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(now);
        self
    }

    /// A panic cannot leave the claims half changed.
    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
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
            // The clock is read before the lock is taken, since it may be code of the user.
            let now = (self.clock)();
            let mut taken = self.taken();
            let claim = taken.claim(*key, now, self.lease);
            taken.forget_beyond(self.capacity);
            Ok(claim)
        })
    }

    fn complete<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()> {
        Box::pin(async move {
            self.taken().complete(key, token);
            Ok(())
        })
    }

    fn release<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()> {
        Box::pin(async move {
            self.taken().release(key, token);
            Ok(())
        })
    }
}

impl fmt::Debug for MemoryDedupe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryDedupe")
            .field("capacity", &self.capacity)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}

#[derive(Default)]
struct Taken {
    claims: HashMap<EventKey, Held>,
    order: VecDeque<(EventKey, ClaimToken)>,
    /// How many claims there were. Tokens are numbers here: they have to differ, and nobody else makes any.
    count: u128,
}

struct Held {
    token: ClaimToken,
    /// When the lease began. `None` once the event is processed.
    since: Option<Instant>,
}

impl Taken {
    fn claim(&mut self, key: EventKey, now: Instant, lease: Duration) -> Claim {
        match self.claims.get_mut(&key).map(|held| &mut held.since) {
            Some(None) => return Claim::Processed,
            Some(Some(since)) if now.saturating_duration_since(*since) < lease => {
                // A clock that went back lets the lease begin anew, so that it ends some time.
                *since = now.min(*since);
                return Claim::InProgress;
            }
            _ => {}
        }
        self.count += 1;
        let token = ClaimToken::from_bytes(self.count.to_be_bytes());
        self.claims.insert(key, Held { token, since: Some(now) });
        self.order.push_back((key, token));
        Claim::Acquired(token)
    }

    fn complete(&mut self, key: &EventKey, token: ClaimToken) {
        if let Some(held) = self.held_by(key, token) {
            held.since = None;
        }
    }

    fn release(&mut self, key: &EventKey, token: ClaimToken) {
        if self.held_by(key, token).is_some() {
            self.claims.remove(key);
        }
    }

    /// The claim that holds the token, unless its event is processed.
    fn held_by(&mut self, key: &EventKey, token: ClaimToken) -> Option<&mut Held> {
        self.claims.get_mut(key).filter(|held| held.token == token && held.since.is_some())
    }

    /// Forgets the oldest claims where there are too many, and what the order holds in vain once that is most of it: so it
    /// is paid for by the claims that it held.
    fn forget_beyond(&mut self, capacity: usize) {
        let Self { claims, order, .. } = self;
        let stands =
            |claims: &HashMap<_, Held>, (key, token): &_| claims.get(key).is_some_and(|held| held.token == *token);
        while claims.len() > capacity
            && let Some(oldest) = order.pop_front()
        {
            if stands(claims, &oldest) {
                claims.remove(&oldest.0);
            }
        }
        if order.len() > 2 * claims.len() {
            order.retain(|entry| stands(claims, entry));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Event, EventType, VideoKyc};

    fn key(n: u64) -> EventKey {
        Event::new(
            EventType::VkycUserCallQueued,
            n.to_string().into(),
            VideoKyc { reference_id: Some(1), ..VideoKyc::default() },
        )
        .key()
    }

    /// Claims within a capacity; a claim that lapses at once, where `lease` is zero, is taken over.
    fn claim(taken: &mut Taken, n: u64, lease: Duration, capacity: usize) -> ClaimToken {
        let Claim::Acquired(token) = taken.claim(key(n), Instant::now(), lease) else { panic!("{n} is taken") };
        taken.forget_beyond(capacity);
        assert!(taken.claims.len() <= capacity && taken.order.len() <= 2 * taken.claims.len());
        token
    }

    #[test]
    fn what_is_released_or_taken_over_again_and_again_takes_no_room() {
        let mut taken = Taken::default();
        // One that stays, so that the order cannot be emptied from its front.
        claim(&mut taken, 0, Duration::MAX, 10);
        for n in 1..10_000 {
            let token = claim(&mut taken, n, Duration::MAX, 10);
            taken.release(&key(n), token);
            claim(&mut taken, 10_000, Duration::ZERO, 10);
        }
        assert_eq!(taken.claims.len(), 2);
        assert!(taken.claims.contains_key(&key(0)), "the oldest is still known");
    }

    #[test]
    fn who_claims_again_after_a_release_is_the_newest() {
        let mut taken = Taken::default();
        let first = claim(&mut taken, 1, Duration::MAX, 2);
        claim(&mut taken, 2, Duration::MAX, 2);
        taken.release(&key(1), first);
        claim(&mut taken, 1, Duration::MAX, 2);
        claim(&mut taken, 3, Duration::MAX, 2);
        assert_eq!([1, 2, 3].map(|n| taken.claims.contains_key(&key(n))), [true, false, true]);
    }
}
