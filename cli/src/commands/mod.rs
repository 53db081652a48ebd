//! A file for each command, and one for those about a single verification. Each command returns its exit code or a failure.

mod doctor;
mod explain;
mod recording;
mod sandbox;
mod sweep;
mod user;
mod verification;
mod webhook;

use crate::args::{Cli, Command};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;

/// Runs a command.
///
/// # Errors
/// When the command fails.
pub(crate) async fn run(cli: Cli, output: &Output) -> Result<Exit, Failure> {
    let session = || Session::new(&cli.global);
    match &cli.command {
        Command::Status(args) => verification::status(args, &session()?, output).await,
        Command::Watch(args) => verification::watch(args, &session()?, output).await,
        Command::Sweep(args) => sweep::run(args, &session()?, output).await,
        Command::Explain { word } => explain::run(word.as_deref(), output),
        Command::User(args) => user::run(args, &session()?, output).await,
        Command::Start(args) => verification::start(args, &session()?, output).await,
        Command::Token(args) => verification::token(args, &session()?, output).await,
        Command::Webhook(args) => webhook::run(args, &session()?, output).await,
        Command::Recording(args) => recording::run(args, &session()?, output).await,
        Command::Sandbox(args) => sandbox::run(args, output).await,
        Command::Doctor(args) => doctor::run(args, &cli.global, output).await,
    }
}
