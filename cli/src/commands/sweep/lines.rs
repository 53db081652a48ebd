//! The ids that a sweep reads: one a line, or a column of CSV. A line without an id is reported by its number and skipped.
//!
//! The output: one line for each id, flushed, so that an interrupted sweep loses nothing.
//!
//! ```text
//! OUT.part ─ cut off an incomplete last line ─▶ ids that are done ─▶ append ─▶ sync ─▶ rename to OUT
//! ```

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek as _, SeekFrom, Write};
use std::path::{Path, PathBuf};

use cashfree_vkyc::VerificationId;
use serde_json::Value;

use crate::escape;
use crate::failure::Failure;
use crate::files::{beside, is_device};
use crate::input::{Lines, blocking};
use crate::record::Record;

/// An id of the input.
#[derive(Clone)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) id: VerificationId,
}

/// The content of the input.
#[derive(Default)]
pub(super) struct Input {
    pub(super) rows: Vec<Row>,
    /// Lines without an id, each with its problem.
    pub(super) rubbish: Vec<(u64, String)>,
    /// How many lines repeat an earlier id.
    pub(super) repeated: u64,
    seen: HashSet<VerificationId>,
}

impl Input {
    fn add(&mut self, line: u64, bytes: &[u8]) {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned());
        match text.and_then(|text| VerificationId::new(text.trim()).map_err(|error| error.to_string())) {
            Ok(id) if !self.seen.insert(id.clone()) => self.repeated += 1,
            Ok(id) => self.rows.push(Row { line, id }),
            Err(problem) => self.rubbish.push((line, problem)),
        }
    }
}

/// Reads all of the input.
pub(super) async fn read(file: &Path, column: Option<&str>) -> Result<Input, Failure> {
    let (path, column) = (file.to_owned(), column.map(str::to_owned));
    let is_stdin = file == Path::new("-");
    let read = blocking(move || {
        let source: Box<dyn Read> = if is_stdin { Box::new(io::stdin().lock()) } else { Box::new(File::open(&path)?) };
        let source = Lines::new(source);
        match column {
            Some(column) => of_column(source, &column),
            None => of_lines(BufReader::new(source)).map(Ok),
        }
    });
    let name = if is_stdin { "the standard input".to_owned() } else { file.display().to_string() };
    read.await.map_err(|error| {
        Failure::usage(format!("{name} cannot be read")).why(error).next("check the path, and that it is a file")
    })?
}

fn of_lines(source: impl BufRead) -> io::Result<Input> {
    let mut input = Input::default();
    for (line, bytes) in (1..).zip(source.split(b'\n')) {
        let bytes = bytes?;
        // Some programs begin a UTF-8 file with a byte order mark.
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").filter(|_| line == 1).unwrap_or(&bytes).trim_ascii();
        if !text.is_empty() && !text.starts_with(b"#") {
            input.add(line, text);
        }
    }
    Ok(input)
}

fn of_column(source: impl Read, column: &str) -> io::Result<Result<Input, Failure>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(source);
    let head = reader.byte_headers().map_err(io::Error::from)?;
    let head: Vec<_> = head.iter().map(|name| String::from_utf8_lossy(name).trim().to_owned()).collect();
    let by_name = head.iter().position(|name| name == column);
    let by_number = || column.parse::<usize>().ok().filter(|number| (1..=head.len()).contains(number)).map(|n| n - 1);
    let Some(place) = by_name.or_else(by_number) else {
        let next = format!("the columns are: {}", head.join(", "));
        return Ok(Err(Failure::usage("there is no such column").next(next)));
    };
    let mut input = Input::default();
    for record in reader.into_byte_records() {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        match record.get(place) {
            Some(cell) => input.add(line, cell),
            None => input.rubbish.push((line, "it has no such column".to_owned())),
        }
    }
    Ok(Ok(input))
}

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

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> (Vec<(u64, String)>, Vec<u64>) {
        told(of_lines(text).unwrap())
    }

    fn told(input: Input) -> (Vec<(u64, String)>, Vec<u64>) {
        let rows = input.rows.iter().map(|row| (row.line, row.id.as_str().to_owned())).collect();
        (rows, input.rubbish.iter().map(|(line, _)| *line).collect())
    }

    #[test]
    fn lines_are_ids_and_what_is_none_is_told_with_its_number() {
        let long = "x".repeat(51);
        let text = format!("\u{feff}a\r\n\n# a comment\n b \na b\n{long}\na\nc");
        let (rows, rubbish) = lines(text.as_bytes());
        assert_eq!(rows, [(1, "a".to_owned()), (4, "b".to_owned()), (8, "c".to_owned())]);
        assert_eq!(rubbish, [5, 6]);
        assert_eq!(lines(b"\xff\xfe\nok\n").1, [1]);
    }

    #[test]
    fn a_column_is_named_or_numbered() {
        let text = "name,id\n\"a,\nb\",one\nc,two words\nd\ne,two\n";
        for column in ["id", "2"] {
            let (rows, rubbish) = told(of_column(text.as_bytes(), column).unwrap().unwrap_or_else(|_| panic!()));
            assert_eq!(rows, [(2, "one".to_owned()), (6, "two".to_owned())]);
            assert_eq!(rubbish, [4, 5]);
        }
        assert!(of_column(text.as_bytes(), "nobody").unwrap().is_err());
        assert!(of_column(text.as_bytes(), "3").unwrap().is_err());
    }
}
