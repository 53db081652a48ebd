//! Decides which requests may continue reading their bodies, and which are evicted (feature `axum`). Has no I/O, locks or clock.
//!
//! | event | state | result |
//! |---|---|---|
//! | `park` | everything fits within the limit | the buffer is kept until its reader takes it |
//! | `park` | the limit is exceeded | the readers with the greatest memory × age are evicted, until the others fit |
//! | `take` | parked | the buffer |
//! | `take` | evicted or taken | `None` |
//!
//! A reader parks its buffer whenever it waits for the sender, so an eviction frees the memory at once.
//!
//! By memory alone, a body in pieces would be evicted before requests that hold nothing. By age alone, it would be evicted as
//! soon as senders of large bodies fill the limit. The product evicts requests that hold more or stay longer than genuine ones,
//! which end within milliseconds.

use std::collections::BTreeMap;
use std::time::Instant;

/// The memory of a request besides its buffer. It also bounds the number of requests.
pub(super) const OVERHEAD: usize = 8 * 1024;

/// The buffers of the readers that wait for more. `T` is dropped when its reader is evicted.
pub(super) struct ReadLimiter<T> {
    pub(super) limit: usize,
    next_key: u64,
    parked: BTreeMap<u64, Parked<T>>,
}

struct Parked<T> {
    started: Instant,
    buffer: Vec<u8>,
    _notify: T,
}

impl<T> ReadLimiter<T> {
    /// Limits the memory to this many bytes. A single reader may exceed it.
    pub(super) const fn new(limit: usize) -> Self {
        Self { limit, next_key: 0, parked: BTreeMap::new() }
    }

    /// Keeps the buffer of a request that started at `started`, until [`Self::take`] or an eviction.
    pub(super) fn park(&mut self, now: Instant, started: Instant, buffer: Vec<u8>, notify: T) -> u64 {
        let key = self.next_key;
        self.next_key += 1;
        self.parked.insert(key, Parked { started, buffer, _notify: notify });
        while self.parked.len() > 1 && self.parked.values().map(Parked::memory).sum::<usize>() > self.limit {
            let heaviest = self.parked.iter().max_by_key(|(_, parked)| parked.weight(now)).map(|(key, _)| *key);
            heaviest.and_then(|key| self.take(key));
        }
        key
    }

    /// Returns a buffer, unless its reader was evicted.
    pub(super) fn take(&mut self, key: u64) -> Option<Vec<u8>> {
        self.parked.remove(&key).map(|parked| parked.buffer)
    }
}

impl<T> Parked<T> {
    const fn memory(&self) -> usize {
        OVERHEAD.saturating_add(self.buffer.capacity())
    }

    fn weight(&self, now: Instant) -> u128 {
        // Among requests that have just started, the largest has the greatest weight.
        (now.saturating_duration_since(self.started).as_nanos() + 1) * self.memory() as u128
    }
}

#[cfg(test)]
mod tests {
    use std::rc::{Rc, Weak};
    use std::time::Duration;

    use super::*;

    const LIMIT: usize = 6 * OVERHEAD;

    /// A request of the model.
    struct Request {
        key: u64,
        started: Instant,
        buffer: usize,
        evicted: Weak<()>,
    }

    impl Request {
        fn memory(&self) -> usize {
            OVERHEAD + self.buffer
        }

        fn weight(&self, now: Instant) -> u128 {
            (now - self.started).as_millis() * self.memory() as u128
        }

        fn is_evicted(&self) -> bool {
            self.evicted.strong_count() == 0
        }
    }

    /// The limiter, and the state of its callers.
    struct Run {
        limiter: ReadLimiter<Rc<()>>,
        requests: [Option<Request>; 4],
        now: Instant,
        evictions: usize,
    }

    impl Run {
        /// Runs events, each a number: two for each request.
        fn of(events: impl IntoIterator<Item = usize>) -> usize {
            let mut run = Self {
                limiter: ReadLimiter::new(LIMIT),
                requests: [const { None }; 4],
                now: Instant::now(),
                evictions: 0,
            };
            for event in events {
                run.now += Duration::from_millis(1);
                run.step(event / 2, event % 2 == 0);
            }
            (0..4).for_each(|request| _ = run.end(request));
            assert!(run.limiter.parked.is_empty(), "everything was taken");
            run.evictions
        }

        fn step(&mut self, request: usize, small: bool) {
            match self.end(request) {
                // More of the body has arrived.
                Some(open) if !small => self.park(request, open.started, open.buffer + 3 * OVERHEAD),
                Some(_) => {}
                None => self.park(request, self.now, if small { 0 } else { 3 * OVERHEAD }),
            }
        }

        /// Checks that the buffer is returned once, if the request was not evicted.
        fn end(&mut self, request: usize) -> Option<Request> {
            let request = self.requests[request].take()?;
            let open = !request.is_evicted();
            assert_eq!(self.limiter.take(request.key).map(|buffer| buffer.capacity()), open.then_some(request.buffer));
            assert_eq!(self.limiter.take(request.key), None);
            assert!(request.is_evicted(), "what it holds is dropped");
            open.then_some(request)
        }

        fn park(&mut self, request: usize, started: Instant, buffer: usize) {
            let before: Vec<usize> =
                (0..4).filter(|n| self.requests[*n].as_ref().is_some_and(|r| !r.is_evicted())).collect();
            let notify = Rc::new(());
            let evicted = Rc::downgrade(&notify);
            let key = self.limiter.park(self.now, started, Vec::with_capacity(buffer), notify);
            self.requests[request] = Some(Request { key, started, buffer, evicted });
            let present = before.into_iter().chain([request]).filter_map(|n| self.requests[n].as_ref());
            let (evicted, kept): (Vec<&Request>, Vec<_>) = present.partition(|request| request.is_evicted());
            let memory: usize = kept.iter().map(|request| request.memory()).sum();
            assert!(memory <= LIMIT || kept.len() == 1, "{memory} bytes of {} requests", kept.len());
            assert!(!kept.is_empty());
            if let Some(last) = evicted.iter().min_by_key(|request| (request.weight(self.now), request.memory())) {
                assert!(memory + last.memory() > LIMIT, "{} requests were evicted for nothing", evicted.len());
                assert!(kept.iter().all(|request| request.weight(self.now) <= last.weight(self.now)));
            }
            self.evictions += evicted.len();
        }
    }

    /// Runs all sequences of this length that begin with `events`. Requests are numbered by their first event.
    fn explore(events: &mut Vec<usize>, length: usize) -> usize {
        if events.len() == length {
            return Run::of(events.iter().copied());
        }
        let requests = events.iter().max().map_or(0, |event| event / 2 + 1);
        let mut evictions = 0;
        for event in 0..(2 * requests + 2).min(8) {
            events.push(event);
            evictions += explore(events, length);
            events.pop();
        }
        evictions
    }

    #[test]
    fn every_sequence_of_seven_events_keeps_the_limit_and_evicts_the_heaviest() {
        let evictions = explore(&mut Vec::new(), 7);
        assert!(evictions > 10_000, "{evictions}");
    }

    #[test]
    fn random_sequences_keep_the_limit_and_evict_the_heaviest() {
        let mut random = 1_u64;
        for _ in 0..100 {
            Run::of((0..500).map(|_| {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (random >> 61) as usize
            }));
        }
    }

    #[test]
    fn requests_that_start_together_are_evicted_by_size() {
        let (mut limiter, now) = (ReadLimiter::new(LIMIT), Instant::now());
        let keys = [1, 3, 2].map(|size| limiter.park(now, now, vec![0; size * OVERHEAD], ()));
        assert_eq!(keys.map(|key| limiter.take(key).is_some()), [true, false, true]);
    }

    /// Stalls 2,000 requests a second. A genuine body arrives in two pieces, 10 and 30 ms after its head.
    #[test]
    fn genuine_requests_outlast_stalled_ones() {
        for stalled in [0, 300, 64 * 1024] {
            let (mut limiter, start) = (ReadLimiter::new(4 * 1024 * 1024), Instant::now());
            let mut genuine = None;
            for tick in 0..4_000_u32 {
                let now = start + tick * Duration::from_micros(500);
                limiter.park(now, now, vec![0; stalled], ());
                genuine = match (tick % 60, genuine) {
                    (0, None) => Some((limiter.park(now, now, Vec::new(), ()), now)),
                    (20, Some((key, head))) => {
                        limiter.take(key).map(|_| (limiter.park(now, head, vec![0; 600], ()), head))
                    }
                    (59, Some((key, _))) => {
                        assert!(limiter.take(key).is_some(), "evicted by requests of {stalled} bytes");
                        None
                    }
                    (_, genuine) => genuine,
                };
            }
        }
    }
}
