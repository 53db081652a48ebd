//! What a difference means for users of the crate: a rule, its class, the semver step it asks for, and what to edit.
//!
//! | class | means | step |
//! |---|---|---|
//! | breaking | calls fail, or code no longer compiles, once the change is live or taken over | major |
//! | risky | works on, and something that was relied upon may differ | minor |
//! | compatible | nothing that worked stops working | minor if there is something to add, else patch |
//!
//! Directions matter: what a request must have is a burden, what a response promises is a gift. What no rule knows is
//! `not-understood`: risky, until a person has read it.
//!
//! | file | which rules |
//! |---|---|
//! | `presence.rs` | what came, went, moved or was renamed; values of an enum |
//! | `attribute.rs` | what is said of a thing that stays: which rules, by the kind of thing |
//! | `value.rs` | the same, of what we send and of what we get |

mod attribute;
mod presence;
mod value;

use std::fmt;

use serde_json::Value;

use super::difference::{Difference, What};
use super::place::{Kind, OPERATION};

/// How bad a difference is for users of the crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Compatible,
    Risky,
    Breaking,
}

/// The semver step that a change asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bump {
    Patch,
    Minor,
    Major,
}

/// A difference, judged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) difference: Difference,
    pub(crate) rule: &'static str,
    pub(crate) class: Class,
    pub(crate) bump: Bump,
    /// What to edit, in words.
    pub(crate) edit: &'static str,
    /// Where else the same choice shows; see [`super::grouped`].
    pub(crate) also: Vec<Difference>,
}

impl Change {
    /// Operation and place of everywhere it shows.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = std::iter::once(&self.difference).chain(&self.also);
        all.map(|difference| (difference.operation.as_str(), difference.place.as_str()))
    }
}

/// The rule about a field of an answer that is no longer there.
pub(crate) const RESPONSE_FIELD_REMOVED: &str = "response-field-removed";

type Verdict = (&'static str, Class, Bump, &'static str);

/// Calls fail, or code no longer compiles.
const fn breaking(rule: &'static str, edit: &'static str) -> Verdict {
    (rule, Class::Breaking, Bump::Major, edit)
}

/// Something that was relied upon may differ.
const fn risky(rule: &'static str, edit: &'static str) -> Verdict {
    (rule, Class::Risky, Bump::Minor, edit)
}

/// There is something to add, and nothing that worked stops working.
const fn addition(rule: &'static str, edit: &'static str) -> Verdict {
    (rule, Class::Compatible, Bump::Minor, edit)
}

const fn compatible(rule: &'static str, edit: &'static str) -> Verdict {
    (rule, Class::Compatible, Bump::Patch, edit)
}

/// What nobody has a rule for.
const NOT_UNDERSTOOD: Verdict =
    risky("not-understood", "read on the page what it means, then change the spec, or record a deviation");

/// Judges differences; the worst come first.
pub(crate) fn judge(differences: Vec<Difference>) -> Vec<Change> {
    let mut changes: Vec<Change> = differences.into_iter().map(judge_one).collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.class));
    changes
}

fn judge_one(difference: Difference) -> Change {
    let kind = Kind::of(&difference.place);
    let (rule, class, bump, edit) = match (&difference.what, difference.place.as_str()) {
        (What::Attribute(name), _) => attribute::verdict(name, kind, &difference),
        (What::Removed, OPERATION) => breaking("operation-removed", "remove the operation, and its wrapper in src/"),
        (_, OPERATION) => addition("operation-added", "add the operation"),
        (What::Removed, "deprecated") => compatible("no-longer-deprecated", "take it over, so that the two agree"),
        (_, "deprecated") => risky("deprecated", "say so in the operation's description, and plan for its end"),
        (What::ValueAdded | What::ValueRemoved, _) => presence::of_value(&difference.what, kind),
        (what, _) => presence::verdict(what, kind, &difference),
    };
    Change { difference, rule, class, bump, edit, also: Vec::new() }
}

/// Whether an attribute is true.
fn says(difference: &Difference, attribute: &str) -> bool {
    difference.attributes.get(attribute) == Some(&Value::Bool(true))
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
