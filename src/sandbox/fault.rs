//! Faults that a test injects.

use std::time::Duration;

use super::operation_id::unknown_id;
use crate::model::ErrorCode;

/// A fault of the server, for [`Sandbox::inject`](super::Sandbox::inject).
///
/// A fault applies to every request of every operation until [`times`](Self::times), [`rate`](Self::rate) or [`on`](Self::on) narrow
/// it. Several can be active: of each of these three kinds, a request gets the fault that was injected first.
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
    /// The name in the record.
    name: &'static str,
    phase: Phase,
    pub(super) kind: Kind,
    /// The operation. `None` for all.
    target: Option<String>,
    times: Option<u32>,
    rate: f64,
    pub(super) carried_out: bool,
}

/// The target of faults of recordings. No operation has this name.
pub(super) const RECORDING: &str = "(recording)";

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
    pub(super) code: Option<ErrorCode>,
    /// The body instead of a documented error.
    pub(super) page: Option<String>,
}

/// The phase of a request that a fault affects. A request gets at most one fault in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Time,
    Response,
    Body,
}

impl Fault {
    fn new(name: &'static str, phase: Phase, kind: Kind) -> Self {
        Self { name, phase, kind, target: None, times: None, rate: 1.0, carried_out: false }
    }

    /// The response has this HTTP status, and an error that the spec documents for it.
    pub fn status(status: u16) -> Self {
        let error = ErrorFault { status, retry_after: None, code: None, page: None };
        Self::new("status", Phase::Response, Kind::Status(error))
    }

    /// The response is delayed by this time.
    pub fn delay(time: Duration) -> Self {
        Self::new("delay", Phase::Time, Kind::Delay(time))
    }

    /// The connection is reset before the response.
    pub fn reset() -> Self {
        Self::new("reset", Phase::Response, Kind::Reset)
    }

    /// The connection breaks in the middle of the body.
    pub fn truncated() -> Self {
        Self::new("truncated", Phase::Body, Kind::Truncated)
    }

    /// Half of the body is missing, and `content-length` matches the other half.
    pub fn malformed() -> Self {
        Self::new("malformed", Phase::Response, Kind::Malformed).carried_out()
    }

    /// Each requested id in the response is replaced by another one.
    pub fn wrong_id() -> Self {
        Self::new("wrong_id", Phase::Response, Kind::WrongId).carried_out()
    }

    /// The response has unknown fields.
    pub fn unknown_fields() -> Self {
        Self::new("unknown_fields", Phase::Response, Kind::UnknownFields).carried_out()
    }

    /// The body is sent in eight parts, with this time before each.
    pub fn slow_body(time: Duration) -> Self {
        Self::new("slow_body", Phase::Body, Kind::SlowBody(time))
    }

    /// Adds the header `retry-after` to the response of [`status`](Self::status).
    pub fn retry_after(self, seconds: u64) -> Self {
        self.change_error(|error| error.retry_after = Some(seconds))
    }

    /// Makes [`status`](Self::status) respond with the error that has this code.
    pub fn code(self, code: impl Into<ErrorCode>) -> Self {
        self.change_error(|error| error.code = Some(code.into()))
    }

    /// Makes [`status`](Self::status) respond with an HTML page, such as proxies send.
    pub fn html(self) -> Self {
        self.change_error(|error| error.page = Some(format!("<html><body><h1>{}</h1></body></html>\n", error.status)))
    }

    /// Makes [`status`](Self::status) respond without a body.
    pub fn empty(self) -> Self {
        self.change_error(|error| error.page = Some(String::new()))
    }

    fn change_error(mut self, change: impl FnOnce(&mut ErrorFault)) -> Self {
        if let Kind::Status(error) = &mut self.kind {
            change(error);
        }
        self
    }

    /// The operation is carried out, and only its response is affected. Without this, `delay`, `status` and `reset` apply before the
    /// operation.
    ///
    /// Use it to test that a write whose response is lost is never repeated.
    pub fn carried_out(self) -> Self {
        Self { carried_out: true, ..self }
    }

    /// Applies to this many requests only.
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    /// Applies to this share of requests, from 0 to 1, selected at random by the sandbox's [`seed`](super::SandboxBuilder::seed). The
    /// seed is printed when a test panics.
    pub fn rate(self, share: f64) -> Self {
        Self { rate: share, ..self }
    }

    /// Applies to one operation of the spec only, by its `operationId`, as in `vkycGetStatus`.
    ///
    /// # Panics
    /// If the spec does not have the operation.
    #[track_caller]
    pub fn on(self, operation: impl Into<String>) -> Self {
        let operation = operation.into();
        let problem = unknown_id(&operation);
        assert!(problem.is_none(), "the operation of a fault {}", problem.unwrap_or_default());
        Self { target: Some(operation), ..self }
    }

    /// Applies to downloads of recordings, not to operations.
    pub fn on_recordings(self) -> Self {
        Self { target: Some(RECORDING.to_owned()), ..self }
    }
}

/// The injected faults, and the random numbers that select requests.
pub(super) struct Faults {
    injected: Vec<Fault>,
    seed: u64,
    random: fastrand::Rng,
    drawn: bool,
}

/// The faults of one request: at most one in each phase.
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

    /// The seed, if it was used.
    pub(super) fn drawn_seed(&self) -> Option<u64> {
        self.drawn.then_some(self.seed)
    }

    /// The faults of the next request of an operation, or of a [`RECORDING`].
    pub(super) fn next(&mut self, operation: &str) -> Plan {
        let Self { injected, random, drawn, .. } = self;
        let mut plan = Plan::default();
        for fault in injected.iter_mut() {
            let applies = fault.target.as_ref().map_or(operation != RECORDING, |target| target == operation);
            if !applies || plan.at(fault.phase).is_some() {
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
    pub(super) fn at(&self, phase: Phase) -> Option<&Fault> {
        self.0.iter().find(|fault| fault.phase == phase)
    }

    /// Waits if there is a delay at this point: before the operation, or after it.
    pub(super) async fn delay(&self, carried_out: bool) {
        if let Some(Fault { kind: Kind::Delay(time), carried_out: after, .. }) = self.at(Phase::Time)
            && *after == carried_out
        {
            tokio::time::sleep(*time).await;
        }
    }

    /// The names of the faults in the record.
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|fault| fault.name).collect()
    }
}
