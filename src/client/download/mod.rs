//! Downloads a recording from the storage in the link, without the account's credentials, and resumes after interruptions.
//!
//! ```text
//! link expired? ─▶ ask the status for a fresh one ─▶ GET (Range from the last byte, If-Range: ETag) ─▶ chunks ─▶ writer
//!      ▲                                                │ broke off, 5xx             │ 403
//!      └──────────────────── back-off ◀─────────────────┴────────────────────────────┘
//! ```
//!
//! | file | contents |
//! |---|---|
//! | `hosts` | the hosts that recordings may be downloaded from |
//! | `downloads` | the request to the storage, which connects only to those hosts |
//! | `attempt` | one request, and whether its response is complete |
//! | `sink` | the destination: a writer, or a file that a later download resumes |
//! | `written` | the part in a response, the bytes so far, the proof that they belong to one file, and the receipt |
//!
//! An interrupted download continues only if the storage proves, by a strong `ETag`, that the file is the same. It is complete
//! only if the response proves where the file ends: by a length, a range or the last chunk.

#![allow(private_bounds, reason = "a sink is a writer or the file of `download_to`, and no other type")]

mod attempt;
mod downloads;
mod error;
mod hosts;
mod sink;
mod written;

use std::fmt;
use std::future::IntoFuture;
use std::io;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use http::StatusCode;
use tokio::io::AsyncWrite;
use tokio::time::timeout;

use super::operations::Operations;
use crate::model::RecordingLink;
use crate::transport::{RetryPolicy, full_jitter};

pub(crate) use downloads::Downloads;
pub use error::DownloadError;
use error::Failure;
pub(crate) use hosts::Hosts;
pub use sink::RecordingFile;
use sink::Sink;
use written::Written;
pub use written::{Progress, Receipt};

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30 * 60);
const DEFAULT_MAX_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// How many fresh links one download may request.
const REFRESHES: u32 = 5;

type OnVersion<'a> = Box<dyn FnMut(Option<&str>) + Send + 'a>;

/// The download of [`RecordingLink::download`] or [`RecordingLink::download_to`]. Await it, or set its options first.
#[must_use = "a download does nothing until it is awaited"]
pub struct Download<'a, W> {
    link: RecordingLink,
    operations: Operations,
    downloads: Downloads,
    writer: W,
    max_bytes: u64,
    timeout: Duration,
    retry: RetryPolicy,
    progress: Box<dyn FnMut(Progress) + Send + 'a>,
    on_version: OnVersion<'a>,
    written: Written,
}

impl<'a, W> Download<'a, W> {
    pub(super) fn new(link: RecordingLink, operations: Operations, downloads: Downloads, writer: W) -> Self {
        Self {
            link,
            operations,
            downloads,
            writer,
            max_bytes: DEFAULT_MAX_BYTES,
            timeout: DEFAULT_TIMEOUT,
            retry: RetryPolicy::default()
                .max_attempts(7)
                .base_delay(Duration::from_millis(500))
                .max_delay(Duration::from_secs(8)),
            progress: Box::new(|_| {}),
            on_version: Box::new(|_| {}),
            written: Written::nothing(),
        }
    }

    /// Limits the bytes to write. The default is 2 GiB.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Limits the time of the whole download. The default is 30 minutes. 30 seconds without a byte count as a broken connection.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the number of attempts that receive no byte, and their back-off. The default is 7 attempts within about half a
    /// minute. Each byte received starts the count again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Calls `progress` after every chunk.
    pub fn progress(mut self, progress: impl FnMut(Progress) + Send + 'a) -> Self {
        self.progress = Box::new(progress);
        self
    }
}

impl<'a, W: AsyncWrite> Download<'a, W> {
    /// Calls `on_version` before the first byte is written, with the version of the file: its strong `ETag`, or `None` if the
    /// storage has none. [`after`](Self::after) needs it to continue an interrupted download.
    pub fn on_version(mut self, on_version: impl FnMut(Option<&str>) + Send + 'a) -> Self {
        self.on_version = Box::new(on_version);
        self
    }

    /// Continues an earlier download, also of another process. `earlier` are the bytes that it wrote, and `etag` is the value
    /// passed to its [`on_version`](Self::on_version). The writer gets the rest; the receipt covers the whole file.
    ///
    /// If the storage has another file by now, the download fails with [`DownloadError::Changed`]: start again.
    ///
    /// # Errors
    /// If `earlier` cannot be read.
    pub fn after(mut self, earlier: impl std::io::Read, etag: &str) -> std::io::Result<Self> {
        self.written = Written::again(earlier, etag)?;
        Ok(self)
    }
}

impl Download<'_, RecordingFile> {
    /// Replaces the file if it exists.
    pub fn replace(mut self, replace: bool) -> Self {
        self.writer.replace = replace;
        self
    }

    /// Calls `on_complete` when the whole recording is written and synced, before the file gets its final name. Write files that
    /// belong to the recording there, so that they exist before it. The function may block. If it fails, so does the download,
    /// and the next one calls it again.
    pub fn on_complete(mut self, on_complete: impl FnOnce(&Receipt) -> io::Result<()> + Send + 'static) -> Self {
        self.writer.on_complete = Some(Box::new(on_complete));
        self
    }
}

impl<W: Sink> Download<'_, W> {
    async fn run(mut self) -> Result<Receipt, DownloadError> {
        let (limit, began_at) = (self.timeout, jiff::Timestamp::now());
        match timeout(limit, self.whole()).await {
            Ok(outcome) => outcome?,
            Err(_) => return Err(DownloadError::Timeout { limit }),
        }
        // Outside the timeout, which must not end between the receipt and the file.
        let receipt = self.written.receipt(began_at);
        self.writer.finish(&receipt).await?;
        Ok(receipt)
    }

    /// Downloads the whole file, after the bytes of an earlier download. If the storage has another file by now, starts again
    /// once.
    async fn whole(&mut self) -> Result<(), DownloadError> {
        if let Some(written) = self.writer.open().await? {
            self.written = written;
        }
        match self.attempts().await {
            Err(DownloadError::Changed) if self.writer.restart().await? => {
                self.written = Written::nothing();
                self.attempts().await?;
            }
            outcome => outcome?,
        }
        self.writer.sync().await
    }

    async fn attempts(&mut self) -> Result<(), DownloadError> {
        let (mut delays, mut fresh, mut refreshes) = (self.retry.delays(), false, 0);
        loop {
            let before = self.written.at.bytes;
            let is_expired = !fresh && self.link.is_expired(SystemTime::now());
            let outcome =
                if is_expired { Err(Failure::Forbidden(StatusCode::FORBIDDEN)) } else { self.attempt().await };
            if self.written.at.bytes > before {
                (delays, fresh) = (self.retry.delays(), false);
            }
            match outcome {
                Ok(()) => return Ok(()),
                Err(Failure::Final(error)) => return Err(error),
                Err(Failure::Forbidden(http_status)) if fresh => return Err(DownloadError::Refused { http_status }),
                Err(Failure::Forbidden(_)) => {
                    self.refresh(&mut refreshes).await?;
                    fresh = true;
                }
                Err(Failure::Transient(source, asked)) => match delays.next().filter(|_| self.written.can_resume()) {
                    Some(longest) => tokio::time::sleep(full_jitter(longest).max(asked)).await,
                    None => return Err(DownloadError::Interrupted(source)),
                },
            }
        }
    }

    /// Requests a fresh link, from the status.
    async fn refresh(&mut self, refreshes: &mut u32) -> Result<(), DownloadError> {
        *refreshes += 1;
        if *refreshes > REFRESHES {
            return Err(DownloadError::Expired);
        }
        let verification = self.link.verification().cloned().ok_or(DownloadError::Expired)?;
        let call = self.operations.vkyc_get_status().verification_ref(verification).send();
        let vkyc = call.await.map_err(DownloadError::Status)?;
        self.link = vkyc.recording().ok_or(DownloadError::Expired)?;
        Ok(())
    }
}

impl<'a, W: AsyncWrite + Unpin + Send + 'a> IntoFuture for Download<'a, W> {
    type Output = Result<Receipt, DownloadError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<'a> IntoFuture for Download<'a, RecordingFile> {
    type Output = Result<Receipt, DownloadError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<W> fmt::Debug for Download<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("max_bytes", &self.max_bytes)
            .field("timeout", &self.timeout)
            .field("at", &self.written.at)
            .finish_non_exhaustive()
    }
}
