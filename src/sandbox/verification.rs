//! A verification that a test moves.

use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::error::SandboxError;
use super::journey::Drive;
use super::shared::{Moved, Shared, lock, wait};
use crate::model::{ReferenceId, VerificationId, VideoKyc};

/// A verification of the sandbox, to be moved along its [`Journey`](super::Journey).
///
/// [`Sandbox::begin`](super::Sandbox::begin) gives it, and [`Sandbox::verification`](super::Sandbox::verification) for one that your
/// code initiated. Clones move the same one. Its journey has begun: the first step is taken, and its webhook on its way.
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
    shared: Weak<Shared>,
    number: i64,
    id: VerificationId,
}

impl Verification {
    pub(super) fn new(shared: &Arc<Shared>, number: i64, id: VerificationId) -> Self {
        Self { shared: Arc::downgrade(shared), number, id }
    }

    fn shared(&self) -> Result<Arc<Shared>, SandboxError> {
        self.shared.upgrade().ok_or(SandboxError::Stopped)
    }

    /// Your id of it.
    #[must_use]
    pub const fn id(&self) -> &VerificationId {
        &self.id
    }

    /// The sandbox's id of it.
    #[must_use]
    pub const fn reference_id(&self) -> ReferenceId {
        ReferenceId(self.number)
    }

    /// As it stands, as a status call would tell it.
    ///
    /// # Errors
    /// When the sandbox no longer has it, or has stopped.
    pub fn state(&self) -> Result<VideoKyc, SandboxError> {
        let shared = self.shared()?;
        let mut state = lock(&shared.state);
        Ok(shared.shown(state.walking(self.number)?))
    }

    /// Takes the next step, and waits until its webhook and those before it have been answered, or could not be delivered. What was
    /// not accepted is sent again by the schedule meanwhile; [`Sandbox::wait_for_webhooks`](super::Sandbox::wait_for_webhooks) waits for that.
    ///
    /// # Errors
    /// [`SandboxError::Over`] when there is no further step; or when the sandbox no longer has it, or has stopped.
    pub async fn advance(&self) -> Result<VideoKyc, SandboxError> {
        let Moved { vkyc, answered } = self.shared()?.step(self.number)?;
        wait(answered).await;
        Ok(vkyc)
    }

    /// Takes all further steps, each after the webhook of the one before was answered, and gives the state reached. Where there is no
    /// further step, that is the state as it is.
    ///
    /// # Errors
    /// When the sandbox no longer has it, or has stopped.
    pub async fn finish(&self) -> Result<VideoKyc, SandboxError> {
        loop {
            match self.advance().await {
                Err(SandboxError::Over { .. }) => break,
                moved => moved.map(drop)?,
            }
        }
        let before =
            lock(&self.shared()?.state).walking(self.number)?.walk.as_ref().and_then(|walk| walk.before.clone());
        wait(before).await;
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
        self.shared()?.tasks.runtime().clone().block_on(self.advance())
    }

    /// [`finish`](Self::finish) for tests without a runtime.
    ///
    /// # Errors
    /// As those of `finish`.
    ///
    /// # Panics
    /// Within a runtime.
    pub fn finish_blocking(&self) -> Result<VideoKyc, SandboxError> {
        self.shared()?.tasks.runtime().clone().block_on(self.finish())
    }

    /// From now on, a step is taken each time so much time has passed, until the journey is over.
    ///
    /// In a test whose time is paused, that is the test's time: see [`Sandbox::start`](super::Sandbox::start).
    pub fn every(self, time: Duration) -> Self {
        // Asked for twice, it is still driven once.
        let new = self.drive(Drive::Every(time));
        if let (true, Ok(shared)) = (new, self.shared()) {
            shared.tick(self.number, time);
        }
        self
    }

    /// From now on, each status call but the first takes a step before it is answered, until the journey is over.
    pub fn on_each_status(self) -> Self {
        self.drive(Drive::OnEachStatus);
        self
    }

    /// Whether something else drove it before.
    fn drive(&self, drive: Drive) -> bool {
        let Ok(shared) = self.shared() else { return false };
        let mut state = lock(&shared.state);
        let walk = state.walking(self.number).ok().and_then(|kept| kept.walk.as_mut());
        walk.is_some_and(|walk| std::mem::replace(&mut walk.drive, drive) != drive)
    }

    /// Another recording from now on, as when the file was replaced: its `ETag` is another.
    ///
    /// # Errors
    /// When the sandbox no longer has the verification, or has stopped.
    pub fn set_recording(&self, bytes: impl Into<Vec<u8>>) -> Result<(), SandboxError> {
        lock(&self.shared()?.state).walking(self.number)?.recording = Some(bytes.into().into());
        Ok(())
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verification").field("reference_id", &self.number).finish_non_exhaustive()
    }
}
