//! A file that is complete or absent under its name. A later run resumes an incomplete one.
//!
//! ```text
//! FILE.part          lock ─▶ check owner and mode ─▶ resume or begin ─▶ append … ─▶ sync ─▶ rename to FILE ─▶ sync the folder
//! FILE.part.record   identity, then a checkpoint every second: bytes that are synced, and their SHA-256
//! ```
//!
//! The lock is on the part, and ends with the process. Resuming hashes the part again, up to the last checkpoint that matches,
//! and drops all later bytes, because a crash or a power cut may have damaged them.
//!
//! Except on unix, owner, mode and links are not checked, and folders are not synced. Windows locks by its share mode.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::file_error::{FileError, FileStep};

#[cfg(not(unix))]
mod other;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
use other as platform;
#[cfg(unix)]
use unix as platform;

/// The version of the record format.
const FORMAT: u32 = 1;
/// The age up to which a part is resumed.
const OLDEST: SignedDuration = SignedDuration::from_hours(24);
/// The time between two checkpoints.
const EVERY: Duration = Duration::from_secs(1);

/// The first line of a record: the identity of the part.
#[derive(Serialize, Deserialize)]
struct Content {
    format: u32,
    account: String,
    purpose: String,
    began_at: String,
}

impl Content {
    fn new(account: &str, purpose: &str) -> Self {
        let began_at = Timestamp::now().to_string();
        Self { format: FORMAT, account: account.to_owned(), purpose: purpose.to_owned(), began_at }
    }

    /// Returns the reason why a part with the identity `found` is not resumed.
    fn refuses(&self, found: Option<&Self>) -> Option<(FileStep, &'static str)> {
        let Some(found) = found else { return Some((FileStep::Resume, "it has no record of its content")) };
        let age = found.began_at.parse::<Timestamp>().map(|began_at| Timestamp::now().duration_since(began_at));
        if found.format != self.format {
            Some((FileStep::Resume, "it was written by another version of this program"))
        } else if found.account != self.account {
            Some((FileStep::Identify, "it belongs to another account or environment"))
        } else if found.purpose != self.purpose {
            Some((FileStep::Identify, "it belongs to another command, verification or format"))
        } else if age.is_ok_and(|age| age <= OLDEST) {
            None
        } else {
            Some((FileStep::Resume, "it was begun more than a day ago"))
        }
    }
}

/// Another line of a record: the synced bytes.
#[derive(Serialize, Deserialize)]
struct Checkpoint {
    bytes: u64,
    sha256: String,
    version: Option<String>,
    process: u32,
}

/// A file until it is complete. The command line also uses it.
pub struct PartFile {
    target: PathBuf,
    path: PathBuf,
    replace: bool,
    file: File,
    record: Option<File>,
    bytes: u64,
    hash: Sha256,
    version: Option<String>,
    /// The byte count of the last checkpoint, and its time.
    saved: (u64, Instant),
}

impl PartFile {
    /// Opens and locks the part of `target`, which must not exist unless `replace` is set. Then [`resume`](Self::resume) it, or
    /// [`begin`](Self::begin) again.
    ///
    /// # Errors
    /// If another process uses it, or it must not be used.
    pub fn lock(target: &Path, replace: bool) -> Result<Self, FileError> {
        let path = beside(target, ".part");
        let unusable = FileError::at(FileStep::Check, &path);
        loop {
            check_target(target, replace)?;
            let file = open_private(&path).map_err(unusable)?;
            platform::try_lock(&file).map_err(|error| match error.kind() {
                io::ErrorKind::WouldBlock => FileError::at(FileStep::Lock, &path)(in_use(&path)),
                _ => FileError::at(FileStep::Lock, &path)(error),
            })?;
            // The process that held the lock may have renamed the file after it was opened.
            if platform::is_at(&file, &path).map_err(unusable)? {
                if let Err(complete) = check_target(target, replace) {
                    // It was completed meanwhile, and this part is new. Untested: no test can time it.
                    let _ = file.metadata().is_ok_and(|about| about.len() == 0).then(|| fs::remove_file(&path));
                    return Err(complete);
                }
                let (target, hash, saved) = (target.to_owned(), Sha256::new(), (0, Instant::now()));
                return Ok(Self { target, path, replace, file, record: None, bytes: 0, hash, version: None, saved });
            }
        }
    }

    /// Continues after the last checkpoint that matches the part. An empty part is begun.
    ///
    /// # Errors
    /// If the part belongs to another `account` or `purpose`, has no record, or is older than a day.
    pub fn resume(&mut self, account: &str, purpose: &str) -> Result<(), FileError> {
        let path = self.path.clone();
        let unreadable = FileError::at(FileStep::Resume, &path);
        if self.file.metadata().map_err(unreadable)?.len() == 0 {
            return self.begin(account, purpose);
        }
        let mut text = Vec::new();
        let mut record = self.open_record()?;
        record.read_to_end(&mut text).map_err(unreadable)?;
        let mut lines = text.split_inclusive(|byte| *byte == b'\n');
        let head = lines.next().unwrap_or_default();
        let found = serde_json::from_slice(head).ok();
        if let Some((step, problem)) = Content::new(account, purpose).refuses(found.as_ref()) {
            return Err(FileError::at(step, &self.path)(io::Error::other(format!("{problem}; {REMOVE}"))));
        }
        let end = head.len() + self.verify(lines).map_err(unreadable)?;
        record.set_len(end as u64).and_then(|()| record.seek(SeekFrom::End(0))).map_err(unreadable)?;
        self.record = Some(record);
        self.truncate()
    }

    /// Finds the last checkpoint that matches. Returns the length of the lines up to it.
    fn verify<'a>(&mut self, lines: impl Iterator<Item = &'a [u8]>) -> io::Result<usize> {
        let (mut reader, mut hash, mut length, mut end) = (io::BufReader::new(&self.file), Hasher::default(), 0, 0);
        reader.rewind()?;
        for line in lines.filter(|line| line.ends_with(b"\n")) {
            let Ok(found) = serde_json::from_slice::<Checkpoint>(line) else { break };
            let Some(due) = found.bytes.checked_sub(self.bytes) else { break };
            length += line.len();
            if io::copy(&mut (&mut reader).take(due), &mut hash)? != due || hex(&hash.0) != found.sha256 {
                break;
            }
            (self.bytes, self.hash, self.version, end) = (found.bytes, hash.0.clone(), found.version, length);
        }
        Ok(end)
    }

    /// Begins again, and drops the content of the part.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn begin(&mut self, account: &str, purpose: &str) -> Result<(), FileError> {
        (self.bytes, self.hash, self.version) = (0, Sha256::new(), None);
        self.truncate()?;
        let mut record = self.open_record()?;
        let begun = record.set_len(0).and_then(|()| write_line(&mut record, &Content::new(account, purpose)));
        self.record = Some(record);
        begun.and_then(|()| sync_folder(&self.path)).map_err(FileError::at(FileStep::Write, &self.path))?;
        self.checkpoint()
    }

    fn open_record(&self) -> Result<File, FileError> {
        let path = record_of(&self.path);
        open_private(&path).map_err(FileError::at(FileStep::Check, &path))
    }

    /// Drops the bytes that are not verified.
    fn truncate(&mut self) -> Result<(), FileError> {
        let cut = self.file.set_len(self.bytes).and_then(|()| self.file.seek(SeekFrom::End(0)));
        cut.map_err(FileError::at(FileStep::Write, &self.path))?;
        self.checkpoint()
    }

    /// Appends bytes.
    ///
    /// # Errors
    /// If they cannot be written. The bytes of the last checkpoint are safe.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), FileError> {
        self.file.write_all(bytes).map_err(FileError::at(FileStep::Write, &self.path))?;
        self.hash.update(bytes);
        self.bytes += bytes.len() as u64;
        if self.saved.1.elapsed() >= EVERY { self.checkpoint() } else { Ok(()) }
    }

    /// Syncs the written bytes, and records them. The next run continues from here.
    ///
    /// # Errors
    /// If they cannot be synced.
    pub fn checkpoint(&mut self) -> Result<(), FileError> {
        let Some(record) = &mut self.record else { return Ok(()) };
        let (sha256, version) = (hex(&self.hash), self.version.clone());
        let line = Checkpoint { bytes: self.bytes, sha256, version, process: std::process::id() };
        let saved = self.file.sync_data().and_then(|()| write_line(record, &line));
        self.saved = (self.bytes, Instant::now());
        saved.map_err(FileError::at(FileStep::Write, &self.path))
    }

    /// Renames the file to its final name, durably. Returns the SHA-256 of its content.
    ///
    /// # Errors
    /// If it cannot be synced or renamed, or another program wrote to it.
    pub fn finish(mut self) -> Result<String, FileError> {
        let failed = FileError::at(FileStep::Complete, &self.path);
        self.file.sync_all().map_err(failed)?;
        if self.file.metadata().map_err(failed)?.len() != self.bytes
            || !platform::is_at(&self.file, &self.path).map_err(failed)?
        {
            return Err(failed(io::Error::other("another program wrote to it; remove it, and begin anew")));
        }
        check_target(&self.target, self.replace)?;
        fs::rename(&self.path, &self.target).map_err(failed)?;
        if self.record.take().is_some() {
            // A record without a part has no effect.
            let _ = fs::remove_file(record_of(&self.path));
        }
        sync_folder(&self.target).map_err(FileError::at(FileStep::Complete, &self.target))?;
        Ok(hex(&self.hash))
    }

    /// Writes a small file atomically: complete under its name, or not at all. Returns its SHA-256.
    ///
    /// # Errors
    /// As [`lock`](Self::lock) and [`finish`](Self::finish).
    pub fn write(target: &Path, bytes: &[u8]) -> Result<String, FileError> {
        let mut file = Self::lock(target, true)?;
        file.truncate()?;
        file.append(bytes)?;
        file.finish()
    }

    /// Returns the path of the part.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the number of written bytes.
    #[must_use]
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns the SHA-256 so far.
    pub(super) const fn hash(&self) -> &Sha256 {
        &self.hash
    }

    /// Returns the version of the source of the bytes.
    pub(super) fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Sets the version for the next checkpoints.
    pub(super) fn set_version(&mut self, version: Option<&str>) {
        if self.version.as_deref() != version {
            self.version = version.map(str::to_owned);
        }
    }
}

/// Saves the written bytes when the program is interrupted.
impl Drop for PartFile {
    fn drop(&mut self) {
        if self.bytes > self.saved.0 {
            let _ = self.checkpoint();
        }
    }
}

impl fmt::Debug for PartFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartFile").field("path", &self.path).field("bytes", &self.bytes).finish_non_exhaustive()
    }
}

const REMOVE: &str = "remove it, or choose another name";

/// SHA-256 as a writer.
#[derive(Default)]
struct Hasher(Sha256);

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Formats a hash in hex.
pub(super) fn hex(hash: &Sha256) -> String {
    let hash = hash.clone().finalize();
    let digits = hash.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

fn record_of(part: &Path) -> PathBuf {
    beside(part, ".record")
}

fn write_line(file: &mut File, line: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    file.write_all(&text)?;
    file.sync_data()
}

/// Names the process that uses the part.
fn in_use(part: &Path) -> io::Error {
    let text = fs::read(record_of(part)).unwrap_or_default();
    let last = text.split(|byte| *byte == b'\n').rfind(|line| !line.is_empty());
    let holder = last.and_then(|line| serde_json::from_slice::<Checkpoint>(line).ok());
    let holder = holder.map_or_else(|| "another process".to_owned(), |last| format!("process {}", last.process));
    io::Error::new(io::ErrorKind::WouldBlock, format!("{holder} uses it; wait until that ends, or choose another name"))
}

/// Checks that the name is free, or belongs to a file that may be replaced.
fn check_target(target: &Path, replace: bool) -> Result<(), FileError> {
    let refused = |kind, problem: String| Err(FileError::at(FileStep::Check, target)(io::Error::new(kind, problem)));
    match fs::symlink_metadata(target) {
        Ok(about) if !about.is_file() => refused(io::ErrorKind::InvalidInput, format!("it is not a file; {REMOVE}")),
        Ok(_) if !replace => refused(io::ErrorKind::AlreadyExists, format!("it already exists; {REMOVE}")),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(FileError::at(FileStep::Check, target)(error)),
        _ => Ok(()),
    }
}

/// Opens one of our files for reading and writing, or creates it for its owner only. Links are not followed.
fn open_private(path: &Path) -> io::Result<File> {
    let options = platform::options();
    match options.clone().create_new(true).open(path) {
        // Untested that only this error leads on: a full disk, for one, is reported as such.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        created => return created,
    }
    let problem = if fs::symlink_metadata(path)?.is_symlink() {
        Some("it is a symbolic link")
    } else {
        let file = options.open(path)?;
        match platform::problem(&file.metadata()?) {
            None => return Ok(file),
            problem => problem,
        }
    };
    Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("{}; {REMOVE}", problem.unwrap_or_default())))
}

/// Makes a new name in a folder survive a power cut.
fn sync_folder(file: &Path) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
