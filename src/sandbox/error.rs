//! What a test asked of the sandbox that it cannot do.

use crate::model::{IdError, Status, SubStatus};

/// Why the sandbox does not do what a test asks for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The text is no verification id.
    #[error(transparent)]
    Id(#[from] IdError),
    /// A verification with this id is there already.
    #[error("the sandbox has a verification with this id already; take another id, or `reset()` the sandbox")]
    Taken,
    /// The lifecycle of the spec does not allow a journey.
    #[error("step {step} of the journey {problem}")]
    #[non_exhaustive]
    Journey {
        /// Which step, counted from 0.
        step: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is no further step.
    #[error("the journey is over: it ended at {status} / {sub_status}")]
    #[non_exhaustive]
    Over {
        /// Where it ended.
        status: Status,
        /// Where it ended.
        sub_status: SubStatus,
    },
    /// The verification is no longer there, or was replaced by `put`.
    #[error("the sandbox no longer has this verification: it was reset, or the verification was replaced by `put`")]
    Gone,
    /// The sandbox has stopped.
    #[error("the sandbox has stopped: it was dropped, or the runtime that it ran on has ended")]
    Stopped,
}
