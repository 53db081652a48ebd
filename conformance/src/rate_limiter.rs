//! The suite for rate limiters.

use std::array;
use std::sync::Arc;
use std::time::Duration;

use cashfree_vkyc::{Exhausted, RateLimiter, Slot};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Fault, Outcome, Report, Time, ensure, interrupted};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);
/// The longest that a slow machine may take for a step, while the store's clock runs.
const SLOW: Duration = Duration::from_secs(2);
const INSTANCES: usize = 4;

/// Runs the suite for limiters of this many requests a minute, which should be 20 or more. `instance` returns the limiter of an account
/// as one more instance of a service has it: those of the same name share a limit. The names are new in every run.
///
/// ```
/// # use std::{collections::HashMap, sync::{Arc, Mutex}, time::{Duration, Instant}};
/// # use cashfree_vkyc::{Exhausted, RateLimiter, ReserveSlot, Slot};
/// use cashfree_vkyc_conformance::{self as conformance, Time};
///
/// # /// Evenly spread.
/// # struct Yours(Mutex<Instant>);
/// # impl RateLimiter for Yours {
/// #     fn reserve<'a>(&'a self, within: Duration) -> ReserveSlot<'a> {
/// #         let (now, mut next) = (Instant::now(), self.0.lock().unwrap());
/// #         let wait = next.saturating_duration_since(now);
/// #         let found = if wait > within { Err(Exhausted { retry_after: wait }) } else { Ok(Slot::after(wait)) };
/// #         if found.is_ok() { *next = now + wait + Duration::from_millis(50); }
/// #         Box::pin(std::future::ready(found))
/// #     }
/// # }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// # let accounts: Mutex<HashMap<String, Arc<Yours>>> = Mutex::default();
/// # let connect = |account: &str| -> Arc<Yours> {
/// #     accounts.lock().unwrap().entry(account.to_owned()).or_insert_with(|| Arc::new(Yours(Mutex::new(Instant::now())))).clone()
/// # };
/// let report = conformance::rate_limiter(1200, &Time::real(), |account| connect(account)).await;
/// report.assert_passed();
/// # }
/// ```
pub async fn rate_limiter(per_minute: u32, time: &Time, instance: impl Fn(&str) -> Arc<dyn RateLimiter>) -> Report {
    let (run, mut cases) = (fastrand::u64(..), 0);
    let mut stage = || {
        cases += 1;
        let account = format!("conformance-{run:016x}-{cases}");
        let limiters = array::from_fn(|_| instance(&account));
        Stage { limiters, other: instance(&format!("{account}-other")), per_minute, time }
    };
    let mut report = Report::new();
    let name =
        "of many concurrent requests in several instances, no minute has more than the limit, and 85 % of it is used";
    report.add(name, stage().shared().await);
    let name = "without a slot in time none is taken, and the response says when there is one";
    report.add(name, stage().none_in_time().await);
    report.add("a slot that is given back goes to at most one other request", stage().given_back().await);
    report.add("a slot whose response is lost is at most one slot", stage().lost_response().await);
    report.add("another account has its own limit", stage().other_account().await);
    report.add("the reported limit is the real one", stage().reported().await);
    report.add("after the clock went back, nobody waits longer, and the limit holds", stage().clock_back().await);
    report.add("after the clock jumped ahead, the limit holds for later reservations", stage().clock_ahead().await);
    report
}

/// The setting of a case: the limiters of several instances on an unused account, and one on another account.
struct Stage<'a> {
    limiters: [Arc<dyn RateLimiter>; INSTANCES],
    other: Arc<dyn RateLimiter>,
    per_minute: u32,
    time: &'a Time,
}

/// The earliest and the latest time of a slot, counted from the first request.
type Due = (Duration, Duration);

impl Stage<'_> {
    fn at(&self, n: u32) -> &Arc<dyn RateLimiter> {
        let [first, ..] = &self.limiters;
        self.limiters.get(n as usize % INSTANCES).unwrap_or(first)
    }

    /// The time between two slots of the slowest limiter that is allowed.
    fn apart(&self) -> Duration {
        MINUTE * 100 / (85 * self.per_minute).max(1)
    }

    async fn reserve(&self, n: u32, within: Duration) -> Result<Result<Slot, Exhausted>, Fault> {
        let result = self.at(n).reserve(within).await;
        match result {
            Ok(slot) if slot.wait() > within => {
                Err(format!("a slot in {:?}, where {within:?} was asked", slot.wait()).into())
            }
            Err(none) if none.retry_after <= within => {
                Err(format!("none within {within:?}, and one is said to be free in {:?}", none.retry_after).into())
            }
            result => Ok(result),
        }
    }

    async fn slot(&self, n: u32) -> Result<Slot, Fault> {
        Ok(self.reserve(n, HOUR).await?.map_err(|none| format!("no slot within an hour: {none:?}"))?)
    }

    /// Reserves this many slots concurrently, and returns when they are due.
    async fn reserve_many(&self, slots: u32) -> Result<Vec<Due>, Fault> {
        let (start, mut requests) = (Instant::now(), JoinSet::new());
        for n in 0..slots {
            let limiter = Arc::clone(self.at(n));
            requests.spawn(async move {
                let before = start.elapsed();
                limiter.reserve(HOUR).await.map(|slot| (before + slot.wait(), start.elapsed() + slot.wait()))
            });
        }
        let due: Result<Vec<_>, _> = requests.join_all().await.into_iter().collect();
        let mut due = due.map_err(|none| format!("no slot within an hour: {none:?}"))?;
        due.sort_unstable();
        Ok(due)
    }

    /// Checks that no minute has more than the limit, as far as the responses prove it.
    fn within_the_limit(&self, due: &[Due]) -> Outcome {
        let limit = self.per_minute as usize;
        for ((earliest, _), (_, latest)) in due.iter().zip(due.iter().skip(limit)) {
            ensure(latest.saturating_sub(*earliest) >= MINUTE, || {
                format!("{} slots from {earliest:?} to {latest:?}", limit + 1)
            })?;
        }
        Ok(())
    }

    async fn shared(self) -> Outcome {
        let slots = self.per_minute * 3;
        let due = self.reserve_many(slots).await?;
        self.within_the_limit(&due)?;
        let Some((last, _)) = due.last() else { return Ok(()) };
        let most = self.apart() * slots + SLOW;
        ensure(*last <= most, || format!("{slots} slots last {last:?}, which is more than {most:?}"))
    }

    async fn none_in_time(self) -> Outcome {
        let mut taken = 0;
        let retry_after = loop {
            match self.reserve(taken, Duration::ZERO).await? {
                Ok(_) if taken > self.per_minute => return Err("it is always free".into()),
                Ok(_) => taken += 1,
                Err(none) => break none.retry_after,
            }
        };
        for n in 0..2 * self.per_minute {
            if self.reserve(n, retry_after / 1000).await?.is_ok() {
                break; // the machine is so slow that a slot is free
            }
        }
        let slot = self.slot(1).await?;
        let most = retry_after + self.apart() + Duration::from_millis(1);
        ensure(slot.wait() <= most, || format!("free in {retry_after:?}, and then the wait was {:?}", slot.wait()))?;
        self.time.advance(slot.wait() + self.apart() * 2).await;
        let next = self.reserve(2, Duration::ZERO).await?;
        ensure(next.is_ok(), || format!("it should be free by now: {next:?}"))
    }

    async fn given_back(self) -> Outcome {
        let (start, mut slots) = (Instant::now(), Vec::new());
        for _ in 0..self.per_minute {
            slots.push(self.slot(0).await?);
        }
        let Some((newest, older)) = slots.split_last() else { return Ok(()) };
        // Other requests wait for the slots after each of these.
        self.give_back(older).await;
        let next = self.slot(0).await?;
        self.not_before(start, next, newest.wait() + self.apart() / 2)?;
        // Giving a slot back twice is the same as once.
        self.give_back(&[next, next]).await;
        let (again, after) = (self.slot(0).await?, self.slot(0).await?);
        self.not_before(start, again, newest.wait() + self.apart() / 2)?;
        self.not_before(start, after, newest.wait() + self.apart() * 3 / 2)
    }

    /// Gives slots back, and waits a little, because a store may do that in the background.
    async fn give_back(&self, slots: &[Slot]) {
        slots.iter().for_each(|slot| self.at(0).give_back(*slot));
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    /// Checks that a slot is not due before this time, counted from `start`.
    fn not_before(&self, start: Instant, slot: Slot, due: Duration) -> Outcome {
        ensure(slot.wait() + start.elapsed() >= due, || format!("in {:?}, where {due:?} was due", slot.wait()))
    }

    async fn lost_response(self) -> Outcome {
        const LOST: u32 = 10;
        // No slot is left that could be given in advance.
        let before = self.reserve_many(self.per_minute).await?.into_iter().map(|(_, latest)| latest).max();
        for polls in 1..=LOST {
            interrupted(self.at(polls).reserve(HOUR), polls as usize).await;
        }
        self.time.advance(Duration::from_millis(20)).await;
        let slot = self.slot(0).await?;
        let most = before.unwrap_or_default() + self.apart() * (LOST + 1) + SLOW;
        ensure(slot.wait() <= most, || format!("{:?}, where {most:?} was due at the latest", slot.wait()))
    }

    async fn other_account(self) -> Outcome {
        let booked = self.reserve_many(self.per_minute).await?;
        let free = self.other.reserve(Duration::ZERO).await;
        ensure(free.is_ok() && !booked.is_empty(), || format!("the other account waits, too: {free:?}"))
    }

    async fn reported(self) -> Outcome {
        let wrong = self.limiters.iter().filter_map(|limiter| limiter.per_minute()).find(|n| *n != self.per_minute);
        ensure(wrong.is_none(), || format!("{wrong:?}, and not {}", self.per_minute))
    }

    async fn clock_back(self) -> Outcome {
        let back = |now: Duration| now.saturating_sub(100 * HOUR);
        let start = Instant::now();
        let mut last = self.slot(0).await?;
        for n in 1..self.per_minute {
            last = self.slot(n).await?;
        }
        self.time.jump(back)?;
        let (next, passed) = (self.slot(1).await?, start.elapsed());
        let (least, most) = (last.wait().saturating_sub(passed), last.wait() + self.apart() * 2);
        ensure((least..=most).contains(&next.wait()), || format!("{:?}, where it was {last:?} before", next.wait()))?;
        self.time.jump(back)?;
        let due = self.reserve_many(self.per_minute + 1).await?;
        self.within_the_limit(&due)
    }

    async fn clock_ahead(self) -> Outcome {
        self.reserve_many(self.per_minute).await?;
        self.time.jump(|now| now + 100 * HOUR)?;
        let due = self.reserve_many(self.per_minute * 2).await?;
        self.within_the_limit(&due)?;
        ensure(due.first().is_some_and(|(first, _)| *first <= SLOW), || "all of it is still reserved".into())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Mutex;

    use cashfree_vkyc::{RateLimit, ReserveSlot};

    use super::super::Verdict;
    use super::*;

    /// Limiters by the name of their account.
    fn accounts(new: impl Fn() -> Arc<dyn RateLimiter>) -> impl Fn(&str) -> Arc<dyn RateLimiter> {
        let known: Mutex<HashMap<String, Arc<dyn RateLimiter>>> = Mutex::default();
        move |account| Arc::clone(known.lock().unwrap().entry(account.to_owned()).or_insert_with(&new))
    }

    #[tokio::test(start_paused = true)]
    async fn the_limiter_of_one_process_passes() {
        for per_minute in [20, 100, 600] {
            let limiters = accounts(|| RateLimit::per_minute(per_minute).into_limiter().unwrap());
            let report = rate_limiter(per_minute, &Time::real(), limiters).await;
            report.assert_passed();
            let skipped = report.cases().filter(|(_, verdict)| matches!(verdict, Verdict::Skipped(_))).count();
            assert_eq!(skipped, 2, "a clock that cannot jump:\n{report}");
        }
    }

    /// A limiter whose slots are always free after this time.
    struct Always(Duration);

    impl RateLimiter for Always {
        fn reserve<'a>(&'a self, within: Duration) -> ReserveSlot<'a> {
            let found = if self.0 > within { Err(Exhausted { retry_after: self.0 }) } else { Ok(Slot::after(self.0)) };
            Box::pin(std::future::ready(found))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_lets_all_through_does_not() {
        let report = rate_limiter(100, &Time::real(), accounts(|| Arc::new(Always(Duration::ZERO)))).await;
        let failed: Vec<_> =
            report.cases().filter(|(_, verdict)| matches!(verdict, Verdict::Failed(_))).map(|(name, _)| name).collect();
        assert_eq!(failed.len(), 3, "{report}");
        assert!(report.to_string().contains("it is always free"), "{report}");
    }

    #[tokio::test(start_paused = true)]
    async fn nor_does_one_for_all_accounts_or_one_that_starves() {
        let one = RateLimit::per_minute(100).into_limiter().unwrap();
        let report = rate_limiter(100, &Time::real(), |_| Arc::clone(&one)).await;
        assert!(report.to_string().contains("the other account waits, too"), "{report}");
        let report = rate_limiter(100, &Time::real(), accounts(|| Arc::new(Always(2 * HOUR)))).await;
        assert!(report.to_string().contains("no slot within an hour"), "{report}");
    }
}
