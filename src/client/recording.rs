//! Downloads with a client.

use tokio::io::AsyncWrite;

use super::download::Download;
use super::handle::Client;
use crate::model::RecordingLink;

impl RecordingLink {
    /// Downloads the recording into `writer`. Await it, or set its options first; it returns a [`Receipt`](crate::Receipt).
    ///
    /// The storage gets no credentials, and none of the headers and certificates that
    /// [`ClientBuilder::http`](crate::ClientBuilder::http) sets; a proxy is set by
    /// [`ClientBuilder::download_http`](crate::ClientBuilder::download_http). Redirects are not followed. If the link has expired,
    /// or the storage refuses it, the client asks for the status to get a fresh one.
    ///
    /// Only `https` to a public host is requested. A link to this machine, a private network or a cloud's metadata is refused, and
    /// so is a name that resolves to one. [`ClientBuilder::recording_hosts`](crate::ClientBuilder::recording_hosts) restricts the
    /// hosts further. A client of a loopback environment may use loopback.
    ///
    /// Success means the whole file, byte for byte: a response that is encoded, empty, or whose end cannot be distinguished from a
    /// broken connection, is an error.
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
    /// Awaiting it fails as [`DownloadError`](crate::DownloadError) lists.
    pub fn download<'a, W: AsyncWrite + Unpin + Send + 'a>(&self, client: &Client, writer: W) -> Download<'a, W> {
        Download::new(self.clone(), client.operations.clone(), client.downloads.clone(), writer)
    }
}
