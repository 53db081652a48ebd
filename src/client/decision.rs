//! Decides the next step of a write that must not be executed twice: a state machine without I/O or clock.
//!
//! | state | observation | next |
//! |---|---|---|
//! | sent | a success that names the resource | end: the response |
//! | sent | a documented refusal, or nothing left this machine | end: that error; if an earlier send may have executed: ask |
//! | sent | no usable response | ask; another send is possible later |
//! | sent | accepted, pending, or "exists already" | ask; never send again |
//! | asked | the resource, of the same customer | end: the response |
//! | asked | the resource, of another customer | end: the conflict; unknown while a send of this call may execute |
//! | asked | the resource, without a customer | end: unknown, because its customer is unknown |
//! | asked | not found, for `patience` since the last send | send again, if no send was accepted and the budget allows it |
//! | asked | not found before that, or no response | ask again, with back-off |
//! | any | out of time | end: unknown |
//!
//! Times are durations since the call began. A request without a response may execute until `patience` has passed.

use std::time::Duration;

/// The wait between two questions doubles from the first to the last.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LAST_WAIT: Duration = Duration::from_secs(5);

/// The outcome of one send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// A success that names the resource.
    Succeeded,
    /// It was certainly not executed, as a documented error says.
    Refused,
    /// It was certainly not executed, and may succeed later: nothing left this machine, or the limit was exceeded.
    NotExecuted,
    /// No usable response: it may execute, now or later.
    NoResponse,
    /// It was or may be executed, and another send could only do harm: a success status, "pending", an unknown error.
    Accepted,
    /// The id is in use: by an earlier send, a gateway's repetition of this one, or another customer.
    AlreadyExists,
}

/// The outcome of one question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// The resource exists, for the same customer.
    Ours,
    /// The resource exists, for another customer.
    Others,
    /// The resource exists; the response does not name its customer.
    Unattributed,
    NotFound,
    /// No response; the server may have asked for a wait.
    Failed(Option<Duration>),
    /// No question can succeed, for example without valid credentials.
    Impossible,
}

/// The next action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Send,
    /// Ask at this time. The first question has the priority of a call, later ones run in the background.
    Ask {
        at: Duration,
        in_background: bool,
    },
    End(End),
}

/// The end of the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// With the last success.
    Response,
    /// With the error of the last send, which is certain.
    Refused,
    /// With [`Delivery::Unknown`](crate::Delivery::Unknown): the resource may exist, or may come to exist.
    Unknown,
}

/// The bounds of one write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// The maximum number of sends.
    pub(super) sends: u32,
    /// How long a send without a response may still execute.
    pub(super) patience: Duration,
    pub(super) deadline: Duration,
    /// Whether "exists already" is a refusal, unless an earlier send may have created the resource.
    pub(super) must_be_new: bool,
}

/// One write.
#[derive(Clone, Debug)]
pub(super) struct Decision {
    bounds: Bounds,
    sends: u32,
    /// The end of the last send that may still execute.
    pending_since: Option<Duration>,
    /// Whether the server said that the id is in use.
    exists: bool,
    /// Whether another send could only do harm.
    sends_no_more: bool,
    /// The number of questions since the last send.
    questions: u32,
}

impl Decision {
    pub(super) const fn new(bounds: Bounds) -> Self {
        Self { bounds, sends: 0, pending_since: None, exists: false, sends_no_more: false, questions: 0 }
    }

    /// Returns how often the write may still be sent.
    pub(super) const fn sends_left(&self) -> u32 {
        self.bounds.sends.saturating_sub(self.sends)
    }

    /// Handles the outcome of a send, which took `attempts`.
    pub(super) fn sent(&mut self, now: Duration, attempts: u32, observed: Sent) -> Next {
        self.sends = self.sends.saturating_add(attempts);
        let is_open = self.pending_since.is_some() || self.exists;
        match observed {
            Sent::Succeeded => return Next::End(End::Response),
            Sent::Refused | Sent::NotExecuted if !is_open => return Next::End(End::Refused),
            Sent::AlreadyExists if !is_open && self.bounds.must_be_new => return Next::End(End::Refused),
            Sent::NotExecuted => {}
            Sent::Refused => self.sends_no_more = true,
            Sent::AlreadyExists => (self.exists, self.sends_no_more) = (true, true),
            Sent::NoResponse => self.pending_since = Some(now),
            Sent::Accepted => (self.pending_since, self.sends_no_more) = (Some(now), true),
        }
        self.questions = 0;
        self.ask(now, Duration::ZERO)
    }

    /// Handles the outcome of a question.
    pub(super) fn asked(&mut self, now: Duration, observed: Asked) -> Next {
        self.questions += 1;
        match observed {
            Asked::Ours => Next::End(End::Response),
            Asked::Others if self.pending_since.is_none() => Next::End(End::Refused),
            Asked::Others | Asked::Unattributed | Asked::Impossible => Next::End(End::Unknown),
            Asked::NotFound if self.may_send_again(now) => Next::Send,
            Asked::NotFound => self.ask(now, Duration::ZERO),
            Asked::Failed(retry_after) => self.ask(now, retry_after.unwrap_or_default()),
        }
    }

    fn may_send_again(&self, now: Duration) -> bool {
        self.patience_ends().is_none_or(|end| now >= end) && self.sends_left() > 0 && now < self.bounds.deadline
    }

    /// Returns the time when no send can execute any more. It never comes if another send could only do harm.
    fn patience_ends(&self) -> Option<Duration> {
        let end = self.pending_since.map(|since| since.saturating_add(self.bounds.patience));
        if self.sends_no_more { Some(Duration::MAX) } else { end }
    }

    /// Returns the next question: after the back-off, or at the end of patience if that comes first.
    fn ask(&self, now: Duration, at_least: Duration) -> Next {
        let back_off = FIRST_WAIT.saturating_mul(1 << self.questions.saturating_sub(1).min(16)).min(LAST_WAIT);
        let due = now.saturating_add(if self.questions == 0 { Duration::ZERO } else { back_off });
        let due = self.patience_ends().filter(|end| *end > now).map_or(due, |end| due.min(end));
        match due.max(now.saturating_add(at_least)) {
            at if at < self.bounds.deadline => Next::Ask { at, in_background: self.questions > 0 },
            _ => Next::End(End::Unknown),
        }
    }
}

#[cfg(test)]
mod oracle;

#[cfg(test)]
mod tests {
    use super::oracle::{Existing, Told, broken_promise};
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const PATIENCE: Duration = Duration::from_secs(10);
    const DEADLINE: Duration = Duration::from_secs(30);

    /// The server's treatment of one send: its response, and how long after the end of the send it executes it.
    #[derive(Clone, Copy, Debug)]
    struct Fate {
        observed: Sent,
        executes_after: Option<Duration>,
        /// How long the caller waits for the response.
        takes: Duration,
    }

    /// Returns every outcome of one send: lost, slow, executed at once, late or never.
    fn fates() -> Vec<Fate> {
        let mut fates = Vec::new();
        for takes in [Duration::ZERO, PATIENCE] {
            let fate = |observed, executes_after| Fate { observed, executes_after, takes };
            fates.extend([Sent::Refused, Sent::NotExecuted].map(|observed| fate(observed, None)));
            fates.push(fate(Sent::Succeeded, Some(Duration::ZERO)));
            // A gateway that repeats this send can respond so after the first execution.
            fates.push(fate(Sent::AlreadyExists, Some(Duration::ZERO)));
            for after in [Some(Duration::ZERO), Some(SECOND), Some(PATIENCE - SECOND / 1000), None] {
                fates.push(fate(Sent::NoResponse, after));
            }
            // An accepted request may take longer than any send.
            for after in [Duration::ZERO, PATIENCE, PATIENCE * 2, DEADLINE * 2] {
                fates.push(fate(Sent::Accepted, Some(after)));
            }
        }
        fates
    }

    /// A resource that exists before the call: none, the same customer's and visible from a time on, or another customer's.
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Before {
        Nothing,
        Ours(Duration),
        Others,
    }

    struct World<'a> {
        sends: &'a [Fate],
        /// The first questions that fail, as bits.
        failing: u32,
        before: Before,
        executed: Vec<Duration>,
    }

    impl World<'_> {
        fn send(&mut self, n: usize, start: Duration) -> (Sent, Duration) {
            let fate = self.sends[n];
            let end = start + fate.takes;
            match self.before {
                // The server knows the id, so it rejects the write.
                Before::Ours(_) | Before::Others => (Sent::AlreadyExists, end),
                Before::Nothing => {
                    self.executed.extend(fate.executes_after.map(|after| end + after));
                    (fate.observed, end)
                }
            }
        }

        fn ask(&self, n: u32, now: Duration) -> Asked {
            let seen = |at: &Duration| *at <= now;
            match self.before {
                _ if self.failing >> n & 1 == 1 => Asked::Failed(Some(SECOND / 2)),
                Before::Ours(at) if seen(&at) => Asked::Ours,
                Before::Others => Asked::Others,
                _ if self.executed.iter().any(seen) => Asked::Ours,
                _ => Asked::NotFound,
            }
        }

        /// Runs a call to its end. Returns how it ended, and the numbers of sends and questions.
        fn run(&mut self, must_be_new: bool) -> (End, usize, u32) {
            let mut decision = Decision::new(Bounds { sends: 2, patience: PATIENCE, deadline: DEADLINE, must_be_new });
            let (mut now, mut sends, mut questions, mut next) = (Duration::ZERO, 0, 0, Next::Send);
            loop {
                next = match next {
                    Next::Send => {
                        let (observed, end) = self.send(sends, now);
                        (sends, now) = (sends + 1, end);
                        decision.sent(now, 1, observed)
                    }
                    Next::Ask { at, .. } => {
                        assert!(at >= now && at < DEADLINE, "{at:?}");
                        now = at;
                        questions += 1;
                        decision.asked(now, self.ask(questions - 1, now))
                    }
                    Next::End(end) => return (end, sends, questions),
                };
            }
        }
    }

    /// No sequence of outcomes leads to a second execution, or to a certain error while the resource may come to exist.
    #[test]
    fn every_sequence_of_two_sends_and_three_failing_questions_keeps_the_promise() {
        let (fates, mut runs) = (fates(), 0);
        let before = [Before::Nothing, Before::Others].into_iter();
        let before = before.chain([Duration::ZERO, SECOND, PATIENCE * 2, DEADLINE * 2].map(Before::Ours));
        for (before, first, second) in before.flat_map(|before| {
            let fates = &fates;
            fates.iter().flat_map(move |first| fates.iter().map(move |second| (before, *first, *second)))
        }) {
            for (failing, must_be_new) in (0..8).flat_map(|failing| [(failing, false), (failing, true)]) {
                let sends = [first, second];
                let mut world = World { sends: &sends, failing, before, executed: Vec::new() };
                let (end, sent, questions) = world.run(must_be_new);
                let what =
                    format!("{before:?} {sends:?} {failing:b} {must_be_new}: {end:?} after {sent} and {questions}");
                runs += 1;
                assert!(sent <= 2, "{what}");
                let is_harmful =
                    before != Before::Nothing || matches!(first.observed, Sent::Accepted | Sent::AlreadyExists);
                assert!(sent == 1 || !is_harmful, "{what}");
                let existing = match before {
                    Before::Nothing => Existing::Nothing,
                    Before::Ours(_) => Existing::Ours,
                    Before::Others => Existing::Others,
                };
                let told = match end {
                    End::Response => Told::Success,
                    End::Refused => Told::CertainError,
                    End::Unknown => Told::Unknown,
                };
                let executions = world.executed.len();
                assert_eq!(broken_promise(told, existing, executions, sent, must_be_new), None, "{what}");
                assert!(told != Told::Unknown || before != Before::Others, "{what}");
                assert!(questions <= 20, "{what}");
            }
        }
        assert!(runs > 30_000, "{runs}");
    }

    fn decision() -> Decision {
        Decision::new(Bounds { sends: 3, patience: PATIENCE, deadline: DEADLINE, must_be_new: false })
    }

    #[test]
    fn questions_back_off_up_to_five_seconds_and_run_in_the_background_after_the_first() {
        let mut decision = Decision::new(Bounds { sends: 1, deadline: SECOND * 60, ..decision().bounds });
        let mut next = decision.sent(Duration::ZERO, 1, Sent::Accepted);
        let mut times = Vec::new();
        while let Next::Ask { at, in_background } = next {
            assert_eq!(in_background, !times.is_empty());
            times.push(at);
            next = decision.asked(at, Asked::NotFound);
        }
        assert_eq!(next, Next::End(End::Unknown));
        let waits: Vec<_> = times.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).collect();
        assert_eq!(waits[..8], [100, 200, 400, 800, 1600, 3200, 5000, 5000]);
        assert!(times.len() <= 18, "{}", times.len());
    }

    #[test]
    fn a_wait_that_the_server_asks_for_is_respected_and_ends_the_call_if_it_is_too_long() {
        let mut asked = decision();
        asked.sent(Duration::ZERO, 1, Sent::NoResponse);
        let next = asked.asked(SECOND, Asked::Failed(Some(SECOND * 7)));
        assert_eq!(next, Next::Ask { at: SECOND * 8, in_background: true });
        assert_eq!(asked.asked(SECOND * 8, Asked::Failed(Some(SECOND * 60))), Next::End(End::Unknown));
    }

    #[test]
    fn a_refusal_after_a_lost_send_ends_the_sends_and_the_limit_does_not() {
        for (second, expected) in [(Sent::Refused, 2), (Sent::NotExecuted, 3)] {
            let (mut decision, mut sends, mut next) = (decision(), 0, Next::Send);
            let mut now = Duration::ZERO;
            while next != Next::End(End::Unknown) {
                next = match next {
                    Next::Ask { at, .. } => {
                        now = at;
                        decision.asked(now, Asked::NotFound)
                    }
                    _ => {
                        sends += 1;
                        decision.sent(now, 1, if sends == 1 { Sent::NoResponse } else { second })
                    }
                };
            }
            assert_eq!(sends, expected, "{second:?}");
        }
    }

    #[test]
    fn the_last_question_before_another_send_is_at_the_end_of_patience() {
        let mut patient = decision();
        let (mut next, mut last) = (patient.sent(Duration::ZERO, 1, Sent::NoResponse), None);
        while let Next::Ask { at, .. } = next {
            last = Some(at);
            next = patient.asked(at, Asked::NotFound);
        }
        assert_eq!((next, last), (Next::Send, Some(PATIENCE)));

        let mut short = Decision::new(Bounds { deadline: PATIENCE, ..decision().bounds });
        short.sent(Duration::ZERO, 1, Sent::NoResponse);
        assert_eq!(short.asked(PATIENCE, Asked::NotFound), Next::End(End::Unknown));
    }

    #[test]
    fn a_call_that_is_shorter_than_patience_never_sends_again() {
        for deadline in [2, 5, 10] {
            let mut decision = Decision::new(Bounds { deadline: SECOND * deadline, ..decision().bounds });
            let mut next = decision.sent(Duration::ZERO, 1, Sent::NoResponse);
            while let Next::Ask { at, .. } = next {
                next = decision.asked(at, Asked::NotFound);
            }
            assert_eq!(next, Next::End(End::Unknown), "{deadline}");
        }
    }
}
