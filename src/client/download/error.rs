//! Why a download failed. No message shows a link beyond its host.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::transport::{Error, is_tls};

/// Why a download failed. What was written until then stays in the writer.
#[derive(Debug)]
#[non_exhaustive]
pub enum DownloadError {
    /// The link cannot be used.
    Link {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The link leads to a host that recordings are not fetched from: one that is not public, or that
    /// [`ClientBuilder::recording_hosts`](crate::ClientBuilder::recording_hosts) does not list. Nothing was sent to it.
    Host {
        /// The host, and nothing more of the link.
        host: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The link has lapsed, and there is no fresh one.
    Expired,
    /// A fresh link was asked for, and that call failed.
    Status(Error),
    /// The storage refuses.
    Refused {
        /// What it answered.
        http_status: StatusCode,
    },
    /// The response cannot be shown to be the whole recording as it lies in the storage. Nothing of it was written, unless it
    /// had more bytes than it said.
    Answer {
        /// What is wrong with it.
        problem: &'static str,
    },
    /// There is a recording, and it has no bytes.
    Empty,
    /// The file is larger than [`Download::max_bytes`](super::Download::max_bytes) allows.
    TooLarge {
        /// How many bytes are allowed.
        limit: u64,
    },
    /// The file changed while it was downloaded, or cannot be shown to be the same; start anew with an empty writer.
    Changed,
    /// The storage's certificate is not acceptable, or it does not speak TLS. Nothing was sent to it. Where a proxy opens TLS, add
    /// its root certificate with [`ClientBuilder::download_http`](crate::ClientBuilder::download_http).
    Tls(Box<dyn std::error::Error + Send + Sync>),
    /// The connection broke, again and again.
    Interrupted(Option<Box<dyn std::error::Error + Send + Sync>>),
    /// The time is over.
    Timeout {
        /// How long it was allowed to take.
        limit: Duration,
    },
    /// The writer failed.
    Write(std::io::Error),
}

impl fmt::Display for DownloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link { problem } => write!(f, "the recording's link {problem}"),
            Self::Host { host, problem } => write!(f, "the recording's link leads to {host}, {problem}"),
            Self::Expired => f.write_str(
                "the recording's link has lapsed, and the status names no other; ask for the status and try again",
            ),
            Self::Status(error) => write!(f, "no fresh link could be had: {error}"),
            Self::Refused { http_status } => {
                write!(f, "the storage answered {http_status}; a redirect is not followed, ")?;
                f.write_str("and 403 or 404 mean that the file is not to be had")
            }
            Self::Answer { problem } => write!(f, "the storage's answer {problem}"),
            Self::Empty => f.write_str("the recording is empty"),
            Self::TooLarge { limit } => write!(f, "the recording has more than the {limit} bytes that are allowed"),
            Self::Changed => f.write_str(
                "the recording is not the file that the download began with; start anew with an empty writer",
            ),
            Self::Tls(cause) => {
                let because = Because(Some(&**cause));
                write!(
                    f,
                    "the storage's certificate or TLS is not acceptable{because}; check the clock and the certificate store, "
                )?;
                f.write_str("and behind a proxy that opens TLS, add its root with ClientBuilder::download_http")
            }
            Self::Interrupted(cause) => {
                let because = Because(cause.as_deref().map(|cause| cause as _));
                write!(f, "the download broke off and could not be resumed{because}")
            }
            Self::Timeout { limit } => write!(f, "the download took longer than {} s", limit.as_secs()),
            Self::Write(error) => write!(f, "the recording cannot be written: {error}"),
        }
    }
}

impl std::error::Error for DownloadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Status(error) => Some(error),
            Self::Tls(cause) => Some(&**cause),
            Self::Interrupted(cause) => cause.as_deref().map(|cause| cause as _),
            Self::Write(error) => Some(error),
            _ => None,
        }
    }
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
        if error.is_connect() && is_tls(&error) {
            return Self::Final(DownloadError::Tls(Box::new(error.without_url())));
        }
        Self::again(Some(Box::new(error.without_url())))
    }
}
