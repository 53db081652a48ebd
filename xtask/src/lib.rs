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
//! | `cargo xtask measure` | what the library costs beside the same thing written by hand; `--check`: whether that is more than on record |
//! | `cargo xtask completions [FOLDER]` | completions and manual pages of the command line |
//! | `cargo xtask release` | what stands in the way of a release, and what a person does then; `check`: only whether version and changelog fit what changed |
//!
//! Exit codes: 0 all is well, 1 something is to be done, 2 something could not be looked at.
//!
//! This file is the command line and nothing else. A verb has a room of its own, and `readers` gives two of them to the
//! properties in `fuzz/`; what several need stands in rooms that know no verb:
//!
//! | room | what it holds |
//! |---|---|
//! | `project`, `failure`, `digest` | paths, cargo and the day, exit codes, SHA-256 |
//! | `fetch`, `revision` | the text of a page; the spec in a file or at a git revision |
//! | `compare` | what of an API is on the wire, where two differ, and what that means for users |
//! | `printed` | text of others, as terminals, Markdown and JSON take it |
//! | `report`, `changelog` | a comparison for people, programs and pull requests; its lines for the changelog |
//! | `published` | `spec/published.yaml` |
//! | `lifecycle` | `docs/lifecycle.md`, for `snapshots` |
//! | `public_api` | `docs/public-api.txt`, for `snapshots` and `release` |
//! | `laid_ready` | `generated/`, for `snapshots` |

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing))]

mod buildable;
mod changelog;
mod compare;
mod completions;
mod diff;
mod digest;
mod drift;
mod failure;
mod fetch;
mod laid_ready;
mod lifecycle;
mod measure;
mod printed;
mod project;
mod public_api;
mod published;
mod readers;
mod release;
mod report;
mod revision;
mod snapshots;
mod states;
mod sync;

/// How to tell that a text acts upon nobody who reads it.
#[cfg(test)]
#[allow(unreachable_pub, reason = "it is of a library of its own")]
#[path = "../../fuzz/src/harmless.rs"]
mod harmless;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use failure::{Failure, Result};
use project::{SPEC, file, root};
pub use readers::{Readers, Said};
use report::Form;

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
    /// Write what follows from the spec and the code: generated/, documents, snapshots; remove the snapshots that nobody shows
    Snapshots {
        /// Change nothing, and fail when something would change
        #[arg(long)]
        check: bool,
    },
    /// Count instructions, allocations and crates, ours beside the same thing written by hand
    Measure {
        /// Compare with the record (exit code 0 no worse, 1 more than 3 % worse, 2 could not measure)
        #[arg(long, conflicts_with = "record")]
        check: bool,
        /// Write the record, benches/measured.json
        #[arg(long)]
        record: bool,
        /// Print JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Write completions and manual pages of the command line
    Completions {
        /// Where they go
        #[arg(default_value = "target/cli")]
        folder: PathBuf,
    },
    /// Say what stands in the way of a release, and what is left for a person
    Release {
        #[command(subcommand)]
        verb: Option<ReleaseVerb>,
    },
}

#[derive(Debug, Subcommand)]
enum SpecVerb {
    /// Say everything that is wrong with the spec, each with its place and help
    Lint {
        /// The spec; the project's own when left out
        file: Option<PathBuf>,
        /// Print the findings as JSON
        #[arg(long)]
        json: bool,
    },
    /// Compare the spec with what Cashfree publishes (exit code 0 same, 1 differs, 2 could not compare)
    Drift {
        /// Files, folders of them, https addresses, or `-`; what is on record when left out
        pages: Vec<String>,
        #[command(flatten)]
        form: FormArgs,
        /// Write what the pages say to spec/published.yaml
        #[arg(long, requires = "pages")]
        update: bool,
    },
    /// Compare the lifecycle with the tables of statuses on a page (exit codes as of drift)
    States {
        /// A file, an https address, or `-`
        page: String,
        #[command(flatten)]
        form: FormArgs,
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
        Verb::Spec(SpecVerb::Lint { file: path, json }) => {
            buildable::buildable(&path.unwrap_or_else(|| file(&root, SPEC)), json)
        }
        Verb::Spec(SpecVerb::Drift { pages, form, update }) => {
            drift::drift(&root, &pages, form.form(), update, fetch::TIMEOUT)
        }
        Verb::Spec(SpecVerb::States { page, form, update }) => states::states(&root, &page, form.form(), update),
        Verb::Spec(SpecVerb::Diff { old, new, form }) => diff::diff(&root, &old, &new, form.form()),
        Verb::Snapshots { check } => snapshots::snapshots(&root, check),
        Verb::Measure { check, record, json } => {
            let purpose = match (check, record) {
                (true, _) => measure::Purpose::Check,
                (_, true) => measure::Purpose::Record,
                _ => measure::Purpose::Show,
            };
            measure::measure(&root, purpose, json)
        }
        Verb::Completions { folder } => completions::completions(&root, &folder),
        Verb::Release { verb: Some(ReleaseVerb::Check) } => release::check(&root),
        Verb::Release { verb: None } => release::checklist(&root),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERBS: [&str; 8] = ["buildable", "completions", "diff", "drift", "measure", "release", "snapshots", "states"];

    /// The command line knows the verbs, and so do `sync` and `readers`, which run them; nobody else does.
    #[test]
    fn no_room_imports_a_verb() {
        let source = root().join("xtask/src");
        for file in public_api::rust_files(&source).unwrap() {
            let room = file.strip_prefix(&source).unwrap().with_extension("");
            let room = room.iter().next().unwrap().to_str().unwrap();
            let text = std::fs::read_to_string(&file).unwrap();
            let imports = text.lines().filter(|line| line.trim().starts_with("use crate::"));
            let words = imports.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
            let verbs: Vec<_> = words.filter(|word| VERBS.contains(word) && *word != room).collect();
            assert!(
                verbs.is_empty() || ["lib", "readers", "sync"].contains(&room),
                "{} imports {verbs:?}",
                file.display()
            );
        }
    }
}
