//! Faults that a test orders.

use std::time::Duration;

use crate::model::ErrorCode;

/// Something that goes wrong, for [`Sandbox::inject`](super::Sandbox::inject).
///
/// A fault is for every request of every operation until [`times`](Self::times), [`rate`](Self::rate) or [`on`](Self::on) narrow
/// it. Several are in force at the same time: a request meets one of each of these three kinds, the first that was injected.
///
/// | kind | faults |
/// |---|---|
/// | when the response comes | [`delay`](Self::delay) |
/// | what it is | [`status`](Self::status), [`reset`](Self::reset), [`malformed`](Self::malformed), [`wrong_id`](Self::wrong_id), [`unknown_fields`](Self::unknown_fields) |
/// | how its body comes | [`truncated`](Self::truncated), [`slow_body`](Self::slow_body) |
///
/// ```
/// use cashfree_vkyc::sandbox::{Fault, Sandbox};
/// # use cashfree_vkyc::ReferenceId;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// sandbox.inject(Fault::status(429).retry_after(0).times(1));
/// sandbox.put(Sandbox::published_sample());
/// let vkyc = sandbox.client()?.status(ReferenceId(1358)).await?; // the second attempt
/// assert_eq!(sandbox.requests().len(), 2);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "a fault does nothing until it is injected"]
pub struct Fault {
    pub(super) kind: Kind,
    pub(super) target: Target,
    pub(super) times: Option<u32>,
    pub(super) rate: f64,
    pub(super) carried_out: bool,
}

/// What goes wrong.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    Delay(Duration),
    Status(Refusing),
    Reset,
    Malformed,
    WrongId,
    UnknownFields,
    Truncated,
    SlowBody(Duration),
}

/// A response that is no success.
#[derive(Clone, Debug)]
pub(super) struct Refusing {
    pub(super) status: u16,
    pub(super) retry_after: Option<u64>,
    pub(super) body: Body,
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    Documented(Option<ErrorCode>),
    Html,
    Empty,
}

/// Which requests a fault is for.
#[derive(Clone, Debug)]
pub(super) enum Target {
    AnyOperation,
    Operation(String),
    Recordings,
}

/// Of these three a request meets one each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Time,
    Answer,
    Delivery,
}

impl Kind {
    pub(super) fn place(&self) -> Place {
        match self {
            Self::Delay(_) => Place::Time,
            Self::Status(_) | Self::Reset | Self::Malformed | Self::WrongId | Self::UnknownFields => Place::Answer,
            Self::Truncated | Self::SlowBody(_) => Place::Delivery,
        }
    }
}

impl Fault {
    fn new(kind: Kind) -> Self {
        Self { kind, target: Target::AnyOperation, times: None, rate: 1.0, carried_out: false }
    }

    /// The response is this HTTP status, with an error that the spec documents for it, or a body that says nothing.
    pub fn status(status: u16) -> Self {
        Self::new(Kind::Status(Refusing { status, retry_after: None, body: Body::Documented(None) }))
    }

    /// The response comes so much later.
    pub fn delay(time: Duration) -> Self {
        Self::new(Kind::Delay(time))
    }

    /// The connection is reset before there is a response.
    pub fn reset() -> Self {
        Self::new(Kind::Reset)
    }

    /// The body breaks off in its middle, and with it the connection.
    pub fn truncated() -> Self {
        Self::new(Kind::Truncated)
    }

    /// The body ends in its middle, and says that this is its end.
    pub fn malformed() -> Self {
        Self::new(Kind::Malformed)
    }

    /// The response is about something else: every id in it that was asked for is another.
    pub fn wrong_id() -> Self {
        Self::new(Kind::WrongId)
    }

    /// The response has fields that no version knows.
    pub fn unknown_fields() -> Self {
        Self::new(Kind::UnknownFields)
    }

    /// The body comes in eight parts, with so much time before each.
    pub fn slow_body(time: Duration) -> Self {
        Self::new(Kind::SlowBody(time))
    }

    /// With [`status`](Self::status): asks to wait, in the header `retry-after`.
    pub fn retry_after(self, seconds: u64) -> Self {
        self.refusing(|answer| answer.retry_after = Some(seconds))
    }

    /// With [`status`](Self::status): the error with this code.
    pub fn code(self, code: impl Into<ErrorCode>) -> Self {
        let code = code.into();
        self.refusing(|answer| answer.body = Body::Documented(Some(code)))
    }

    /// With [`status`](Self::status): a page of HTML, as proxies send it.
    pub fn html(self) -> Self {
        self.refusing(|answer| answer.body = Body::Html)
    }

    /// With [`status`](Self::status): no body.
    pub fn empty(self) -> Self {
        self.refusing(|answer| answer.body = Body::Empty)
    }

    fn refusing(mut self, change: impl FnOnce(&mut Refusing)) -> Self {
        if let Kind::Status(answer) = &mut self.kind {
            change(answer);
        }
        self
    }

    /// The request is carried out all the same, and what came of it does not reach the caller. Without it, `delay`, `status` and
    /// `reset` strike before anything is done.
    ///
    /// This is what "never twice" is tested with: a request that changed something, and whose answer was lost.
    pub fn carried_out(mut self) -> Self {
        self.carried_out = true;
        self
    }

    /// For so many requests, then it is gone.
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// For this share of requests, from 0 to 1. Which ones is drawn from the sandbox's [`seed`](super::SandboxBuilder::seed), which
    /// is printed when a test panics.
    pub fn rate(mut self, share: f64) -> Self {
        self.rate = share;
        self
    }

    /// For an operation of the spec alone, by its `operationId`, as in `vkycGetStatus`.
    pub fn on(mut self, operation: impl Into<String>) -> Self {
        self.target = Target::Operation(operation.into());
        self
    }

    /// For downloads of recordings, and not for operations.
    pub fn on_recordings(mut self) -> Self {
        self.target = Target::Recordings;
        self
    }
}

/// The faults in force, and the dice.
pub(super) struct Faults {
    in_force: Vec<Fault>,
    dice: fastrand::Rng,
    drawn: bool,
}

/// What goes wrong with one request: of each place, one fault at most.
#[derive(Default)]
pub(super) struct Plan(Vec<Fault>);

impl Faults {
    pub(super) fn new(seed: u64) -> Self {
        Self { in_force: Vec::new(), dice: fastrand::Rng::with_seed(seed), drawn: false }
    }

    pub(super) fn inject(&mut self, fault: Fault) {
        self.in_force.push(fault);
    }

    /// Whether chance had a part in anything yet.
    pub(super) fn were_drawn(&self) -> bool {
        self.drawn
    }

    /// What the next request meets. `None` is a recording.
    pub(super) fn next(&mut self, operation: Option<&str>) -> Plan {
        let Self { in_force, dice, drawn } = self;
        let mut plan = Plan::default();
        for fault in in_force.iter_mut() {
            let meant = match (&fault.target, operation) {
                (Target::AnyOperation, Some(_)) | (Target::Recordings, None) => true,
                (Target::Operation(id), Some(operation)) => id == operation,
                _ => false,
            };
            if !meant || plan.at(fault.kind.place()).is_some() {
                continue;
            }
            if fault.rate < 1.0 {
                *drawn = true;
                if dice.f64() >= fault.rate {
                    continue;
                }
            }
            fault.times = fault.times.map(|times| times.saturating_sub(1));
            plan.0.push(fault.clone());
        }
        in_force.retain(|fault| fault.times != Some(0));
        plan
    }
}

impl Plan {
    fn at(&self, place: Place) -> Option<&Fault> {
        self.0.iter().find(|fault| fault.kind.place() == place)
    }

    /// How long to wait, before anything is done or after it.
    pub(super) fn delay(&self, carried_out: bool) -> Option<Duration> {
        match self.at(Place::Time)? {
            Fault { kind: Kind::Delay(time), carried_out: after, .. } if *after == carried_out => Some(*time),
            _ => None,
        }
    }

    /// What takes the place of a response or changes it, and whether the request is carried out for it.
    pub(super) fn answer(&self) -> Option<(&Kind, bool)> {
        let fault = self.at(Place::Answer)?;
        let needs_it = !matches!(fault.kind, Kind::Status(_) | Kind::Reset);
        Some((&fault.kind, fault.carried_out || needs_it))
    }

    pub(super) fn delivery(&self) -> Option<&Kind> {
        self.at(Place::Delivery).map(|fault| &fault.kind)
    }

    /// What it is called in the record.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let name = |fault: &Fault| match fault.kind {
            Kind::Delay(_) => "delay",
            Kind::Status(_) => "status",
            Kind::Reset => "reset",
            Kind::Malformed => "malformed",
            Kind::WrongId => "wrong_id",
            Kind::UnknownFields => "unknown_fields",
            Kind::Truncated => "truncated",
            Kind::SlowBody(_) => "slow_body",
        };
        self.0.iter().map(name).collect()
    }
}
