//! Cashfree's Video KYC from a terminal: a thin layer over `cashfree-vkyc`, which has all knowledge of the API.
//!
//! ```text
//! args ─▶ commands/… ─▶ session (client: environment, credentials) ─▶ cashfree-vkyc
//!              │
//!              ├─▶ record, output         data on stdout: a table, lines, or JSON
//!              └─▶ failure                exit code; failure, cause and advice on stderr
//! ```
//!
//! | file | contents |
//! |---|---|
//! | `args` | every command and option, without behaviour |
//! | `commands/` | the commands, a file for each or for several related ones |
//! | `session` | the client: variables, credentials, options |
//! | `record` | named values, from the library's tables of fields; a verification and its meaning |
//! | `report` | the format of a report of `doctor`, which `cargo xtask spec evidence` reads |
//! | `output` | the two standard streams, and progress |
//! | `escape` | text from outside, made safe for a terminal |
//! | `failure` | every exit code, and each error of the library in three lines |
//! | `files` | checks of output files and of permissions |
//! | `input` | bounded input: the standard input, lines, small files |
//!
//! It is a library so that completions and manual pages use the same description. It has no API for other programs.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod args;
mod commands;
mod escape;
mod failure;
mod files;
mod input;
mod output;
mod record;
mod report;
mod session;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory as _, FromArgMatches as _};

use args::Cli;
use failure::{Exit, Failure};
use output::Output;

/// The description of the command line for clap, with the exit codes: for completions and manual pages.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command().after_help(Exit::table())
}

/// Runs the command of the process arguments and returns its exit code.
#[must_use]
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let matches = command().try_get_matches_from(&arguments);
    let cli = match matches.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return refused(&error, &arguments),
    };
    let output = Output::new(&cli.global);
    output::log(cli.global.verbose, output.colours_errors);
    run(cli, &output).unwrap_or_else(|failure| output.fail(&failure)).into()
}

fn run(cli: Cli, output: &Output) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::io("the process cannot be set up", &error))?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            biased;
            _ = tokio::signal::ctrl_c() => output.interrupted(),
            outcome = commands::run(cli, output) => outcome,
        }
    });
    // A thread may still wait for the standard input, and would block the exit.
    runtime.shutdown_background();
    outcome
}

/// Prints clap's message. Help and version are not errors. With `--json`, an error is JSON.
fn refused(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let text = error.render().to_string();
    if !error.use_stderr() {
        return output::to_stdout(&text).map_or_else(|failure| failure.exit(), |()| Exit::Done).into();
    }
    let is_json = arguments.iter().any(|argument| argument == "--json");
    if !is_json && error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        output::to_stderr(text.trim_end());
        return Exit::Usage.into();
    }
    output::print_failure(&Failure::of_clap(&text), is_json, false, false).into()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_passes_the_checks_of_clap() {
        super::command().debug_assert();
    }
}
