//! Faults that a test injects.

use std::time::Duration;

use crate::model::ErrorCode;

/// A fault of the server, for [`Sandbox::inject`](super::Sandbox::inject).
///
/// A fault applies to every request of every operation until [`times`](Self::times), [`rate`](Self::rate) or [`on`](Self::on) narrow
/// it. Several can be active: a request meets one of each of these three kinds, the first that was injected.
///
/// | kind | faults |
/// |---|---|
/// | time of the response | [`delay`](Self::delay) |
/// | response | [`status`](Self::status), [`reset`](Self::reset), [`malformed`](Self::malformed), [`wrong_id`](Self::wrong_id), [`unknown_fields`](Self::unknown_fields) |
/// | transfer of its body | [`truncated`](Self::truncated), [`slow_body`](Self::slow_body) |
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

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Delay(Duration),
    Status(ErrorFault),
    Reset,
    Malformed,
    WrongId,
    UnknownFields,
    Truncated,
    SlowBody(Duration),
}

/// An error response.
#[derive(Clone, Debug)]
pub(super) struct ErrorFault {
    pub(super) status: u16,
    pub(super) retry_after: Option<u64>,
    pub(super) body: ErrorBody,
}

#[derive(Clone, Debug)]
pub(super) enum ErrorBody {
    Documented(Option<ErrorCode>),
    Html,
    Empty,
}

/// The requests that a fault applies to.
#[derive(Clone, Debug)]
pub(super) enum Target {
    AnyOperation,
    Operation(String),
    Recordings,
}

/// The phase of a request that a fault affects. A request meets at most one fault in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Time,
    Response,
    Body,
}

impl Kind {
    /// The phase that it affects, and its name in the record.
    fn place_and_name(&self) -> (Place, &'static str) {
        match self {
            Self::Delay(_) => (Place::Time, "delay"),
            Self::Status(_) => (Place::Response, "status"),
            Self::Reset => (Place::Response, "reset"),
            Self::Malformed => (Place::Response, "malformed"),
            Self::WrongId => (Place::Response, "wrong_id"),
            Self::UnknownFields => (Place::Response, "unknown_fields"),
            Self::Truncated => (Place::Body, "truncated"),
            Self::SlowBody(_) => (Place::Body, "slow_body"),
        }
    }
}

impl Fault {
    fn new(kind: Kind) -> Self {
        Self { kind, target: Target::AnyOperation, times: None, rate: 1.0, carried_out: false }
    }

    /// The response has this HTTP status, and an error that the spec documents for it.
    pub fn status(status: u16) -> Self {
        Self::new(Kind::Status(ErrorFault { status, retry_after: None, body: ErrorBody::Documented(None) }))
    }

    /// The response is late by this time.
    pub fn delay(time: Duration) -> Self {
        Self::new(Kind::Delay(time))
    }

    /// The connection is reset before there is a response.
    pub fn reset() -> Self {
        Self::new(Kind::Reset)
    }

    /// The connection breaks in the middle of the body.
    pub fn truncated() -> Self {
        Self::new(Kind::Truncated)
    }

    /// The body is cut in the middle, with a matching length.
    pub fn malformed() -> Self {
        Self::new(Kind::Malformed)
    }

    /// The response is about another subject: each requested id in it is replaced.
    pub fn wrong_id() -> Self {
        Self::new(Kind::WrongId)
    }

    /// The response has unknown fields.
    pub fn unknown_fields() -> Self {
        Self::new(Kind::UnknownFields)
    }

    /// The body is sent in eight parts, with this time before each.
    pub fn slow_body(time: Duration) -> Self {
        Self::new(Kind::SlowBody(time))
    }

    /// With [`status`](Self::status): the header `retry-after`.
    pub fn retry_after(self, seconds: u64) -> Self {
        self.change_error(|error| error.retry_after = Some(seconds))
    }

    /// With [`status`](Self::status): the error with this code.
    pub fn code(self, code: impl Into<ErrorCode>) -> Self {
        let code = code.into();
        self.change_error(|error| error.body = ErrorBody::Documented(Some(code)))
    }

    /// With [`status`](Self::status): a page of HTML, as proxies send it.
    pub fn html(self) -> Self {
        self.change_error(|error| error.body = ErrorBody::Html)
    }

    /// With [`status`](Self::status): no body.
    pub fn empty(self) -> Self {
        self.change_error(|error| error.body = ErrorBody::Empty)
    }

    fn change_error(mut self, change: impl FnOnce(&mut ErrorFault)) -> Self {
        if let Kind::Status(error) = &mut self.kind {
            change(error);
        }
        self
    }

    /// The operation is carried out, and its response does not reach the caller. Without this, `delay`, `status` and `reset` apply
    /// before the operation.
    ///
    /// Tests of "never twice" use it for a write whose response is lost.
    pub fn carried_out(self) -> Self {
        Self { carried_out: true, ..self }
    }

    /// Applies to this many requests only.
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Applies to this share of requests, from 0 to 1, drawn from the sandbox's [`seed`](super::SandboxBuilder::seed). The seed is
    /// printed when a test panics.
    pub fn rate(self, share: f64) -> Self {
        Self { rate: share, ..self }
    }

    /// Applies to one operation of the spec only, by its `operationId`, as in `vkycGetStatus`.
    pub fn on(self, operation: impl Into<String>) -> Self {
        Self { target: Target::Operation(operation.into()), ..self }
    }

    /// Applies to downloads of recordings, not to operations.
    pub fn on_recordings(self) -> Self {
        Self { target: Target::Recordings, ..self }
    }
}

/// The injected faults, and the random numbers that select requests.
pub(super) struct Faults {
    injected: Vec<Fault>,
    seed: u64,
    random: fastrand::Rng,
    drawn: bool,
}

/// The faults of one request: at most one for each place.
#[derive(Default)]
pub(super) struct Plan(Vec<Fault>);

impl Faults {
    pub(super) fn new(seed: u64) -> Self {
        Self { injected: Vec::new(), seed, random: fastrand::Rng::with_seed(seed), drawn: false }
    }

    pub(super) fn inject(&mut self, fault: Fault) {
        self.injected.push(fault);
    }

    pub(super) fn reset(&mut self) {
        *self = Self::new(self.seed);
    }

    /// The seed, if a random number was drawn from it.
    pub(super) fn drawn_seed(&self) -> Option<u64> {
        self.drawn.then_some(self.seed)
    }

    /// The faults of the next request. `None` is a recording.
    pub(super) fn next(&mut self, operation: Option<&str>) -> Plan {
        let Self { injected, random, drawn, .. } = self;
        let mut plan = Plan::default();
        for fault in injected.iter_mut() {
            let applies = match (&fault.target, operation) {
                (Target::AnyOperation, Some(_)) | (Target::Recordings, None) => true,
                (Target::Operation(id), Some(operation)) => id == operation,
                _ => false,
            };
            if !applies || plan.at(fault.kind.place_and_name().0).is_some() {
                continue;
            }
            if fault.rate < 1.0 {
                *drawn = true;
                if random.f64() >= fault.rate {
                    continue;
                }
            }
            fault.times = fault.times.map(|times| times.saturating_sub(1));
            plan.0.push(fault.clone());
        }
        injected.retain(|fault| fault.times != Some(0));
        plan
    }
}

impl Plan {
    fn at(&self, place: Place) -> Option<&Fault> {
        self.0.iter().find(|fault| fault.kind.place_and_name().0 == place)
    }

    /// The delay before or after the operation.
    pub(super) fn delay(&self, carried_out: bool) -> Option<Duration> {
        match self.at(Place::Time)? {
            Fault { kind: Kind::Delay(time), carried_out: after, .. } if *after == carried_out => Some(*time),
            _ => None,
        }
    }

    /// The fault that replaces or changes the response, and whether the operation is carried out before it.
    pub(super) fn response(&self) -> Option<(&Kind, bool)> {
        let fault = self.at(Place::Response)?;
        let needs_response = !matches!(fault.kind, Kind::Status(_) | Kind::Reset);
        Some((&fault.kind, fault.carried_out || needs_response))
    }

    pub(super) fn body(&self) -> Option<&Kind> {
        self.at(Place::Body).map(|fault| &fault.kind)
    }

    /// The names of the faults in the record.
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|fault| fault.kind.place_and_name().1).collect()
    }
}
