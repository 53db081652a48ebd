//! The suite for de-duplication stores.

use std::array;
use std::sync::Arc;
use std::time::Duration;

use cashfree_vkyc::webhook::{Claim, ClaimToken, Dedupe, Event, EventKey};
use cashfree_vkyc::{EventType, VideoKyc};
use tokio::task::JoinSet;

use super::{Fault, Outcome, Report, Time, ensure, interrupted};

/// The number of concurrent claims, and of the instances that they use.
const CLAIMANTS: usize = 200;
const INSTANCES: usize = 4;

/// Runs the suite for de-duplication stores. `instance` returns the store for another instance of a service, with this `lease`.
/// Half a second or more is enough for a slow machine. The suite's events have random names, so the store may contain others.
///
/// ```
/// use std::sync::{Arc, Mutex};
/// use std::time::{Duration, Instant};
/// use cashfree_vkyc::webhook::MemoryDedupe;
/// use cashfree_vkyc_conformance::{self as conformance, Time};
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
    let (run, mut cases) = (fastrand::u64(..), 0);
    let mut stage = || {
        cases += 1;
        let [key, other] = [1, 2].map(|n| key(&format!("conformance-{run:016x}-{cases}-{n}")));
        Stage { stores: array::from_fn(|_| Arc::new(instance())), key, other, lease, time }
    };
    let mut report = Report::default();
    report.add("of 200 concurrent claims of an event, one acquires it", stage().at_once().await);
    for (name, acts) in SCRIPTS {
        report.add(name, stage().run(acts).await);
    }
    report.add("a late completion leaves a consistent state", stage().late_completion().await);
    report.add("a claim whose response is lost expires after its lease", stage().lost_claim().await);
    report.add("completing or releasing again is no error", stage().repeated().await);
    report
}

/// One act of a case. Each uses another instance than the one before. Tokens are numbered in the order of their acquisition.
#[derive(Clone, Copy)]
enum Act {
    /// Claims the event and must acquire it, with a new token.
    Acquire,
    /// The same for another event.
    Other,
    /// Adds a token that was never acquired.
    Unknown,
    /// Claims the event and must get this result.
    Expect(Claim),
    /// Completes the event with a token.
    Finish(usize),
    /// Releases the event with a token.
    Release(usize),
    /// Waits until the lease has ended.
    Expire,
    /// Waits until the lease has nearly ended, if the suite sets the clock.
    Nearly,
    /// Sets the clock back.
    Back,
    /// Sets the clock ahead.
    Ahead,
}

const BUSY: Act = Act::Expect(Claim::InProgress);
const DONE: Act = Act::Expect(Claim::Processed);

const SCRIPTS: [(&str, &[Act]); 9] = {
    use Act::*;
    [
        ("a released event goes to the next claim, with another token", &[Acquire, Release(0), Acquire, BUSY]),
        (
            "a completed event stays processed, also long after its lease",
            &[Acquire, Finish(0), DONE, Release(0), DONE, Expire, Expire, DONE],
        ),
        ("a claim expires after its lease", &[Acquire, Nearly, BUSY, Expire, Acquire]),
        (
            "a holder whose claim expired cannot affect another's claim",
            &[Acquire, Expire, Acquire, Release(0), BUSY, Finish(0), BUSY, Release(1), Acquire],
        ),
        (
            "a holder whose claim expired cannot undo what another completed",
            &[Acquire, Expire, Acquire, Finish(1), Release(0), DONE],
        ),
        (
            "a token acts for its own claim only",
            &[Acquire, Other, Unknown, Finish(1), BUSY, Release(1), BUSY, Finish(2), BUSY, Release(2), BUSY],
        ),
        ("an event without a claim cannot be completed or released", &[Unknown, Finish(0), Release(0), Acquire]),
        (
            "a claim expires although the clock went back",
            &[Acquire, Back, BUSY, Expire, Acquire, Finish(0), BUSY, Back, Finish(1), DONE],
        ),
        (
            "a clock that jumps ahead undoes no completion",
            &[Acquire, Ahead, Acquire, Release(0), BUSY, Finish(1), Ahead, DONE],
        ),
    ]
};

/// Returns the key of an event that no other case uses.
fn key(name: &str) -> EventKey {
    let mut data = VideoKyc::default();
    data.verification_id = Some(name.to_owned());
    Event::new(EventType::VkycUserCallQueued, "2025-05-22T03:51:14Z".into(), data).key()
}

/// The setting of a case: the instances, and two events without a claim.
struct Stage<'a, S> {
    stores: [Arc<S>; INSTANCES],
    key: EventKey,
    other: EventKey,
    lease: Duration,
    time: &'a Time,
}

impl<S: Dedupe + 'static> Stage<'_, S> {
    fn at(&self, n: usize) -> &Arc<S> {
        let [first, ..] = &self.stores;
        self.stores.get(n % INSTANCES).unwrap_or(first)
    }

    async fn acquire(&self, n: usize) -> Result<ClaimToken, Fault> {
        acquired(self.at(n).claim(&self.key).await?)
    }

    async fn expect(&self, n: usize, due: Claim) -> Outcome {
        let claim = self.at(n).claim(&self.key).await?;
        ensure(claim == due, || format!("{due:?} was due, and {claim:?} came"))
    }

    /// Waits for a lease and a little more, so that a clock of milliseconds shows that it ended.
    async fn expire(&self) {
        self.time.advance(self.lease + Duration::from_millis(20)).await;
    }

    async fn run(self, acts: &[Act]) -> Outcome {
        let mut tokens = Vec::new();
        for (n, act) in acts.iter().enumerate() {
            let token = |at: usize| tokens.get(at).copied().ok_or("the case has no such token");
            let mut new = None;
            match *act {
                Act::Acquire => new = Some(self.acquire(n).await?),
                Act::Other => new = Some(acquired(self.at(n).claim(&self.other).await?)?),
                Act::Unknown => new = Some(ClaimToken::random()?),
                Act::Expect(due) => self.expect(n, due).await?,
                Act::Finish(at) => self.at(n).complete(&self.key, token(at)?).await?,
                Act::Release(at) => self.at(n).release(&self.key, token(at)?).await?,
                Act::Back => self.time.jump(|now| now.saturating_sub(self.lease * 10))?,
                Act::Ahead => self.time.jump(|now| now + self.lease * 10)?,
                Act::Nearly if self.time.is_moved() => self.time.advance(self.lease * 9 / 10).await,
                Act::Nearly => {}
                Act::Expire => self.expire().await,
            }
            let is_known = new.is_some_and(|new| tokens.contains(&new));
            ensure(!is_known, || "two claims have the same token".into())?;
            tokens.extend(new);
        }
        Ok(())
    }

    async fn at_once(self) -> Outcome {
        let mut claims = JoinSet::new();
        for n in 0..CLAIMANTS {
            let (store, key) = (Arc::clone(self.at(n)), self.key);
            claims.spawn(async move { store.claim(&key).await });
        }
        let claims: Vec<_> = claims.join_all().await.into_iter().collect::<Result<_, _>>()?;
        let acquired = claims.iter().filter(|claim| matches!(claim, Claim::Acquired(_))).count();
        let busy = claims.iter().filter(|claim| **claim == Claim::InProgress).count();
        ensure((acquired, busy) == (1, CLAIMANTS - 1), || format!("{acquired} acquired it, and {busy} were refused"))
    }

    /// A store may have forgotten the claim by then, or accept the completion. Its responses must agree.
    async fn late_completion(self) -> Outcome {
        let late = self.acquire(0).await?;
        self.expire().await;
        self.at(0).complete(&self.key, late).await?;
        match self.at(1).claim(&self.key).await? {
            Claim::Processed => self.expect(2, Claim::Processed).await,
            Claim::Acquired(_) => self.expect(2, Claim::InProgress).await,
            Claim::InProgress => Err("it is in progress, but no handler has it".into()),
        }
    }

    /// The caller does not know whether the claim succeeded; the store does.
    async fn lost_claim(self) -> Outcome {
        for polls in 1..10 {
            interrupted(self.at(0).claim(&self.key), polls).await;
            self.time.advance(Duration::from_millis(20)).await;
            let token = match self.at(1).claim(&self.key).await? {
                Claim::Acquired(token) => token,
                Claim::InProgress => {
                    self.expire().await;
                    self.acquire(2).await?
                }
                Claim::Processed => Err("it was never completed")?,
            };
            self.at(1).release(&self.key, token).await?;
        }
        Ok(())
    }

    async fn repeated(self) -> Outcome {
        for polls in 1..5 {
            let token = self.acquire(0).await?;
            interrupted(self.at(0).release(&self.key, token), polls).await;
            self.at(0).release(&self.key, token).await?;
        }
        let token = self.acquire(1).await?;
        interrupted(self.at(1).complete(&self.key, token), 2).await;
        self.at(1).complete(&self.key, token).await?;
        self.expect(2, Claim::Processed).await?;
        self.at(1).complete(&self.key, token).await?;
        self.expect(3, Claim::Processed).await
    }
}

fn acquired(claim: Claim) -> Result<ClaimToken, Fault> {
    match claim {
        Claim::Acquired(token) => Ok(token),
        other => Err(format!("Acquired was due, and {other:?} came").into()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Instant;

    use cashfree_vkyc::webhook::{DedupeFuture, MemoryDedupe};

    use super::super::Verdict;
    use super::*;

    const LEASE: Duration = Duration::from_secs(60);

    /// A store and its clock.
    fn moved() -> (Arc<MemoryDedupe>, Time) {
        let (start, now) = (Instant::now(), Arc::new(Mutex::new(Duration::ZERO)));
        let hand = Arc::clone(&now);
        let store = MemoryDedupe::default().lease(LEASE).clock(move || start + *hand.lock().unwrap());
        (Arc::new(store), Time::moved(move |time| *now.lock().unwrap() = time))
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn the_memory_store_passes_with_no_case_skipped() {
        let (store, time) = moved();
        let report = dedupe(LEASE, &time, || Arc::clone(&store)).await;
        assert!(report.cases().all(|(_, verdict)| *verdict == Verdict::Passed), "{report}");
        assert_eq!(report.cases().count(), 13);
    }

    #[tokio::test]
    async fn the_suite_waits_for_a_clock_that_cannot_be_set() {
        let lease = Duration::from_millis(500);
        let store = Arc::new(MemoryDedupe::default().lease(lease));
        let report = dedupe(lease, &Time::real(), || Arc::clone(&store)).await;
        report.assert_passed();
        let skipped = report.cases().filter(|(_, verdict)| matches!(verdict, Verdict::Skipped(_))).count();
        assert_eq!(skipped, 2, "{report}");
    }

    /// A memory store with one fault.
    struct Wrong(Arc<MemoryDedupe>, &'static str);

    impl Dedupe for Wrong {
        fn claim<'a>(&'a self, key: &'a EventKey) -> DedupeFuture<'a, Claim> {
            Box::pin(async move {
                let claim = self.0.claim(key).await?;
                // Checks first, and acquires later.
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
    async fn stores_with_a_fault_fail_the_suite() {
        for (wrong, words) in [
            ("at once", "200 acquired it, and 0 were refused"),
            ("forgets", "Processed was due, and InProgress came"),
            ("not found", "there is no such claim"),
        ] {
            let (store, time) = moved();
            let report = dedupe(LEASE, &time, || Wrong(Arc::clone(&store), wrong)).await;
            assert!(!report.passed() && report.to_string().contains(words), "{wrong}:\n{report}");
        }
    }
}
