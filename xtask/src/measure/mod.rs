//! `measure`: what the library costs beside the same thing written by hand, and whether that is more than is on record.
//!
//! Counts, and no times: instructions by callgrind where valgrind is installed; allocations, bytes held and crates always. The program
//! that is run is that of `benches/`, and what is written by hand is `benches/bare`.

mod crates;
mod program;
mod row;
mod table;

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::project::today;
use program::{Program, Run};
use row::{Aim, Row, Unit};
use table::{Comparison, Table};

/// The counts on record.
const RECORD: &str = "benches/measured.json";

const CURE: &str = "if it is meant: cargo xtask measure --record";

/// What to do with the figures once they are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Show,
    Record,
    Check,
}

/// What the measuring program can run, and what it is meant to cost at most.
struct Case {
    /// For people.
    what: &'static str,
    /// For the program.
    name: &'static str,
    times: [u32; 2],
    instructions: Option<Aim>,
    allocations: Option<Aim>,
}

const CASES: [Case; 9] = [
    Case {
        what: "call, 1 in flight",
        name: "call",
        times: [200, 1200],
        instructions: Some(Aim::Ratio(1.0)),
        allocations: Some(Aim::Ours(66)),
    },
    Case {
        what: "call, 64 in flight",
        name: "calls",
        times: [640, 3840],
        instructions: Some(Aim::Ratio(1.0)),
        allocations: None,
    },
    Case {
        what: "call under a subscriber",
        name: "traced",
        times: [200, 1200],
        instructions: Some(Aim::Ratio(1.25)),
        allocations: None,
    },
    Case { what: "initiate, 1 in flight", name: "initiate", times: [200, 1200], instructions: None, allocations: None },
    Case {
        what: "status decoded",
        name: "decode",
        times: [500, 2500],
        instructions: Some(Aim::Ratio(1.1)),
        allocations: None,
    },
    Case { what: "status encoded", name: "encode", times: [500, 2500], instructions: None, allocations: None },
    Case {
        what: "webhook verified, decoded",
        name: "webhook",
        times: [500, 2500],
        instructions: Some(Aim::Ratio(1.15)),
        allocations: None,
    },
    Case { what: "sandbox started", name: "sandbox", times: [5, 25], instructions: None, allocations: None },
    Case { what: "code generated", name: "generation", times: [1, 4], instructions: None, allocations: None },
];

/// What is done much at a time, by its name for people, its name for the program, and how much.
const HELD: [(&str, &str, u32); 2] =
    [("sweep of 100,000 ids", "sweep", 100_000), ("10,000 watches", "watches", 10_000)];

/// What a user may choose to compile, and the features that it means, of ours and of what is written by hand. What each costs
/// in CPU seconds says `benches/build-cost.sh`.
const BUILDS: [(&str, &str, &str); 4] = [
    ("default features", "default", "client"),
    ("without the generator", "client,rustls", "client"),
    ("types, generated", "generate", ""),
    ("types alone", "", ""),
];

/// Measures, prints the table, and writes it to the record or compares it with that.
///
/// # Errors
/// With exit code 1 when something is worse than on record, and 2 when it cannot be measured.
pub(crate) fn measure(root: &Path, purpose: Purpose, as_json: bool) -> Result {
    let file = root.join(RECORD);
    let record = (purpose == Purpose::Check).then(|| read(&file)).transpose()?;
    let valgrind = program::valgrind();
    if valgrind.is_none() && purpose == Purpose::Record {
        return Err(Failure::not_compared("a record without instructions is none; install valgrind".into()));
    }
    let table = table(root, valgrind)?;
    let comparison = record.map(|record| table.beside(&record)).unwrap_or_default();
    let verdict = verdict(&comparison);
    if as_json {
        let exit_code = verdict.as_ref().err().map_or(0, |failure| failure.code);
        println!("{}", table.json(&comparison, exit_code));
    } else {
        print!("{}", table.text());
        let Comparison { worse, better, unmatched } = &comparison;
        [worse, better, unmatched].into_iter().flatten().for_each(|line| println!("{line}"));
    }
    if purpose == Purpose::Record {
        let written = fs::write(&file, table.record());
        written.map_err(|error| Failure::not_compared(format!("{}: {error}", file.display())))?;
    }
    verdict
}

/// Measures everything; says on the way what it is at.
fn table(root: &Path, valgrind: Option<String>) -> Result<Table> {
    say("building the measuring program; the first time, this takes minutes");
    let program = Program::start(root)?;
    let mut rows = Vec::new();
    for Case { what, name, times, instructions, allocations } in CASES {
        say(what);
        let run = |side| Run { case: name, side, times };
        let mut add = |unit, aim, [ours, bare]: [u64; 2]| {
            rows.push(Row { what: what.to_owned(), unit, ours, bare, aim });
        };
        if valgrind.is_some() {
            let counts = [program.instructions(run("ours"))?, program.instructions(run("bare"))?];
            add(Unit::Instructions, instructions, counts);
        }
        let counts = [program.allocations(run("ours"))?, program.allocations(run("bare"))?];
        add(Unit::Allocations, allocations, counts);
    }
    for (what, name, times) in HELD {
        say(what);
        let [ours, bare] = [program.bytes(name, "ours", times)?, program.bytes(name, "bare", times)?];
        rows.push(Row { what: what.to_owned(), unit: Unit::Bytes, ours, bare, aim: None });
    }
    for (what, features, by_hand) in BUILDS {
        let ours = crates::crates(root, "cashfree-vkyc", features)?;
        let bare = crates::crates(root, "cashfree-vkyc-bare", by_hand)?;
        rows.push(Row { what: what.to_owned(), unit: Unit::Crates, ours, bare, aim: None });
    }
    Ok(Table { date: today(), rustc: rustc(), valgrind, rows })
}

fn rustc() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

/// To the person who waits; what is measured goes to standard output.
fn say(what: &str) {
    eprintln!("measuring: {what}");
}

fn read(file: &Path) -> Result<Table> {
    let unreadable = |error: String| Failure::not_compared(format!("{}: {error}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))?;
    Table::read(&text).map_err(unreadable)
}

fn verdict(comparison: &Comparison) -> Result {
    match (comparison.worse.len(), comparison.unmatched.len()) {
        (0, 0) => Ok(()),
        (0, _) => Err(Failure::found(format!("{RECORD} is about other figures; {CURE}"))),
        (1, _) => Err(Failure::found(format!("1 figure is worse than on record; {CURE}"))),
        (worse, _) => Err(Failure::found(format!("{worse} figures are worse than on record; {CURE}"))),
    }
}

#[cfg(test)]
mod tests;
