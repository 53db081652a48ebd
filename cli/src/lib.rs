//! Cashfree's Video KYC from a terminal, thin over `cashfree-vkyc`: what the API is, the library knows.
//!
//! ```text
//! args ─▶ commands/… ─▶ session (client: environment, credentials) ─▶ cashfree-vkyc
//!              │
//!              ├─▶ account, output     data on stdout: a table, plain, or JSON
//!              └─▶ failure             exit code; what, why and what to do on stderr
//! ```
//!
//! | file | says |
//! |---|---|
//! | `args` | every command and option, and nothing of what they do |
//! | `commands/` | a command a file |
//! | `session`, `variables` | as whom and with whom we speak |
//! | `account`, `output`, `progress` | what people and programs see |
//! | `printed` | text of others, made fit for a terminal |
//! | `failure` | every exit code, and each error of the library in three lines |
//! | `private` | files that only their owner can read |
//! | `input`, `span` | standard input; durations as people write them |
//!
//! It is a library so that completions and manual pages are made from the same description; it is no API.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod args;
mod commands;
mod duration;
mod escape;
mod failure;
mod input;
mod output;
mod private_file;
mod progress;
mod session;
mod variables;
mod view;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use args::Cli;
use failure::{Exit, Failure};
use output::{Interruption, Output};

/// The command line as clap knows it, exit codes included: for completions and manual pages.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command().after_help(Exit::table())
}

/// Runs the command that the process was started with, and gives its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let cli = match parse(&arguments) {
        Ok(cli) => cli,
        Err(error) => return refused(&error, &arguments),
    };
    let output = Output::new(&cli.global);
    output::log(cli.global.verbose, output.colours_errors());
    let outcome = run(cli, &output).and_then(|exit| output.flush().map(|()| exit));
    match outcome {
        Ok(exit) => exit.into(),
        Err(failure) => {
            let failure = failure.reveal(output.shows_sensitive());
            output.fail(&failure);
            failure.exit().into()
        }
    }
}

fn run(cli: Cli, output: &Output) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::io("this process cannot be set up", &error))?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            biased;
            _ = tokio::signal::ctrl_c() => interrupted(output),
            outcome = commands::run(cli, output) => outcome,
        }
    });
    // Who still waits for the standard input is not waited for.
    runtime.shutdown_background();
    outcome
}

/// Ctrl-C: where it is not how a command ends, it says how to go on.
fn interrupted(output: &Output) -> Result<Exit, Failure> {
    let failure = Failure::new(Exit::Interrupted, "interrupted");
    match output.if_interrupted() {
        Interruption::Expected => Ok(Exit::Done),
        Interruption::Resumable(next) => Err(failure.next(next)),
        Interruption::Plain => Err(failure),
    }
}

fn parse(arguments: &[OsString]) -> Result<Cli, clap::Error> {
    Cli::from_arg_matches(&command().try_get_matches_from(arguments)?)
}

/// What clap says instead: help and version are no errors, and a program that asked for JSON gets its errors so.
fn refused(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if !error.use_stderr() {
        let said = output::to_stdout(&error.render().to_string());
        return said.map_or_else(|failure| failure.exit(), |()| Exit::Done).into();
    }
    if arguments.iter().any(|argument| argument == "--json") {
        output::to_stderr(&Failure::of_clap(error).to_json());
    } else {
        output::to_stderr(error.render().to_string().trim_end());
    }
    Exit::Usage.into()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command().debug_assert();
    }
}
