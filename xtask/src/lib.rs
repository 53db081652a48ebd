//! The chores of this project's maintainers, as a library with a thin `main`.
//!
//! | command | what it does |
//! |---|---|
//! | `cargo xtask sync` | all of the below in order, up to the first thing that needs a person |
//! | `cargo xtask spec lint` | checks `spec/vkyc.yaml`, with the same code as the build |
//! | `cargo xtask spec drift [PAGE…]` | compares it with what Cashfree publishes |
//! | `cargo xtask spec states PAGE` | compares the lifecycle with the published tables of statuses |
//! | `cargo xtask spec diff OLD NEW` | what changed in our spec, for the changelog and the version |
//! | `cargo xtask snapshots` | accepts what the generator and the tests show now, and removes what nobody shows any more |
//! | `cargo xtask release check` | whether version and changelog fit what changed |
//!
//! Exit codes: 0 all is well, 1 something is to be done, 2 something could not be looked at.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod api;
mod diff;
mod drift;
mod lint;
mod snapshots;
mod states;
mod sync;

use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand};

use drift::fetch;
use drift::report::Form;

/// Where the spec is.
pub(crate) const SPEC: &str = "spec/vkyc.yaml";

/// Why a chore was not done, in words for the person who ran it, and the exit code for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// 1 when something is to be done, 2 when something could not be looked at.
    pub code: u8,
    /// What it is, and what to do.
    pub message: String,
}

impl Failure {
    /// Something is to be done.
    pub(crate) fn found(message: String) -> Self {
        Self { code: 1, message }
    }

    /// Something could not be looked at.
    pub(crate) fn not_compared(message: String) -> Self {
        Self { code: 2, message }
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::found(message)
    }
}

/// What a chore ends with.
pub type Result<T = ()> = std::result::Result<T, Failure>;

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Chores of the maintainers of cashfree-vkyc")]
pub struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run every step in order, and stop at the first that needs a person
    Sync {
        /// Pages of Cashfree's to compare with; what is on record when left out
        pages: Vec<String>,
    },
    /// Work on the spec
    #[command(subcommand)]
    Spec(SpecVerb),
    /// Accept the snapshots and the public API as they are now, and remove the unused ones
    Snapshots {
        /// Change nothing, and fail when something would change
        #[arg(long)]
        check: bool,
    },
    /// Prepare a release
    #[command(subcommand)]
    Release(ReleaseVerb),
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
    /// Compare the spec with what Cashfree publishes (exit code 0 same, 1 differs, 2 could not compare)
    Drift {
        /// Files, https addresses, or `-`; what is on record when left out
        pages: Vec<String>,
        #[command(flatten)]
        form: FormArgs,
        /// Write what the pages say to spec/published.yaml
        #[arg(long, requires = "pages")]
        update: bool,
    },
    /// Compare the lifecycle with the tables of statuses on a page
    States {
        /// A file, an https address, or `-`
        page: String,
        #[command(flatten)]
        form: FormArgs,
        /// Write what the page says to spec/published.yaml
        #[arg(long)]
        update: bool,
    },
    /// Say what changed between two versions of the spec, for the changelog and the version
    Diff {
        /// A file or a git revision
        old: String,
        /// A file or a git revision
        new: String,
        #[command(flatten)]
        form: FormArgs,
    },
}

#[derive(Debug, Subcommand)]
enum ReleaseVerb {
    /// Fail when the version or the changelog does not fit what changed since the last tag
    Check,
}

#[derive(Debug, Args)]
struct FormArgs {
    /// Print JSON, for programs
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print Markdown, for an issue or a pull request
    #[arg(long)]
    markdown: bool,
}

impl FormArgs {
    fn form(&self) -> Form {
        match (self.json, self.markdown) {
            (true, _) => Form::Json,
            (_, true) => Form::Markdown,
            _ => Form::Text,
        }
    }
}

/// Does what the command line asks.
///
/// # Errors
/// When the chore was not done, or a check found something.
pub fn run(cli: Cli) -> Result {
    let root = root();
    match cli.verb {
        Verb::Sync { pages } => sync::sync(&root, &pages),
        Verb::Spec(SpecVerb::Lint { file, json }) => lint::lint(&file.unwrap_or_else(|| self::file(&root, SPEC)), json),
        Verb::Spec(SpecVerb::Drift { pages, form, update }) => {
            drift::drift(&root, &pages, form.form(), update, fetch::TIMEOUT)
        }
        Verb::Spec(SpecVerb::States { page, form, update }) => states::states(&root, &page, form.form(), update),
        Verb::Spec(SpecVerb::Diff { old, new, form }) => diff::diff(&root, &old, &new, form.form()),
        Verb::Snapshots { check } => snapshots::snapshots(&root, check),
        Verb::Release(ReleaseVerb::Check) => diff::release_check(&root),
    }
}

/// A file of the project, by the path that a person would type where they are.
pub(crate) fn file(root: &Path, name: &str) -> PathBuf {
    let file = root.join(name);
    let here = std::env::current_dir().ok();
    here.and_then(|here| file.strip_prefix(here).map(PathBuf::from).ok()).unwrap_or(file)
}

/// The root of the project.
fn root() -> PathBuf {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).unwrap_or(here)
}
