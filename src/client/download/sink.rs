//! The destinations of a download: a user's writer, or a file that a later download resumes.

use std::fmt;
use std::io;
use std::path::PathBuf;

use bytes::Bytes;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::super::file_error::{FileError, FileStep};
use super::super::part_file::PartFile;
use super::error::DownloadError;
use super::written::{Receipt, Written};
use crate::model::VerificationRef;

/// The destination of a download.
pub(super) trait Sink: Send {
    /// Prepares the destination. Returns the bytes of an earlier download if this one continues it.
    fn open(&mut self) -> impl Future<Output = Result<Option<Written>, DownloadError>> + Send {
        async { Ok(None) }
    }

    /// Writes the next bytes of the file. The ETag is the file's version.
    fn write(&mut self, bytes: Bytes, etag: Option<&str>) -> impl Future<Output = Result<(), DownloadError>> + Send;
    /// Flushes the written bytes.
    fn sync(&mut self) -> impl Future<Output = Result<(), DownloadError>> + Send;

    /// Discards the written bytes. Returns whether that is possible.
    fn restart(&mut self) -> impl Future<Output = Result<bool, DownloadError>> + Send {
        async { Ok(false) }
    }

    /// Completes the destination.
    fn finish(&mut self, _: &Receipt) -> impl Future<Output = Result<(), DownloadError>> + Send {
        async { Ok(()) }
    }
}

impl<W: AsyncWrite + Unpin + Send> Sink for W {
    async fn write(&mut self, bytes: Bytes, _: Option<&str>) -> Result<(), DownloadError> {
        self.write_all(&bytes).await.map_err(DownloadError::Write)
    }

    async fn sync(&mut self) -> Result<(), DownloadError> {
        self.flush().await.map_err(DownloadError::Write)
    }
}

type OnComplete = Box<dyn FnOnce(&Receipt) -> io::Result<()> + Send>;

/// The file of [`RecordingLink::download_to`](crate::RecordingLink::download_to).
pub struct RecordingFile {
    account: String,
    path: PathBuf,
    purpose: String,
    pub(super) replace: bool,
    pub(super) on_complete: Option<OnComplete>,
    /// `None` before the download begins, and while a thread works on it.
    part: Option<PartFile>,
}

impl RecordingFile {
    pub(in super::super) fn new(account: String, path: PathBuf, verification: Option<&VerificationRef>) -> Self {
        let purpose = format!("recording of {}", verification.map(ToString::to_string).unwrap_or_default());
        Self { account, path, purpose, replace: false, on_complete: None, part: None }
    }

    /// Works on the part in a thread that may block. If the download is dropped meanwhile, the part stays locked until the work
    /// ends.
    async fn with<T: Send + 'static>(
        &mut self,
        work: impl FnOnce(&mut PartFile) -> Result<T, FileError> + Send + 'static,
    ) -> Result<T, DownloadError> {
        let part = self.part.take();
        let mut part = part.ok_or_else(|| DownloadError::Write(io::Error::other("the file is no longer available")))?;
        let (part, outcome) = blocking(move || {
            let outcome = work(&mut part);
            (part, outcome)
        })
        .await?;
        self.part = Some(part);
        Ok(outcome?)
    }
}

/// # Errors
/// If the runtime shuts down.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, DownloadError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| DownloadError::Write(io::Error::other(error)))
}

impl Sink for RecordingFile {
    async fn open(&mut self) -> Result<Option<Written>, DownloadError> {
        let (account, path, purpose, replace) =
            (self.account.clone(), self.path.clone(), self.purpose.clone(), self.replace);
        let open = move || {
            let mut part = PartFile::lock(&path, replace)?;
            match part.resume(&account, &purpose) {
                // A part that cannot be resumed is discarded, because the recording can be downloaded again.
                Err(error) if error.step == FileStep::Resume => part.begin(&account, &purpose)?,
                outcome => outcome?,
            }
            if part.version().is_none() {
                part.begin(&account, &purpose)?;
            }
            Ok::<_, FileError>(part)
        };
        let part = self.part.insert(blocking(open).await??);
        Ok(part.version().map(|etag| Written::resumed(part.bytes(), part.hash().clone(), etag)))
    }

    async fn write(&mut self, bytes: Bytes, etag: Option<&str>) -> Result<(), DownloadError> {
        if let Some(part) = &mut self.part {
            part.set_version(etag);
        }
        self.with(move |part| part.append(&bytes)).await
    }

    async fn sync(&mut self) -> Result<(), DownloadError> {
        self.with(PartFile::checkpoint).await
    }

    async fn restart(&mut self) -> Result<bool, DownloadError> {
        let (account, purpose) = (self.account.clone(), self.purpose.clone());
        self.with(move |part| part.begin(&account, &purpose)).await.map(|()| true)
    }

    async fn finish(&mut self, receipt: &Receipt) -> Result<(), DownloadError> {
        let (on_complete, receipt, path) = (self.on_complete.take(), receipt.clone(), self.path.clone());
        let Some(part) = self.part.take() else { return Ok(()) };
        let finish = move || {
            let kept = on_complete.map_or(Ok(()), |keep| keep(&receipt));
            kept.map_err(|source| FileError { step: FileStep::Complete, path, source })?;
            part.finish()
        };
        blocking(finish).await??;
        Ok(())
    }
}

impl fmt::Debug for RecordingFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecordingFile").field("path", &self.path).finish_non_exhaustive()
    }
}
