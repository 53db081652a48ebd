//! The standard input, read where it blocks nobody: Ctrl-C ends a command that waits for it.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use crate::failure::{Exit, Failure};
use crate::output::Output;

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

/// Asks a question, and wants a `y`.
///
/// # Errors
/// When there is nobody to ask, or the answer is another.
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
