//! The handle of a verification.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::core::Core;
use super::delivery::wait;
use super::error::SandboxError;
use super::journey::Drive;
use super::lock::lock;
use crate::model::{ReferenceId, VerificationId, VideoKyc};

/// A verification of the sandbox, with the steps of its [`Journey`](super::Journey).
///
/// [`Sandbox::begin`](super::Sandbox::begin) returns it, and [`Sandbox::verification`](super::Sandbox::verification) for one that your
/// code initiated. Clones are the same verification. The first step was taken, and its webhook is being sent.
///
/// ```
/// use cashfree_vkyc::{Status, sandbox::{Journey, Sandbox}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sandbox = Sandbox::start().await?;
/// let vkyc = sandbox.begin("vkyc_42", Journey::completed())?;
/// assert_eq!(vkyc.state()?.status, Status::Received);
/// assert_eq!(vkyc.advance().await?.status, Status::PreVideoCall);
/// assert_eq!(vkyc.finish().await?.status, Status::Completed);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Verification {
    core: Weak<Core>,
    number: i64,
    id: VerificationId,
}

impl Verification {
    pub(super) fn new(core: &Arc<Core>, number: i64, id: VerificationId) -> Self {
        Self { core: Arc::downgrade(core), number, id }
    }

    fn core(&self) -> Result<Arc<Core>, SandboxError> {
        self.core.upgrade().ok_or(SandboxError::Stopped)
    }

    /// Your id.
    #[must_use]
    pub const fn id(&self) -> &VerificationId {
        &self.id
    }

    /// The sandbox's id.
    #[must_use]
    pub const fn reference_id(&self) -> ReferenceId {
        ReferenceId(self.number)
    }

    /// The current state, as a status call shows it.
    ///
    /// # Errors
    /// When the sandbox no longer has it, or has stopped.
    pub fn state(&self) -> Result<VideoKyc, SandboxError> {
        let core = self.core()?;
        lock(&core.state).shown(self.number, core.clock.now())
    }

    /// Takes the next step, and waits until its webhook and those before it had a response, or could not be delivered. A webhook that was
    /// not accepted is sent again by the schedule; [`Sandbox::wait_for_webhooks`](super::Sandbox::wait_for_webhooks) waits for that.
    ///
    /// # Errors
    /// [`SandboxError::Over`] when there is no further step; or when the sandbox no longer has it, or has stopped.
    pub async fn advance(&self) -> Result<VideoKyc, SandboxError> {
        let (vkyc, delivery) = self.core()?.step(self.number)?;
        wait(delivery).await;
        Ok(vkyc)
    }

    /// Takes all remaining steps, each after the response to the webhook of the one before, and returns the state reached.
    ///
    /// # Errors
    /// When the sandbox no longer has it, or has stopped.
    pub async fn finish(&self) -> Result<VideoKyc, SandboxError> {
        loop {
            match self.advance().await {
                Err(SandboxError::Over { .. }) => break,
                reached => reached.map(drop)?,
            }
        }
        let last = self.core()?.delivery.last(self.number);
        wait(last).await;
        self.state()
    }

    /// [`advance`](Self::advance) for tests without a runtime.
    ///
    /// # Errors
    /// As those of `advance`.
    ///
    /// # Panics
    /// Within a runtime.
    pub fn advance_blocking(&self) -> Result<VideoKyc, SandboxError> {
        self.core()?.tasks.runtime.clone().block_on(self.advance())
    }

    /// [`finish`](Self::finish) for tests without a runtime.
    ///
    /// # Errors
    /// As those of `finish`.
    ///
    /// # Panics
    /// Within a runtime.
    pub fn finish_blocking(&self) -> Result<VideoKyc, SandboxError> {
        self.core()?.tasks.runtime.clone().block_on(self.finish())
    }

    /// Takes a step each time this time has passed, until the journey is over.
    ///
    /// In a test whose time is paused, it is the test's time: see [`Sandbox::start`](super::Sandbox::start).
    pub fn every(self, time: Duration) -> Self {
        // A second call with the same time starts no second timer.
        let is_new = self.drive(Drive::Every(time));
        if let (true, Ok(core)) = (is_new, self.core()) {
            core.tick(self.number, time);
        }
        self
    }

    /// Takes a step at each status call but the first, before the response, until the journey is over.
    pub fn on_each_status(self) -> Self {
        self.drive(Drive::OnEachStatus);
        self
    }

    /// Sets the drive. Returns whether it was another one before.
    fn drive(&self, drive: Drive) -> bool {
        let Ok(core) = self.core() else { return false };
        let mut state = lock(&core.state);
        state.progress(self.number).is_some_and(|progress| std::mem::replace(&mut progress.drive, drive) != drive)
    }

    /// Replaces the recording. It has another `ETag` from now on.
    ///
    /// # Errors
    /// When the sandbox no longer has the verification, or has stopped.
    pub fn set_recording(&self, bytes: impl Into<Vec<u8>>) -> Result<(), SandboxError> {
        lock(&self.core()?.state).set_recording(self.number, bytes.into().into())
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification").field("reference_id", &self.number).finish_non_exhaustive()
    }
}
