//! Combines schemas: the intersection (`allOf`), and the union (`oneOf`, `anyOf`).

use std::collections::{BTreeMap, BTreeSet};

use cashfree_vkyc_codegen::openapi::array;
use serde_json::{Map, Value};

use super::shape::{Parts, Shape, for_integers, listed, tighter};

/// The keywords that apply only to values of these types.
const ABOUT: [(&[&str], &[&str]); 4] = [
    (&["maxLength", "minLength", "pattern"], &["string"]),
    (&["maximum", "minimum", "multipleOf"], &["integer", "number"]),
    (&["maxItems", "minItems", "uniqueItems"], &["array"]),
    (&["maxProperties", "minProperties", "closed", "dependentRequired", "discriminator", "mapping"], &["object"]),
];

/// The union of several schemas. The attribute `alternatives` keeps the statements of single schemas, so that a changed
/// alternative is noticed. `oneOf` and `anyOf` are the same on the wire.
pub(super) fn either(mut shapes: Vec<Shape<'_>>) -> Option<Shape<'_>> {
    // An enum of strings beside any other string is an open enum, as every enum in our spec is.
    if shapes.iter().any(Shape::is_enum_of_texts) {
        let nullable = shapes.iter().any(|shape| shape.nullable);
        shapes.retain(|shape| !shape.is_any_text());
        shapes.iter_mut().for_each(|shape| shape.nullable |= nullable);
    }
    shapes.iter_mut().for_each(Shape::settle);
    let said: Vec<Map<String, Value>> = shapes.iter().map(Shape::said).collect();
    // All at once: one by one, each step would copy the accumulated values again.
    let values: Option<Vec<Value>> = shapes.iter_mut().map(|shape| shape.attributes.remove("enum")).collect();
    let mut whole = shapes.into_iter().reduce(Shape::or)?;
    if let Some(values) = values {
        let all: Value = values.iter().flat_map(|values| array(Some(values))).cloned().collect();
        whole.attributes.insert("enum".into(), listed(&all, &Value::Array(Vec::new())));
    }
    let mut kept = whole.said();
    // The union has the schemas of all alternatives, so it cannot show which alternative has them.
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

/// The attribute of an alternative with keywords that are not understood.
const OPAQUE: &str = "not understood";

/// The statements of an alternative that the union does not keep, with its type to identify it.
fn lost(mut said: Map<String, Value>, kept: &Map<String, Value>) -> Option<Value> {
    let is_kept = |name: &str, value: &Value| match kept.get(name) {
        // The union lists the values of all alternatives.
        Some(_) if name == "enum" => true,
        other => other == Some(value),
    };
    let kind = said.remove("type").map(|kind| ("type".to_owned(), kind));
    said.retain(|name, value| !is_kept(name, value));
    (!said.is_empty()).then(|| Value::Object(said.into_iter().chain(kind).collect()))
}

impl<'a> Shape<'a> {
    /// All statements as attributes, with the required fields and the keywords that are not understood.
    pub(super) fn said(&self) -> Map<String, Value> {
        let mut said = self.attributes();
        said.remove("nullable");
        // A change in a target's content is a change of its fields.
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

    /// Adds implied statements: the type of enum values, and for integers `1` in place of `> 0`.
    fn settle(&mut self) {
        self.types = self.known_types();
        if self.types.len() == 1 && self.types.contains("integer") {
            for_integers(&mut self.attributes);
        }
    }

    /// The intersection of both schemas.
    pub(super) fn and(&mut self, other: Self) {
        if self.types.is_empty() {
            self.types = other.types;
        } else if !other.types.is_empty() {
            let both: BTreeSet<_> = self.types.intersection(&other.types).cloned().collect();
            // Types that exclude each other are a mistake of the page; keep both.
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

    /// The union of both schemas. A field is required only if both require it.
    fn or(mut self, other: Self) -> Self {
        let (ours, theirs) = (self.types.clone(), other.types.clone());
        // A schema without a type allows any type.
        if theirs.is_empty() {
            self.types.clear();
        } else if !ours.is_empty() {
            self.types.extend(other.types);
        }
        self.nullable |= other.nullable;
        self.read_only &= other.read_only;
        self.write_only &= other.write_only;
        // Keeps an attribute that both have equally. Keeps one that only one has if it cannot apply to the other's types.
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

/// Whether a keyword applies to no value of these types.
fn is_of_other_types(keyword: &str, types: &BTreeSet<String>) -> bool {
    ABOUT.iter().any(|(keywords, about)| keywords.contains(&keyword) && !may_be(types, about))
}

/// Whether a value of these types may have one of the other types. A schema without a type allows any type.
fn may_be(types: &BTreeSet<String>, one_of: &[&str]) -> bool {
    types.is_empty() || types.iter().any(|name| one_of.contains(&name.as_str()))
}

/// The intersection of two values of a keyword: the stricter one, or both.
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

/// Adds the other's entries.
fn add<'a, K: Ord>(ours: &mut BTreeMap<K, Parts<'a>>, theirs: BTreeMap<K, Parts<'a>>) {
    for (label, parts) in theirs {
        ours.entry(label).or_default().extend(parts);
    }
}

/// More alternatives in one place than any API has.
const MAX_PARTS: usize = 64;

/// Combines each alternative of one with each of the other. Returns whether there were too many.
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
