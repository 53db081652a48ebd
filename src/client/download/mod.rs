//! Downloading a recording: from the storage that the link names, without our credentials, resumed where it broke off.
//!
//! ```text
//! link expired? ─▶ ask the status for a fresh one ─▶ GET (Range from where we are, If-Range: ETag) ─▶ chunks ─▶ writer
//!      ▲                                                │ broke off, 5xx             │ 403
//!      └──────────────────── back-off ◀─────────────────┴────────────────────────────┘
//! ```
//!
//! | file | says |
//! |---|---|
//! | `hosts`, `addresses` | where a link may lead |
//! | `downloads` | how it is asked for, so that it leads nowhere else |
//! | `attempt` ─▶ `answer` | what one answer is, and whether it is whole |
//! | `written`, `receipt` | what is there so far, and what proves that it is one file |
//!
//! A broken download goes on only when the storage proves, by a strong `ETag`, that the file is still the same one. It is at
//! its end only where the response proves that: by a length, a range or the last chunk.

mod addresses;
mod answer;
mod attempt;
mod downloads;
mod error;
mod hosts;
mod receipt;
mod written;

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::handle::Client;
use crate::model::RecordingLink;
use crate::transport::{RetryPolicy, full_jitter};

pub(crate) use downloads::Downloads;
pub use error::DownloadError;
use error::Failure;
pub(crate) use hosts::Hosts;
pub use receipt::Receipt;
use written::Written;

const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30 * 60);
const DEFAULT_MAX_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Fresh links that one download may ask for.
const REFRESHES: u32 = 5;

/// About half a minute of a storage that is not to be reached, in seven attempts.
fn default_retry() -> RetryPolicy {
    RetryPolicy::default().max_attempts(7).base_delay(Duration::from_millis(500)).max_delay(Duration::from_secs(8))
}

/// How far a download has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes written so far.
    pub bytes: u64,
    /// Bytes in all, where the storage says.
    pub total: Option<u64>,
}

impl RecordingLink {
    /// Downloads the recording into `writer`. Await it, or set its options first; it gives a [`Receipt`].
    ///
    /// Nothing that is for Cashfree is sent to the storage: no credentials, and none of the headers and certificates that
    /// [`ClientBuilder::http`](crate::ClientBuilder::http) sets; a proxy is set by
    /// [`ClientBuilder::download_http`](crate::ClientBuilder::download_http). Nothing is followed. When the link has lapsed, or
    /// the storage says so, the client asks for the status to get a fresh one.
    ///
    /// Whatever the link says, only `https` to a public host is asked for: a link to this machine, a private network or a
    /// cloud's metadata is refused when it is read, and so is a name when it turns out to lead there.
    /// [`ClientBuilder::recording_hosts`](crate::ClientBuilder::recording_hosts) narrows it further. A client whose own
    /// environment is on loopback may use loopback.
    ///
    /// Success means all of the file, as it lies in the storage: a response that is encoded, empty, or whose end would not be
    /// told from a cut, is an error.
    ///
    /// ```no_run
    /// # async fn example(client: cashfree_vkyc::Client, vkyc: cashfree_vkyc::VideoKyc) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Some(recording) = vkyc.recording() {
    ///     let mut file: Vec<u8> = Vec::new(); // or a tokio::fs::File
    ///     let receipt = recording
    ///         .download(&client, &mut file)
    ///         .max_bytes(500_000_000)
    ///         .progress(|at| println!("{} of {:?}", at.bytes, at.total))
    ///         .await?;
    ///     println!("{} bytes, SHA-256 {}", receipt.bytes(), receipt.sha256());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Awaiting it fails as [`DownloadError`] lists.
    pub fn download<'a, W: AsyncWrite + Unpin + Send + 'a>(&self, client: &Client, writer: W) -> Download<'a, W> {
        Download {
            link: self.clone(),
            client: client.clone(),
            writer,
            max_bytes: DEFAULT_MAX_BYTES,
            timeout: DEFAULT_TIMEOUT,
            retry: default_retry(),
            progress: Box::new(|_| {}),
            version: Box::new(|_| {}),
            written: Written::nothing(),
        }
    }
}

/// Who is told of a file's version.
type ToldVersion<'a> = Box<dyn FnMut(Option<&str>) + Send + 'a>;

/// The download of [`RecordingLink::download`]: await it, or set its options first.
#[must_use = "a download does nothing until it is awaited"]
pub struct Download<'a, W> {
    link: RecordingLink,
    client: Client,
    writer: W,
    max_bytes: u64,
    timeout: Duration,
    retry: RetryPolicy,
    progress: Box<dyn FnMut(Progress) + Send + 'a>,
    version: ToldVersion<'a>,
    written: Written,
}

impl<'a, W: AsyncWrite + Unpin + Send + 'a> Download<'a, W> {
    /// The most bytes to write. The default is 2 GiB.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// How long all of it may take. The default is 30 minutes; 30 seconds of silence count as a broken connection.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How often, and after what back-off, to try in a row without one byte more. The default is 7 attempts within about half
    /// a minute; what arrives starts the count anew.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// Is told how far it has come, after every chunk.
    pub fn progress(mut self, progress: impl FnMut(Progress) + Send + 'a) -> Self {
        self.progress = Box::new(progress);
        self
    }

    /// Is told which version of the file this is, by its strong `ETag`, before its first byte is written; `None` where the storage
    /// says none. With it, [`after`](Self::after) goes on where this download broke off.
    pub fn on_version(mut self, told: impl FnMut(Option<&str>) + Send + 'a) -> Self {
        self.version = Box::new(told);
        self
    }

    /// Goes on after what an earlier download wrote, perhaps of another process: `earlier` are those bytes, and `etag` is what
    /// [`on_version`](Self::on_version) was told of them. The writer gets what comes after; the receipt is of all.
    ///
    /// Where the storage has another file by now, the download fails with [`DownloadError::Changed`]: begin anew.
    ///
    /// # Errors
    /// When `earlier` cannot be read.
    pub fn after(mut self, earlier: impl std::io::Read, etag: &str) -> std::io::Result<Self> {
        self.written = Written::again(earlier, etag)?;
        Ok(self)
    }

    async fn run(mut self) -> Result<Receipt, DownloadError> {
        let (limit, began_at) = (self.timeout, jiff::Timestamp::now());
        match timeout(limit, self.attempts()).await {
            Ok(outcome) => outcome.map(|()| self.written.receipt(began_at)),
            Err(_) => Err(DownloadError::Timeout { limit }),
        }
    }

    async fn attempts(&mut self) -> Result<(), DownloadError> {
        let policy = self.retry.clone();
        let (mut delays, mut fresh, mut refreshes) = (policy.delays(), false, 0);
        loop {
            if !fresh && self.link.is_expired(SystemTime::now()) {
                self.refresh(&mut refreshes).await?;
                fresh = true;
            }
            let before = self.written.at.bytes;
            let failure = match self.attempt().await {
                Ok(()) => return self.writer.flush().await.map_err(DownloadError::Write),
                Err(failure) => failure,
            };
            if self.written.at.bytes > before {
                (delays, fresh) = (policy.delays(), false);
            }
            let (source, asked) = match failure {
                Failure::Final(error) => return Err(error),
                Failure::Forbidden(http_status) if fresh => return Err(DownloadError::Refused { http_status }),
                Failure::Forbidden(_) => {
                    self.refresh(&mut refreshes).await?;
                    fresh = true;
                    continue;
                }
                Failure::Transient(source, asked) => (source, asked),
            };
            match delays.next().filter(|_| self.written.can_resume()) {
                Some(longest) => tokio::time::sleep(full_jitter(longest).max(asked)).await,
                None => return Err(DownloadError::Interrupted(source)),
            }
        }
    }

    /// Asks the status for a fresh link.
    async fn refresh(&mut self, refreshes: &mut u32) -> Result<(), DownloadError> {
        *refreshes += 1;
        if *refreshes > REFRESHES {
            return Err(DownloadError::Expired);
        }
        let verification = self.link.verification().cloned().ok_or(DownloadError::Expired)?;
        let vkyc = self.client.status(verification).await.map_err(DownloadError::Status)?;
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

impl<W> fmt::Debug for Download<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("max_bytes", &self.max_bytes)
            .field("timeout", &self.timeout)
            .field("at", &self.written.at)
            .finish_non_exhaustive()
    }
}
