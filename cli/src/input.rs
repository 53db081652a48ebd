//! The standard input, read in another thread: Ctrl-C ends a command that waits for it.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use serde::de::DeserializeOwned;

use crate::escape;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// The largest JSON object that is read.
const MOST_JSON: u64 = 64 * 1024;

/// Runs blocking work in a thread of its own.
///
/// # Errors
/// When the work fails or panics.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// Reads the whole standard input, up to `most` bytes.
///
/// # Errors
/// When it cannot be read, is empty, or is larger.
pub(crate) async fn all(most: u64, what: &'static str) -> Result<Vec<u8>, Failure> {
    let read = blocking(move || {
        let mut bytes = Vec::new();
        io::stdin().lock().take(most + 1).read_to_end(&mut bytes).map(|_| bytes)
    });
    let bytes = read.await.map_err(|error| Failure::io("the standard input cannot be read", &error))?;
    if bytes.is_empty() {
        return Err(Failure::usage("the standard input is empty").next(format!("pass {what} on the standard input")));
    }
    if bytes.len() as u64 > most {
        return Err(Failure::usage(format!("the standard input has more than {most} bytes")));
    }
    Ok(bytes)
}

/// Reads a JSON object from the standard input into a request type of the library. Errors name fields and never show values,
/// which are personal data.
///
/// # Errors
/// When there is no object, or a field is missing, unknown, repeated or of the wrong type.
pub(crate) async fn json<T: DeserializeOwned>(what: &'static str, output: &Output) -> Result<T, Failure> {
    if io::stdin().is_terminal() {
        output.note(&format!("reading {what} from the terminal, up to Ctrl-D"));
    }
    let bytes = all(MOST_JSON, what).await?;
    let read = if is_object(&bytes) { object(&bytes) } else { Err("it is no JSON object".to_owned()) };
    read.map_err(|why| {
        Failure::usage("the standard input cannot be used").why(why).next("--help of this command shows what is due")
    })
}

/// Whether the text begins as an object. serde also reads a list of values without names as a struct.
fn is_object(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"{")
}

fn object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader);
    let value = read.map_err(|error| problem(&error.path().to_string(), error.inner()))?;
    reader.end().map(|()| value).map_err(|error| problem(".", &error))
}

/// Describes serde's error by the name of the field; serde's other texts quote the input.
fn problem(path: &str, error: &serde_json::Error) -> String {
    let words = error.to_string();
    let named =
        [("missing field", "is missing"), ("unknown field", "is unknown"), ("duplicate field", "is there twice")];
    let field = |start: &str| words.strip_prefix(start)?.split('`').nth(1).map(escape::name);
    if let Some((field, rule)) = named.into_iter().find_map(|(start, rule)| Some((field(start)?, rule))) {
        return format!("the field {field} {rule}");
    }
    if error.is_data() && path != "." {
        return format!("the field {} is not of the kind that is due", escape::name(path));
    }
    format!("it is no JSON object: see line {}, column {}", error.line(), error.column())
}

/// Asks a question that must be answered with `y`.
///
/// # Errors
/// When the standard input is no terminal, or the response is another.
pub(crate) async fn confirm(output: &Output, question: &str) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage("nobody can be asked whether this is meant")
            .why("the standard input is no terminal")
            .next("add --yes"));
    }
    output.ask(&format!("{question} [y/N] "));
    let line = blocking(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    match line.await.as_deref().map(str::trim) {
        Ok("y" | "Y" | "yes") => Ok(()),
        _ => Err(Failure::new(Exit::Failed, "nothing was sent").with_code("declined")),
    }
}
