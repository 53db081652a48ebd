//! The standard input, read where it blocks nobody: Ctrl-C ends a command that waits for it.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use serde::de::DeserializeOwned;

use crate::escape;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// More than any customer has.
const MOST_JSON: u64 = 64 * 1024;

/// All of it, up to `most` bytes.
///
/// # Errors
/// When it cannot be read, is empty, or is larger.
pub(crate) async fn all(most: u64, what: &'static str) -> Result<Vec<u8>, Failure> {
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        io::stdin().lock().take(most + 1).read_to_end(&mut bytes).map(|_| bytes)
    });
    let bytes = read.await.unwrap_or_else(|error| Err(io::Error::other(error)));
    let bytes = bytes.map_err(|error| Failure::io("the standard input cannot be read", &error))?;
    if bytes.is_empty() {
        return Err(Failure::usage("the standard input is empty").next(format!("pass {what} on the standard input")));
    }
    if bytes.len() as u64 > most {
        return Err(Failure::usage(format!("the standard input has more than {most} bytes")));
    }
    Ok(bytes)
}

/// A JSON object that the API takes, read by the library's own type. What is wrong with it is told by the names of fields and
/// never by their values, which are a customer's.
///
/// # Errors
/// When there is none, or a field is missing, unknown, twice there or of another kind.
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

/// Whether it begins as one. To serde a list of values without names is an object, too.
fn is_object(bytes: &[u8]) -> bool {
    bytes.trim_ascii_start().starts_with(b"{")
}

fn object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader);
    let value = read.map_err(|error| problem(&error.path().to_string(), error.inner()))?;
    reader.end().map(|()| value).map_err(|error| problem(".", &error))
}

/// Of serde's words, those that name a field; the others quote what was read.
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

/// Asks a question, and wants a `y`.
///
/// # Errors
/// When there is nobody to ask, or the response is another.
pub(crate) async fn confirm(output: &Output, question: &str) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage("nobody can be asked whether this is meant")
            .why("the standard input is no terminal")
            .next("add --yes"));
    }
    output.ask(&format!("{question} [y/N] "));
    let read = tokio::task::spawn_blocking(|| {
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).map(|_| line)
    });
    match read.await {
        Ok(Ok(line)) if matches!(line.trim(), "y" | "Y" | "yes") => Ok(()),
        _ => Err(Failure::new(Exit::Failed, "nothing was sent").code("declined")),
    }
}
