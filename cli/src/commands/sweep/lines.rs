//! The ids that a sweep reads: one per line, or a column of CSV. A line without an id is reported by its number and skipped.
//!
//! The output: one line for each id. The library's `PartFile` locks, verifies, syncs and renames it.
//!
//! ```text
//! OUT.part ─▶ verified lines ─▶ ids that are done ─▶ append ─▶ OUT
//! ```

use std::collections::HashSet;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;

use cashfree_vkyc::{FileStep, OutcomeRules, PartFile, VerificationId};
use serde_json::Value;

use crate::escape;
use crate::failure::Failure;
use crate::files::is_device;
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
        let text = std::str::from_utf8(bytes).map_err(|_| "the line is not UTF-8 text".to_owned());
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
        Failure::usage(format!("{name} cannot be read")).why(error).next("check the path, and that it leads to a file")
    })?
}

fn of_lines(source: impl BufRead) -> io::Result<Input> {
    let mut input = Input::default();
    for (line, bytes) in (1..).zip(source.split(b'\n')) {
        let bytes = bytes?;
        // Some programs write a byte order mark at the start of a UTF-8 file.
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
            None => input.rubbish.push((line, "the row has no such column".to_owned())),
        }
    }
    Ok(Ok(input))
}

/// Writes the lines of a sweep.
pub(super) struct Store {
    name: String,
    is_json: bool,
    writer: Writer,
}

enum Writer {
    /// The standard output or a device.
    Stream(Box<dyn Write>),
    /// A file, until it is complete.
    Part(Box<PartFile>),
    Complete,
}

impl Store {
    /// Opens the output, and returns the ids that an earlier run wrote. `head` is the first line of CSV; without it, lines are JSON.
    pub(super) fn open(
        account: &str,
        out: Option<&Path>,
        head: Option<&str>,
        rules: &OutcomeRules,
        force: bool,
    ) -> Result<(Self, HashSet<VerificationId>), Failure> {
        let name = out.map_or_else(|| "the standard output".to_owned(), |out| out.display().to_string());
        let unusable = |error: io::Error| {
            Failure::usage(format!("{name} cannot be written")).why(error).next("check the path and its permissions")
        };
        let mut done = HashSet::new();
        let (writer, is_new) = match out {
            None => (Writer::Stream(Box::new(io::stdout())), true),
            Some(out) if is_device(out, force)? => {
                let device = OpenOptions::new().write(true).open(out).map_err(unusable)?;
                (Writer::Stream(Box::new(device)), true)
            }
            Some(out) => {
                let mut part = PartFile::lock(out, force).map_err(|error| Failure::file(&error))?;
                let purpose = format!("sweep {} {rules:?}", head.unwrap_or("json"));
                let opened = if force { part.begin(account, &purpose) } else { part.resume(account, &purpose) };
                opened.map_err(|error| match error.step {
                    FileStep::Identify | FileStep::Resume => Failure::file(&error).next("pass --force to start over"),
                    _ => Failure::file(&error),
                })?;
                done = ids(part.path(), head.is_none()).map_err(unusable)?;
                let is_new = part.bytes() == 0;
                (Writer::Part(Box::new(part)), is_new)
            }
        };
        let mut store = Self { name, is_json: head.is_none(), writer };
        if let Some(head) = head.filter(|_| is_new) {
            store.put(Ok(format!("{head}\n")))?;
        }
        Ok((store, done))
    }

    /// The path of the part, if the output is a file.
    pub(super) fn part(&self) -> Option<&Path> {
        if let Writer::Part(part) = &self.writer { Some(part.path()) } else { None }
    }

    pub(super) fn write(&mut self, line: &Record) -> Result<(), Failure> {
        let text = if self.is_json { escape::json(line).map(|text| text + "\n") } else { row(line) };
        self.put(text)
    }

    fn put(&mut self, text: io::Result<String>) -> Result<(), Failure> {
        let put = text.and_then(|text| match &mut self.writer {
            Writer::Stream(stream) => stream.write_all(text.as_bytes()).and_then(|()| stream.flush()),
            Writer::Part(part) => part.append(text.as_bytes()).map_err(|error| error.source),
            Writer::Complete => Ok(()),
        });
        put.map_err(|error| Failure::io(format!("{} cannot be written", self.name), &error))
    }

    /// Gives the complete file its final name.
    pub(super) fn finish(&mut self) -> Result<(), Failure> {
        match std::mem::replace(&mut self.writer, Writer::Complete) {
            Writer::Part(part) => part.finish().map(drop).map_err(|error| Failure::file(&error)),
            _ => Ok(()),
        }
    }
}

/// A row of CSV. A cell that a spreadsheet would evaluate gets a `'` in front.
fn row(line: &Record) -> io::Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let is_formula = |cell: &str| cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    writer.write_record(line.cells().map(|cell| if is_formula(&cell) { format!("'{cell}") } else { cell }))?;
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// The ids in a part.
fn ids(part: &Path, is_json: bool) -> io::Result<HashSet<VerificationId>> {
    let lines = BufReader::new(File::open(part)?).split(b'\n');
    lines.skip(usize::from(!is_json)).filter_map(|line| line.map(|line| id_of(&line, is_json)).transpose()).collect()
}

/// The id of a line. In CSV it is the first cell, without quotes, perhaps with a `'` in front.
fn id_of(line: &[u8], is_json: bool) -> Option<VerificationId> {
    if is_json {
        let line: Value = serde_json::from_slice(line).ok()?;
        return VerificationId::new(line.get("verification_id")?.as_str()?).ok();
    }
    let first = std::str::from_utf8(line).ok()?.split(',').next()?;
    VerificationId::new(first.strip_prefix('\'').unwrap_or(first)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> (Vec<(u64, String)>, Vec<u64>) {
        numbered(of_lines(text).unwrap())
    }

    fn numbered(input: Input) -> (Vec<(u64, String)>, Vec<u64>) {
        let rows = input.rows.iter().map(|row| (row.line, row.id.as_str().to_owned())).collect();
        (rows, input.rubbish.iter().map(|(line, _)| *line).collect())
    }

    #[test]
    fn a_line_without_an_id_is_reported_with_its_number() {
        let long = "x".repeat(51);
        let text = format!("\u{feff}a\r\n\n# a comment\n b \na b\n{long}\na\nc");
        let (rows, rubbish) = lines(text.as_bytes());
        assert_eq!(rows, [(1, "a".to_owned()), (4, "b".to_owned()), (8, "c".to_owned())]);
        assert_eq!(rubbish, [5, 6]);
        assert_eq!(lines(b"\xff\xfe\nok\n").1, [1]);
    }

    /// Including an id that a spreadsheet would evaluate.
    #[test]
    fn the_id_of_a_written_row_can_be_read() {
        for (id, written) in [("-a.b", "'-a.b,7,x\n"), ("a", "a,7,x\n")] {
            let line = Record::default().with("verification_id", "", id).with("line", "", 7).with("", "", "x");
            assert_eq!(row(&line).unwrap(), written);
            assert_eq!(id_of(written.as_bytes(), false).unwrap().as_str(), id);
        }
        assert_eq!(id_of(b"{\"verification_id\":\"-a\"}", true).unwrap().as_str(), "-a");
    }

    #[test]
    fn a_column_has_a_name_or_a_number() {
        let text = "name,id\n\"a,\nb\",one\nc,two words\nd\ne,two\n";
        for column in ["id", "2"] {
            let (rows, rubbish) = numbered(of_column(text.as_bytes(), column).unwrap().unwrap_or_else(|_| panic!()));
            assert_eq!(rows, [(2, "one".to_owned()), (6, "two".to_owned())]);
            assert_eq!(rubbish, [4, 5]);
        }
        assert!(of_column(text.as_bytes(), "nobody").unwrap().is_err());
        assert!(of_column(text.as_bytes(), "3").unwrap().is_err());
    }
}
