//! The chores of this project's maintainers, as a library with a thin `main`.
//!
//! | command | what it does |
//! |---|---|
//! | `cargo xtask spec lint` | checks `spec/vkyc.yaml`, with the same code as the build |
//! | `cargo xtask snapshots` | accepts what the generator and the tests show now, and removes what nobody shows any more |
//! | `cargo xtask snapshots --check` | fails when one of the two is due (CI) |

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod lint;
mod snapshots;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Why a chore was not done, in words for the person who ran it.
pub type Result<T = ()> = std::result::Result<T, String>;

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Chores of the maintainers of cashfree-vkyc")]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Work on the spec
    #[command(subcommand)]
    Spec(SpecVerb),
    /// Accept the snapshots as they are now, and remove the unused ones
    Snapshots {
        /// Change nothing, and fail when something would change
        #[arg(long)]
        check: bool,
    },
}

#[derive(Debug, Subcommand)]
enum SpecVerb {
    /// Say everything that is wrong with the spec, each with its place and cure
    Lint {
        /// The spec; the project's own when left out
        file: Option<PathBuf>,
        /// Print the findings as JSON
        #[arg(long)]
        json: bool,
    },
}

/// Does what the command line asks.
///
/// # Errors
/// When the chore was not done, or a check found something.
pub fn run(cli: Cli) -> Result {
    match cli.verb {
        Verb::Spec(SpecVerb::Lint { file, json }) => {
            lint::lint(&file.unwrap_or_else(|| root().join("spec/vkyc.yaml")), json)
        }
        Verb::Snapshots { check } => snapshots::snapshots(&root(), check),
    }
}

/// The root of the project.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}
