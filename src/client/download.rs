//! Downloading a recording: from the storage that the link names, without our credentials, resumed where it broke off.
//!
//! ```text
//! link expired? ─▶ ask the status for a fresh one ─▶ GET (Range from where we are, If-Range: ETag) ─▶ chunks ─▶ writer
//!      ▲                                                │ broke off, 5xx             │ 403
//!      └──────────────────── back-off ◀─────────────────┴────────────────────────────┘
//! ```
//!
//! A broken download goes on only when the storage proves, by a strong `ETag`, that the file is still the same one.

use std::fmt;
use std::future::IntoFuture;
use std::pin::Pin;
use std::time::{Duration, SystemTime};

use http::header::{ACCEPT_ENCODING, CONTENT_RANGE, ETAG, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;
use url::Url;

use super::environment::is_loopback;
use super::handle::Client;
use crate::model::RecordingLink;
use crate::transport::{Error, RetryPolicy, full_jitter, retry_after};

/// How long the storage may be silent.
const IDLE: Duration = Duration::from_secs(30);
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
    /// The file is larger than [`Download::max_bytes`] allows.
    #[error("the recording has more than the {limit} bytes that are allowed")]
    TooLarge {
        /// How many bytes are allowed.
        limit: u64,
    },
    /// The file changed while it was downloaded, or cannot be shown to be the same; start anew with an empty writer.
    #[error("the recording is not the file that the download began with; start anew with an empty writer")]
    Changed,
    /// The connection broke, again and again.
    #[error("the download broke off and could not be resumed")]
    Interrupted(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// The time is over.
    #[error("the download took longer than {} s", .limit.as_secs())]
    Timeout {
        /// How long it was allowed to take.
        limit: Duration,
    },
    /// The writer failed.
    #[error("the recording cannot be written")]
    Write(#[source] std::io::Error),
}

impl RecordingLink {
    /// Downloads the recording into `writer`. Await it, or set its options first; it gives the number of bytes.
    ///
    /// Nothing that is for Cashfree is sent to the storage: no credentials, and none of the headers and certificates that
    /// [`ClientBuilder::http`](crate::ClientBuilder::http) sets; a proxy is set by
    /// [`ClientBuilder::download_http`](crate::ClientBuilder::download_http). Nothing is followed. When the link has lapsed, or
    /// the storage says so, the client asks for the status to get a fresh one.
    ///
    /// ```no_run
    /// # async fn example(client: cashfree_vkyc::Client, vkyc: cashfree_vkyc::VideoKyc) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Some(recording) = vkyc.recording() {
    ///     let mut file: Vec<u8> = Vec::new(); // or a tokio::fs::File
    ///     let bytes = recording
    ///         .download(&client, &mut file)
    ///         .max_bytes(500_000_000)
    ///         .progress(|at| println!("{} of {:?}", at.bytes, at.total))
    ///         .await?;
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
            at: Progress { bytes: 0, total: None },
            etag: None,
        }
    }
}

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
    at: Progress,
    /// Shows that the file is the same. `None` when the storage sent no strong one.
    etag: Option<HeaderValue>,
}

/// How an attempt ended, other than with the whole file.
enum Failure {
    /// Trying again is pointless.
    Final(DownloadError),
    /// The link may have lapsed.
    Forbidden(StatusCode),
    /// It may work next time, after what the storage asks to wait.
    Transient(Source, Duration),
}

type Source = Option<Box<dyn std::error::Error + Send + Sync>>;

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

    async fn run(mut self) -> Result<u64, DownloadError> {
        let limit = self.timeout;
        match timeout(limit, self.attempts()).await {
            Ok(outcome) => outcome.map(|()| self.at.bytes),
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
            let before = self.at.bytes;
            let failure = match self.attempt().await {
                Ok(()) => return self.writer.flush().await.map_err(DownloadError::Write),
                Err(failure) => failure,
            };
            if self.at.bytes > before {
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
            let can_resume = self.at.bytes == 0 || self.etag.is_some();
            match delays.next().filter(|_| can_resume) {
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

    /// One request, from where we are to the end.
    async fn attempt(&mut self) -> Result<(), Failure> {
        let url = checked(self.link.expose()).map_err(|problem| Failure::Final(DownloadError::Link { problem }))?;
        let mut request = self.client.downloads.get(url).header(ACCEPT_ENCODING, "identity");
        if let (1.., Some(etag)) = (self.at.bytes, &self.etag) {
            request = request.header(RANGE, format!("bytes={}-", self.at.bytes)).header(IF_RANGE, etag);
        }
        let mut response = match timeout(IDLE, request.send()).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return Err(transient(error)),
            Err(_) => return Err(again(None)),
        };
        if self.is_whole(&response) {
            return Ok(());
        }
        let mut skip = self.begin(&response)?;
        loop {
            let mut chunk = match timeout(IDLE, response.chunk()).await {
                Ok(Ok(Some(chunk))) => chunk,
                Ok(Ok(None)) => break,
                Ok(Err(error)) => return Err(transient(error)),
                Err(_) => return Err(again(None)),
            };
            let skipped = usize::try_from(skip).unwrap_or(usize::MAX).min(chunk.len());
            skip -= skipped as u64;
            let chunk = chunk.split_off(skipped);
            self.write(&chunk).await.map_err(Failure::Final)?;
        }
        // A body without a length that ends too early would pass for the whole file.
        match self.at.total {
            Some(total) if total != self.at.bytes => Err(again(None)),
            _ => Ok(()),
        }
    }

    /// Whether all is there already, as the answer to a range beyond the end says: `Content-Range: bytes */36`. It is of the
    /// same file: for another one, `If-Range` has the storage send all of it.
    fn is_whole(&self, response: &reqwest::Response) -> bool {
        let total = || {
            let range = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
            range.strip_prefix("bytes */")?.parse::<u64>().ok()
        };
        self.at.bytes > 0
            && response.status() == StatusCode::RANGE_NOT_SATISFIABLE
            && self.etag.is_some()
            && response.headers().get(ETAG).is_none_or(|etag| self.etag.as_ref() == Some(etag))
            && total() == Some(self.at.bytes)
    }

    /// Judges the head of an answer. Gives how many bytes of its body are written already.
    fn begin(&mut self, response: &reqwest::Response) -> Result<u64, Failure> {
        let http_status = response.status();
        let etag = response.headers().get(ETAG).filter(|etag| !etag.as_bytes().starts_with(b"W/")).cloned();
        let is_same = self.etag.is_some() && self.etag == etag;
        let done = self.at.bytes;
        let (skip, total) = match http_status {
            StatusCode::OK if done == 0 || is_same => (done, response.content_length()),
            StatusCode::PARTIAL_CONTENT if done > 0 => match resumed(response.headers()) {
                Some((from, total)) if is_same && from == done => (0, total),
                _ => return Err(Failure::Final(DownloadError::Changed)),
            },
            StatusCode::OK => return Err(Failure::Final(DownloadError::Changed)),
            // 403 is a link that lapsed; 400, one whose own credentials did.
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                return Err(Failure::Forbidden(http_status));
            }
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => return Err(later(response)),
            _ if http_status.is_server_error() => return Err(later(response)),
            _ => return Err(Failure::Final(DownloadError::Refused { http_status })),
        };
        if done > 0 && total.is_some() && self.at.total.is_some() && total != self.at.total {
            return Err(Failure::Final(DownloadError::Changed));
        }
        if total.is_some_and(|total| total > self.max_bytes) {
            return Err(Failure::Final(DownloadError::TooLarge { limit: self.max_bytes }));
        }
        // Of a file that is begun anew, nothing is known from before.
        let known = self.at.total.filter(|_| done > 0);
        (self.at.total, self.etag) = (total.or(known), etag);
        Ok(skip)
    }

    async fn write(&mut self, chunk: &[u8]) -> Result<(), DownloadError> {
        let bytes = self.at.bytes.saturating_add(chunk.len() as u64);
        if bytes > self.max_bytes {
            return Err(DownloadError::TooLarge { limit: self.max_bytes });
        }
        self.writer.write_all(chunk).await.map_err(DownloadError::Write)?;
        self.at.bytes = bytes;
        (self.progress)(self.at);
        Ok(())
    }
}

fn transient(error: reqwest::Error) -> Failure {
    again(Some(Box::new(error.without_url())))
}

fn again(source: Source) -> Failure {
    Failure::Transient(source, Duration::ZERO)
}

/// What the storage asks to wait is waited, within the time of the download.
fn later(response: &reqwest::Response) -> Failure {
    Failure::Transient(None, retry_after(response.headers(), response.status()).unwrap_or_default())
}

/// The link as a URL that may be fetched.
fn checked(link: &str) -> Result<Url, &'static str> {
    let url = Url::parse(link).map_err(|_| "cannot be read")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user or password");
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        _ => Err("is not https"),
    }
}

/// First byte and total of `Content-Range: bytes 5-9/10`; the total may be `*`.
fn resumed(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let (range, total) = headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?.split_once('/')?;
    let (from, _) = range.split_once('-')?;
    let total = if total == "*" { None } else { Some(total.parse().ok()?) };
    Some((from.parse().ok()?, total))
}

impl<'a, W: AsyncWrite + Unpin + Send + 'a> IntoFuture for Download<'a, W> {
    type Output = Result<u64, DownloadError>;
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
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}
