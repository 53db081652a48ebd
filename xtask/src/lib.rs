//! The chores of this project's maintainers, as a library with a thin `main`.
//!
//! | command | does |
//! |---|---|
//! | `cargo xtask sync` | all of the below in order, up to the first thing that needs a person |
//! | `cargo xtask spec lint` | checks `spec/vkyc.yaml`, with the same code as the build |
//! | `cargo xtask spec drift [PAGE…]` | compares it with what Cashfree publishes |
//! | `cargo xtask spec states PAGE` | compares the lifecycle with the published tables of statuses |
//! | `cargo xtask spec diff OLD NEW` | lists the changes between two versions of our spec, for the changelog and the version |
//! | `cargo xtask spec evidence REPORT` | marks the facts that a report of `doctor` confirms, and lists what contradicts it |
//! | `cargo xtask spec keywords` | prints which keywords of OpenAPI and JSON Schema are compared, and which are not |
//! | `cargo xtask snapshots` | accepts what the generator and the tests show now |
//! | `cargo xtask public-api` | lists the public API of all published libraries |
//! | `cargo xtask measure` | counts what the library costs beside the same thing written by hand |
//! | `cargo xtask strangers [CHECK…]` | lets the tools of others use the spec and the sandbox |
//! | `cargo xtask completions [FOLDER]` | writes completions and manual pages of the command line |
//! | `cargo xtask release check` | checks that version and changelog fit what changed |
//!
//! Exit codes: 0 all is well, 1 something is to be done, 2 something could not be looked at.
//!
//! This file is the command line. The larger commands have a module each, and [`Readers`] gives two of them to the properties in `fuzz/`.
//! Modules that several commands share import no command:
//!
//! | module | holds |
//! |---|---|
//! | `project` | paths, git revisions, programs, the day and SHA-256; exit codes |
//! | `fetch` | the text of a page |
//! | `compare` | the surface of an API, where two differ, and what that means for users |
//! | `printed` | text of others, as terminals, Markdown and JSON take it |
//! | `report` | a comparison for people, programs, pull requests and the changelog |
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
    /// Run every step in order, and stop at the first that needs a person
    Sync {
        /// Pages of Cashfree's to compare with; what is on record when left out
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
    /// Write what follows from the spec and the code: generated/, documents, snapshots
    Snapshots {
        /// Change nothing, and fail when something would change
        #[arg(long)]
        check: bool,
    },
    /// Write docs/public-api.txt from the published libraries
    PublicApi {
        /// Change nothing, and fail when it would change
        #[arg(long)]
        check: bool,
    },
    /// Count instructions, allocations and crates, ours beside the same thing written by hand
    Measure(measure::Purpose),
    /// Let the tools of others use the spec and the sandbox (exit code 0 as on record, 1 differs, 2 a tool could not be had)
    Strangers {
        /// Names of checks in spec/strangers/on-record.tsv; all when left out
        checks: Vec<String>,
    },
    /// Write completions and manual pages of the command line
    Completions {
        /// Where they go
        #[arg(default_value = "target/cli")]
        folder: PathBuf,
    },
    /// Prepare a release
    #[command(subcommand)]
    Release(ReleaseTask),
}

#[derive(Debug, Subcommand)]
enum SpecTask {
    /// Say everything that is wrong with the spec, each with its place and help
    Lint {
        /// The spec; the project's own when left out
        file: Option<PathBuf>,
    },
    /// Compare the spec with what Cashfree publishes (exit code 0 same, 1 differs, 2 could not compare)
    Drift {
        /// Files, folders of them, https addresses, or `-`; what is on record when left out
        pages: Vec<String>,
        /// Write what the pages say to spec/published.yaml
        #[arg(long, requires = "pages")]
        update: bool,
    },
    /// Compare the lifecycle with the tables of statuses on a page (exit codes as of drift)
    States {
        /// A file, an https address, or `-`
        page: String,
        /// Write what the page says to spec/published.yaml
        #[arg(long)]
        update: bool,
    },
    /// Say what changed between two versions of the spec, for the changelog and the version (exit codes as of drift)
    Diff {
        /// A file or a git revision
        old: String,
        /// A file or a git revision
        new: String,
    },
    /// Mark the facts that a report of `cashfree-vkyc doctor --report` confirms as `seen`, and list what contradicts the spec (exit codes
    /// as of drift)
    Evidence {
        /// The report
        report: PathBuf,
    },
    /// Print what drift makes of each keyword of OpenAPI and JSON Schema, as Markdown
    Keywords,
}

#[derive(Debug, Subcommand)]
enum ReleaseTask {
    /// Fail when the version or the changelog does not fit what changed since the last tag
    Check,
}

/// Does what the command line asks.
///
/// # Errors
/// When the chore was not done, or a check found something.
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

/// Runs the tools of others, and keeps the exit code of the script that does.
fn strangers(root: &Path, checks: &[String]) -> Result {
    let script = file(root, "spec/strangers/run.sh");
    match Command::new(&script).args(checks).status().map(|status| status.code()) {
        Ok(Some(0)) => Ok(()),
        Ok(Some(2)) => Err(Failure::not_compared("a tool could not be had; see above".to_owned())),
        Ok(_) => Err(Failure::found("an outcome is not the one on record; see above".to_owned())),
        Err(error) => Err(Failure::not_compared(format!("{} cannot be run: {error}", script.display()))),
    }
}

/// Writes completions and manual pages to `folder`, to be packaged. An example of `cli/` does, so that these chores do not compile the
/// command line, nor the binary what writes them.
fn completions(root: &Path, folder: &Path) -> Result {
    let mut generate = project::cargo(root);
    generate.args(["run", "--quiet", "--package", "cashfree-vkyc-cli", "--example", "generate", "--"]).arg(folder);
    project::run(&mut generate, "the completions could not be written; see above")
}

/// The readers of pages, for the properties in `fuzz/`: what the commands print and record, without a terminal, a file or a process for
/// each page. They compare with the project's own files.
#[derive(Debug)]
pub struct Readers(Known);

impl Readers {
    /// Readers that compare with the project's own files.
    ///
    /// # Errors
    /// When one of those cannot be read.
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

    /// What `spec drift --update` would write of a page; `None` for one that cannot be compared.
    #[must_use]
    pub fn record(&self, page: &str) -> Option<String> {
        recorded(&self.0, "page.md", page)
    }
}

#[cfg(test)]
mod tests;
