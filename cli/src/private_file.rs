//! Files that only their owner can read: credentials, which are read, and recordings, which are written and show a customer's face.
//!
//! Only unix has permission bits; elsewhere the folder decides who can read a file.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Opens a file for writing, at its end or emptied.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn open(path: &Path, at_end: bool) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).write(true).append(at_end).truncate(!at_end);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    // An existing file keeps its bits. A file system without bits cannot do better.
    #[cfg(unix)]
    if is_open_to_others(&file.metadata()?) {
        let _ = file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600));
    }
    Ok(file)
}

/// Whether others on this machine can read or change it.
#[cfg(unix)]
pub(crate) fn is_open_to_others(about: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    about.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
pub(crate) fn is_open_to_others(_: &Metadata) -> bool {
    false
}
