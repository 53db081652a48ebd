//! `cargo xtask <command>`: the chores of this project's maintainers.

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    if let Some(outcome) = xtask::as_rustdoc() {
        return if outcome.is_ok_and(|works| works) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    match xtask::run(xtask::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.code)
        }
    }
}
