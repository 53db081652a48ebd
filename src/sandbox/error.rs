//! What a test asked of the sandbox that it cannot do.

use std::fmt;

use crate::model::{IdError, Status, SubStatus};

/// Why the sandbox does not do what a test asks for.
#[derive(Debug)]
#[non_exhaustive]
pub enum SandboxError {
    /// The text is no verification id.
    Id(IdError),
    /// A verification with this id is there already.
    Taken,
    /// The lifecycle of the spec does not allow a journey.
    #[non_exhaustive]
    Journey {
        /// Which step, counted from 0.
        step: usize,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is no further step.
    #[non_exhaustive]
    Over {
        /// Where it ended.
        status: Status,
        /// Where it ended.
        sub_status: SubStatus,
    },
    /// The verification is no longer there, or was replaced by `put`.
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
