//! Files of one owner, locks and identities on Unix.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

/// How a file is opened: for its owner only, and not through a link.
pub(super) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    let no_follow = rustix::fs::OFlags::NOFOLLOW.bits().cast_signed();
    options.read(true).write(true).mode(0o600).custom_flags(no_follow);
    options
}

/// Returns the reason why an existing file is not used.
pub(super) fn problem(about: &Metadata) -> Option<&'static str> {
    if !about.is_file() {
        Some("it is not a file")
    } else if about.uid() != rustix::process::geteuid().as_raw() {
        Some("it belongs to another user")
    } else if about.mode() & 0o077 != 0 {
        Some("others can read or change it")
    } else if about.nlink() > 1 {
        Some("it has another name as well")
    } else {
        None
    }
}

/// Tries for half a second: a child process has a copy of each lock of its parent until it executes its program.
pub(super) fn try_lock(file: &File) -> io::Result<()> {
    let mut tries = 0..50;
    loop {
        match flock(file, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) if tries.next().is_some() => std::thread::sleep(Duration::from_millis(10)),
            outcome => return Ok(outcome?),
        }
    }
}

/// Whether the path still refers to this file.
pub(super) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    match fs::symlink_metadata(path) {
        Ok(there) => Ok((ours.dev(), ours.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
