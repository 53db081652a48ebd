//! The error of a file that a download or the command line writes.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// The step at which a file failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileStep {
    /// Another process, or another download of this one, uses the part.
    Lock,
    /// The file or its part exists and must not be used: it is a link, belongs to another user, or is readable by others; or the
    /// file is complete already.
    Check,
    /// The part belongs to another account, environment, command or verification.
    Identify,
    /// The part cannot be resumed.
    Resume,
    /// The part cannot be written, as on a full disk.
    Write,
    /// The complete file cannot be synced or renamed, or the files that belong to it cannot be written.
    Complete,
}

/// A file that cannot be used or written.
#[derive(Debug)]
#[non_exhaustive]
pub struct FileError {
    /// The step that failed.
    pub step: FileStep,
    /// The file, or its part.
    pub path: PathBuf,
    /// The cause.
    pub source: io::Error,
}

impl FileError {
    pub(super) fn at(step: FileStep, path: &Path) -> impl Fn(io::Error) -> Self + Copy {
        move |source| Self { step, path: path.to_owned(), source }
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let step = match self.step {
            FileStep::Lock => "locked",
            FileStep::Check => "used",
            FileStep::Identify | FileStep::Resume => "resumed",
            FileStep::Write => "written",
            FileStep::Complete => "completed",
        };
        write!(f, "{} cannot be {step}: {}", self.path.display(), self.source)
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}
