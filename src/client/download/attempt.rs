//! One request for a recording, from where we are to the end of the file, and what came of it.

use std::time::Duration;

use http::header::{ACCEPT_ENCODING, ETAG, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::io::{AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::Download;
use super::answer::{CONTRADICTION, Part, total_beyond};
use super::error::{DownloadError, Failure};
use crate::transport::retry_after;

/// How long the storage may be silent.
const IDLE: Duration = Duration::from_secs(30);

impl<W: AsyncWrite + Unpin> Download<'_, W> {
    /// One request, and as much of its response as comes.
    pub(super) async fn attempt(&mut self) -> Result<(), Failure> {
        let (headers, downloads) = (self.headers(), self.client.downloads.clone());
        let url = downloads.check(self.link.expose())?;
        let response = timeout(IDLE, downloads.get(&url, &headers)).await.map_err(|_| Failure::again(None))??;
        if self.is_whole(&response) {
            return Ok(());
        }
        refusal(&response, self.written.at.bytes > 0)?;
        let part = Part::of(response.headers(), response.status(), response.content_length())?;
        self.read(response, &part).await
    }

    /// What to ask for: the rest of what is begun, as it lies there.
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
        if let (done @ 1.., Some(etag)) = (self.written.at.bytes, &self.written.etag)
            && let Ok(range) = HeaderValue::try_from(format!("bytes={done}-"))
        {
            headers.extend([(RANGE, range), (IF_RANGE, etag.clone())]);
        }
        headers
    }

    /// Whether all is there already, as the response to a range beyond the end says: `Content-Range: bytes */36`. It is of the
    /// same file: for another one, `If-Range` has the storage send all of it.
    fn is_whole(&self, response: &reqwest::Response) -> bool {
        let (at, ours) = (self.written.at, &self.written.etag);
        at.bytes > 0
            && response.status() == StatusCode::RANGE_NOT_SATISFIABLE
            && ours.is_some()
            && response.headers().get(ETAG).is_none_or(|etag| ours.as_ref() == Some(etag))
            && total_beyond(response.headers()) == Some(at.bytes)
            && at.total.is_none_or(|total| total == at.bytes)
    }

    /// Reads the body of a response, and sees that it ends where the file does.
    async fn read(&mut self, mut response: reqwest::Response, part: &Part) -> Result<(), Failure> {
        if part.total.is_some_and(|total| total > self.max_bytes) {
            return Err(DownloadError::TooLarge { limit: self.max_bytes }.into());
        }
        let mut repeated = self.written.go_on_with(response.headers(), part)?;
        if self.written.at.bytes == 0 {
            (self.version)(self.written.etag.as_ref().and_then(|etag| etag.to_str().ok()));
        }
        let mut received = 0;
        while let Some(chunk) = timeout(IDLE, response.chunk()).await.map_err(|_| Failure::again(None))?? {
            received += chunk.len() as u64;
            if part.length.is_some_and(|length| received > length) {
                return Err(CONTRADICTION.into());
            }
            let chunk = self.written.new_of(chunk, &mut repeated)?;
            self.write(&chunk).await?;
        }
        if part.length.is_some_and(|length| received < length) {
            return Err(Failure::again(None));
        }
        let (done, total) = (self.written.at.bytes, self.written.at.total);
        match part.from {
            None if repeated.left > 0 || total.is_some_and(|total| total != done) => Err(DownloadError::Changed.into()),
            None if done == 0 => Err(DownloadError::Empty.into()),
            None => Ok(()),
            // A part may end before the file does.
            Some(_) if total == Some(done) => Ok(()),
            Some(_) => Err(Failure::again(None)),
        }
    }

    async fn write(&mut self, chunk: &[u8]) -> Result<(), DownloadError> {
        if self.written.at.bytes.saturating_add(chunk.len() as u64) > self.max_bytes {
            return Err(DownloadError::TooLarge { limit: self.max_bytes });
        }
        self.writer.write_all(chunk).await.map_err(DownloadError::Write)?;
        self.written.count(chunk);
        (self.progress)(self.written.at);
        Ok(())
    }
}

/// Whether a response refuses. What the storage asks to wait is waited, within the time of the download.
fn refusal(response: &reqwest::Response, resumes: bool) -> Result<(), Failure> {
    let http_status = response.status();
    match http_status {
        StatusCode::OK => Ok(()),
        StatusCode::PARTIAL_CONTENT if resumes => Ok(()),
        // 403 is a link that lapsed; 400, one whose own credentials did.
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
            Err(Failure::Forbidden(http_status))
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Err(later(response)),
        _ if http_status.is_server_error() => Err(later(response)),
        _ => Err(DownloadError::Refused { http_status }.into()),
    }
}

fn later(response: &reqwest::Response) -> Failure {
    Failure::Transient(None, retry_after(response.headers(), response.status()).unwrap_or_default())
}
