//! Why a watch ended without what it waited for, with the last that was seen.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::model::{Phase, VideoKyc};
use crate::transport::Error;

/// What ended a watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WatchErrorKind {
    /// The time is over. The last state is in [`WatchError::last`]; if the last poll failed, the source says how.
    ///
    /// # Troubleshooting
    /// Watch again: the id is all that is needed. A customer may take days. Where the message says that the state's phase is
    /// closed, the verification is likely over with a sub-status that this version does not know, and an unknown one is never
    /// final: wait with [`Watch::until_closed`](crate::Watch::until_closed).
    ExceededMaxWait,
    /// A poll failed in a way that asking again does not mend, such as a wrong key pair or an id that nobody knows; or five in a
    /// row were answered by something that is not Cashfree, such as a gateway's page.
    ///
    /// # Troubleshooting
    /// The source is the call's error; see [`ErrorKind`](crate::ErrorKind).
    Failed,
    /// The verification reached a final state that was not waited for, and nothing more will happen to it.
    ///
    /// # Troubleshooting
    /// Look at [`WatchError::last`].
    Final,
}

/// Why a watch ended without what it waited for.
pub struct WatchError {
    kind: WatchErrorKind,
    progress: Box<Progress>,
}

/// How far a watch has come.
#[derive(Default)]
pub(super) struct Progress {
    pub(super) last: Option<VideoKyc>,
    pub(super) polls: u32,
    pub(super) elapsed: Duration,
    pub(super) error: Option<Error>,
}

impl WatchError {
    pub(super) fn new(kind: WatchErrorKind, progress: Progress) -> Self {
        Self { kind, progress: Box::new(progress) }
    }

    /// What ended the watch.
    #[must_use]
    pub const fn kind(&self) -> WatchErrorKind {
        self.kind
    }

    /// The last state that was seen. `None` when no poll succeeded.
    #[must_use]
    pub fn last(&self) -> Option<&VideoKyc> {
        self.progress.last.as_ref()
    }

    /// How often the status was asked for. Each may have taken several attempts.
    #[must_use]
    pub fn polls(&self) -> u32 {
        self.progress.polls
    }

    /// How long the watch took.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.progress.elapsed
    }

    /// The error of the last poll, if it failed.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        self.progress.error.as_ref()
    }
}

impl fmt::Display for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            WatchErrorKind::ExceededMaxWait => "the verification did not get there in the time allowed; watch it again",
            WatchErrorKind::Failed => "the verification cannot be watched",
            WatchErrorKind::Final => "the verification reached a final state that was not waited for",
        })?;
        match self.last() {
            Some(last) => {
                write!(f, "; its last state was {} / {}", last.status, last.sub_status)?;
                let lifecycle = last.lifecycle();
                if lifecycle.phase() == Phase::Closed && !lifecycle.is_final() {
                    f.write_str(
                        ", which looks closed, with a sub-status that this version does not know: see Watch::until_closed",
                    )?;
                }
            }
            None => f.write_str("; its state was never seen")?,
        }
        write!(f, " (polls: {}, in {:.1} s)", self.polls(), self.elapsed().as_secs_f64())?;
        match self.error() {
            Some(error) => write!(f, ": {error}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchError")
            .field("kind", &self.kind)
            .field("last", &self.progress.last)
            .field("polls", &self.progress.polls)
            .field("elapsed", &self.progress.elapsed)
            .field("error", &self.progress.error)
            .finish()
    }
}

impl StdError for WatchError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error().map(|error| error as _)
    }
}
