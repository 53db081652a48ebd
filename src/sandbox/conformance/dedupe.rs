//! The suite for stores of claims.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::{Fault, Jump, Outcome, Report, Time, broken_off, failed, hold};
use crate::model::{Event, EventType, VideoKyc};
use crate::webhook::{Claim, ClaimToken, Dedupe, EventKey};

/// How many ask at once, and in how many instances.
const CLAIMANTS: usize = 200;
const INSTANCES: usize = 4;

/// Runs the suite for stores of claims. `instance` gives the store as one more instance of a service has it, and each has this lease;
/// one of half a second or more leaves a slow machine the time to be in time. The suite's events have random names, so it may run on
/// a store that holds others.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use std::time::{Duration, Instant};
/// use cashfree_vkyc::sandbox::conformance::{self, Time};
/// use cashfree_vkyc::webhook::MemoryDedupe;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (lease, start) = (Duration::from_secs(60), Instant::now());
/// let clock = Arc::new(Mutex::new(Duration::ZERO));
/// let hand = clock.clone();
/// let store = Arc::new(MemoryDedupe::default().lease(lease).clock(move || start + *hand.lock().unwrap()));
/// let time = Time::moved(move |now| *clock.lock().unwrap() = now);
/// conformance::dedupe(lease, &time, || store.clone()).await.assert_passed();
/// # }
/// ```
pub async fn dedupe<S: Dedupe + 'static>(lease: Duration, time: &Time, instance: impl Fn() -> S) -> Report {
    let run = fastrand::u64(..);
    let mut report = Report::new();
    macro_rules! cases {
        ($($case:ident: $name:literal,)*) => {$({
            let keys = [1, 2].map(|n| key(&format!("conformance-{run:016x}-{}-{n}", stringify!($case))));
            let stores = (0..INSTANCES).map(|_| Arc::new(instance())).collect();
            let stage = Stage { stores, keys, lease, time };
            report.add($name, stage.$case().await);
        })*};
    }
    cases! {
        at_once: "of 200 who claim an event at once, one gets it",
        released: "what is released goes to the next, under another token",
        handled: "what is done is nobody's, long after its lease as well",
        lapsed: "a claim of which nothing is said lapses after its lease",
        late: "who lost his claim is not heard while another has it",
        late_and_done: "who lost his claim does not undo what another has done",
        late_and_alone: "who is late and was not followed does no harm",
        other_tokens: "a token acts for its own claim only",
        nobodys: "what nobody claimed cannot be done or released",
        lost_claim: "a claim whose answer is lost holds the event for no longer than a lease",
        lost_word: "what is said again, since its response was lost, is no error",
        clock_back: "a clock that goes back lets a claim lapse all the same",
        clock_ahead: "a clock that jumps ahead undoes nothing that is done",
    }
    report
}

/// A key that nobody else has.
fn key(name: &str) -> EventKey {
    let data = VideoKyc { verification_id: Some(name.to_owned()), ..VideoKyc::default() };
    Event::new(EventType::VkycUserCallQueued, "2025-05-22T03:51:14Z".into(), data).key()
}

/// What a case plays on: the instances, and two events that nobody has claimed.
struct Stage<'a, S> {
    stores: Vec<Arc<S>>,
    keys: [EventKey; 2],
    lease: Duration,
    time: &'a Time,
}

impl<S: Dedupe + 'static> Stage<'_, S> {
    /// An instance.
    fn at(&self, n: usize) -> Result<&Arc<S>, Fault> {
        self.stores.get(n % INSTANCES).ok_or_else(|| Fault::Failed("there is no instance".into()))
    }

    async fn claim(&self, n: usize) -> Result<Claim, Fault> {
        let [key, _] = &self.keys;
        self.at(n)?.claim(key).await.map_err(|error| Fault::Failed(format!("claim: {error}")))
    }

    async fn mine(&self, n: usize) -> Result<ClaimToken, Fault> {
        match self.claim(n).await? {
            Claim::Acquired(token) => Ok(token),
            other => failed(format!("Acquired was due, and {other:?} came")),
        }
    }

    async fn is(&self, n: usize, due: Claim) -> Outcome {
        let claim = self.claim(n).await?;
        hold(claim == due, || format!("{due:?} was due, and {claim:?} came"))
    }

    async fn complete(&self, n: usize, token: ClaimToken) -> Outcome {
        let [key, _] = &self.keys;
        self.at(n)?.complete(key, token).await.map_err(|error| Fault::Failed(format!("complete: {error}")))
    }

    async fn release(&self, n: usize, token: ClaimToken) -> Outcome {
        let [key, _] = &self.keys;
        self.at(n)?.release(key, token).await.map_err(|error| Fault::Failed(format!("release: {error}")))
    }

    /// A lease and a little more, so that a clock of milliseconds has seen it end.
    async fn lapse(&self) {
        self.time.advance(self.lease + Duration::from_millis(20)).await;
    }

    async fn at_once(self) -> Outcome {
        let [key, _] = self.keys;
        let mut asked = JoinSet::new();
        for n in 0..CLAIMANTS {
            let store = Arc::clone(self.at(n)?);
            asked.spawn(async move { store.claim(&key).await });
        }
        let (mut mine, mut busy) = (0, 0);
        while let Some(claim) = asked.join_next().await {
            let claim = claim.map_err(|error| Fault::Failed(error.to_string()))?;
            match claim.map_err(|error| Fault::Failed(format!("claim: {error}")))? {
                Claim::Acquired(_) => mine += 1,
                Claim::InProgress => busy += 1,
                Claim::Processed => return failed("nobody has done it, and somebody was told so"),
            }
        }
        hold((mine, busy) == (1, CLAIMANTS - 1), || format!("{mine} got it, and {busy} were told that it is busy"))
    }

    async fn released(self) -> Outcome {
        let first = self.mine(0).await?;
        self.release(1, first).await?;
        let second = self.mine(2).await?;
        hold(first != second, || "two claims have the same token".into())?;
        self.is(3, Claim::InProgress).await
    }

    async fn handled(self) -> Outcome {
        let token = self.mine(0).await?;
        self.complete(0, token).await?;
        self.is(1, Claim::Processed).await?;
        self.release(0, token).await?;
        self.is(2, Claim::Processed).await?;
        self.lapse().await;
        self.lapse().await;
        self.is(3, Claim::Processed).await
    }

    async fn lapsed(self) -> Outcome {
        let first = self.mine(0).await?;
        if self.time.is_moved() {
            self.time.advance(self.lease - self.lease / 10).await;
        }
        self.is(1, Claim::InProgress).await?;
        self.lapse().await;
        let second = self.mine(1).await?;
        hold(first != second, || "two claims have the same token".into())
    }

    async fn late(self) -> Outcome {
        let late = self.mine(0).await?;
        self.lapse().await;
        let other = self.mine(1).await?;
        self.release(0, late).await?;
        self.is(2, Claim::InProgress).await?;
        self.complete(0, late).await?;
        self.is(3, Claim::InProgress).await?;
        self.release(1, other).await?;
        self.mine(2).await.map(drop)
    }

    async fn late_and_done(self) -> Outcome {
        let late = self.mine(0).await?;
        self.lapse().await;
        let other = self.mine(1).await?;
        self.complete(1, other).await?;
        self.release(0, late).await?;
        self.is(2, Claim::Processed).await
    }

    /// A store may have forgotten the claim by then, or take its word; but it says so to all alike.
    async fn late_and_alone(self) -> Outcome {
        let late = self.mine(0).await?;
        self.lapse().await;
        self.complete(0, late).await?;
        match self.claim(1).await? {
            Claim::Processed => self.is(2, Claim::Processed).await,
            Claim::Acquired(_) => self.is(2, Claim::InProgress).await,
            Claim::InProgress => failed("it is busy, and nobody handles it"),
        }
    }

    async fn other_tokens(self) -> Outcome {
        let [first, second] = self.keys;
        let mine = self.mine(0).await?;
        let Ok(Claim::Acquired(of_other)) = self.at(1)?.claim(&second).await else {
            return failed("the claim of one event is in the way of another's");
        };
        hold(mine != of_other, || "claims of two events have the same token".into())?;
        let unknown = ClaimToken::random().map_err(|error| Fault::Failed(error.to_string()))?;
        for token in [of_other, unknown] {
            self.complete(2, token).await?;
            self.is(3, Claim::InProgress).await?;
            self.release(2, token).await?;
            self.is(3, Claim::InProgress).await?;
        }
        hold(first != second, || "two events have the same key".into())
    }

    async fn nobodys(self) -> Outcome {
        let token = ClaimToken::random().map_err(|error| Fault::Failed(error.to_string()))?;
        self.complete(0, token).await?;
        self.release(1, token).await?;
        self.mine(2).await.map(drop)
    }

    /// Whether the claim came to be is not known to who asked; to the store it is.
    async fn lost_claim(self) -> Outcome {
        let [key, _] = self.keys;
        for steps in 1..10 {
            broken_off(self.at(0)?.claim(&key), steps).await;
            self.time.advance(Duration::from_millis(20)).await;
            match self.claim(1).await? {
                Claim::Acquired(token) => self.release(1, token).await?,
                Claim::InProgress => {
                    self.lapse().await;
                    let token = self.mine(2).await?;
                    self.release(2, token).await?;
                }
                Claim::Processed => return failed("nobody has done it"),
            }
        }
        Ok(())
    }

    async fn lost_word(self) -> Outcome {
        let [key, _] = self.keys;
        for steps in 1..5 {
            let token = self.mine(0).await?;
            broken_off(self.at(0)?.release(&key, token), steps).await;
            self.release(0, token).await?;
        }
        let token = self.mine(1).await?;
        broken_off(self.at(1)?.complete(&key, token), 2).await;
        self.complete(1, token).await?;
        self.is(2, Claim::Processed).await?;
        self.complete(1, token).await?;
        self.is(3, Claim::Processed).await
    }

    async fn clock_back(self) -> Outcome {
        let slow = self.mine(0).await?;
        self.time.jump(Jump::Back(self.lease * 10))?;
        self.is(1, Claim::InProgress).await?;
        self.lapse().await;
        let other = self.mine(1).await?;
        self.complete(0, slow).await?;
        self.is(2, Claim::InProgress).await?;
        self.time.jump(Jump::Back(self.lease * 10))?;
        self.complete(1, other).await?;
        self.is(3, Claim::Processed).await
    }

    async fn clock_ahead(self) -> Outcome {
        let slow = self.mine(0).await?;
        self.time.jump(Jump::Ahead(self.lease * 10))?;
        let other = self.mine(1).await?;
        self.release(0, slow).await?;
        self.is(2, Claim::InProgress).await?;
        self.complete(1, other).await?;
        self.time.jump(Jump::Ahead(self.lease * 10))?;
        self.is(3, Claim::Processed).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Instant;

    use super::super::Verdict;
    use super::*;
    use crate::webhook::{DedupeFuture, MemoryDedupe};

    const LEASE: Duration = Duration::from_secs(60);

    /// A store and what moves its clock.
    fn moved() -> (Arc<MemoryDedupe>, Time) {
        let (start, now) = (Instant::now(), Arc::new(Mutex::new(Duration::ZERO)));
        let hand = Arc::clone(&now);
        let store = MemoryDedupe::default().lease(LEASE).clock(move || start + *hand.lock().unwrap());
        (Arc::new(store), Time::moved(move |time| *now.lock().unwrap() = time))
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_memory_of_one_process_passes_with_nothing_left_out() {
        let (store, time) = moved();
        let report = dedupe(LEASE, &time, || Arc::clone(&store)).await;
        assert!(report.cases().all(|(_, verdict)| *verdict == Verdict::Passed), "{report}");
        assert_eq!(report.cases().count(), 13);
    }

    #[tokio::test]
    async fn whose_clock_nobody_moves_is_waited_for() {
        let lease = Duration::from_millis(500);
        let store = Arc::new(MemoryDedupe::default().lease(lease));
        let report = dedupe(lease, &Time::real(), || Arc::clone(&store)).await;
        report.assert_passed();
        let left_out = report.cases().filter(|(_, verdict)| matches!(verdict, Verdict::LeftOut(_))).count();
        assert_eq!(left_out, 2, "{report}");
    }

    /// A memory that goes wrong in one way.
    struct Wrong(Arc<MemoryDedupe>, &'static str);

    impl Dedupe for Wrong {
        fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, Claim> {
            Box::pin(async move {
                let claim = self.0.claim(key).await?;
                // Looks first, and takes it later.
                if self.1 == "at once" && claim == Claim::InProgress {
                    return Ok(Claim::Acquired(ClaimToken::random()?));
                }
                Ok(claim)
            })
        }

        fn complete<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()> {
            Box::pin(async move { if self.1 == "forgets" { Ok(()) } else { self.0.complete(key, token).await } })
        }

        fn release<'a>(&'a self, key: &'a EventKey, token: ClaimToken) -> DedupeFuture<'a, ()> {
            Box::pin(async move {
                match self.1 {
                    "not found" => Err("there is no such claim".into()),
                    _ => self.0.release(key, token).await,
                }
            })
        }
    }

    #[tokio::test]
    async fn those_that_go_wrong_do_not() {
        for (wrong, words) in [
            ("at once", "200 got it, and 0 were told that it is busy"),
            ("forgets", "Processed was due, and InProgress came"),
            ("not found", "release: there is no such claim"),
        ] {
            let (store, time) = moved();
            let report = dedupe(LEASE, &time, || Wrong(Arc::clone(&store), wrong)).await;
            assert!(!report.passed() && report.to_string().contains(words), "{wrong}:\n{report}");
        }
    }
}
