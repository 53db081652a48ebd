//! One file for each command. Each returns its exit code, or why it failed.

mod doctor;
mod explain;
mod out_file;
mod recording;
mod sandbox;
mod start;
mod status;
mod sweep;
mod token;
mod user;
mod watch;
mod webhook;

use crate::args::{Cli, Command};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;

/// Runs a command.
///
/// # Errors
/// When it failed.
pub(crate) async fn run(cli: Cli, output: &Output) -> Result<Exit, Failure> {
    let session = || Session::new(&cli.global);
    match &cli.command {
        Command::Status(args) => status::run(args, &session()?, output).await,
        Command::Watch(args) => watch::run(args, &session()?, output).await,
        Command::Sweep(args) => sweep::run(args, &session()?, output).await,
        Command::Explain(args) => explain::run(args, output),
        Command::User(args) => user::run(args, &session()?, output).await,
        Command::Start(args) => start::run(args, &session()?, output).await,
        Command::Token(args) => token::run(args, &session()?, output).await,
        Command::Webhook(args) => webhook::run(args, &session()?, output).await,
        Command::Recording(args) => recording::run(args, &session()?, output).await,
        Command::Sandbox(args) => sandbox::run(args, output).await,
        Command::Doctor => doctor::run(&cli.global, output).await,
    }
}
