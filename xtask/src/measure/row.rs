//! One figure: ours beside the same thing written by hand, and what it is meant to be at most.

use std::fmt;

/// How much worse than on record a figure may be: counts differ a little from run to run where calls overlap.
const TOLERANCE: f64 = 0.03;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Instructions,
    Allocations,
    Bytes,
    Crates,
}

/// What a figure is meant to be at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Aim {
    Ratio(f64),
    Ours(u64),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) what: String,
    pub(super) unit: Unit,
    pub(super) ours: u64,
    pub(super) bare: u64,
    pub(super) aim: Option<Aim>,
}

impl Unit {
    pub(super) const ALL: [Self; 4] = [Self::Instructions, Self::Allocations, Self::Bytes, Self::Crates];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Instructions => "instructions",
            Self::Allocations => "allocations",
            Self::Bytes => "bytes",
            Self::Crates => "crates",
        }
    }
}

impl Row {
    pub(super) fn ratio(&self) -> f64 {
        self.ours as f64 / self.bare.max(1) as f64
    }

    /// Whether it is what it is meant to be, if it is meant to be anything.
    pub(super) fn meets_aim(&self) -> Option<bool> {
        Some(match self.aim? {
            Aim::Ratio(most) => self.ratio() <= most,
            Aim::Ours(most) => self.ours <= most,
        })
    }

    pub(super) fn is_about(&self, other: &Self) -> bool {
        (&self.what, self.unit) == (&other.what, other.unit)
    }

    /// What is compared with another time. Instructions are compared as ratios: the counts themselves change with the
    /// compiler, the processor and valgrind.
    fn figure(&self) -> f64 {
        match self.unit {
            Unit::Instructions => self.ratio(),
            Unit::Allocations | Unit::Bytes | Unit::Crates => self.ours as f64,
        }
    }

    /// Whether it is worse than another time, or better, and what to say of it; nothing when it is the same, or nearly.
    pub(super) fn beside(&self, before: &Self) -> Option<(bool, String)> {
        let (now, then) = (self.figure(), before.figure());
        let worse = now > then * (1.0 + TOLERANCE);
        let better = now < then * (1.0 - TOLERANCE);
        let show = |figure: f64| match self.unit {
            Unit::Instructions => format!("ratio {figure:.3}"),
            Unit::Allocations | Unit::Bytes | Unit::Crates => figure.to_string(),
        };
        let word = if worse { "worse" } else { "better" };
        let percent = (now / then - 1.0) * 100.0;
        let text = format!("{word}: {self}: {} ({percent:+.1} %), on record {}", show(now), show(then));
        (worse || better).then_some((worse, text))
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.what, self.unit.word())
    }
}

impl fmt::Display for Aim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ratio(most) => write!(f, "ratio ≤ {most:.2}"),
            Self::Ours(most) => write!(f, "ours ≤ {most}"),
        }
    }
}
