//! The file that a command writes with `-o`, and the files beside it; and whether only their owner can read credentials.
//!
//! Only unix has permission bits; elsewhere the folder decides who can read a file.

use std::fs::{self, Metadata};
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
