//! The maintainers' commands, as a library with a thin `main`.
//!
//! | command | does |
//! |---|---|
//! | `cargo xtask sync` | runs the steps below in order, up to the first one that needs a person |
//! | `cargo xtask spec lint` | checks `spec/vkyc.yaml` with the same code as the build |
//! | `cargo xtask spec drift [PAGE…]` | compares it with Cashfree's published pages |
//! | `cargo xtask spec states PAGE` | compares the lifecycle with the published tables of statuses |
//! | `cargo xtask spec diff OLD NEW` | lists the changes between two versions of our spec, for the changelog and the version |
//! | `cargo xtask spec evidence REPORT` | marks the facts that a report of `doctor` confirms, and lists contradictions |
//! | `cargo xtask spec keywords` | prints which keywords of OpenAPI and JSON Schema are compared |
//! | `cargo xtask snapshots` | accepts the current output of the generator and the tests |
//! | `cargo xtask public-api` | lists the public API of all published libraries |
//! | `cargo xtask measure` | counts the cost of the library beside a hand-written equivalent |
//! | `cargo xtask strangers [CHECK…]` | runs third-party tools on the spec and the sandbox |
//! | `cargo xtask completions [FOLDER]` | writes completions and manual pages of the command line |
//! | `cargo xtask release check` | checks that version and changelog fit the changes |
//!
//! Exit codes: 0 success, 1 something to do, 2 something could not be checked.
//!
//! This file is the command line. Each larger command has a module; [`Readers`] gives two of them to the properties in `fuzz/`.
//! Modules that several commands share import no command:
//!
//! | module | contents |
//! |---|---|
//! | `project` | paths, git revisions, programs, the date and SHA-256; exit codes |
//! | `fetch` | the text of a page |
//! | `compare` | the surface of an API, the differences between two, and their effect on users |
//! | `printed` | third-party text, made safe for terminals, Markdown and JSON |
//! | `report` | a comparison as text, JSON, Markdown and changelog entries |
//! | `published` | `spec/published.yaml` |
//! | `public_api` | `docs/public-api.txt`, also for `snapshots` and `release` |

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod compare;
mod drift;
mod evidence;
mod fetch;
mod lint;
mod measure;
mod printed;
mod project;
mod public_api;
mod published;
mod release;
mod report;
mod reviewed;
mod snapshots;
mod states;
mod sync;

use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Parser, Subcommand};

use drift::{Known, against_page, recorded};
pub use evidence::Evidence;
pub use project::{Failure, Result};
use project::{SPEC, file, root};
pub use public_api::as_rustdoc;
use report::Form;

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Chores of the maintainers of cashfree-vkyc")]
pub struct Cli {
    #[command(subcommand)]
    command: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run every step in order, and stop at the first one that needs a person
    Sync {
        /// Cashfree's pages to compare with; default: the record
        pages: Vec<String>,
    },
    /// Work on the spec
    Spec {
        #[command(subcommand)]
        task: SpecTask,
        /// Print JSON, for programs
        #[arg(long, global = true, conflicts_with = "markdown")]
        json: bool,
        /// Print Markdown, for an issue or a pull request
        #[arg(long, global = true)]
        markdown: bool,
    },
    /// Write everything that follows from the spec and the code: generated/, documents, snapshots
    Snapshots {
        /// Change nothing, and fail if something would change
        #[arg(long)]
        check: bool,
    },
    /// Write docs/public-api.txt from the published libraries
    PublicApi {
        /// Change nothing, and fail if the file would change
        #[arg(long)]
        check: bool,
    },
    /// Count instructions, allocations and crates beside a hand-written equivalent
    Measure(measure::Purpose),
    /// Run third-party tools on the spec and the sandbox (exit code 0 as on record, 1 differs, 2 a tool is missing)
    Strangers {
        /// Checks to run, by their names in spec/strangers/on-record.tsv; default: all
        checks: Vec<String>,
    },
    /// Write completions and manual pages of the command line
    Completions {
        /// The output folder
        #[arg(default_value = "target/cli")]
        folder: PathBuf,
    },
    /// Prepare a release
    #[command(subcommand)]
    Release(ReleaseTask),
}

#[derive(Debug, Subcommand)]
enum SpecTask {
    /// List everything that is wrong with the spec, each with its place and help
    Lint {
        /// The spec; default: the project's own
        file: Option<PathBuf>,
    },
    /// Compare the spec with Cashfree's pages (exit code 0 same, 1 differs, 2 could not compare)
    Drift {
        /// Files, folders, https addresses, or `-`; default: the record
        pages: Vec<String>,
        /// Write the pages' facts to spec/published.yaml
        #[arg(long, requires = "pages")]
        update: bool,
    },
    /// Compare the lifecycle with the tables of statuses on a page (exit codes as for drift)
    States {
        /// A file, an https address, or `-`
        page: String,
        /// Write the page's states to spec/published.yaml
        #[arg(long)]
        update: bool,
    },
    /// List the changes between two versions of the spec, for the changelog and the version (exit codes as for drift)
    Diff {
        /// A file or a git revision
        old: String,
        /// A file or a git revision
        new: String,
    },
    /// Mark the facts that a report of `cashfree-vkyc doctor --report` confirms as `seen`, and list contradictions (exit codes as
    /// for drift)
    Evidence {
        /// The report
        report: PathBuf,
    },
    /// Print how drift treats each keyword of OpenAPI and JSON Schema, as Markdown
    Keywords,
}

#[derive(Debug, Subcommand)]
enum ReleaseTask {
    /// Fail if the version or the changelog does not fit the changes since the last tag
    Check,
}

/// Runs a command.
///
/// # Errors
/// If the command failed or a check found something.
pub fn run(cli: Cli) -> Result {
    let root = root();
    match cli.command {
        Task::Sync { pages } => sync::sync(&root, &pages),
        Task::Spec { task, json, markdown } => {
            let form = match (json, markdown) {
                (true, _) => Form::Json,
                (_, true) => Form::Markdown,
                _ => Form::Text,
            };
            match task {
                SpecTask::Lint { file: path } => lint::lint(&path.unwrap_or_else(|| file(&root, SPEC)), form),
                SpecTask::Drift { pages, update } => drift::drift(&root, &pages, form, update, fetch::TIMEOUT),
                SpecTask::States { page, update } => states::states(&root, &page, form, update),
                SpecTask::Diff { old, new } => release::diff(&root, &old, &new, form),
                SpecTask::Evidence { report } => evidence::evidence(&root, &report, form),
                SpecTask::Keywords => {
                    print!("{}", compare::keywords_table());
                    Ok(())
                }
            }
        }
        Task::PublicApi { check } => public_api::record(&root, check),
        Task::Snapshots { check } => snapshots::snapshots(&root, check),
        Task::Measure(purpose) => measure::measure(&root, &purpose),
        Task::Strangers { checks } => strangers(&root, &checks),
        Task::Completions { folder } => completions(&root, &folder),
        Task::Release(ReleaseTask::Check) => release::check(&root),
    }
}

/// Runs third-party tools through a script, and maps its exit code.
fn strangers(root: &Path, checks: &[String]) -> Result {
    let script = file(root, "spec/strangers/run.sh");
    match Command::new(&script).args(checks).status().map(|status| status.code()) {
        Ok(Some(0)) => Ok(()),
        Ok(Some(2)) => Err(Failure::not_compared("a tool is missing; see above".to_owned())),
        Ok(_) => Err(Failure::found("an outcome differs from the record; see above".to_owned())),
        Err(error) => Err(Failure::not_compared(format!("{} cannot be run: {error}", script.display()))),
    }
}

/// Writes completions and manual pages to `folder`, for packaging. It runs an example of `cli/`, so that xtask does not compile
/// the command line, and the binary does not contain the writer.
fn completions(root: &Path, folder: &Path) -> Result {
    let mut generate = project::cargo(root);
    generate.args(["run", "--quiet", "--package", "cashfree-vkyc-cli", "--example", "generate", "--"]).arg(folder);
    project::run(&mut generate, "the completions could not be written; see above")
}

/// The readers of pages, for the properties in `fuzz/`: the output and the record of the commands, without a terminal, a file or
/// a process. They compare with the project's own files.
#[derive(Debug)]
pub struct Readers(Known);

impl Readers {
    /// Readers that compare with the project's own files.
    ///
    /// # Errors
    /// If one of those files cannot be read.
    pub fn of_the_project() -> Result<Self> {
        Known::read(&root()).map(Self).map_err(Failure::not_compared)
    }

    /// The reports of `spec drift` and of `spec states` on a page, each as text, as Markdown and as JSON.
    #[must_use]
    pub fn read(&self, page: &str) -> [[String; 3]; 2] {
        let Self(known) = self;
        let states = states::against_page(&known.spec, &known.published, "page.md", page);
        [against_page(known, "page.md", page), states]
            .map(|report| [report.text(), report.markdown_of(1), printed::json(&report.json())])
    }

    /// The record that `spec drift --update` would write for a page; `None` for a page that cannot be compared.
    #[must_use]
    pub fn record(&self, page: &str) -> Option<String> {
        recorded(&self.0, "page.md", page)
    }
}

#[cfg(test)]
mod tests;
