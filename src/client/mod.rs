//! The client and its configuration, single calls, bulk calls, watches and downloads.
//!
//! ```text
//! builder ─▶ Client ─┬─ status, user, initiate, … ─▶ Call ─▶ transport; writes: reconcile
//!                    ├─ statuses ─▶ many calls, as a stream
//!                    ├─ watch ─▶ calls at the intervals of the phase
//!                    └─ RecordingLink::download, download_to ─▶ the storage, without credentials
//! ```

mod builder;
mod call;
mod decision;
mod download;
mod environment;
mod file_error;
mod handle;
mod http_client;
pub(crate) mod operations;
mod part_file;
mod reconcile;
mod statuses;
mod watch;

pub use builder::ClientBuilder;
pub use call::Call;
pub use download::{Download, DownloadError, Progress, Receipt, RecordingFile};
pub use environment::{CustomUrl, Environment};
pub use file_error::{FileError, FileStep};
pub use handle::Client;
pub use operations::Operations;
pub use part_file::PartFile;
pub use statuses::Statuses;
pub use watch::{Changes, Intervals, Watch, WatchBuilder, WatchError, WatchErrorKind, Watches};
