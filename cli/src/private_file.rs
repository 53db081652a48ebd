//! Files that only their owner can read: credentials that are read, and recordings, which show a customer's face, that are written.
//!
//! Who may read a file is told by bits on unix alone; elsewhere the folder decides.

use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// A file to write to, whose earlier content goes.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn create(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().write(true).truncate(true))
}

/// A file to go on with, or a new one.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    open(path, OpenOptions::new().append(true))
}

#[cfg(unix)]
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    use std::fs::Permissions;
    use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
    let file = options.create(true).mode(0o600).open(path)?;
    // One that was there, as an earlier version left it. A file system without bits cannot do better.
    if is_open_to_others(&file.metadata()?) {
        let _ = file.set_permissions(Permissions::from_mode(0o600));
    }
    Ok(file)
}

#[cfg(not(unix))]
fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    options.create(true).open(path)
}

/// Whether others on this machine can read or change it.
#[cfg(unix)]
pub(crate) fn is_open_to_others(about: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    about.permissions().mode() & 0o077 != 0
}

/// Elsewhere, who may read a file is not told by bits.
#[cfg(not(unix))]
pub(crate) fn is_open_to_others(_: &Metadata) -> bool {
    false
}
