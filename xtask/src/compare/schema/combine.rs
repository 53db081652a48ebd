//! Schemas put together: what all say at once, and what at least one says.

use std::collections::{BTreeMap, BTreeSet};

use cashfree_vkyc_codegen::openapi::array;
use serde_json::{Map, Value};

use super::shape::{Parts, Shape, for_integers, listed, tighter};

/// The keywords that say something of values of these types only.
const ABOUT: [(&[&str], &[&str]); 4] = [
    (&["maxLength", "minLength", "pattern"], &["string"]),
    (&["maximum", "minimum", "multipleOf"], &["integer", "number"]),
    (&["maxItems", "minItems", "uniqueItems"], &["array"]),
    (&["maxProperties", "minProperties", "closed", "dependentRequired", "discriminator", "mapping"], &["object"]),
];

/// What at least one of several schemas says. What only some of them say would be lost in that, so it is kept beside it, as the
/// attribute `alternatives`: an alternative that changes must not look the same. `oneOf` and `anyOf` are one thing on the wire.
pub(super) fn either(mut shapes: Vec<Shape<'_>>) -> Option<Shape<'_>> {
    // Any other text, beside an enum of texts, says that the enum is open, and so is every enum of ours.
    if shapes.iter().any(Shape::is_enum_of_texts) {
        let nullable = shapes.iter().any(|shape| shape.nullable);
        shapes.retain(|shape| !shape.is_any_text());
        shapes.iter_mut().for_each(|shape| shape.nullable |= nullable);
    }
    shapes.iter_mut().for_each(Shape::settle);
    let said: Vec<Map<String, Value>> = shapes.iter().map(Shape::said).collect();
    // All at once: one by one, what is together already would be gone through for each that comes.
    let values: Option<Vec<Value>> = shapes.iter_mut().map(|shape| shape.attributes.remove("enum")).collect();
    let mut whole = shapes.into_iter().reduce(Shape::or)?;
    if let Some(values) = values {
        let all: Value = values.iter().flat_map(|values| array(Some(values))).cloned().collect();
        whole.attributes.insert("enum".into(), listed(&all, &Value::Array(Vec::new())));
    }
    let mut kept = whole.said();
    // The whole has the schemas of all alternatives; which one has them would be lost.
    if said.iter().any(|said| said.get(OPAQUE) != kept.get(OPAQUE)) {
        kept.remove(OPAQUE);
    }
    let mut lost: Vec<Value> = said.into_iter().filter_map(|said| lost(said, &kept)).collect();
    lost.sort_by_cached_key(Value::to_string);
    lost.dedup();
    if !lost.is_empty() {
        whole.attributes.insert("alternatives".to_owned(), lost.into());
    }
    Some(whole)
}

/// The name under which an alternative tells that it has something that is not understood.
const OPAQUE: &str = "not understood";

/// What an alternative says and the whole does not, with its type, by which one knows it.
fn lost(mut said: Map<String, Value>, kept: &Map<String, Value>) -> Option<Value> {
    let is_kept = |name: &str, value: &Value| match kept.get(name) {
        // The values of all alternatives are those of the whole.
        Some(_) if name == "enum" => true,
        other => other == Some(value),
    };
    let kind = said.remove("type").map(|kind| ("type".to_owned(), kind));
    said.retain(|name, value| !is_kept(name, value));
    (!said.is_empty()).then(|| Value::Object(said.into_iter().chain(kind).collect()))
}

impl<'a> Shape<'a> {
    /// All that it says in attributes, with what it promises and what of it is not understood.
    pub(super) fn said(&self) -> Map<String, Value> {
        let mut said = self.attributes();
        said.remove("nullable");
        // A change of a target's content is a change of its fields.
        let targets = said.get_mut("mapping").and_then(Value::as_object_mut);
        for target in targets.into_iter().flat_map(Map::values_mut) {
            *target = target.as_str().map(|target| target.split(' ').next().unwrap_or(target)).into();
        }
        let list = |names: Vec<&str>| (!names.is_empty()).then(|| Value::from(names));
        said.extend(list(self.required.iter().copied().collect()).map(|names| ("required".to_owned(), names)));
        let opaque = list(self.opaque.keys().map(String::as_str).collect());
        said.extend(opaque.map(|names| (OPAQUE.to_owned(), names)));
        said
    }

    /// Says what goes without saying: the type of values that are listed; of whole numbers, that `> 0` is `1`.
    fn settle(&mut self) {
        self.types = self.told_types();
        if self.types.len() == 1 && self.types.contains("integer") {
            for_integers(&mut self.attributes);
        }
    }

    /// Everything that both say.
    pub(super) fn and(&mut self, other: Self) {
        if self.types.is_empty() {
            self.types = other.types;
        } else if !other.types.is_empty() {
            let both: BTreeSet<_> = self.types.intersection(&other.types).cloned().collect();
            // Types that exclude each other are a mistake of the page's; show both.
            self.types = if both.is_empty() { self.types.union(&other.types).cloned().collect() } else { both };
        }
        self.nullable |= other.nullable;
        self.read_only |= other.read_only;
        self.write_only |= other.write_only;
        for (name, value) in other.attributes {
            let value = match self.attributes.get(&name) {
                Some(ours) => both(&name, ours, &value),
                None => value,
            };
            self.attributes.insert(name, value);
        }
        self.is_cut |= other.is_cut;
        for (name, parts) in other.properties {
            self.is_cut |= together(self.properties.entry(name).or_default(), parts);
        }
        self.required.extend(other.required);
        self.required_when_sent.extend(other.required_when_sent);
        self.is_cut |= together(&mut self.items, other.items);
        self.is_cut |= together(&mut self.values, other.values);
        add(&mut self.opaque, other.opaque);
        self.described_at = self.described_at.take().or(other.described_at);
        self.prose = self.prose.or(other.prose);
        self.samples.extend(other.samples);
    }

    /// What at least one says; promised is only what both promise.
    fn or(mut self, other: Self) -> Self {
        let (ours, theirs) = (self.types.clone(), other.types.clone());
        // What has no type may be anything.
        if theirs.is_empty() {
            self.types.clear();
        } else if !ours.is_empty() {
            self.types.extend(other.types);
        }
        self.nullable |= other.nullable;
        self.read_only &= other.read_only;
        self.write_only &= other.write_only;
        // The attributes in which both agree; of what only one says, that of which the other cannot be.
        let is_kept = |name: &str, value: &Value, others: &Map<String, Value>, types| match others.get(name) {
            Some(other) => other == value,
            None => is_of_other_types(name, types),
        };
        let ours_before = self.attributes.clone();
        self.attributes.retain(|name, value| is_kept(name, value, &other.attributes, &theirs));
        self.attributes.extend(other.attributes.into_iter().filter(|(k, v)| is_kept(k, v, &ours_before, &ours)));
        self.required = match (may_be(&ours, &["object"]), may_be(&theirs, &["object"])) {
            (true, true) => self.required.intersection(&other.required).copied().collect(),
            (true, false) => self.required,
            _ => other.required,
        };
        add(&mut self.properties, other.properties);
        self.items.extend(other.items);
        self.values.extend(other.values);
        self.is_cut |= other.is_cut;
        self.described_at = self.described_at.or(other.described_at);
        self.samples.extend(other.samples);
        add(&mut self.opaque, other.opaque);
        self
    }
}

/// Whether a keyword says nothing of any value of these types.
fn is_of_other_types(keyword: &str, types: &BTreeSet<String>) -> bool {
    ABOUT.iter().any(|(keywords, about)| keywords.contains(&keyword) && !may_be(types, about))
}

/// Whether what has these types may be one of those. What has no type may be anything.
fn may_be(types: &BTreeSet<String>, one_of: &[&str]) -> bool {
    types.is_empty() || types.iter().any(|name| one_of.contains(&name.as_str()))
}

/// What two values of a keyword come to that both hold: the one that allows less, or both.
fn both(name: &str, ours: &Value, theirs: &Value) -> Value {
    match name {
        _ if ours == theirs => ours.clone(),
        "enum" => {
            let theirs: BTreeSet<String> = array(Some(theirs)).map(Value::to_string).collect();
            array(Some(ours)).filter(|value| theirs.contains(&value.to_string())).cloned().collect()
        }
        _ if name.starts_with("max") || name.starts_with("min") => tighter(name, ours, theirs),
        _ => listed(ours, theirs),
    }
}

/// Takes over what the other has too.
fn add<'a, K: Ord>(ours: &mut BTreeMap<K, Parts<'a>>, theirs: BTreeMap<K, Parts<'a>>) {
    for (label, parts) in theirs {
        ours.entry(label).or_default().extend(parts);
    }
}

/// More alternatives of one place than any API has.
const MAX_PARTS: usize = 64;

/// Each alternative of the one with each of the other; whether those were too many.
fn together<'a>(ours: &mut Parts<'a>, theirs: Parts<'a>) -> bool {
    if ours.is_empty() || theirs.is_empty() {
        ours.extend(theirs);
        return false;
    }
    let is_cut = ours.len() * theirs.len() > MAX_PARTS;
    let pairs = ours.iter().flat_map(|one| theirs.iter().map(|other| [one.as_slice(), other].concat()));
    *ours = pairs.take(MAX_PARTS).collect();
    is_cut
}
