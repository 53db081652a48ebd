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

mod attribute;
mod presence;

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::difference::{Difference, What};
use super::place::{Kind, OPERATION, is_of_failure, thing};

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
const NOT_UNDERSTOOD: Verdict = risky("not-understood", "read the page, then change the spec or record a deviation");

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

/// The changes, each with all the places where it shows. One choice that shows in several places is one change: our one schema of
/// errors stands under every status, and a shared parameter in every operation. Two changes are one where the rule, what was, what
/// is and the thing are the same, and they stand at the same node of our document or are of a kind that a whole API has in common.
pub(crate) fn grouped(changes: Vec<Change>) -> Vec<Change> {
    let mut found: Vec<Change> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for change in changes {
        let keys = keys(&change);
        let index = keys.iter().find_map(|key| known.get(key).copied()).unwrap_or(found.len());
        match found.get_mut(index) {
            Some(group) => group.also.push(change.difference),
            None => found.push(change),
        }
        for key in keys {
            known.entry(key).or_insert(index);
        }
    }
    found
}

/// What two changes that are one have in common, at least one of.
fn keys(change: &Change) -> Vec<String> {
    let difference = &change.difference;
    let is_name = matches!(difference.what, What::Moved | What::Renamed);
    let value = |value: &Option<Value>| match value {
        // A place, of which only the name counts.
        Some(Value::String(place)) if is_name => thing(place).to_owned(),
        Some(value) => value.to_string(),
        None => String::new(),
    };
    let (before, after) = (value(&difference.before), value(&difference.after));
    let about = [change.rule, difference.what.word(), thing(&difference.place)].join("\n");
    let same = format!("{about}\n{before}\n{after}");
    let is_common = match Kind::of(&difference.place) {
        Kind::Server | Kind::Auth => true,
        Kind::Operation => matches!(difference.what, What::Attribute(_)),
        _ => is_of_failure(&difference.place),
    };
    let common = is_common.then(|| format!("{same}\n"));
    [format!("{same}\n{}", difference.pointer)].into_iter().chain(common).collect()
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
