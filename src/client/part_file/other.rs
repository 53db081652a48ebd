//! Files of one owner, locks and identities where the system is not Unix. No test runs there.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// How a file is opened: others may read and rename it, but not write to it.
pub(super) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 1 | 4);
    options
}

/// Returns the reason why an existing file is not used.
pub(super) fn problem(about: &Metadata) -> Option<&'static str> {
    (!about.is_file()).then_some("it is not a file")
}

/// The share mode prevents others from opening it.
pub(super) fn try_lock(_: &File) -> io::Result<()> {
    Ok(())
}

/// Whether the path still refers to this file, which others cannot change.
pub(super) fn is_at(_: &File, _: &Path) -> io::Result<bool> {
    Ok(true)
}
