//! Where two surfaces differ, one [`Difference`] for each thing that a person would name.

use std::collections::BTreeSet;
use std::iter::successors;

use cashfree_vkyc_codegen::openapi::{Pointer, array};
use serde_json::{Map, Value, json};

use super::place::{Kind, OPERATION, parent, split};
use super::schema::keeps_targets;
use super::surface::{CHOSEN, Item, Items, Surface, header_of};
use super::{LIFECYCLE, WRAPPER};

/// One difference: what was, and what is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Difference {
    /// "GET /vkyc"
    pub(crate) operation: String,
    /// The place where it was, or is if it is new.
    pub(crate) place: String,
    pub(crate) what: What,
    pub(crate) before: Option<Value>,
    pub(crate) after: Option<Value>,
    /// The attributes before; those of what is new, where there was nothing.
    pub(crate) attributes: Map<String, Value>,
    /// Where to look in the document from before: the node itself, or the one that stands nearest.
    pub(crate) pointer: Pointer,
}

/// What kind of difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Added,
    Removed,
    /// To another place: `path verification_id`.
    Moved,
    Renamed,
    ValueAdded,
    ValueRemoved,
    /// An attribute other than the values of an enum that stays.
    Attribute(String),
}

impl Difference {
    /// Whether an attribute of its thing is true.
    pub(super) fn says(&self, attribute: &str) -> bool {
        self.attributes.get(attribute) == Some(&Value::Bool(true))
    }

    /// Whether another difference is of the same thing, from and to the same.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        *self == Self { attributes: self.attributes.clone(), pointer: self.pointer.clone(), ..other.clone() }
    }
}

impl What {
    /// The word for it in `deviations.yaml` and in reports.
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

/// The differences in the operations that both have.
pub(crate) fn compare(before: &Surface, after: &Surface) -> Vec<Difference> {
    let common = before.iter().filter_map(|(name, items)| Some((name, items, after.get(name)?)));
    common.flat_map(|(name, before, after)| Comparison { operation: name, before, after }.run()).collect()
}

/// Operations, and whatever else has a name beside them, that only one side has.
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
        // The operation as a whole has an item only if something is said of it.
        let mut found: Vec<_> = common.chain([OPERATION]).flat_map(|place| self.attributes(place, place)).collect();
        let mut removed: BTreeSet<&str> = topmost(self.before, self.after);
        let mut added: BTreeSet<&str> = topmost(self.after, self.before);
        // A header that is always sent, and is described as a parameter on one side only, is there on both.
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
        // Whether a body that could be sent before can be sent still.
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

    /// What is one thing under two names, and what else differs in it.
    fn of_pair(&self, old: &str, new: &str, what: What) -> Vec<Difference> {
        let mut found = vec![self.difference(old, what, Some(json!(old)), Some(json!(new)))];
        found.extend(self.attributes(old, new));
        // A parameter in the path is always required: that it moved there says it all.
        let required = What::Attribute("required".into());
        found.retain(|difference| !new.starts_with("path ") || difference.what != required);
        found
    }

    /// That there are alternatives of access now, or none any more, is said where something of it became optional or due.
    fn leave_out_what_is_said(&self, found: &mut Vec<Difference>) {
        let mut of_access = found.iter().filter(|difference| Kind::of(&difference.place) == Kind::Auth);
        if of_access.any(|difference| !matches!(difference.what, What::Renamed | What::Moved)) {
            let is_alternatives = |difference: &Difference| difference.what.word() == "alternatives";
            found.retain(|it| !is_alternatives(it) || (it.before.is_some() && it.after.is_some()));
        }
    }

    /// Whether a header that is always sent is described as a parameter here and as what proves who calls there.
    fn is_same_header(&self, old: &str, new: &str) -> bool {
        let is_due = |place: &str, items: &Items| {
            let has = |name| items.get(place).is_some_and(|item| item.attributes.get(name) == Some(&true.into()));
            if place.starts_with("auth ") { !has("optional") } else { has("required") }
        };
        let is_one = header_of(old) == Some(new) || header_of(new) == Some(old);
        is_one && is_due(old, self.before) && is_due(new, self.after)
    }

    /// Whether two places of one kind and parent have names that are alike, and hold the same type.
    fn is_renamed(&self, old: &str, new: &str) -> bool {
        let kind = |item: Option<&Item>| item.and_then(|item| item.attributes.get("type").cloned());
        RENAMED.contains(&Kind::of(old))
            && Kind::of(old) == Kind::of(new)
            && split(old).0 == split(new).0
            // A name that is almost the same is that name, whatever its type.
            && likeness(old, new) >= if kind(self.before.get(old)) == kind(self.after.get(new)) { ALIKE } else { THE_SAME }
    }

    /// How one thing differs, under its place before and its place after.
    fn attributes(&self, place: &str, place_after: &str) -> Vec<Difference> {
        let nothing = Item::default();
        let before = self.before.get(place).unwrap_or(&nothing);
        let after = self.after.get(place_after).unwrap_or(&nothing);
        let names: BTreeSet<&String> = before.attributes.keys().chain(after.attributes.keys()).collect();
        let tells_what_is_chosen = |items: &Items| items.values().any(|item| item.attributes.contains_key(CHOSEN));
        // New values that only a sample shows. Blanks and placeholders are none.
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
                // Anything at all may be null, whether or not that is said.
                ("nullable", ..) if is_anything(before) || is_anything(after) => {}
                // A list of servers says nothing of which one is taken.
                (CHOSEN, ..) if ![self.before, self.after].into_iter().all(tells_what_is_chosen) => {}
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

    /// The pointer of a place in the document from before, or of what would hold it; for a value, of the schema that lists it.
    fn nearest(&self, place: &str, is_value: bool) -> Pointer {
        let mut above = successors(Some(place.to_owned()), |here| parent(here));
        match above.find_map(|here| Some((self.before.get(&here)?, here))) {
            Some((Item { schema: Some(schema), .. }, here)) if is_value || here != place => schema.clone(),
            Some((item, _)) => item.pointer.clone(),
            None => operation_pointer(self.operation),
        }
    }
}

/// Where an operation stands in its document.
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

/// Stands among the attributes of a request body where another stays as it is.
pub(super) const BESIDE: &str = "beside another";

/// The kinds of things that are recognised under another name.
const RENAMED: [Kind; 6] =
    [Kind::Parameter, Kind::RequestField, Kind::ResponseField, Kind::ResponseHeader, Kind::Auth, Kind::Server];

/// How alike two names have to be to pass for one, from 0 to 1: of one type, and of two.
const ALIKE: f64 = 0.8;
const THE_SAME: f64 = 0.95;

/// Whether an item says nothing of what a value may be.
fn is_anything(item: &Item) -> bool {
    ["type", "enum"].iter().all(|said| !item.attributes.contains_key(*said))
}

fn likeness(old: &str, new: &str) -> f64 {
    let plain = |place: &str| split(place).1.replace(['_', '-'], "").to_lowercase();
    strsim::jaro_winkler(&plain(old), &plain(new))
}

/// Whether a parameter has the same name elsewhere, or a sub-status another status.
fn is_moved(old: &str, new: &str) -> bool {
    let mark = match (Kind::of(old), Kind::of(new)) {
        (Kind::Parameter, Kind::Parameter) => " ",
        (Kind::State, Kind::State) => " / ",
        _ => return false,
    };
    old.split_once(mark).zip(new.split_once(mark)).is_some_and(|(old, new)| old.0 != new.0 && old.1 == new.1)
}

/// The places that only `here` has, without those that went or came with what is above them.
fn topmost<'a>(here: &'a Items, there: &Items) -> BTreeSet<&'a str> {
    let is_only = |place: &&String| !there.contains_key(*place) && *place != OPERATION;
    let only: BTreeSet<&str> = here.keys().filter(is_only).map(String::as_str).collect();
    // What may be anything on the other side holds whatever this side describes: that it is described is told of it.
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
