//! Reads the rules from `table.tsv`: the name, the effect on users of the crate, and the edit of our spec.
//!
//! | effect | meaning | class | bump |
//! |---|---|---|---|
//! | breaking | calls fail, or code no longer compiles | breaking | major |
//! | risky | behaviour that users rely on may differ | risky | minor |
//! | addition | there is something to add; nothing that worked stops working | compatible | minor |
//! | compatible | nothing that worked stops working | compatible | patch |

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

/// The severity of a difference for users of the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Compatible,
    Risky,
    Breaking,
}

/// The semver bump that a change requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bump {
    Patch,
    Minor,
    Major,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{self:?}").to_lowercase())
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{self:?}").to_lowercase())
    }
}

/// A rule of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) class: Class,
    pub(crate) bump: Bump,
    pub(crate) edit: &'static str,
}

/// The rule for every difference without another one.
pub(super) const NOT_UNDERSTOOD: Rule = Rule {
    name: "not-understood",
    class: Class::Risky,
    bump: Bump::Minor,
    edit: "read the page, then change the spec or record a deviation",
};

pub(super) const TABLE: &str = include_str!("table.tsv");

/// The rules of the table by name.
pub(super) static RULES: LazyLock<BTreeMap<&'static str, Rule>> =
    LazyLock::new(|| TABLE.lines().filter_map(Rule::read).map(|rule| (rule.name, rule)).collect());

impl Rule {
    /// Reads a line of the table; `None` for a comment.
    fn read(line: &'static str) -> Option<Self> {
        let (name, rest) = line.split_once('\t')?;
        let (effect, edit) = rest.split_once('\t')?;
        let (class, bump) = match effect {
            "breaking" => (Class::Breaking, Bump::Major),
            "risky" => (Class::Risky, Bump::Minor),
            "addition" => (Class::Compatible, Bump::Minor),
            "compatible" => (Class::Compatible, Bump::Patch),
            _ => return None,
        };
        Some(Self { name, class, bump, edit })
    }
}
