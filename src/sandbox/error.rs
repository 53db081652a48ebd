//! Errors of the sandbox's own interface.

use std::fmt;

use crate::model::{IdError, Status, SubStatus};

/// The reason why the sandbox cannot do what a test asks for.
#[derive(Debug)]
#[non_exhaustive]
pub enum SandboxError {
    /// The text is not a verification id.
    Id(IdError),
    /// A verification with this id exists.
    Taken,
    /// The lifecycle of the spec does not allow a journey.
    #[non_exhaustive]
    Journey {
        /// The step, counted from 0.
        step: usize,
        /// The problem.
        problem: &'static str,
    },
    /// There is no further step.
    #[non_exhaustive]
    Over {
        /// The last status.
        status: Status,
        /// The last sub-status.
        sub_status: SubStatus,
    },
    /// The verification was removed, or replaced by `put`.
    Gone,
    /// The sandbox has stopped.
    Stopped,
}

impl fmt::Display for SandboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(error) => error.fmt(f),
            Self::Taken => f.write_str(
                "the sandbox has a verification with this id already; take another id, or `reset()` the sandbox",
            ),
            Self::Journey { step, problem } => write!(f, "step {step} of the journey {problem}"),
            Self::Over { status, sub_status } => {
                write!(f, "the journey is over: it ended at {status} / {sub_status}")
            }
            Self::Gone => f.write_str(
                "the sandbox no longer has this verification: it was reset, or the verification was replaced by `put`",
            ),
            Self::Stopped => {
                f.write_str("the sandbox has stopped: it was dropped, or the runtime that it ran on has ended")
            }
        }
    }
}

impl std::error::Error for SandboxError {}

impl From<IdError> for SandboxError {
    fn from(error: IdError) -> Self {
        Self::Id(error)
    }
}
