//! The suite for rate limiters.

use std::array;
use std::sync::Arc;
use std::time::Duration;

use cashfree_vkyc::{Priority, RateLimiter, Slots};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::{Fault, Outcome, Report, Time, ensure, interrupted};

const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);
/// The longest time of a step on a slow machine, while the store's clock runs.
const SLOW: Duration = Duration::from_secs(2);
/// After a longer step, a waiting call may count as gone.
const SOON: Duration = Duration::from_millis(20);
const INSTANCES: usize = 4;

/// Runs the suite for limiters of this many requests a minute, which should be 20 or more. `instance` returns the limiter of an
/// account for another instance of a service: limiters of the same account share a limit. The names of the accounts are new in
/// every run.
///
/// The first case lasts more than a minute: with [`Time::real`], the suite waits for it.
///
/// ```
/// # use std::{collections::HashMap, sync::{Arc, Mutex}, time::Duration};
/// # use cashfree_vkyc::{Priority, RateLimiter, Slots, TakeSlots};
/// # use tokio::time::Instant;
/// use cashfree_vkyc_conformance::{self as conformance, Time};
///
/// # /// Evenly spread. `kept`: a call waits for the next slot.
/// # struct Yours { next: Instant, kept: Instant }
/// # struct Locked(Mutex<Yours>);
/// # impl RateLimiter for Locked {
/// #     fn take<'a>(&'a self, most: u32, priority: Priority) -> TakeSlots<'a> {
/// #         let (now, mut yours) = (Instant::now(), self.0.lock().unwrap());
/// #         let is_call = priority == Priority::Foreground;
/// #         let taken = u32::from(most > 0 && yours.next <= now && (is_call || yours.kept <= now));
/// #         if taken == 1 { yours.next = now + Duration::from_millis(51); }
/// #         if is_call && taken < most { yours.kept = yours.next + Duration::from_millis(50); }
/// #         let free = if is_call { yours.next } else { yours.next.max(yours.kept) };
/// #         Box::pin(std::future::ready(Slots { taken, retry_after: free.saturating_duration_since(now) }))
/// #     }
/// # }
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() {
/// # let accounts: Mutex<HashMap<String, Arc<Locked>>> = Mutex::default();
/// # let new = || Arc::new(Locked(Mutex::new(Yours { next: Instant::now(), kept: Instant::now() })));
/// # let connect = |account: &str| -> Arc<Locked> {
/// #     accounts.lock().unwrap().entry(account.to_owned()).or_insert_with(new).clone()
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
        let other = instance(&format!("{account}-other"));
        Stage { limiters, other, per_minute, time, start: Instant::now(), moved: Duration::ZERO, slots: Vec::new() }
    };
    let mut report = Report::default();
    let name = "of concurrent requests in several instances, no minute has more than the limit, and 85 % of it is used";
    report.add(name, stage().shared().await);
    report.add("if no slot is free, none is taken, and the response says when there is one", stage().none_free().await);
    report.add(
        "a background request gets no slot while a call waits, and one when none does",
        stage().background().await,
    );
    report.add("a lost response costs at most the slots that were asked for", stage().lost_response().await);
    report.add("another account has its own limit", stage().other_account().await);
    report.add("the reported limit is the real one", stage().reported().await);
    report.add(
        "after the clock went back, the next slot is as soon as before, and the limit holds",
        stage().clock_back().await,
    );
    report.add(
        "after the clock jumped ahead, a slot is free, and the limit holds from then on",
        stage().clock_ahead().await,
    );
    report
}

/// The setting of a case: the limiters of several instances on an unused account, and one on another account.
struct Stage<'a> {
    limiters: [Arc<dyn RateLimiter>; INSTANCES],
    other: Arc<dyn RateLimiter>,
    per_minute: u32,
    time: &'a Time,
    start: Instant,
    /// The time for which the clock was moved instead of waiting.
    moved: Duration,
    /// The earliest and the latest time of each slot, counted from the start.
    slots: Vec<(Duration, Duration)>,
}

impl Stage<'_> {
    fn at(&self, n: u32) -> &Arc<dyn RateLimiter> {
        let [first, ..] = &self.limiters;
        self.limiters.get(n as usize % INSTANCES).unwrap_or(first)
    }

    /// The time between two slots of the slowest conforming limiter.
    fn apart(&self) -> Duration {
        MINUTE * 100 / (85 * self.per_minute).max(1)
    }

    fn now(&self) -> Duration {
        self.start.elapsed() + self.moved
    }

    async fn advance(&mut self, time: Duration) {
        self.time.advance(time).await;
        if self.time.is_moved() {
            self.moved += time;
        }
    }

    async fn take(&mut self, n: u32, most: u32, priority: Priority) -> Result<Slots, Fault> {
        let before = self.now();
        let slots = self.at(n).take(most, priority).await;
        self.note(before, most, slots)?;
        Ok(slots)
    }

    fn note(&mut self, before: Duration, most: u32, slots: Slots) -> Outcome {
        let after = self.now();
        self.slots.extend((0..slots.taken.min(most)).map(|_| (before, after)));
        ensure(slots.taken <= most, || format!("{} slots taken, where {most} were asked for", slots.taken))
    }

    /// Takes slots by concurrent requests in all instances, for this long.
    async fn take_all(&mut self, time: Duration) -> Outcome {
        let end = self.now() + time;
        let mut round = 0;
        // A limiter that took this many in a minute has failed.
        let too_many = 4 * self.per_minute as usize;
        while self.now() < end && self.slots.len() <= too_many {
            round += 1;
            let (before, mut requests) = (self.now(), JoinSet::new());
            for n in 0..8 {
                let (limiter, most) = (Arc::clone(self.at(n)), (n + round) % 3 + 1);
                let priority = if n < 6 { Priority::Foreground } else { Priority::Background };
                requests.spawn(async move { (most, limiter.take(most, priority).await) });
            }
            let mut wait = MINUTE;
            for (most, slots) in requests.join_all().await {
                self.note(before, most, slots)?;
                wait = wait.min(slots.retry_after);
            }
            self.advance(wait.max(MILLISECOND)).await;
        }
        self.check()
    }

    /// Checks that no minute has more than the limit, as far as the responses prove it.
    fn check(&mut self) -> Outcome {
        self.slots.sort_unstable();
        let limit = self.per_minute as usize;
        for ((earliest, _), (_, latest)) in self.slots.iter().zip(self.slots.iter().skip(limit)) {
            ensure(latest.saturating_sub(*earliest) >= MINUTE, || {
                format!("{} slots from {earliest:?} to {latest:?}", limit + 1)
            })?;
        }
        Ok(())
    }

    /// Takes all free slots, by calls. Returns when the next one is free; a call waits for it.
    async fn drain(&mut self) -> Result<Duration, Fault> {
        for n in 0..=self.per_minute {
            let slots = self.take(n, 1, Priority::Foreground).await?;
            if slots.taken == 0 {
                ensure(!slots.retry_after.is_zero(), || "no slot was free, and one is said to be free now".into())?;
                return Ok(slots.retry_after);
            }
        }
        Err("a slot is always free".into())
    }

    /// Asks until there is a slot. Returns how long that took.
    async fn slot(&mut self, n: u32, priority: Priority) -> Result<Duration, Fault> {
        let start = self.now();
        while self.now() - start < HOUR {
            let slots = self.take(n, 1, priority).await?;
            if slots.taken == 1 {
                return Ok(self.now() - start);
            }
            self.advance(slots.retry_after.max(MILLISECOND)).await;
        }
        Err("no slot within an hour".into())
    }

    /// A limiter with fixed windows would allow twice the limit around the end of a window.
    async fn shared(mut self) -> Outcome {
        self.slot(0, Priority::Foreground).await?;
        self.advance(SECOND * 5).await;
        let start = self.now();
        self.take_all(MINUTE + SECOND * 2).await?;
        let used = self.slots.iter().filter(|(_, latest)| (start..start + MINUTE).contains(latest)).count();
        let least = self.per_minute as usize * 85 / 100;
        ensure(used >= least, || format!("{used} slots in a minute, where {least} are the least"))
    }

    async fn none_free(mut self) -> Outcome {
        let mut retry_after = self.drain().await?;
        for n in 0..2 * self.per_minute {
            let slots = self.take(n, n % 4, Priority::Foreground).await?;
            retry_after = slots.retry_after;
            if slots.taken > 0 {
                retry_after = self.drain().await?; // the machine is slow
                break;
            }
        }
        ensure(retry_after <= self.apart() * 2, || format!("the next slot is free in {retry_after:?}"))?;
        self.advance(retry_after + MILLISECOND).await;
        let slots = self.take(2, 1, Priority::Foreground).await?;
        ensure(slots.taken == 1, || format!("it should be free by now: {slots:?}"))
    }

    async fn background(mut self) -> Outcome {
        for attempt in 0_u32.. {
            let retry_after = self.drain().await?;
            let waiting = self.now();
            self.advance(retry_after).await;
            let slots = self.take(1, 1, Priority::Background).await?;
            let is_soon = self.now() - waiting <= retry_after + SOON;
            if slots.taken == 0 {
                break;
            }
            ensure(!is_soon && attempt < 50, || "a background request got the slot for which a call waits".into())?;
        }
        let wait = self.slot(0, Priority::Foreground).await?;
        ensure(wait <= self.apart() + SLOW, || format!("a call waited for {wait:?}"))?;
        for reason in ["the call has its slot", "the call went away"] {
            let wait = self.slot(2, Priority::Background).await?;
            let most = self.apart() * 2 + SLOW;
            ensure(wait <= most, || format!("{reason}, and a background request waited for {wait:?}"))?;
            self.drain().await?;
        }
        Ok(())
    }

    async fn lost_response(mut self) -> Outcome {
        self.drain().await?;
        for polls in 1..=10 {
            // At least one slot is free, or as many as requested.
            self.advance(self.apart() * 2).await;
            interrupted(self.at(polls).take(1, Priority::Foreground), polls as usize).await;
            self.advance(MILLISECOND).await;
        }
        let wait = self.slot(0, Priority::Foreground).await?;
        let most = self.apart() * 2 + SLOW;
        ensure(wait <= most, || format!("the next slot came after {wait:?}, where {most:?} is the most"))
    }

    async fn other_account(mut self) -> Outcome {
        self.drain().await?;
        let slots = self.other.take(1, Priority::Foreground).await;
        ensure(slots.taken == 1, || format!("the other account waits, too: {slots:?}"))
    }

    async fn reported(self) -> Outcome {
        let wrong = self.limiters.iter().filter_map(|limiter| limiter.per_minute()).find(|n| *n != self.per_minute);
        ensure(wrong.is_none(), || format!("{wrong:?}, and not {}", self.per_minute))
    }

    async fn clock_back(mut self) -> Outcome {
        for _ in 0..2 {
            self.drain().await?;
            self.time.jump(|now| now.saturating_sub(100 * HOUR))?;
            for priority in [Priority::Foreground, Priority::Background] {
                let wait = self.slot(1, priority).await?;
                ensure(wait <= self.apart() * 3 + SLOW, || format!("the next slot came after {wait:?}"))?;
            }
        }
        self.take_all(MINUTE + SECOND).await
    }

    async fn clock_ahead(mut self) -> Outcome {
        self.drain().await?;
        self.time.jump(|now| now + 100 * HOUR)?;
        self.slots.clear();
        let wait = self.slot(0, Priority::Background).await?;
        ensure(wait <= SLOW, || format!("the next slot came after {wait:?}"))?;
        self.take_all(MINUTE + SECOND).await
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::sync::Mutex;

    use cashfree_vkyc::{RateLimit, TakeSlots};

    use super::super::Verdict;
    use super::*;

    /// Limiters by the name of their account.
    fn accounts(new: impl Fn() -> Arc<dyn RateLimiter>) -> impl Fn(&str) -> Arc<dyn RateLimiter> {
        let known: Mutex<HashMap<String, Arc<dyn RateLimiter>>> = Mutex::default();
        move |account| Arc::clone(known.lock().unwrap().entry(account.to_owned()).or_insert_with(&new))
    }

    fn local(per_minute: u32) -> Arc<dyn RateLimiter> {
        RateLimit::per_minute(per_minute).into_limiter().unwrap()
    }

    fn failures(report: &Report) -> Vec<&'static str> {
        let is_failed = |verdict: &Verdict| matches!(verdict, Verdict::Failed(_));
        report.cases().filter(|(_, verdict)| is_failed(verdict)).map(|(name, _)| name).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_memory_limiter_passes() {
        for per_minute in [20, 100, 600, 1200] {
            let report = rate_limiter(per_minute, &Time::real(), accounts(|| local(per_minute))).await;
            report.assert_passed();
            let skipped = report.cases().filter(|(_, verdict)| matches!(verdict, Verdict::Skipped(_))).count();
            assert_eq!(skipped, 2, "a clock that cannot jump:\n{report}");
        }
    }

    /// A limiter with a function for its responses, which gets the number of requested slots and the priority.
    struct By<F>(F);

    impl<F: Fn(u32, Priority) -> Slots + Send + Sync> RateLimiter for By<F> {
        fn take<'a>(&'a self, most: u32, priority: Priority) -> TakeSlots<'a> {
            Box::pin(std::future::ready((self.0)(most, priority)))
        }
    }

    fn by(answer: impl Fn(u32, Priority) -> Slots + Send + Sync + 'static) -> Arc<dyn RateLimiter> {
        Arc::new(By(answer))
    }

    /// The limiter of one process, whose responses are changed.
    struct Changed<F>(Arc<dyn RateLimiter>, F);

    impl<F: Fn(u32, Priority, Slots) -> Slots + Send + Sync> RateLimiter for Changed<F> {
        fn take<'a>(&'a self, most: u32, priority: Priority) -> TakeSlots<'a> {
            Box::pin(async move { (self.1)(most, priority, self.0.take(most, priority).await) })
        }
    }

    fn changed(change: impl Fn(u32, Priority, Slots) -> Slots + Send + Sync + 'static) -> Arc<dyn RateLimiter> {
        Arc::new(Changed(local(100), change))
    }

    #[tokio::test(start_paused = true)]
    async fn each_case_fails_for_a_limiter_that_does_not_conform() {
        const FREE: Duration = Duration::ZERO;
        let run = async |new: &dyn Fn() -> Arc<dyn RateLimiter>| rate_limiter(100, &Time::real(), accounts(new)).await;
        let through = run(&|| by(|most, _| Slots { taken: most, retry_after: FREE })).await;
        assert!(through.to_string().contains("a slot is always free"), "{through}");
        assert!(failures(&through).len() >= 4, "{through}");
        let starves = run(&|| by(|_, _| Slots { taken: 0, retry_after: MINUTE * 2 })).await;
        assert!(starves.to_string().contains("no slot within an hour"), "{starves}");
        for (change, name, failure) in [
            (changed(|_, _, slots| Slots { taken: slots.taken * 2, ..slots }), "of concurrent", "were asked for"),
            (changed(|_, _, slots| Slots { retry_after: FREE, ..slots }), "if no slot", "said to be free now"),
            (changed(|_, _, slots| Slots { retry_after: slots.retry_after / 2, ..slots }), "if no slot", "free by now"),
            (changed(|_, _, slots| Slots { retry_after: slots.retry_after * 9, ..slots }), "if no slot", "is free in"),
        ] {
            let report = run(&|| Arc::clone(&change)).await;
            let text = report.to_string();
            assert!(failures(&report).iter().any(|case| case.starts_with(name)) && text.contains(failure), "{report}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn fixed_windows_exceed_the_limit() {
        let new = || {
            let window = Mutex::new((Instant::now(), 0));
            by(move |most, _| {
                let mut window = window.lock().unwrap();
                if window.0.elapsed() >= MINUTE {
                    *window = (Instant::now(), 0);
                }
                let taken = most.min(100 - window.1);
                window.1 += taken;
                let end = MINUTE.saturating_sub(window.0.elapsed());
                Slots { taken, retry_after: if window.1 < 100 { Duration::ZERO } else { end } }
            })
        };
        let report = rate_limiter(100, &Time::real(), accounts(new)).await;
        assert!(failures(&report).iter().any(|name| name.starts_with("of concurrent")), "{report}");
        assert!(report.to_string().contains("101 slots from"), "{report}");
    }

    #[tokio::test(start_paused = true)]
    async fn limiters_without_priorities_or_background_slots_fail() {
        /// Ignores the priority.
        struct Blind(Arc<dyn RateLimiter>);

        impl RateLimiter for Blind {
            fn take<'a>(&'a self, most: u32, _: Priority) -> TakeSlots<'a> {
                self.0.take(most, Priority::Foreground)
            }

            fn per_minute(&self) -> Option<u32> {
                Some(99)
            }
        }

        let report = rate_limiter(100, &Time::real(), accounts(|| Arc::new(Blind(local(100))))).await;
        let names = failures(&report);
        assert!(names.len() == 2 && names.iter().any(|name| name.starts_with("a background")), "{report}");
        assert!(names.iter().any(|name| name.starts_with("the reported")), "{report}");
        let never = changed(|_, priority, slots| match priority {
            Priority::Foreground => slots,
            Priority::Background => Slots { taken: 0, ..slots },
        });
        let report = rate_limiter(100, &Time::real(), |_| Arc::clone(&never)).await;
        assert!(failures(&report).iter().any(|name| name.starts_with("a background")), "{report}");
        assert!(failures(&report).iter().any(|name| name.starts_with("another account")), "{report}");
    }

    /// A dropped question blocks the limiter for a minute.
    #[tokio::test(start_paused = true)]
    async fn a_limiter_that_loses_slots_with_a_lost_response_fails() {
        struct Locked(Arc<dyn RateLimiter>, Mutex<Instant>);

        impl RateLimiter for Locked {
            fn take<'a>(&'a self, most: u32, priority: Priority) -> TakeSlots<'a> {
                Box::pin(async move {
                    let until = std::mem::replace(&mut *self.1.lock().unwrap(), Instant::now() + MINUTE);
                    tokio::task::yield_now().await;
                    if until > Instant::now() {
                        *self.1.lock().unwrap() = until;
                        return Slots { taken: 0, retry_after: until - Instant::now() };
                    }
                    let slots = self.0.take(most, priority).await;
                    *self.1.lock().unwrap() = Instant::now();
                    slots
                })
            }
        }

        let new = || -> Arc<dyn RateLimiter> { Arc::new(Locked(local(100), Mutex::new(Instant::now()))) };
        let report = rate_limiter(100, &Time::real(), accounts(new)).await;
        assert!(failures(&report).iter().any(|name| name.starts_with("a lost response")), "{report}");
    }
}
