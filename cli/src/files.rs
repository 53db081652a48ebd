//! Checks output files of `-o` and the permissions of files with credentials.
//!
//! Only unix has permission bits. Elsewhere the folder decides who can read a file.

use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// Checks that the path does not exist, can be replaced, or is a device. Returns whether it is a device.
///
/// # Errors
/// When it is a directory, or an existing file without `force`.
pub(crate) fn is_device(out: &Path, force: bool) -> Result<bool, Failure> {
    let name = out.display();
    match fs::metadata(out) {
        Ok(about) if about.is_dir() => Err(Failure::usage(format!("{name} is a directory")).next("name a file in it")),
        Ok(about) if !about.is_file() => Ok(true),
        Ok(_) if !force => {
            Err(Failure::usage(format!("{name} already exists")).next("choose another name, or pass --force"))
        }
        Ok(_) | Err(_) => Ok(false),
    }
}

/// The path of a file with a longer name, such as a part.
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
