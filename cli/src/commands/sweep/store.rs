//! The output of a sweep: one line for each id, flushed, so that an interrupted sweep loses nothing.
//!
//! ```text
//! OUT.part ─ cut off an incomplete last line ─▶ ids that are done ─▶ append ─▶ sync ─▶ rename to OUT
//! ```

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use cashfree_vkyc::VerificationId;
use serde_json::Value;

use crate::escape;
use crate::failure::Failure;
use crate::files::{beside, is_device};
use crate::record::Record;

/// Writes the lines of a sweep.
pub(super) struct Store {
    name: String,
    is_json: bool,
    writer: Box<dyn Write>,
    /// The file until it is complete; the standard output and devices have none.
    part: Option<Part>,
}

struct Part {
    file: File,
    path: PathBuf,
    out: PathBuf,
}

impl Store {
    /// Opens the output, and returns the ids that an earlier run wrote. `head` is the first line of CSV; without it, lines are JSON.
    pub(super) fn open(
        out: Option<&Path>,
        head: Option<&str>,
        force: bool,
    ) -> Result<(Self, HashSet<VerificationId>), Failure> {
        let name = out.map_or_else(|| "the standard output".to_owned(), |out| out.display().to_string());
        let unusable = |error: io::Error| {
            Failure::usage(format!("{name} cannot be written"))
                .why(error)
                .next("check the path and who may write there")
        };
        let (mut part, mut done, mut length) = (None, HashSet::new(), 0);
        let writer: Box<dyn Write> = match out {
            None => Box::new(io::stdout()),
            Some(out) if is_device(out, force)? => {
                Box::new(OpenOptions::new().write(true).open(out).map_err(unusable)?)
            }
            Some(out) => {
                let path = beside(out, ".part");
                let file;
                (file, done, length) = resume(&path, head, force).map_err(unusable)?;
                let writer = file.try_clone().map_err(unusable)?;
                part = Some(Part { file, path, out: out.to_owned() });
                Box::new(writer)
            }
        };
        let mut store = Self { name, is_json: head.is_none(), writer, part };
        if let Some(head) = head.filter(|_| length == 0) {
            store.put(Ok(format!("{head}\n")))?;
        }
        Ok((store, done))
    }

    /// The path of the part, until it is complete.
    pub(super) fn part(&self) -> Option<&Path> {
        self.part.as_ref().map(|part| part.path.as_path())
    }

    pub(super) fn write(&mut self, line: &Record) -> Result<(), Failure> {
        let text = if self.is_json { escape::json(line).map(|text| text + "\n") } else { row(line) };
        self.put(text)
    }

    fn put(&mut self, text: io::Result<String>) -> Result<(), Failure> {
        let put = text.and_then(|text| self.writer.write_all(text.as_bytes()).and_then(|()| self.writer.flush()));
        put.map_err(|error| Failure::io(format!("{} cannot be written", self.name), &error))
    }

    /// Gives the complete file its final name.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        let Some(Part { file, path, out }) = self.part.take() else { return Ok(()) };
        let done = file.sync_all().and_then(|()| fs::rename(path, out));
        done.map_err(|error| Failure::io(format!("{} cannot be written", self.name), &error))
    }
}

/// A row of CSV.
fn row(line: &Record) -> io::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(line.cells())?;
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// Opens a part at the end of its last complete line, and returns the ids in it and its length.
fn resume(path: &Path, head: Option<&str>, force: bool) -> io::Result<(File, HashSet<VerificationId>, u64)> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(force).open(path)?;
    let (mut reader, mut line) = (BufReader::new(&file), Vec::new());
    let (mut done, mut length) = (HashSet::new(), 0);
    while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
        let due = head.filter(|_| length == 0);
        match id_of(&line, head.is_none()) {
            _ if due.is_some_and(|head| line.trim_ascii_end() == head.as_bytes()) => {}
            Some(id) if due.is_none() => {
                done.insert(id);
            }
            _ => {
                let problem = format!("what is there at byte {length} is not of a sweep by this version");
                return Err(io::Error::other(problem + "; pass --force to begin anew"));
            }
        }
        length += line.len() as u64;
        line.clear();
    }
    file.set_len(length)?;
    file.seek(SeekFrom::End(0))?;
    Ok((file, done, length))
}

/// The id of a line: in CSV it is the first cell and has no quotes.
fn id_of(line: &[u8], is_json: bool) -> Option<VerificationId> {
    if is_json {
        let line: Value = serde_json::from_slice(line).ok()?;
        return VerificationId::new(line.get("verification_id")?.as_str()?).ok();
    }
    let first = line.split(|byte| *byte == b',').next()?;
    VerificationId::new(std::str::from_utf8(first).ok()?).ok()
}
