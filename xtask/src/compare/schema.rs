//! What a schema comes to, once references are followed and combinations are merged.
//!
//! `allOf` is everything that its parts say; `oneOf` and `anyOf` are what at least one says, where promised is only what all
//! promise; a part that is just null makes the whole nullable, as `nullable` and `type: [x, "null"]` do.

use std::collections::{BTreeMap, BTreeSet};

use cashfree_vkyc_codegen::openapi::{LIMITS, Pointer, Spec, array, entries, is_true, text};
use serde_json::{Map, Value, json};

/// Keywords that are taken as they stand, besides the limits.
const PLAIN: [&str; 3] = ["format", "default", "uniqueItems"];

/// Deeper than any schema; a bound for the recursion.
pub(crate) const MAX_DEPTH: usize = 40;

/// What stands in one place of several schemas: alternatives, each of which is everything in it together.
pub(crate) type Parts<'a> = Vec<Vec<(&'a Value, Pointer)>>;

/// More alternatives of one place than any API has.
const MAX_PARTS: usize = 64;

/// More steps than any schema takes; a bound for references that multiply.
const MAX_STEPS: usize = 20_000;

/// What a schema comes to, once references are followed and combinations are merged.
#[derive(Clone, Default)]
pub(crate) struct Shape<'a> {
    types: BTreeSet<String>,
    pub(crate) nullable: bool,
    attributes: Map<String, Value>,
    pub(crate) properties: BTreeMap<&'a str, Parts<'a>>,
    pub(crate) required: BTreeSet<&'a str>,
    pub(crate) items: Parts<'a>,
    pub(crate) values: Parts<'a>,
    pub(crate) prose: Option<&'a str>,
    /// Where the values of the enum stand.
    pub(crate) enum_at: Option<Pointer>,
}

/// Reads the schema at a node.
pub(crate) fn shape<'a>(spec: &'a Spec, node: &'a Value, at: Pointer) -> Result<Shape<'a>, String> {
    Merge { spec, within: Vec::new(), steps: 0 }.shape(node, at)
}

/// Reads what stands in one place.
pub(crate) fn merged<'a>(spec: &'a Spec, parts: &Parts<'a>) -> Result<Shape<'a>, String> {
    let mut merge = Merge { spec, within: Vec::new(), steps: 0 };
    let mut either: Option<Shape<'a>> = None;
    for together in parts {
        let mut whole = Shape::default();
        for (node, at) in together {
            whole.and(merge.shape(node, at.clone())?);
        }
        either = Some(either.map_or_else(|| whole.clone(), |before| before.or(whole.clone())));
    }
    Ok(either.unwrap_or_default())
}

/// Follows references and merges combinations.
struct Merge<'a> {
    spec: &'a Spec,
    /// The schemas that this one stands in.
    within: Vec<Pointer>,
    steps: usize,
}

impl<'a> Merge<'a> {
    fn shape(&mut self, node: &'a Value, at: Pointer) -> Result<Shape<'a>, String> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(format!("the schema at {} multiplies without end", place(self.spec, &at)));
        }
        // What stands beside a `$ref` counts: OpenAPI 3.1 says so, and in 3.0 somebody meant it.
        let mut whole = Shape::default();
        if node.get("$ref").is_some() {
            whole.own(node, &at);
        }
        let (node, at) = follow(self.spec, node, at)?;
        if self.within.contains(&at) || self.within.len() > MAX_DEPTH {
            return Ok(whole);
        }
        self.within.push(at.clone());
        let mut target = Shape::default();
        target.own(node, &at);
        for (n, part) in array(node.get("allOf")).enumerate() {
            target.and(self.shape(part, at.push("allOf").push(n))?);
        }
        for key in ["oneOf", "anyOf"] {
            if let Some(either) = self.either(node, key, &at, &mut target)? {
                target.and(either);
            }
        }
        self.within.pop();
        whole.and(target);
        Ok(whole)
    }

    /// What at least one of several says. One that is just null makes `target` nullable.
    fn either(
        &mut self,
        node: &'a Value,
        key: &str,
        at: &Pointer,
        target: &mut Shape<'a>,
    ) -> Result<Option<Shape<'a>>, String> {
        let mut either: Option<Shape<'a>> = None;
        for (n, part) in array(node.get(key)).enumerate() {
            let part = self.shape(part, at.push(key).push(n))?;
            if part.types.is_empty() && part.nullable && part.properties.is_empty() {
                target.nullable = true;
                continue;
            }
            either = Some(match either {
                Some(before) => before.or(part),
                None => part,
            });
        }
        Ok(either)
    }
}

impl<'a> Shape<'a> {
    /// The keywords of one schema, without those that combine others.
    fn own(&mut self, node: &'a Value, at: &Pointer) {
        match node.get("type") {
            Some(Value::String(one)) => self.add_type(one),
            // YAML reads a bare `null` as null, not as its name.
            Some(Value::Array(several)) => several.iter().for_each(|one| self.add_type(one.as_str().unwrap_or("null"))),
            _ => {}
        }
        self.nullable |= is_true(node, "nullable");
        for key in PLAIN.iter().chain(&LIMITS) {
            if let Some(value) = node.get(*key).filter(|value| says_something(key, value)) {
                self.attributes.insert((*key).to_owned(), plain(value));
            }
        }
        let values = node.get("enum").and_then(Value::as_array).cloned();
        if let Some(mut values) = values.or_else(|| node.get("const").map(|value| vec![value.clone()])) {
            self.nullable |= values.iter().any(Value::is_null);
            values.retain(|value| !value.is_null());
            values.sort_by_key(Value::to_string);
            values.dedup();
            self.attributes.insert("enum".into(), values.into());
            self.enum_at = Some(at.push("enum"));
        }
        ["deprecated", "readOnly", "writeOnly"].iter().for_each(|flag| self.flag(node, flag));
        for (name, property) in entries(node.get("properties")) {
            self.properties.insert(name, vec![vec![(property, at.push("properties").push(name))]]);
        }
        self.required.extend(array(node.get("required")).filter_map(Value::as_str));
        self.items.extend(node.get("items").map(|items| vec![(items, at.push("items"))]));
        match node.get("additionalProperties") {
            Some(Value::Bool(false)) => drop(self.attributes.insert("closed".into(), true.into())),
            // Anything at all is what leaving it out means.
            Some(values) if SHAPED.iter().any(|key| values.get(key).is_some()) => {
                self.values.push(vec![(values, at.push("additionalProperties"))]);
            }
            _ => {}
        }
        if self.types.is_empty() && !self.properties.is_empty() {
            self.add_type("object");
        }
        self.prose = text(node, "description");
    }

    /// Takes over a keyword that is true or not there.
    pub(crate) fn flag(&mut self, node: &Value, name: &str) {
        if is_true(node, name) {
            self.attributes.insert(name.to_owned(), true.into());
        }
    }

    fn add_type(&mut self, name: &str) {
        match name {
            "null" => self.nullable = true,
            other => drop(self.types.insert(other.to_owned())),
        }
    }

    /// Everything that both say.
    fn and(&mut self, other: Self) {
        if self.types.is_empty() {
            self.types = other.types;
        } else if !other.types.is_empty() {
            let both: BTreeSet<_> = self.types.intersection(&other.types).cloned().collect();
            // Types that exclude each other are a mistake of the page's; show both.
            self.types = if both.is_empty() { self.types.union(&other.types).cloned().collect() } else { both };
        }
        self.nullable |= other.nullable;
        for (name, value) in other.attributes {
            let value = match self.attributes.get(&name) {
                Some(ours) => tighter(&name, ours, &value),
                None => value,
            };
            self.attributes.insert(name, value);
        }
        for (name, parts) in other.properties {
            together(self.properties.entry(name).or_default(), parts);
        }
        self.required.extend(other.required);
        together(&mut self.items, other.items);
        together(&mut self.values, other.values);
        self.enum_at = self.enum_at.take().or(other.enum_at);
        self.prose = self.prose.or(other.prose);
    }

    /// What at least one says; promised is only what both promise.
    fn or(mut self, other: Self) -> Self {
        // What has no type may be anything.
        if other.types.is_empty() {
            self.types.clear();
        } else if !self.types.is_empty() {
            self.types.extend(other.types);
        }
        self.nullable |= other.nullable;
        let both = |name: &str, value: &Value| match (name, other.attributes.get(name)) {
            ("enum", Some(more)) => {
                let mut values: Vec<_> = array(Some(value)).chain(array(Some(more))).cloned().collect();
                values.sort_by_key(Value::to_string);
                values.dedup();
                Some(Value::from(values))
            }
            (_, Some(same)) if same == value => Some(value.clone()),
            _ => None,
        };
        self.attributes = std::mem::take(&mut self.attributes)
            .into_iter()
            .filter_map(|(name, value)| both(&name, &value).map(|value| (name, value)))
            .collect();
        self.required.retain(|name| other.required.contains(name));
        for (name, parts) in other.properties {
            self.properties.entry(name).or_default().extend(parts);
        }
        self.items.extend(other.items);
        self.values.extend(other.values);
        self.enum_at = self.enum_at.or(other.enum_at);
        self
    }

    /// What is to be said of it in one place.
    pub(crate) fn attributes(&self) -> Map<String, Value> {
        let mut attributes = self.attributes.clone();
        let types: Vec<&str> = self.types.iter().map(String::as_str).collect();
        if !types.is_empty() {
            attributes.insert("type".into(), json!(types.join(" or ")));
        }
        if self.nullable {
            attributes.insert("nullable".into(), true.into());
        }
        attributes
    }
}

/// Keywords by which a schema says anything of what it describes.
const SHAPED: [&str; 6] = ["type", "$ref", "allOf", "oneOf", "anyOf", "properties"];

/// Each alternative of the one with each of the other.
fn together<'a>(ours: &mut Parts<'a>, theirs: Parts<'a>) {
    if ours.is_empty() || theirs.is_empty() {
        ours.extend(theirs);
        return;
    }
    let pairs = ours.iter().flat_map(|one| theirs.iter().map(|other| [one.as_slice(), other].concat()));
    *ours = pairs.take(MAX_PARTS).collect();
}

/// Of two values of a keyword that both hold, the one that says more.
fn tighter(name: &str, ours: &Value, theirs: &Value) -> Value {
    match (name, ours.as_f64(), theirs.as_f64()) {
        ("enum", ..) => {
            array(Some(ours)).filter(|value| array(Some(theirs)).any(|other| other == *value)).cloned().collect()
        }
        (_, Some(one), Some(other)) if name.to_lowercase().contains("max") => {
            if other < one {
                theirs.clone()
            } else {
                ours.clone()
            }
        }
        (_, Some(one), Some(other)) if name.to_lowercase().contains("min") => {
            if other > one {
                theirs.clone()
            } else {
                ours.clone()
            }
        }
        _ => theirs.clone(),
    }
}

/// Whether a keyword's value says more than leaving it out.
fn says_something(key: &str, value: &Value) -> bool {
    let is_length = ["minLength", "minItems", "minProperties"].contains(&key);
    let is_off = key != "default" && value == &Value::Bool(false);
    let is_zero = is_length && value.as_f64() == Some(0.0);
    !(value.is_null() || is_off || is_zero)
}

/// `50.0` is 50.
fn plain(value: &Value) -> Value {
    match value.as_f64() {
        #[allow(clippy::cast_possible_truncation, reason = "whole, and exactly representable")]
        Some(number) if value.is_f64() && number.fract() == 0.0 && number.abs() < 9e15 => (number as i64).into(),
        _ => value.clone(),
    }
}

/// Where a node and its pointer lead, if it is a `$ref`; an error says where the one stands that leads to nothing.
pub(crate) fn follow<'a>(spec: &'a Spec, node: &'a Value, at: Pointer) -> Result<(&'a Value, Pointer), String> {
    spec.follow(node, at).map_err(|end| format!("`$ref: {}` at {} {}", end.reference, place(spec, &end.at), end.why))
}

/// "line 12, #/components/schemas/Thing"
fn place(spec: &Spec, at: &Pointer) -> String {
    spec.place(at.as_ref()).map_or_else(|| format!("#{at}"), |(line, _)| format!("line {line}, #{at}"))
}
