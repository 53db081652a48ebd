//! All figures of one run: as a table, as JSON for programs and the record, and compared with the record.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::json;

/// The tolerated increase over the record: counts vary slightly from run to run where calls overlap.
const TOLERANCE: f64 = 0.03;

/// The unit of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Unit {
    Instructions,
    Allocations,
    Bytes,
    Crates,
}

/// The aim: the most that a figure should be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Aim {
    Ratio(f64),
    Ours(u64),
}

/// One figure: ours beside the hand-written equivalent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Row {
    pub(super) what: String,
    pub(super) unit: Unit,
    pub(super) ours: u64,
    pub(super) bare: u64,
    #[serde(skip)]
    pub(super) aim: Option<Aim>,
}

/// A run: its figures, date and tools.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Table {
    pub(super) date: String,
    pub(super) rustc: String,
    /// The version of valgrind; without it, instructions are not counted.
    pub(super) valgrind: Option<String>,
    pub(super) rows: Vec<Row>,
}

/// The differences between a table and the record.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Comparison {
    pub(super) worse: Vec<String>,
    pub(super) better: Vec<String>,
    /// Figures that only one side has.
    pub(super) unmatched: Vec<String>,
}

impl Row {
    fn ratio(&self) -> f64 {
        self.ours as f64 / self.bare.max(1) as f64
    }

    /// The aim, and whether it is missed.
    fn aim(&self) -> String {
        let (text, is_met) = match self.aim {
            None => return String::new(),
            Some(Aim::Ratio(most)) => (format!("ratio ≤ {most:.2}"), self.ratio() <= most),
            Some(Aim::Ours(most)) => (format!("ours ≤ {most}"), self.ours <= most),
        };
        if is_met { text } else { text + ", missed" }
    }

    pub(super) fn is_about(&self, other: &Self) -> bool {
        (&self.what, self.unit) == (&other.what, other.unit)
    }

    /// The figure that is compared with the record, and its name. Instructions are compared as ratios, because the counts change
    /// with the compiler, the processor and valgrind.
    fn figure(&self) -> (f64, String) {
        match self.unit {
            Unit::Instructions => (self.ratio(), format!("ratio {:.3}", self.ratio())),
            _ => (self.ours as f64, self.ours.to_string()),
        }
    }
}

impl Table {
    pub(super) fn text(&self) -> String {
        let mut out = format!("{:<42}{:>12}{:>12}{:>8}   aim\n", "", "ours", "bare", "ratio");
        for row in &self.rows {
            let (name, ours, bare) = (row.to_string(), grouped(row.ours), grouped(row.bare));
            let line = format!("{name:<42}{ours:>12}{bare:>12}{:>8.2}   {}", row.ratio(), row.aim());
            out += &format!("{}\n", line.trim_end());
        }
        let valgrind = self.valgrind.as_deref().unwrap_or("no valgrind, so no instructions");
        out + &format!("{}, {valgrind}\n", self.rustc)
    }

    /// The counts for the record, one a line.
    pub(super) fn record(&self) -> String {
        json!(self).to_string().replace(":[{", ":[\n{").replace("},{", "},\n{") + "\n"
    }

    /// Compares with the record.
    pub(super) fn beside(&self, record: &Self) -> Comparison {
        let mut comparison = Comparison::default();
        for row in &self.rows {
            let Some(before) = record.rows.iter().find(|before| row.is_about(before)) else {
                comparison.unmatched.push(format!("not on record: {row}"));
                continue;
            };
            let ((now, shown), (then, was)) = (row.figure(), before.figure());
            let text = format!("{row}: {shown} ({:+.1} %), on record {was}", (now / then - 1.0) * 100.0);
            if now > then * (1.0 + TOLERANCE) {
                comparison.worse.push(format!("worse: {text}"));
            } else if now < then * (1.0 - TOLERANCE) {
                comparison.better.push(format!("better: {text}"));
            }
        }
        for before in &record.rows {
            let counted = before.unit != Unit::Instructions || self.valgrind.is_some();
            if counted && !self.rows.iter().any(|row| row.is_about(before)) {
                comparison.unmatched.push(format!("on record, but no longer measured: {before}"));
            }
        }
        comparison
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.what, format!("{:?}", self.unit).to_lowercase())
    }
}

/// A number in groups of three digits.
fn grouped(number: u64) -> String {
    if number < 1000 { number.to_string() } else { format!("{},{:03}", grouped(number / 1000), number % 1000) }
}
