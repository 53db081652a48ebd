//! `measure`: counts the cost of the library beside a hand-written equivalent, and compares it with the record.
//!
//! Counts, not times: instructions by callgrind if valgrind is installed; allocations, bytes held and crates always. The measured
//! program is in `benches/`, the hand-written equivalent in `benches/bare`.

mod program;
mod table;

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::project::{Failure, Result, output, today};
use program::Program;
use table::{Aim, Comparison, Row, Table, Unit};

/// The counts on record.
const RECORD: &str = "benches/measured.json";

const CURE: &str = "if this is intended: cargo xtask measure --record";

/// The sides of a case, as the program names them.
const SIDES: [&str; 2] = ["ours", "bare"];

/// The use of the figures, besides showing them.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct Purpose {
    /// Compare with the record (exit code 0 no worse, 1 more than 3 % worse, 2 could not measure)
    #[arg(long, conflicts_with = "record")]
    check: bool,
    /// Write the record, benches/measured.json
    #[arg(long)]
    record: bool,
}

/// A case of the measuring program: the display name, the program's name, a few and many repetitions, and the most that one
/// repetition should cost in instructions and in allocations.
type Case = (&'static str, &'static str, [u32; 2], Option<Aim>, Option<Aim>);

const CASES: [Case; 9] = [
    ("call, 1 in flight", "call", [200, 1200], Some(Aim::Ratio(1.0)), Some(Aim::Ours(66))),
    ("call, 64 in flight", "calls", [640, 3840], Some(Aim::Ratio(1.0)), None),
    ("call under a subscriber", "traced", [200, 1200], Some(Aim::Ratio(1.25)), None),
    ("initiate, 1 in flight", "initiate", [200, 1200], None, None),
    ("status decoded", "decode", [500, 2500], Some(Aim::Ratio(1.1)), None),
    ("status encoded", "encode", [500, 2500], None, None),
    ("webhook verified, decoded", "webhook", [500, 2500], Some(Aim::Ratio(1.15)), None),
    ("sandbox started", "sandbox", [5, 25], None, None),
    ("code generated", "generation", [1, 4], None, None),
];

/// Bulk operations: the display name, the program's name, and the amount.
const HELD: [(&str, &str, u32); 2] =
    [("sweep of 100,000 ids", "sweep", 100_000), ("10,000 watches", "watches", 10_000)];

/// A user's choice of features: the display name, our features, and those of the hand-written equivalent. `benches/build-cost.sh`
/// prints the CPU seconds of each.
const BUILDS: [(&str, &str, &str); 4] = [
    ("default features", "default", "client"),
    ("without the generator", "client,rustls", "client"),
    ("types, generated", "generate", ""),
    ("types alone", "", ""),
];

/// Measures, prints the table, and writes it to the record or compares it with the record.
///
/// # Errors
/// With exit code 1 if a figure is worse than on record, and 2 if it cannot be measured.
pub(crate) fn measure(root: &Path, purpose: &Purpose) -> Result {
    let file = root.join(RECORD);
    let record = purpose.check.then(|| read(&file)).transpose()?;
    let valgrind = version("valgrind");
    if valgrind.is_none() && purpose.record {
        return Err(Failure::not_compared("a record needs instruction counts; install valgrind".into()));
    }
    let table = table(root, valgrind)?;
    let comparison = record.map(|record| table.beside(&record)).unwrap_or_default();
    print!("{}", table.text());
    let Comparison { worse, better, unmatched } = &comparison;
    [worse, better, unmatched].into_iter().flatten().for_each(|line| println!("{line}"));
    if purpose.record {
        let written = fs::write(&file, table.record());
        written.map_err(|error| Failure::not_compared(format!("{}: {error}", file.display())))?;
    }
    verdict(&comparison)
}

/// Measures everything and prints its progress.
fn table(root: &Path, valgrind: Option<String>) -> Result<Table> {
    // Progress goes to standard error, figures to standard output.
    eprintln!("measuring: building the program; the first time, this takes minutes");
    let program = Program::start(root)?;
    let mut rows = Vec::new();
    let mut add = |what: &str, unit, aim, counts: [Result<u64>; 2]| -> Result {
        let [ours, bare] = counts;
        rows.push(Row { what: what.to_owned(), unit, ours: ours?, bare: bare?, aim });
        Ok(())
    };
    for (what, case, times, instructions, allocations) in CASES {
        eprintln!("measuring: {what}");
        let units = [(Unit::Instructions, instructions), (Unit::Allocations, allocations)];
        for (unit, aim) in units.into_iter().filter(|(unit, _)| valgrind.is_some() || *unit != Unit::Instructions) {
            add(what, unit, aim, SIDES.map(|side| program.each(unit, case, side, times)))?;
        }
    }
    for (what, case, times) in HELD {
        eprintln!("measuring: {what}");
        add(what, Unit::Bytes, None, SIDES.map(|side| program.cost(Unit::Bytes, case, side, times)))?;
    }
    for (what, features, by_hand) in BUILDS {
        let packages = [("cashfree-vkyc", features), ("cashfree-vkyc-bare", by_hand)];
        add(what, Unit::Crates, None, packages.map(|(package, features)| program::crates(root, package, features)))?;
    }
    Ok(Table { date: today(), rustc: version("rustc").unwrap_or_default(), valgrind, rows })
}

/// The version of a program, if it is installed.
fn version(program: &str) -> Option<String> {
    output(Command::new(program).arg("--version")).ok().map(|version| version.trim().to_owned())
}

fn read(file: &Path) -> Result<Table> {
    let unreadable = |error: String| Failure::not_compared(format!("{}: {error}", file.display()));
    let text = fs::read_to_string(file).map_err(|error| unreadable(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| unreadable(error.to_string()))
}

fn verdict(comparison: &Comparison) -> Result {
    match (comparison.worse.len(), comparison.unmatched.len()) {
        (0, 0) => Ok(()),
        (0, _) => Err(Failure::found(format!("{RECORD} has other figures; {CURE}"))),
        (worse, _) => Err(Failure::found(format!("worse than on record: {worse} figures; {CURE}"))),
    }
}

#[cfg(test)]
mod tests;
