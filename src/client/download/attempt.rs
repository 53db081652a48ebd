//! One request for the rest of a recording, and its outcome.

use std::time::Duration;

use http::header::{ACCEPT_ENCODING, ETAG, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::time::timeout;

use super::Download;
use super::error::{DownloadError, Failure};
use super::sink::Sink;
use super::written::{CONTRADICTION, Part, total_beyond};
use crate::transport::retry_after;

/// The longest time without a byte from the storage.
const IDLE: Duration = Duration::from_secs(30);

impl<W: Sink> Download<'_, W> {
    /// Sends one request, and writes its response.
    pub(super) async fn attempt(&mut self) -> Result<(), Failure> {
        let url = self.downloads.check(self.link.expose())?;
        let response =
            timeout(IDLE, self.downloads.get(&url, &self.headers())).await.map_err(|_| Failure::again(None))??;
        if self.is_whole(&response) {
            return Ok(());
        }
        refusal(&response, self.written.at.bytes > 0)?;
        let part = Part::of(response.headers(), response.status(), response.content_length())?;
        self.read(response, &part).await
    }

    /// Requests the rest of the file, if it is still the same file.
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("identity"))]);
        if let (done @ 1.., Some(etag)) = (self.written.at.bytes, self.written.strong_etag())
            && let Ok(range) = HeaderValue::try_from(format!("bytes={done}-"))
        {
            headers.extend([(RANGE, range), (IF_RANGE, etag.clone())]);
        }
        headers
    }

    /// Whether the file is complete already, according to the response to a range beyond its end: `Content-Range: bytes */36`. It
    /// is the same file: otherwise the storage ignores the range because of `If-Range`.
    fn is_whole(&self, response: &reqwest::Response) -> bool {
        let (at, ours) = (self.written.at, self.written.strong_etag());
        at.bytes > 0
            && response.status() == StatusCode::RANGE_NOT_SATISFIABLE
            && ours.is_some()
            && response.headers().get(ETAG).is_none_or(|etag| ours == Some(etag))
            && total_beyond(response.headers()) == Some(at.bytes)
            && at.total.is_none_or(|total| total == at.bytes)
    }

    /// Writes the body of a response, and checks that it ends where the file ends.
    async fn read(&mut self, mut response: reqwest::Response, part: &Part) -> Result<(), Failure> {
        if part.total.is_some_and(|total| total > self.max_bytes) {
            return Err(DownloadError::TooLarge { limit: self.max_bytes }.into());
        }
        self.written.continue_with(response.headers(), part)?;
        if self.written.at.bytes == 0 {
            (self.on_version)(self.written.strong_etag().and_then(|etag| etag.to_str().ok()));
        }
        let mut received = 0;
        while let Some(chunk) = timeout(IDLE, response.chunk()).await.map_err(|_| Failure::again(None))?? {
            received += chunk.len() as u64;
            if part.length.is_some_and(|length| received > length) {
                return Err(CONTRADICTION.into());
            }
            let chunk = self.written.new_of(chunk)?;
            if self.written.at.bytes.saturating_add(chunk.len() as u64) > self.max_bytes {
                return Err(DownloadError::TooLarge { limit: self.max_bytes }.into());
            }
            let etag = self.written.strong_etag().and_then(|etag| etag.to_str().ok());
            self.writer.write(chunk.clone(), etag).await?;
            self.written.count(&chunk);
            (self.progress)(self.written.at);
        }
        let (done, total) = (self.written.at.bytes, self.written.at.total);
        match part.from {
            None if self.written.repeated > 0 || total.is_some_and(|total| total != done) => {
                Err(DownloadError::Changed.into())
            }
            None if done == 0 => Err(DownloadError::Response { problem: "is empty" }.into()),
            None => Ok(()),
            // A part may end before the file, and a body before its part. hyper checks the length of a whole body.
            Some(_) if total == Some(done) => Ok(()),
            Some(_) => Err(Failure::again(None)),
        }
    }
}

/// Returns the failure for the status of a response.
fn refusal(response: &reqwest::Response, resumes: bool) -> Result<(), Failure> {
    let http_status = response.status();
    match http_status {
        StatusCode::OK => Ok(()),
        StatusCode::PARTIAL_CONTENT if resumes => Ok(()),
        // 403: the link expired. 400: the credentials that signed it expired.
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
