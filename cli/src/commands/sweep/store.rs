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

use crate::args::Format;
use crate::commands::out_file::{beside, is_device};
use crate::escape;
use crate::failure::Failure;
use crate::record::Record;

/// Writes the lines of a sweep.
pub(super) struct Store {
    name: String,
    format: Format,
    needs_head: bool,
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
    /// Opens the output, and returns the ids that an earlier run wrote. `head` is the first line of CSV.
    pub(super) fn open(
        out: Option<&Path>,
        format: Format,
        head: &str,
        force: bool,
    ) -> Result<(Self, HashSet<VerificationId>), Failure> {
        let store = |name: &str, writer| Self { name: name.to_owned(), format, needs_head: true, writer, part: None };
        let Some(out) = out else {
            return Ok((store("the standard output", Box::new(io::stdout())), HashSet::new()));
        };
        let name = out.display().to_string();
        let unusable = |error: io::Error| {
            Failure::usage(format!("{name} cannot be written"))
                .why(error)
                .next("check the path and who may write there")
        };
        if is_device(out, force)? {
            let device = OpenOptions::new().write(true).open(out).map_err(unusable)?;
            return Ok((store(&name, Box::new(device)), HashSet::new()));
        }
        let path = beside(out, ".part");
        let (file, done, length) = resume(&path, format, head, force).map_err(unusable)?;
        let writer = Box::new(file.try_clone().map_err(unusable)?);
        let part = Some(Part { file, path, out: out.to_owned() });
        Ok((Self { needs_head: length == 0, part, ..store(&name, writer) }, done))
    }

    /// The path of the part, until it is complete.
    pub(super) fn part(&self) -> Option<&Path> {
        self.part.as_ref().map(|part| part.path.as_path())
    }

    pub(super) fn write(&mut self, line: &Record) -> Result<(), Failure> {
        let text = self.text(line).and_then(|text| self.writer.write_all(&text).and_then(|()| self.writer.flush()));
        self.needs_head = false;
        text.map_err(|error| Failure::writing(&format!("{} cannot be written", self.name), &error))
    }

    fn text(&self, line: &Record) -> io::Result<Vec<u8>> {
        if self.format == Format::Jsonl {
            return Ok((escape::json(line)? + "\n").into_bytes());
        }
        let mut writer = csv::Writer::from_writer(Vec::new());
        if self.needs_head {
            writer.write_record(line.names())?;
        }
        writer.write_record(line.cells())?;
        writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
    }

    /// Gives the complete file its final name.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        let Some(Part { file, path, out }) = self.part.take() else { return Ok(()) };
        let done = file.sync_all().and_then(|()| fs::rename(path, out));
        done.map_err(|error| Failure::io(format!("{} cannot be written", self.name), &error))
    }
}

/// Opens a part at the end of its last complete line, and returns the ids in it and its length.
fn resume(path: &Path, format: Format, head: &str, force: bool) -> io::Result<(File, HashSet<VerificationId>, u64)> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(force).open(path)?;
    let (mut reader, mut line) = (BufReader::new(&file), Vec::new());
    let (mut done, mut length) = (HashSet::new(), 0);
    while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
        let is_head = format == Format::Csv && length == 0;
        match id_of(&line, format) {
            _ if is_head && line.trim_ascii_end() == head.as_bytes() => {}
            Some(id) if !is_head => {
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
fn id_of(line: &[u8], format: Format) -> Option<VerificationId> {
    match format {
        Format::Jsonl => {
            let line: Value = serde_json::from_slice(line).ok()?;
            VerificationId::new(line.get("verification_id")?.as_str()?).ok()
        }
        Format::Csv => {
            let first = line.split(|byte| *byte == b',').next()?;
            VerificationId::new(std::str::from_utf8(first).ok()?).ok()
        }
    }
}
