//! One choice that shows in several places is one change with its places.
//!
//! Our one schema of errors stands under every status, and a shared parameter in every operation; a page that differs from it
//! differs in one thing. Two changes are one where the rule, what was, what is and the thing are the same, and they stand
//! at the same node of our document or are of a kind that a whole API has in common.

use std::collections::BTreeMap;

use serde_json::Value;

use super::difference::What;
use super::place::{Kind, is_of_failure, thing};
use super::rules::Change;

/// The changes, each with all the places where it shows.
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
    let same = [
        change.rule,
        difference.what.word(),
        thing(&difference.place),
        &value(&difference.before),
        &value(&difference.after),
    ]
    .join("\n");
    let is_common = match Kind::of(&difference.place) {
        Kind::Server | Kind::Auth => true,
        Kind::Operation => matches!(difference.what, What::Attribute(_)),
        _ => is_of_failure(&difference.place),
    };
    let common = is_common.then(|| format!("{same}\n"));
    [format!("{same}\n{}", difference.pointer)].into_iter().chain(common).collect()
}
