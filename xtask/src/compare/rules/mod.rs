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
//! | file | what it holds |
//! |---|---|
//! | `table.rs` | the rules |
//! | `verdict.rs` | the rule for a difference |

mod table;
#[cfg(test)]
mod tests;
mod verdict;

use std::collections::BTreeMap;

use serde_json::Value;

use super::difference::{Difference, What};
use super::place::{Kind, is_of_failure, thing};
use table::Rule;
pub(crate) use table::{Bump, Class};
use verdict::verdict;

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

/// Judges differences; the worst come first.
pub(crate) fn judge(differences: Vec<Difference>) -> Vec<Change> {
    let judged = differences.into_iter().map(|difference| {
        let Rule { name, class, bump, edit } = verdict(&difference);
        Change { difference, rule: name, class, bump, edit, also: Vec::new() }
    });
    let mut changes: Vec<Change> = judged.collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.class));
    changes
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
