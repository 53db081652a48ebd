//! Bounded input. The standard input is read in another thread, so that Ctrl-C ends a command that waits for it.
//!
//! | input | limit |
//! |---|---|
//! | a line of ids, a file of headers, credentials or a key | [`MAX_TEXT`] |
//! | all lines of ids | [`MAX_LINES`] |
//! | the standard input of other commands | [`MAX_BODY`] |

use std::fs::{self, File, Metadata};
use std::io::{self, BufRead as _, IsTerminal as _, Read, Write as _};
use std::path::Path;

use serde::de::DeserializeOwned;

use crate::escape;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// The most bytes of a line of ids, and of a file of headers, credentials or a key.
pub(crate) const MAX_TEXT: u64 = 64 * 1024;

/// The most bytes of all lines of ids: about three million ids, or three weeks of calls.
const MAX_LINES: u64 = 64 * 1024 * 1024;

/// The most bytes of a body on the standard input. The limits of the library are lower.
const MAX_BODY: u64 = 1024 * 1024;

/// Reads all of a source.
///
/// # Errors
/// When it cannot be read, or has more bytes than this.
pub(crate) fn bounded(source: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(io::Error::other(format!("it has more than {most} bytes"))) } else { Ok(bytes) }
}

/// Opens a regular file. Opening a pipe or a device may block, and it may have no end.
///
/// # Errors
/// When it cannot be opened, or is not a regular file.
pub(crate) fn open_regular(path: &Path) -> io::Result<(File, Metadata)> {
    let is_regular = |about: Metadata| {
        if about.is_file() { Ok(about) } else { Err(io::Error::other("it is not a regular file")) }
    };
    is_regular(fs::metadata(path)?)?;
    let file = File::open(path)?;
    let about = is_regular(file.metadata()?)?;
    Ok((file, about))
}

/// A source of lines that fails after [`MAX_TEXT`] bytes without a line break, and after [`MAX_LINES`] bytes.
pub(crate) struct Lines<R> {
    source: R,
    line: u64,
    in_line: u64,
    all: u64,
}

impl<R> Lines<R> {
    pub(crate) const fn new(source: R) -> Self {
        Self { source, line: 1, in_line: 0, all: 0 }
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        for byte in buffer.iter().take(count) {
            (self.line, self.in_line) = if *byte == b'\n' { (self.line + 1, 0) } else { (self.line, self.in_line + 1) };
            if self.in_line > MAX_TEXT {
                return Err(io::Error::other(format!("line {} has more than {MAX_TEXT} bytes", self.line)));
            }
        }
        self.all += count as u64;
        if self.all > MAX_LINES {
            return Err(io::Error::other(format!("it has more than {} MiB; split it", MAX_LINES >> 20)));
        }
        Ok(count)
    }
}

/// Runs blocking work in another thread.
///
/// # Errors
/// When the work fails or panics.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// Reads the whole standard input, up to [`MAX_BODY`] bytes.
///
/// # Errors
/// When it cannot be read, is empty, or is larger.
pub(crate) async fn all(what: &'static str) -> Result<Vec<u8>, Failure> {
    let bytes = blocking(|| bounded(io::stdin().lock(), MAX_BODY)).await;
    let bytes = bytes.map_err(|error| Failure::usage("the standard input cannot be read").why(error))?;
    if bytes.is_empty() {
        return Err(Failure::usage("the standard input is empty").next(format!("pass {what} on the standard input")));
    }
    Ok(bytes)
}

/// Reads one text from the standard input, without surrounding white space.
///
/// # Errors
/// Those of [`all`], and when it is not UTF-8 text.
pub(crate) async fn text(what: &'static str) -> Result<String, Failure> {
    let text = String::from_utf8(all(what).await?).unwrap_or_default().trim().to_owned();
    let next = format!("pass {what} on the standard input, as UTF-8 text");
    if text.is_empty() { Err(Failure::usage("the standard input has no text").next(next)) } else { Ok(text) }
}

/// Reads a JSON object from the standard input into a request type of the library. Errors name fields and never show values,
/// which are personal data.
///
/// # Errors
/// When there is no object, or a field is missing, unknown, repeated or of the wrong type.
pub(crate) async fn json<T: DeserializeOwned>(what: &'static str, output: &Output) -> Result<T, Failure> {
    if io::stdin().is_terminal() {
        output.note(&format!("reading {what} from the terminal, until Ctrl-D"));
    }
    let bytes = all(what).await?;
    // serde also reads a list of values as a struct.
    let is_object = bytes.trim_ascii_start().starts_with(b"{");
    let read = if is_object { object(&bytes) } else { Err("it is not a JSON object".to_owned()) };
    read.map_err(|why| {
        Failure::usage("the standard input cannot be used").why(why).next("see the fields in --help of this command")
    })
}

fn object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader);
    let value = read.map_err(|error| problem(&error.path().to_string(), error.inner()))?;
    reader.end().map(|()| value).map_err(|error| problem(".", &error))
}

/// Describes serde's error by the name of the field, because serde's own texts quote the input.
fn problem(path: &str, error: &serde_json::Error) -> String {
    let words = error.to_string();
    let named = [("missing field", "is missing"), ("unknown field", "is unknown"), ("duplicate field", "is repeated")];
    let field = |start: &str| words.strip_prefix(start)?.split('`').nth(1).map(escape::name);
    if let Some((field, rule)) = named.into_iter().find_map(|(start, rule)| Some((field(start)?, rule))) {
        return format!("the field {field} {rule}");
    }
    if error.is_data() && path != "." {
        return format!("the field {} has the wrong type", escape::name(path));
    }
    format!("it is not a JSON object: see line {}, column {}", error.line(), error.column())
}

/// Asks a question that must be answered with `y`.
///
/// # Errors
/// When the standard input is not a terminal, or the user types anything else.
pub(crate) async fn confirm(question: &str) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage("this needs confirmation")
            .why("the standard input is not a terminal")
            .next("add --yes"));
    }
    // The user types on the same line.
    let _ = write!(io::stderr().lock(), "{question} [y/N] ");
    let line = blocking(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    match line.await.as_deref().map(str::trim) {
        Ok("y" | "Y" | "yes") => Ok(()),
        _ => Err(Failure::new(Exit::Failed, "nothing was sent").with_code("declined")),
    }
}
