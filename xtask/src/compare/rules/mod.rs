//! The effect of a difference on users of the crate: a rule, its class, the semver bump, and the edit of our spec.
//!
//! The classes are breaking (calls fail, or code no longer compiles), risky (behaviour that users rely on may differ) and
//! compatible.
//!
//! Directions matter: a new required field breaks a request, but not a response. A difference without a rule is `not-understood`:
//! risky until a person has read it.
//!
//! | file | contents |
//! |---|---|
//! | `table.tsv`, `table.rs` | the rules |
//! | `verdict.rs` | the name of the rule for a difference |

mod table;
#[cfg(test)]
mod tests;
mod verdict;

use std::collections::BTreeMap;

use serde_json::Value;

use super::difference::{Difference, What};
use super::place::{Kind, is_of_failure, thing};
pub(crate) use table::{Bump, Class, Rule};
use table::{NOT_UNDERSTOOD, RULES};

/// A difference with its rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) difference: Difference,
    pub(crate) rule: Rule,
    /// The other places of the same change; see [`super::grouped`].
    pub(crate) also: Vec<Difference>,
}

impl Change {
    /// The difference in each place.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Difference> {
        std::iter::once(&self.difference).chain(&self.also)
    }

    /// The operation and place of each difference.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        self.all().map(|difference| (difference.operation.as_str(), difference.place.as_str()))
    }
}

/// Finds the rule of each difference; the most severe come first.
pub(crate) fn judge(differences: Vec<Difference>) -> Vec<Change> {
    let judged = differences.into_iter().map(|difference| {
        let rule = verdict::name(&difference).and_then(|name| RULES.get(name.concat().as_str()));
        let rule = *rule.unwrap_or(&NOT_UNDERSTOOD);
        Change { difference, rule, also: Vec::new() }
    });
    let mut changes: Vec<Change> = judged.collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.rule.class));
    changes
}

/// Groups changes, each with all its places. One change can show in several places: all statuses share our schema of errors, and
/// all operations share a parameter. Two changes are one if they have the same rule, old value, new value and item. They must
/// also have the same node of our document, or be of a kind that is common to a whole API.
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

/// The keys of a change. Changes with a common key are one.
fn keys(change: &Change) -> Vec<String> {
    let difference = &change.difference;
    let is_name = matches!(difference.what, What::Moved | What::Renamed);
    let value = |value: &Option<Value>| match value {
        // For a place, only the name of the item counts.
        Some(Value::String(place)) if is_name => thing(place).to_owned(),
        Some(value) => value.to_string(),
        None => String::new(),
    };
    let (before, after) = (value(&difference.before), value(&difference.after));
    let about = [change.rule.name, difference.what.word(), thing(&difference.place)].join("\n");
    let same = format!("{about}\n{before}\n{after}");
    let is_common = match Kind::of(&difference.place) {
        Kind::Server | Kind::Auth => true,
        Kind::Operation => matches!(difference.what, What::Attribute(_)),
        _ => is_of_failure(&difference.place),
    };
    let common = is_common.then(|| format!("{same}\n"));
    [format!("{same}\n{}", difference.pointer)].into_iter().chain(common).collect()
}
