//! Where the states go: a line each, flushed, so that whatever ends a sweep loses nothing.
//!
//! ```text
//! OUT.part ─ its last line is whole? else it is cut off ─▶ ids that are done ─▶ appended ─▶ synced ─▶ renamed to OUT
//! ```

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use cashfree_vkyc::{Error, OutcomeRules, Timestamp, VideoKyc};
use serde::{Deserialize, Serialize};

use super::rows::Row;
use crate::args::Format;
use crate::escape::{self, short};
use crate::failure::Failure;

/// A line of the result. Its fields are the columns; nothing of a customer is among them.
#[derive(Clone, Serialize)]
pub(super) struct Line<'a> {
    verification_id: &'a str,
    line: u64,
    reference_id: Option<i64>,
    status: String,
    sub_status: String,
    phase: &'static str,
    actor: &'static str,
    is_final: Option<bool>,
    outcome: &'static str,
    advice: &'static str,
    link_expiry: Option<String>,
    meeting_schedule: Option<String>,
    error: Option<String>,
    asked_at: String,
    request_id: Option<String>,
}

impl<'a> Line<'a> {
    pub(super) fn of(row: &'a Row, vkyc: &'a VideoKyc, rules: &OutcomeRules, request_id: Option<&'a str>) -> Self {
        let lifecycle = vkyc.lifecycle();
        let time = |time: &Option<Timestamp>| time.as_ref().map(|time| time.as_str().to_owned());
        Self {
            reference_id: vkyc.reference_id,
            status: vkyc.status.as_str().to_owned(),
            sub_status: vkyc.sub_status.as_str().to_owned(),
            phase: lifecycle.phase().as_str(),
            actor: lifecycle.actor().as_str(),
            is_final: Some(lifecycle.is_final()),
            outcome: rules.outcome(vkyc).as_str(),
            advice: lifecycle.advice(),
            link_expiry: time(&vkyc.link_expiry),
            meeting_schedule: time(&vkyc.meeting_schedule),
            error: None,
            ..Self::empty(row, request_id)
        }
    }

    /// One that nobody knows, which is a response too.
    pub(super) fn missing(row: &'a Row, error: &'a Error) -> Self {
        let code = error.code().map_or_else(|| "not_found".to_owned(), ToString::to_string);
        Self { error: Some(code), ..Self::empty(row, error.request_id()) }
    }

    fn empty(row: &'a Row, request_id: Option<&'a str>) -> Self {
        Self {
            verification_id: row.id.as_str(),
            line: row.line,
            reference_id: None,
            status: String::new(),
            sub_status: String::new(),
            phase: "",
            actor: "",
            is_final: None,
            outcome: "",
            advice: "",
            link_expiry: None,
            meeting_schedule: None,
            error: None,
            asked_at: jiff::Timestamp::now().to_string(),
            request_id: request_id.map(str::to_owned),
        }
    }

    /// As a row of a table, which people and their programs read line by line: what a server said stays on it.
    fn on_one_line(&self) -> Self {
        let text = |text: &Option<String>| text.as_deref().map(short);
        Self {
            status: short(&self.status),
            sub_status: short(&self.sub_status),
            link_expiry: text(&self.link_expiry),
            meeting_schedule: text(&self.meeting_schedule),
            error: text(&self.error),
            request_id: text(&self.request_id),
            ..self.clone()
        }
    }
}

/// What of a line tells that its id is done. In CSV it is the first column.
#[derive(Deserialize)]
struct Done {
    verification_id: String,
}

/// Where lines go.
pub(super) struct Store {
    out: Out,
    format: Format,
    has_head: bool,
    done: HashSet<String>,
    name: String,
    finished: bool,
}

enum Out {
    Stdout(io::Stdout),
    /// Something that is no file, such as a device.
    Stream(File),
    Part {
        out: PathBuf,
        part: PathBuf,
        file: BufWriter<File>,
    },
}

impl Store {
    pub(super) fn open(out: Option<&Path>, format: Format, force: bool) -> Result<Self, Failure> {
        let stdout = "the standard output".to_owned();
        let store = |out, name| Self { out, format, has_head: false, done: HashSet::new(), name, finished: false };
        let Some(out) = out else { return Ok(store(Out::Stdout(io::stdout()), stdout)) };
        let name = out.display().to_string();
        let unusable = |error: &io::Error| {
            Failure::usage(format!("{name} cannot be written"))
                .why(error)
                .next("check the path and who may write there")
        };
        match fs::metadata(out) {
            Ok(about) if about.is_dir() => {
                return Err(Failure::usage(format!("{name} is a directory")).next("name a file in it"));
            }
            Ok(about) if !about.is_file() => {
                let file = OpenOptions::new().write(true).open(out).map_err(|error| unusable(&error))?;
                return Ok(store(Out::Stream(file), name.clone()));
            }
            Ok(_) if !force => {
                return Err(Failure::usage(format!("{name} is there already"))
                    .why("states of another day would be taken for those of now")
                    .next("choose another name, or pass --force to begin anew"));
            }
            Ok(_) | Err(_) => {}
        }
        let part = part_of(out);
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(force).open(&part);
        let mut file = file.map_err(|error| unusable(&error))?;
        let (length, done) = earlier(&file, format).map_err(|error| unusable(&error))?;
        file.set_len(length).and_then(|()| file.seek(SeekFrom::End(0))).map_err(|error| unusable(&error))?;
        let part = Out::Part { out: out.to_owned(), part, file: BufWriter::new(file) };
        Ok(Self { has_head: length > 0, done, ..store(part, name.clone()) })
    }

    /// The ids that an earlier run has written.
    pub(super) fn take_done(&mut self) -> HashSet<String> {
        std::mem::take(&mut self.done)
    }

    /// What the file is called as long as it is not whole.
    pub(super) fn part(&self) -> Option<&Path> {
        match &self.out {
            Out::Part { part, .. } if !self.finished => Some(part),
            _ => None,
        }
    }

    pub(super) fn write(&mut self, line: &Line<'_>) -> Result<(), Failure> {
        let written = self.text(line).and_then(|text| {
            let writer: &mut dyn Write = match &mut self.out {
                Out::Stdout(out) => out,
                Out::Stream(file) => file,
                Out::Part { file, .. } => file,
            };
            writer.write_all(&text)?;
            writer.flush()
        });
        written.map_err(|error| Failure::writing(&format!("{} cannot be written", self.name), &error))
    }

    /// A line as bytes, after the head where there is none yet.
    fn text(&mut self, line: &Line<'_>) -> io::Result<Vec<u8>> {
        match self.format {
            Format::Jsonl => {
                let mut text = escape::json(line)?.into_bytes();
                text.push(b'\n');
                Ok(text)
            }
            Format::Csv => {
                let mut writer = csv::WriterBuilder::new().has_headers(!self.has_head).from_writer(Vec::new());
                writer.serialize(line.on_one_line())?;
                self.has_head = true;
                writer.into_inner().map_err(|error| io::Error::other(error.to_string()))
            }
        }
    }

    /// All is there: the file gets its name.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        if let Out::Part { out, part, file } = &mut self.out {
            let done = file.flush().and_then(|()| file.get_ref().sync_all()).and_then(|()| fs::rename(part, out));
            done.map_err(|error| Failure::io(format!("{} cannot be written", self.name), &error))?;
        }
        self.finished = true;
        Ok(())
    }
}

pub(super) fn part_of(out: &Path) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

/// The ids of an earlier run, and where its last whole line ends.
fn earlier(file: &File, format: Format) -> io::Result<(u64, HashSet<String>)> {
    let (mut reader, mut bytes) = (BufReader::new(file), Vec::new());
    let (mut length, mut done) = (0, HashSet::new());
    let odd = |length: u64| {
        io::Error::other(format!("what is there at byte {length} is not of a sweep; pass --force to begin anew"))
    };
    while reader.read_until(b'\n', &mut bytes)? > 0 && bytes.ends_with(b"\n") {
        match format {
            Format::Jsonl => {
                let line: Done = serde_json::from_slice(&bytes).map_err(|_| odd(length))?;
                done.insert(line.verification_id);
            }
            // Our own lines have an id first, and no quotes around it.
            Format::Csv => {
                let first = bytes.split(|byte| *byte == b',').next().unwrap_or_default();
                let first = std::str::from_utf8(first).map_err(|_| odd(length))?;
                let is_head = first == "verification_id";
                if is_head != (length == 0) || cashfree_vkyc::VerificationId::new(first).is_err() {
                    return Err(odd(length));
                }
                if !is_head {
                    done.insert(first.to_owned());
                }
            }
        }
        length += bytes.len() as u64;
        bytes.clear();
    }
    // What is left is a line that was cut off.
    reader.read_to_end(&mut bytes)?;
    Ok((length, done))
}
