//! The ids of a sweep: one a line, or a column of CSV. A line without an id is reported by its number and skipped.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use cashfree_vkyc::VerificationId;

use crate::failure::Failure;
use crate::input::blocking;

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
    pub(super) repeated: usize,
}

impl Input {
    fn add(&mut self, line: u64, bytes: &[u8]) {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned());
        match text.and_then(|text| VerificationId::new(text.trim()).map_err(|error| error.to_string())) {
            Ok(id) => self.rows.push(Row { line, id }),
            Err(problem) => self.rubbish.push((line, problem)),
        }
    }

    /// Drops repeated ids.
    fn once(mut self) -> Self {
        let (mut seen, all) = (HashSet::new(), self.rows.len());
        self.rows.retain(|row| seen.insert(row.id.clone()));
        self.repeated = all - self.rows.len();
        self
    }
}

/// Reads all of the input.
pub(super) async fn read(file: &Path, column: Option<&str>) -> Result<Input, Failure> {
    let (path, column) = (file.to_owned(), column.map(str::to_owned));
    let is_stdin = file == Path::new("-");
    let read = blocking(move || {
        let source: Box<dyn Read> = if is_stdin { Box::new(io::stdin().lock()) } else { Box::new(File::open(&path)?) };
        match column {
            Some(column) => of_column(source, &column),
            None => of_lines(BufReader::new(source)).map(Ok),
        }
    });
    let name = if is_stdin { "the standard input".to_owned() } else { file.display().to_string() };
    let read = read.await.map_err(|error| {
        Failure::usage(format!("{name} cannot be read")).why(error).next("check the path, and that it is a file")
    });
    read?.map(Input::once)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8]) -> (Vec<(u64, String)>, Vec<u64>) {
        told(of_lines(text).unwrap().once())
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
