//! Why a download failed. No message shows a link beyond its host.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::transport::Error;

/// Why a download failed. What was written until then stays in the writer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// The link cannot be used.
    #[error("the recording's link {problem}")]
    Link {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The link leads to a host that recordings are not fetched from: one that is not public, or that
    /// [`ClientBuilder::recording_hosts`](crate::ClientBuilder::recording_hosts) does not list. Nothing was sent to it.
    #[error("the recording's link leads to {host}, {problem}")]
    Host {
        /// The host, and nothing more of the link.
        host: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The link has lapsed, and there is no fresh one.
    #[error("the recording's link has lapsed, and the status names no other; ask for the status and try again")]
    Expired,
    /// A fresh link was asked for, and that call failed.
    #[error("no fresh link could be had: {0}")]
    Status(#[source] Error),
    /// The storage refuses.
    #[error(
        "the storage answered {http_status}; a redirect is not followed, and 403 or 404 mean that the file is not to be had"
    )]
    Refused {
        /// What it answered.
        http_status: StatusCode,
    },
    /// The answer cannot be shown to be the whole recording as it lies in the storage. Nothing of it was written, unless it
    /// had more bytes than it said.
    #[error("the storage's answer {problem}")]
    Answer {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is a recording, and it has no bytes.
    #[error("the recording is empty")]
    Empty,
    /// The file is larger than [`Download::max_bytes`](super::Download::max_bytes) allows.
    #[error("the recording has more than the {limit} bytes that are allowed")]
    TooLarge {
        /// How many bytes are allowed.
        limit: u64,
    },
    /// The file changed while it was downloaded, or cannot be shown to be the same; start anew with an empty writer.
    #[error("the recording is not the file that the download began with; start anew with an empty writer")]
    Changed,
    /// The connection broke, again and again.
    #[error("the download broke off and could not be resumed{}", Because(.0.as_deref().map(|cause| cause as _)))]
    Interrupted(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// The time is over.
    #[error("the download took longer than {} s", .limit.as_secs())]
    Timeout {
        /// How long it was allowed to take.
        limit: Duration,
    },
    /// The writer failed.
    #[error("the recording cannot be written: {0}")]
    Write(#[source] std::io::Error),
}

/// The innermost cause: those around it say no more than that something failed.
struct Because<'a>(Option<&'a (dyn std::error::Error + 'static)>);

impl fmt::Display for Because<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match std::iter::successors(self.0, |error| error.source()).last() {
            Some(cause) => write!(f, ": {cause}"),
            None => Ok(()),
        }
    }
}

pub(super) type Source = Option<Box<dyn std::error::Error + Send + Sync>>;

/// How an attempt ended, other than with the whole file.
pub(super) enum Failure {
    /// Trying again is pointless.
    Final(DownloadError),
    /// The link may have lapsed.
    Forbidden(StatusCode),
    /// It may work next time, after what the storage asks to wait.
    Transient(Source, Duration),
}

impl Failure {
    /// It may work next time.
    pub(super) fn again(source: Source) -> Self {
        Self::Transient(source, Duration::ZERO)
    }
}

impl From<DownloadError> for Failure {
    fn from(error: DownloadError) -> Self {
        Self::Final(error)
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        if error.is_builder() {
            return Self::Final(DownloadError::Link { problem: "is none that can be asked for" });
        }
        Self::again(Some(Box::new(error.without_url())))
    }
}
