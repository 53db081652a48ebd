//! The errors of downloads. No message shows more of a link than its host.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use super::super::file_error::FileError;
use crate::transport::{Error, is_tls};

/// The reason why a download failed. Bytes written before remain in the writer, or in the part file.
#[derive(Debug)]
#[non_exhaustive]
pub enum DownloadError {
    /// The link cannot be used.
    Link {
        /// The problem, in words.
        problem: &'static str,
    },
    /// The link's host is not public, or not listed in [`ClientBuilder::recording_hosts`](crate::ClientBuilder::recording_hosts).
    /// Nothing was sent to it.
    Host {
        /// The host.
        host: String,
        /// The problem, in words.
        problem: &'static str,
    },
    /// The link has expired, and there is no fresh one.
    Expired,
    /// The call for a fresh link failed.
    Status(Error),
    /// The storage refused the request.
    Refused {
        /// The status of its response.
        http_status: StatusCode,
    },
    /// The response is empty, or does not prove that it is the whole recording. Nothing of it was written, unless it had more
    /// bytes than its headers announced.
    Response {
        /// The problem, in words.
        problem: &'static str,
    },
    /// The file is larger than [`Download::max_bytes`](super::Download::max_bytes).
    TooLarge {
        /// The number of bytes allowed.
        limit: u64,
    },
    /// The file changed during the download, or cannot be proved to be the same: start again with an empty writer.
    /// [`download_to`](crate::RecordingLink::download_to) does so itself, once.
    Changed,
    /// The storage's certificate is not acceptable, or it does not speak TLS. Nothing was sent to it. If a proxy intercepts TLS, add
    /// its root certificate with [`ClientBuilder::download_http`](crate::ClientBuilder::download_http).
    Tls(Box<dyn std::error::Error + Send + Sync>),
    /// The connection broke repeatedly.
    Interrupted(Option<Box<dyn std::error::Error + Send + Sync>>),
    /// The time limit was reached.
    Timeout {
        /// The time allowed.
        limit: Duration,
    },
    /// The writer failed.
    Write(std::io::Error),
    /// The file of [`RecordingLink::download_to`](crate::RecordingLink::download_to) cannot be used or written.
    File(FileError),
}

impl fmt::Display for DownloadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link { problem } => write!(f, "the recording's link {problem}"),
            Self::Host { host, problem } => write!(f, "the recording's link leads to {host}, {problem}"),
            Self::Expired => f.write_str(
                "the recording's link has expired, and the status has no other; ask for the status and try again",
            ),
            Self::Status(error) => write!(f, "no fresh link is available: {error}"),
            Self::Refused { http_status } => {
                write!(f, "the storage responded with {http_status}; a redirect is not followed, ")?;
                f.write_str("and 403 or 404 mean that the file is not available")
            }
            Self::Response { problem } => write!(f, "the storage's response {problem}"),
            Self::TooLarge { limit } => write!(f, "the recording has more than the {limit} bytes that are allowed"),
            Self::Changed => f.write_str(
                "the recording is not the file that the download began with; start anew with an empty writer",
            ),
            Self::Tls(cause) => {
                let because = because(Some(&**cause));
                write!(
                    f,
                    "the storage's certificate or TLS is not acceptable{because}; check the clock and the certificate store, "
                )?;
                f.write_str("and behind a proxy that opens TLS, add its root with ClientBuilder::download_http")
            }
            Self::Interrupted(cause) => {
                let because = because(cause.as_deref().map(|cause| cause as _));
                write!(f, "the download broke off and could not be resumed{because}")
            }
            Self::Timeout { limit } => write!(f, "the download took longer than {} s", limit.as_secs()),
            Self::Write(error) => write!(f, "the recording cannot be written: {error}"),
            Self::File(error) => error.fmt(f),
        }
    }
}

impl DownloadError {
    /// Whether the same download may succeed later: it was interrupted, ran out of time, or could not get a fresh link now.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Status(error) => error.may_pass(),
            Self::Expired | Self::Changed | Self::Interrupted(_) | Self::Timeout { .. } => true,
            _ => false,
        }
    }
}

impl From<FileError> for DownloadError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl std::error::Error for DownloadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Status(error) => Some(error),
            Self::Tls(cause) => Some(&**cause),
            Self::Interrupted(cause) => cause.as_deref().map(|cause| cause as _),
            Self::Write(error) => Some(error),
            Self::File(error) => Some(&error.source),
            _ => None,
        }
    }
}

/// Returns the innermost cause, for the end of a message. The outer ones only say that something failed.
fn because(error: Option<&(dyn std::error::Error + 'static)>) -> String {
    let innermost = std::iter::successors(error, |error| error.source()).last();
    innermost.map(|cause| format!(": {cause}")).unwrap_or_default()
}

pub(super) type Source = Option<Box<dyn std::error::Error + Send + Sync>>;

/// The end of an attempt that did not complete the file.
pub(super) enum Failure {
    /// Another attempt is useless.
    Final(DownloadError),
    /// The link may have expired.
    Forbidden(StatusCode),
    /// Another attempt may succeed, after the wait that the storage asks for.
    Transient(Source, Duration),
}

impl Failure {
    /// Another attempt may succeed.
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
            return Self::Final(DownloadError::Link { problem: "cannot be used in a request" });
        }
        if error.is_connect() && is_tls(&error) {
            return Self::Final(DownloadError::Tls(Box::new(error.without_url())));
        }
        Self::again(Some(Box::new(error.without_url())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cause_of_a_failed_download_is_its_source() {
        let cause = || std::io::Error::other("the cause");
        let step = crate::FileStep::Write;
        let file = FileError { step, path: "r".into(), source: cause() };
        for error in [
            DownloadError::Status(crate::VerificationId::new("").unwrap_err().into()),
            DownloadError::Tls(cause().into()),
            DownloadError::Interrupted(Some(cause().into())),
            DownloadError::Write(cause()),
            DownloadError::File(file),
        ] {
            let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            assert!(!source.is_empty() && error.to_string().contains(&source), "{error}: {source}");
        }
        assert!(std::error::Error::source(&DownloadError::Expired).is_none());
    }

    #[test]
    fn a_download_may_pass_after_a_fault_of_the_network_and_not_after_a_refusal() {
        let limit = Duration::from_secs(1);
        let call = DownloadError::Status(crate::Error::without_response(
            &crate::transport::SOME_OPERATION,
            crate::ErrorKind::Timeout,
            crate::Delivery::NotSent,
            "",
        ));
        for error in [call, DownloadError::Timeout { limit }, DownloadError::Interrupted(None), DownloadError::Expired]
        {
            assert!(error.may_pass(), "{error}");
        }
        for error in [
            DownloadError::Refused { http_status: StatusCode::NOT_FOUND },
            DownloadError::TooLarge { limit: 1 },
            DownloadError::Write(std::io::Error::other("full")),
        ] {
            assert!(!error.may_pass(), "{error}");
        }
    }
}
