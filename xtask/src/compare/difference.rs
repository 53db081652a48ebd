//! Compares two surfaces. Returns one [`Difference`] for each thing that a person would name.

use std::collections::BTreeSet;
use std::iter::successors;

use cashfree_vkyc_codegen::openapi::{Pointer, array};
use serde_json::{Map, Value, json};

use super::place::{Kind, OPERATION, parent, split};
use super::schema::keeps_targets;
use super::surface::{CHOSEN, Item, Items, Surface, header_of};
use super::{LIFECYCLE, WRAPPER};

/// One difference, with the values before and after.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    /// "GET /vkyc"
    pub(crate) operation: String,
    /// The place before the change; for an addition, the place after it.
    pub(crate) place: String,
    pub(crate) what: What,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
    /// The attributes before the change; for an addition, the attributes of the new item.
    pub(crate) attributes: Map<String, Value>,
    /// The node in the document before the change, or the nearest existing node.
    pub(crate) pointer: Pointer,
}

/// The kind of a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Added,
    Removed,
    /// To another place: `path verification_id`.
    Moved,
    Renamed,
    ValueAdded,
    ValueRemoved,
    /// An attribute other than the values of an enum that exists on both sides.
    Attribute(String),
}

impl Difference {
    /// Whether a boolean attribute of the item is true.
    pub(super) fn says(&self, attribute: &str) -> bool {
        self.attributes.get(attribute) == Some(&Value::Bool(true))
    }

    /// Whether another difference has the same item, old value and new value.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        *self == Self { attributes: self.attributes.clone(), pointer: self.pointer.clone(), ..other.clone() }
    }
}

impl What {
    /// The name of this kind in `deviations.yaml` and in reports.
    pub(crate) fn word(&self) -> &str {
        match self {
            Self::Added | Self::Removed => "presence",
            Self::Moved => "moved",
            Self::Renamed => "renamed",
            Self::ValueAdded | Self::ValueRemoved => "enum value",
            Self::Attribute(name) => name,
        }
    }
}

/// The differences in the operations that both surfaces have.
pub(crate) fn compare(before: &Surface, after: &Surface) -> Vec<Difference> {
    let common = before.iter().filter_map(|(name, items)| Some((name, items, after.get(name)?)));
    common.flat_map(|(name, before, after)| Comparison { operation: name, before, after }.run()).collect()
}

/// Operations and other named surfaces that only one side has.
pub(crate) fn operations(before: &BTreeSet<String>, after: &BTreeSet<String>) -> Vec<Difference> {
    let difference = |name: &String, what: What| {
        let is_new = what == What::Added;
        Difference {
            operation: name.clone(),
            place: OPERATION.into(),
            before: (!is_new).then(|| name.as_str().into()),
            after: is_new.then(|| name.as_str().into()),
            what,
            attributes: Map::new(),
            pointer: Pointer::of(["paths"]),
        }
    };
    let removed = before.difference(after).map(|name| difference(name, What::Removed));
    removed.chain(after.difference(before).map(|name| difference(name, What::Added))).collect()
}

struct Comparison<'a> {
    operation: &'a str,
    before: &'a Items,
    after: &'a Items,
}

impl Comparison<'_> {
    fn run(&self) -> Vec<Difference> {
        let is_common = |place: &&str| self.after.contains_key(*place) && *place != OPERATION;
        let common = self.before.keys().map(String::as_str).filter(is_common);
        // An operation as a whole has an item only if the document says something about it.
        let mut found: Vec<_> = common.chain([OPERATION]).flat_map(|place| self.attributes(place, place)).collect();
        let mut removed: BTreeSet<&str> = topmost(self.before, self.after);
        let mut added: BTreeSet<&str> = topmost(self.after, self.before);
        // A header that is always sent can be described as a parameter on one side only. It exists on both.
        for old in removed.clone() {
            if let Some(new) = added.iter().copied().find(|new| self.is_same_header(old, new)) {
                removed.remove(old);
                added.remove(new);
            }
        }
        for old in removed.clone() {
            let moved = || added.iter().copied().find(|new| is_moved(old, new)).map(|new| (new, What::Moved));
            let alike = || added.iter().copied().filter(|new| self.is_renamed(old, new));
            let renamed = || alike().max_by(|a, b| likeness(old, a).total_cmp(&likeness(old, b)));
            if let Some((new, what)) = moved().or_else(|| Some((renamed()?, What::Renamed))) {
                removed.remove(old);
                added.remove(new);
                found.extend(self.of_pair(old, new, what));
            }
        }
        let said = |item: Option<&Item>| item.map(|item| item.attributes.clone().into());
        found.extend(removed.iter().map(|old| self.difference(old, What::Removed, said(self.before.get(*old)), None)));
        // Whether each body that could be sent before can still be sent.
        let is_body = |place: &str| Kind::of(place) == Kind::RequestBody;
        let keeps_a_body = self.before.keys().any(|place| is_body(place) && self.after.contains_key(place));
        found.extend(added.iter().map(|new| self.difference(new, What::Added, None, said(self.after.get(*new)))));
        for difference in found.iter_mut().filter(|difference| keeps_a_body && is_body(&difference.place)) {
            difference.attributes.insert(BESIDE.into(), true.into());
        }
        self.leave_out_what_is_said(&mut found);
        found.sort_by(|a, b| a.place.cmp(&b.place));
        found
    }

    /// One item under two names: the move or renaming, and all other differences in it.
    fn of_pair(&self, old: &str, new: &str, what: What) -> Vec<Difference> {
        let mut found = vec![self.difference(old, what, Some(json!(old)), Some(json!(new)))];
        found.extend(self.attributes(old, new));
        // A path parameter is always required, so a move into the path reports no separate `required`.
        let required = What::Attribute("required".into());
        found.retain(|difference| !new.starts_with("path ") || difference.what != required);
        found
    }

    /// Drops a report that alternatives of access appeared or vanished if a proof that became optional or required already shows
    /// it.
    fn leave_out_what_is_said(&self, found: &mut Vec<Difference>) {
        let mut of_access = found.iter().filter(|difference| Kind::of(&difference.place) == Kind::Auth);
        if of_access.any(|difference| !matches!(difference.what, What::Renamed | What::Moved)) {
            let is_alternatives = |difference: &Difference| difference.what.word() == "alternatives";
            found.retain(|it| !is_alternatives(it) || (it.before.is_some() && it.after.is_some()));
        }
    }

    /// Whether a header that is always sent is a parameter on one side and an authentication scheme on the other.
    fn is_same_header(&self, old: &str, new: &str) -> bool {
        let is_due = |place: &str, items: &Items| {
            let has = |name| items.get(place).is_some_and(|item| item.attributes.get(name) == Some(&true.into()));
            if place.starts_with("auth ") { !has("optional") } else { has("required") }
        };
        let is_one = header_of(old) == Some(new) || header_of(new) == Some(old);
        is_one && is_due(old, self.before) && is_due(new, self.after)
    }

    /// Whether two places of the same kind and parent have similar names and the same type.
    fn is_renamed(&self, old: &str, new: &str) -> bool {
        let kind = |item: Option<&Item>| item.and_then(|item| item.attributes.get("type").cloned());
        RENAMED.contains(&Kind::of(old))
            && Kind::of(old) == Kind::of(new)
            && split(old).0 == split(new).0
            // A name that is almost identical counts as the same name, whatever the type.
            && likeness(old, new) >= if kind(self.before.get(old)) == kind(self.after.get(new)) { ALIKE } else { THE_SAME }
    }

    /// The differences in the attributes of one item, under its old and its new place.
    fn attributes(&self, place: &str, place_after: &str) -> Vec<Difference> {
        let nothing = Item::default();
        let before = self.before.get(place).unwrap_or(&nothing);
        let after = self.after.get(place_after).unwrap_or(&nothing);
        let names: BTreeSet<&String> = before.attributes.keys().chain(after.attributes.keys()).collect();
        let has_a_default = |items: &Items| items.values().any(|item| item.attributes.contains_key(CHOSEN));
        // New values that only a sample shows, without blanks and placeholders.
        let values: Vec<&Value> = [before, after].iter().flat_map(|item| array(item.attributes.get("enum"))).collect();
        let is_word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
        let is_new = |sample: &&String| is_word(sample) && !values.iter().any(|value| *value == sample.as_str());
        let shown = after.samples.iter().filter(is_new).filter(|_| before.attributes.contains_key("enum"));
        let mut found: Vec<_> =
            shown.map(|value| self.difference(place, What::ValueAdded, None, Some(value.as_str().into()))).collect();
        for name in names {
            let (old, new) = (before.attributes.get(name), after.attributes.get(name));
            match (name.as_str(), old, new) {
                _ if old == new => {}
                // A schema without restrictions allows null, whether or not the document says so.
                ("nullable", ..) if is_anything(before) || is_anything(after) => {}
                // A list of servers does not say which server is the default.
                (CHOSEN, ..) if ![self.before, self.after].into_iter().all(has_a_default) => {}
                ("mapping", Some(old), Some(new)) if keeps_targets(old, new) && keeps_targets(new, old) => {}
                ("enum", Some(old), Some(new)) => {
                    let lacks = |list: &Value, value: &Value| !array(Some(list)).any(|other| other == value);
                    let added = array(Some(new)).filter(|value| lacks(old, value)).cloned();
                    let removed = array(Some(old)).filter(|value| lacks(new, value)).cloned();
                    found.extend(added.map(|value| self.difference(place, What::ValueAdded, None, Some(value))));
                    found.extend(removed.map(|value| self.difference(place, What::ValueRemoved, Some(value), None)));
                }
                _ => {
                    let what = What::Attribute(name.clone());
                    found.push(self.difference(place, what, old.cloned(), new.cloned()));
                }
            }
        }
        found
    }

    fn difference(&self, place: &str, what: What, before: Option<Value>, after: Option<Value>) -> Difference {
        let item = self.before.get(place).or_else(|| self.after.get(place));
        let is_value = matches!(what, What::ValueAdded | What::ValueRemoved);
        Difference {
            operation: self.operation.to_owned(),
            place: place.to_owned(),
            what,
            before,
            after,
            attributes: item.map(|item| item.attributes.clone()).unwrap_or_default(),
            pointer: self.nearest(place, is_value),
        }
    }

    /// The pointer of a place in the old document, or of its nearest parent. For a value: the schema that lists it.
    fn nearest(&self, place: &str, is_value: bool) -> Pointer {
        let mut above = successors(Some(place.to_owned()), |here| parent(here));
        match above.find_map(|here| Some((self.before.get(&here)?, here))) {
            Some((Item { schema: Some(schema), .. }, here)) if is_value || here != place => schema.clone(),
            Some((item, _)) => item.pointer.clone(),
            None => operation_pointer(self.operation),
        }
    }
}

/// The pointer of an operation in its document.
fn operation_pointer(operation: &str) -> Pointer {
    if [LIFECYCLE, WRAPPER].contains(&operation) {
        return Pointer::of([LIFECYCLE, "rows"]);
    }
    match operation.split_once(' ') {
        Some(("webhook", name)) => Pointer::of(["x-webhooks", name, "post"]),
        Some((method, path)) => Pointer::of(["paths", path, &method.to_lowercase()]),
        None => Pointer::of(["paths"]),
    }
}

/// An attribute of a request body: another body stays unchanged beside it.
pub(super) const BESIDE: &str = "beside another";

/// The kinds of things that can be recognised after a renaming.
const RENAMED: [Kind; 6] =
    [Kind::Parameter, Kind::RequestField, Kind::ResponseField, Kind::ResponseHeader, Kind::Auth, Kind::Server];

/// The least similarity of two names, from 0 to 1, to count as a renaming: with the same type, and with different types.
const ALIKE: f64 = 0.8;
const THE_SAME: f64 = 0.95;

/// Whether an item does not restrict its value.
fn is_anything(item: &Item) -> bool {
    ["type", "enum"].iter().all(|said| !item.attributes.contains_key(*said))
}

fn likeness(old: &str, new: &str) -> f64 {
    let plain = |place: &str| split(place).1.replace(['_', '-'], "").to_lowercase();
    strsim::jaro_winkler(&plain(old), &plain(new))
}

/// Whether a parameter has the same name elsewhere, or a sub-status has another status.
fn is_moved(old: &str, new: &str) -> bool {
    let mark = match (Kind::of(old), Kind::of(new)) {
        (Kind::Parameter, Kind::Parameter) => " ",
        (Kind::State, Kind::State) => " / ",
        _ => return false,
    };
    old.split_once(mark).zip(new.split_once(mark)).is_some_and(|(old, new)| old.0 != new.0 && old.1 == new.1)
}

/// The places that only `here` has, without those whose parent was also added or removed.
fn topmost<'a>(here: &'a Items, there: &Items) -> BTreeSet<&'a str> {
    let is_only = |place: &&String| !there.contains_key(*place) && *place != OPERATION;
    let only: BTreeSet<&str> = here.keys().filter(is_only).map(String::as_str).collect();
    // A parent without restrictions on the other side already allows everything described here. The parent then carries the
    // difference.
    let is_described = |above: &str| {
        there.get(above).is_some_and(is_anything)
            && here.get(above).is_some_and(|item| item.attributes.contains_key("type"))
    };
    let has_parent = |place: &&str| {
        successors(parent(place), |above| parent(above))
            .any(|above| only.contains(above.as_str()) || is_described(&above))
    };
    only.iter().filter(|place| !has_parent(place)).copied().collect()
}
