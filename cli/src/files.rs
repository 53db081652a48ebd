//! The file that a command writes with `-o`, and the files beside it; files that only their owner can read: credentials, which are
//! read, and recordings, which are written and show a customer's face.
//!
//! Only unix has permission bits; elsewhere the folder decides who can read a file.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Checks that the path is free, can be replaced, or is a device. Returns whether it is a device.
///
/// # Errors
/// When it is a directory, or a file that is there without `force`.
pub(crate) fn is_device(out: &Path, force: bool) -> Result<bool, Failure> {
    let name = out.display();
    match fs::metadata(out) {
        Ok(about) if about.is_dir() => Err(Failure::usage(format!("{name} is a directory")).next("name a file in it")),
        Ok(about) if !about.is_file() => Ok(true),
        Ok(_) if !force => {
            Err(Failure::usage(format!("{name} is there already")).next("choose another name, or pass --force"))
        }
        Ok(_) | Err(_) => Ok(false),
    }
}

/// The path of a file beside another, such as its part.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// Opens a file that only its owner can read for writing, at its end or emptied.
///
/// # Errors
/// When it cannot be opened.
pub(crate) fn open_private(path: &Path, at_end: bool) -> io::Result<File> {
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
