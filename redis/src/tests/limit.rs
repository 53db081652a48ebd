//! The state machine against a store that is silent, late or empty, or has older data or another time.

use std::collections::HashSet;

use super::*;

const STEP: Duration = Duration::from_millis(500);
const MILLISECOND: Duration = Duration::from_millis(1);
/// A time of the store's clock at the start.
const BEGIN: u64 = 1 << 50;

/// The data of limit.lua, and its decision. `redis/src/tests/stores.rs` compares them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct StoreModel {
    pub(crate) due: Option<u64>,
    pub(crate) kept: u64,
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap()
}

impl StoreModel {
    pub(crate) fn run(&mut self, gcra: Gcra, now: u64, most: u32, is_foreground: bool, known: u64) -> Answer {
        let (interval, ahead) = (micros(gcra.interval), micros(gcra.ahead));
        let latest = now + ahead + interval;
        let mut due = match self.due {
            None if known == 0 => now + ahead,
            Some(due) if due >= known && due <= latest => due,
            _ => latest,
        };
        if self.kept > now + interval + micros(ASK_AGAIN) {
            self.kept = 0;
        }
        let mut taken = 0;
        while taken < most && due <= now + ahead && (is_foreground || now >= self.kept) {
            due = due.max(now) + interval;
            taken += 1;
        }
        if most == 0 && due <= now + ahead && (is_foreground || now >= self.kept) {
            due = due.max(now);
        }
        let mut free = due.saturating_sub(ahead).max(now);
        if !is_foreground {
            free = free.max(self.kept);
        } else if taken < most {
            self.kept = free + micros(ASK_AGAIN);
        }
        self.due = Some(due);
        let [retry_after, due_in] = [free - now, due.saturating_sub(now)].map(Duration::from_micros);
        Answer { taken, retry_after, due_in, due }
    }
}

/// Whether slots at these times obey the generic cell rate algorithm.
fn obey(gcra: Gcra, mut times: Vec<Duration>) -> bool {
    times.sort_unstable();
    let mut due = Duration::ZERO;
    times.into_iter().all(|now| {
        let is_free = due <= now + gcra.ahead;
        due = due.max(now) + gcra.interval;
        is_free
    })
}

fn most_in_a_minute(times: &[Duration]) -> usize {
    let mut times = times.to_vec();
    times.sort_unstable();
    let until = |from: &Duration| times.partition_point(|time| *time < *from + Duration::from_secs(60));
    times.iter().enumerate().map(|(n, from)| until(from) - n).max().unwrap_or(0)
}

#[test]
fn no_61_seconds_have_more_slots_than_the_limit() {
    for (per_minute, burst) in [(1, 1), (2, 1), (7, 3), (100, 2), (600, 12), (600, 600), (0, 0), (5, 9), (u32::MAX, 1)]
    {
        let Gcra { interval, ahead } = Gcra::new(per_minute, burst);
        let burst = 1 + u32::try_from(ahead.as_nanos() / interval.as_nanos()).unwrap();
        let within = u32::try_from(Duration::from_millis(60_999).as_nanos() / interval.as_nanos()).unwrap();
        assert!(burst + within <= per_minute.max(1) || burst == per_minute, "{per_minute}, {burst}: {within}");
    }
}

#[test]
fn at_least_95_percent_of_the_limit_is_used() {
    for (per_minute, least) in [(60, 950), (100, 960), (600, 960), (6_000, 960)] {
        let used = 60_000_000_000 / Gcra::new(per_minute, per_minute / 50).interval.as_nanos();
        assert!(used * 1000 >= u128::from(per_minute) * least, "{per_minute}: {used}");
    }
}

/// A response, and its time.
type Response = (Answer, Duration);

/// Instances, a store, the questions in progress, and the used slots.
#[derive(Clone, PartialEq, Eq, Hash)]
struct World {
    now: Duration,
    instances: Vec<Limit>,
    /// The maximum number of concurrent questions.
    at_once: usize,
    store: StoreModel,
    saved: StoreModel,
    went_back: u64,
    /// The instance, its question, and the response.
    asked: Vec<(usize, Question, Option<Response>)>,
    /// A question that was given up, but that the store may still read.
    given_up: Option<Question>,
    from_store: Vec<Duration>,
    from_share: Vec<Vec<Duration>>,
}

impl World {
    fn new(instances: usize, at_once: usize, gcra: Gcra, share: Option<Duration>) -> Self {
        Self {
            now: Duration::ZERO,
            instances: vec![Limit::new(gcra, share); instances],
            at_once,
            store: StoreModel::default(),
            saved: StoreModel::default(),
            went_back: 0,
            asked: Vec::new(),
            given_up: None,
            from_store: Vec::new(),
            from_share: vec![Vec::new(); instances],
        }
    }

    /// Whether an instance asks for the first time, or is about to.
    fn is_first(&self) -> bool {
        let mut asked = self.asked.iter().map(|(_, question, _)| question).chain(&self.given_up);
        self.instances.iter().any(|instance| instance.seen.is_none()) || asked.any(|question| question.known == 0)
    }

    fn run_script(&mut self, question: &Question) -> Answer {
        let now = BEGIN + micros(self.now) - self.went_back;
        self.store.run(self.instances[0].gcra, now, question.most, question.is_foreground, question.known)
    }

    fn use_share(&mut self, instance: usize, slots: Slots) {
        self.from_share[instance].extend((0..slots.taken).map(|_| self.now));
    }

    /// Applies one event. `false` if it cannot happen.
    fn step(&mut self, event: u32) -> bool {
        let instances = u32::try_from(self.instances.len()).unwrap();
        let (kind, which) = (event / 4, usize::try_from(event % 4).unwrap());
        match kind {
            0 if which == 0 => self.now += STEP,
            // The data is lost. The first question of an instance does not know that there was any.
            0 if which == 1 && !self.is_first() => self.store = StoreModel::default(),
            0 if which == 2 => self.went_back += 10_000_000,
            0 if which == 3 => {
                let Some(question) = self.given_up.take() else { return false };
                self.run_script(&question);
            }
            1 if which < 2 * instances as usize => {
                if self.asked.len() == self.at_once {
                    return false;
                }
                let (instance, most) = (which / 2, if which % 2 == 0 { 1 } else { 3 });
                match self.instances[instance].take(self.now, most, Priority::Foreground) {
                    Next::Ask(question) => self.asked.push((instance, question, None)),
                    Next::Done(slots) => {
                        assert!(slots.taken <= 1 && (slots.taken > 0 || slots.retry_after <= AWAY));
                        self.use_share(instance, slots);
                    }
                }
            }
            2 if which < 2 => {
                let Some((_, question, None)) = self.asked.get(which).copied() else { return false };
                let answer = self.run_script(&question);
                self.asked[which].2 = Some((answer, self.now));
            }
            2 => {
                if which - 2 >= self.asked.len() {
                    return false;
                }
                let (instance, question, response) = self.asked.remove(which - 2);
                let (slots, _) = self.instances[instance].failed(self.now, &question);
                self.use_share(instance, slots);
                self.given_up = response.is_none().then_some(question).or(self.given_up);
            }
            3 if which < 2 => {
                let Some((instance, question, Some((answer, at)))) = self.asked.get(which).copied() else {
                    return false;
                };
                self.asked.remove(which);
                let (slots, _) = self.instances[instance].answered(self.now, &question, answer);
                assert!(slots.taken <= question.most);
                self.from_store.extend((0..slots.taken).map(|_| at));
            }
            // Older data. Of several concurrent questions, one may not know newer data, and use another burst.
            3 if which == 2 && self.at_once == 1 => self.saved = self.store,
            3 if which == 3 && self.at_once == 1 => self.store = self.saved,
            _ => return false,
        }
        true
    }

    fn check(&self) {
        let gcra = self.instances[0].gcra;
        assert!(obey(gcra, self.from_store.clone()), "{:?}", self.from_store);
        for (instance, times) in self.instances.iter().zip(&self.from_share) {
            let apart = instance.share.unwrap_or(Duration::MAX).max(gcra.interval);
            assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= apart), "{times:?}");
        }
        if let [times] = self.from_share.as_slice() {
            let all = [self.from_store.as_slice(), times].concat();
            assert!(obey(gcra, all), "{:?} and {times:?}", self.from_store);
        }
    }
}

/// Explores all sequences of questions, responses in time, late or lost, seconds, lost and older data, and clocks that go back.
#[test]
fn every_sequence_keeps_to_the_limit() {
    // A slot a second, and one ahead; a share that alone would exceed the limit.
    let (gcra, share) = (Gcra::new(63, 2), Some(STEP));
    assert_eq!((gcra.interval, gcra.ahead), (STEP * 2, STEP * 2));
    for (instances, at_once, depth, least) in [(1, 1, 9, 15_000), (1, 2, 8, 15_000), (2, 2, 7, 15_000)] {
        let start = World::new(instances, at_once, gcra, share);
        let (mut seen, mut edge) = (HashSet::from([start.clone()]), vec![start]);
        for _ in 0..depth {
            let mut next_edge = Vec::new();
            for world in &edge {
                for event in 0..16 {
                    let mut world = world.clone();
                    if world.step(event) && !seen.contains(&world) {
                        world.check();
                        seen.insert(world.clone());
                        next_edge.push(world);
                    }
                }
            }
            edge = next_edge;
        }
        println!("{instances} instances, {at_once} questions: {} states", seen.len());
        assert!(seen.len() > least, "{}", seen.len());
    }
}

#[test]
fn long_random_sequences_keep_to_the_limit() {
    let mut random = fastrand::Rng::with_seed(22);
    let gcra = Gcra::new(63, 2);
    for share in [None, Some(STEP), Some(STEP * 2), Some(STEP * 3)] {
        for (instances, at_once) in [(1, 1), (1, 2), (2, 2)] {
            let mut used = 0;
            for _ in 0..400 {
                let mut world = World::new(instances, at_once, gcra, share);
                for _ in 0..150 {
                    // Mostly questions with a response.
                    let event = [random.u32(0..16), 4, 5, 8, 12, 0][random.usize(0..6)];
                    world.step(event);
                }
                world.check();
                used += world.from_store.len() + world.from_share.iter().map(Vec::len).sum::<usize>();
            }
            assert!(used > 2_000, "{share:?}, {instances}: {used}");
        }
    }
}

/// Returns the times of the slots that several queues of one instance use in two minutes. `is_silent` says when the store does
/// not respond, and `reads_at_once` whether it has read a question by then.
fn run(limit: &mut Limit, queues: usize, reads_at_once: bool, is_silent: impl Fn(Duration) -> bool) -> Vec<Duration> {
    const TIMEOUT: Duration = Duration::from_millis(500);
    let (mut store, mut times) = (StoreModel::default(), Vec::new());
    // The time of the next question of a queue, or of its response.
    let mut queues = vec![(Duration::ZERO, None::<(Question, Option<Answer>)>); queues];
    let mut late: Vec<(Duration, Question)> = Vec::new();
    for now in (0..120_000).map(|n| MILLISECOND * n) {
        let gcra = limit.gcra;
        let mut read =
            |now, question: &Question| store.run(gcra, BEGIN + micros(now), question.most, true, question.known);
        late.retain(|(at, question)| {
            *at > now || {
                read(now, question);
                false
            }
        });
        for (at, asked) in &mut queues {
            if now < *at {
                continue;
            }
            let slots = match asked.take() {
                None => match limit.take(now, 20, Priority::Foreground) {
                    Next::Done(slots) => slots,
                    Next::Ask(question) => {
                        let end = (1..=500).map(|n| now + MILLISECOND * n).find(|at| !is_silent(*at));
                        let answer = match (end, reads_at_once) {
                            (Some(end), false) => Some(read(end, &question)),
                            (Some(_), true) => Some(read(now, &question)),
                            (None, _) => {
                                late.push((now + TIMEOUT * 2, question));
                                None
                            }
                        };
                        (*at, *asked) = (end.unwrap_or(now + TIMEOUT), Some((question, answer)));
                        continue;
                    }
                },
                Some((question, Some(answer))) => limit.answered(now, &question, answer).0,
                Some((question, None)) => limit.failed(now, &question).0,
            };
            times.extend((0..slots.taken).map(|_| now));
            *at = now + slots.retry_after.max(MILLISECOND);
        }
    }
    times
}

/// Regression: a store that does not respond for 700 ms every two seconds let 619 of 600 requests through.
#[test]
fn a_store_that_is_often_silent_does_not_raise_the_limit() {
    let is_silent = |now: Duration| now.as_millis() % 2_000 >= 1_300;
    for (limit, burst) in [(600, 12), (600, 100), (100, 2)] {
        for share in [limit / 10, limit] {
            for queues in [1, 3] {
                for reads_at_once in [false, true] {
                    let share = Gcra::new(share, 1).interval;
                    let mut instance = Limit::new(Gcra::new(limit, burst), Some(share));
                    let times = run(&mut instance, queues, reads_at_once, is_silent);
                    let (most, all) = (most_in_a_minute(&times), times.len());
                    println!("{limit} {burst} {share:?} {queues} {reads_at_once}: {most}, {all} in two minutes");
                    assert!(most <= limit as usize, "{most} of {limit}");
                    assert!(all >= limit as usize / 2, "{all} in two minutes");
                }
            }
        }
    }
}

#[test]
fn the_share_is_spread_evenly_and_begins_after_the_slots_of_the_store() {
    let mut limit = Limit::new(Gcra::new(61, 11), Some(Duration::from_secs(3)));
    let interval = limit.gcra.interval;
    let ask = |limit: &mut Limit, now| match limit.take(now, 1, Priority::Foreground) {
        Next::Ask(question) => question,
        Next::Done(slots) => panic!("{slots:?}"),
    };
    let question = ask(&mut limit, STEP);
    assert_eq!((question.known, question.most), (0, 1));
    let answer = Answer { taken: 1, retry_after: interval, due_in: interval * 11, due: 77 };
    assert_eq!(limit.answered(STEP, &question, answer), (Slots { taken: 1, retry_after: interval }, None));
    let question = ask(&mut limit, STEP);
    assert_eq!(question.known, 77);
    let (slots, change) = limit.failed(STEP, &question);
    assert_eq!((slots, change), (Slots { taken: 0, retry_after: AWAY }, Some(Change::Away)));
    // One queue asks once a second, and gets the slot of the share if the store does not respond; the others get it meanwhile.
    let (mut times, mut questions) = (Vec::new(), 0);
    for now in (1..60_000).map(|n| STEP + MILLISECOND * n) {
        let slots = match limit.take(now, 9, Priority::Foreground) {
            Next::Done(slots) => slots,
            Next::Ask(question) => {
                questions += 1;
                let (slots, change) = limit.failed(now, &question);
                assert_eq!((change, question.known), (None, if times.is_empty() { 77 } else { BEYOND }));
                slots
            }
        };
        times.extend((0..slots.taken).map(|_| now));
    }
    assert_eq!(questions, 59);
    // After as many slots ahead as the store has, one in three seconds.
    let expected: Vec<_> = (0..17).map(|n| STEP + interval * 11 + Duration::from_secs(3) * n).collect();
    assert_eq!(times[..16], expected[..16]);
    // The first question after that reports the slots. Responses to earlier questions are not used.
    let now = Duration::from_secs(61);
    let question = ask(&mut limit, now);
    let answer = Answer { taken: 0, retry_after: interval, due_in: interval * 12, due: 50 };
    assert_eq!(limit.answered(now, &question, answer), (Slots { taken: 0, retry_after: interval }, Some(Change::Back)));
    assert_eq!(ask(&mut limit, now).known, 50, "older data of the store counts");
    assert_eq!(ask(&mut limit, now + KEPT).known, 0, "the data expired");
    // Two concurrent questions: the responses arrive in another order.
    let (first, second) = (ask(&mut limit, now), ask(&mut limit, now));
    for (question, due) in [(second, 70), (first, 60)] {
        limit.answered(now, &question, Answer { due, ..answer });
    }
    assert_eq!(ask(&mut limit, now).known, 70);
}

#[test]
fn slots_that_the_store_gave_without_knowing_of_the_share_are_dropped() {
    let mut limit = Limit::new(Gcra::new(600, 12), Some(STEP));
    let Next::Ask(early) = limit.take(Duration::ZERO, 1, Priority::Foreground) else { panic!() };
    let Next::Ask(lost) = limit.take(Duration::ZERO, 1, Priority::Foreground) else { panic!() };
    limit.failed(Duration::ZERO, &lost);
    let Next::Done(slots) = limit.take(STEP, 1, Priority::Foreground) else { panic!() };
    assert_eq!(slots.taken, 1);
    let answer = Answer { taken: 1, retry_after: STEP, due_in: STEP, due: 5 };
    let (slots, change) = limit.answered(STEP, &early, answer);
    assert_eq!((slots, change), (Slots { taken: 0, retry_after: Duration::ZERO }, Some(Change::Back)));
    let Next::Ask(next) = limit.take(STEP, 1, Priority::Foreground) else { panic!() };
    assert_eq!(next.known, BEYOND);
}

#[test]
fn a_background_request_gets_no_slot_of_the_share_while_a_call_waits_for_it() {
    let mut limit = Limit::new(Gcra::new(600, 12), Some(STEP));
    let mut at = |milliseconds, priority| {
        let now = MILLISECOND * milliseconds;
        match limit.take(now, 1, priority) {
            Next::Ask(question) => limit.failed(now, &question).0,
            Next::Done(slots) => slots,
        }
    };
    let (call, poll) = (Priority::Foreground, Priority::Background);
    let slots = |taken, milliseconds| Slots { taken, retry_after: MILLISECOND * milliseconds };
    assert_eq!(at(0, call), slots(0, 500));
    assert_eq!(at(500, poll), slots(0, 50));
    assert_eq!(at(500, call), slots(1, 500));
    assert_eq!(at(999, poll), slots(0, 1));
    assert_eq!(at(1_000, poll), slots(1, 500));
    assert_eq!(at(1_499, call), slots(0, 1));
    assert_eq!(at(1_549, poll), slots(0, 1));
    // The call was dropped. At two seconds, the store is asked again.
    assert_eq!(at(1_550, poll), slots(1, 450));
}

#[test]
fn a_limiter_without_a_share_grants_nothing_while_the_store_is_away() {
    let mut limit = Limit::new(Gcra::new(600, 12), None);
    let Next::Ask(question) = limit.take(STEP, 1, Priority::Foreground) else { panic!() };
    assert_eq!(limit.failed(STEP, &question).0, Slots { taken: 0, retry_after: AWAY });
    let slots = limit.take(STEP * 2, 1, Priority::Foreground);
    assert_eq!(slots, Next::Done(Slots { taken: 0, retry_after: STEP }));
    assert!(matches!(limit.take(STEP * 3, 1, Priority::Foreground), Next::Ask(_)));
    assert!(matches!(limit.take(STEP * 3, 1, Priority::Foreground), Next::Done(_)), "one asks");
    limit.share = Some(STEP);
    assert_eq!(
        limit.take(STEP * 4, 0, Priority::Foreground),
        Next::Done(Slots { taken: 0, retry_after: Duration::ZERO })
    );
}
