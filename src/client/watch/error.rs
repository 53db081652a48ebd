//! The error of a watch, with the last state that it saw.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use crate::model::VideoKyc;
use crate::transport::Error;

/// The reason why a watch ended with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WatchErrorKind {
    /// The time limit was reached. The last state is in [`WatchError::last`]; if the last poll failed, its error is the source.
    ///
    /// # Troubleshooting
    /// Watch again with the same id: a customer may take days. If the message says that the state looks closed, the verification is
    /// probably over, with a sub-status that this version does not know. An unknown state is never final: wait with
    /// [`Watch::until_closed`](crate::Watch::until_closed).
    ExceededMaxWait,
    /// A poll failed permanently, for example because of a wrong key pair or an unknown id; or five consecutive responses were
    /// not Cashfree's, such as a gateway's page.
    ///
    /// # Troubleshooting
    /// The source is the error of the call; see [`ErrorKind`](crate::ErrorKind).
    Failed,
    /// The verification ended in another state than the expected one. A final state does not change any more.
    ///
    /// # Troubleshooting
    /// The state is in [`WatchError::last`].
    Final,
}

/// The error of a watch that did not see the expected state.
#[derive(Debug)]
pub struct WatchError {
    pub(super) kind: WatchErrorKind,
    pub(super) progress: Box<Progress>,
}

/// The progress of a watch.
#[derive(Debug, Default)]
pub(super) struct Progress {
    pub(super) last: Option<VideoKyc>,
    pub(super) polls: u32,
    pub(super) elapsed: Duration,
    pub(super) error: Option<Error>,
}

impl WatchError {
    /// Returns the reason why the watch ended.
    #[must_use]
    pub const fn kind(&self) -> WatchErrorKind {
        self.kind
    }

    /// Returns the last state. `None` if no poll succeeded.
    #[must_use]
    pub fn last(&self) -> Option<&VideoKyc> {
        self.progress.last.as_ref()
    }

    /// Returns the number of polls. Each may have taken several attempts.
    #[must_use]
    pub fn polls(&self) -> u32 {
        self.progress.polls
    }

    /// Returns how long the watch took.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.progress.elapsed
    }

    /// Returns the error of the last poll, if it failed.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        self.progress.error.as_ref()
    }
}

impl WatchError {
    /// Whether the same wait may succeed later: its time was over, or its last error [may pass](Error::may_pass).
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self.kind {
            WatchErrorKind::ExceededMaxWait => true,
            WatchErrorKind::Failed => self.error().is_some_and(Error::may_pass),
            WatchErrorKind::Final => false,
        }
    }
}

impl fmt::Display for WatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            WatchErrorKind::ExceededMaxWait => {
                "the verification did not reach the state in the time allowed; watch it again"
            }
            WatchErrorKind::Failed => "the verification cannot be watched",
            WatchErrorKind::Final => "the verification ended in another state than the one waited for",
        })?;
        match self.last() {
            Some(last) => {
                write!(f, "; its last state was {} / {}", last.status, last.sub_status)?;
                let lifecycle = last.lifecycle();
                if lifecycle.is_closed() && !lifecycle.is_final() {
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

impl StdError for WatchError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error().map(|error| error as _)
    }
}
