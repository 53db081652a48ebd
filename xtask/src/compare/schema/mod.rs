//! What a schema comes to, once references are followed and combinations are merged.
//!
//! `allOf` is everything that its parts say; `oneOf` and `anyOf` are what at least one says, where promised is only what all
//! promise; a part that is just null makes the whole nullable, as `nullable` and `type: [x, "null"]` do. Which keywords are
//! understood stands in [`keywords`]; schemas under others are kept, to be told as such.
//!
//! | file | what it does |
//! |---|---|
//! | `combine.rs` | several schemas put together |
//! | `bounds.rs` | how large and how small a number may be |

mod bounds;
mod combine;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use cashfree_vkyc_codegen::openapi::{DeadEnd, Pointer, Spec, array, entries, is_true, text};
use serde_json::{Map, Value, json};

use super::keywords::{self, says_anything};
pub(super) use bounds::allows_less;
pub(super) use combine::listed;

/// The steps that may still be taken to read one operation. References, combinations and alternatives multiply what a page
/// says: a few lines may stand for more than fits into any memory.
pub(super) type Budget = Cell<usize>;

/// More steps than any operation takes.
pub(super) const MAX_STEPS: usize = 200_000;

/// Takes steps; whether there were so many left.
pub(super) fn spend(budget: &Budget, steps: usize) -> bool {
    let left = budget.get().checked_sub(steps);
    budget.set(left.unwrap_or_default());
    left.is_some()
}

/// Deeper than any schema; a bound for the recursion.
pub(crate) const MAX_DEPTH: usize = 40;

/// What stands in one place of several schemas: alternatives, each of which is everything in it together.
pub(crate) type Parts<'a> = Vec<Vec<(&'a Value, Pointer)>>;

/// More alternatives of one place than any API has.
const MAX_PARTS: usize = 64;

/// What a schema comes to, once references are followed and combinations are merged.
#[derive(Clone, Default)]
pub(crate) struct Shape<'a> {
    types: BTreeSet<String>,
    pub(crate) nullable: bool,
    attributes: Map<String, Value>,
    pub(crate) properties: BTreeMap<&'a str, Parts<'a>>,
    pub(crate) required: BTreeSet<&'a str>,
    /// What one of our own schemas requires of what is sent alone.
    pub(crate) required_when_sent: BTreeSet<&'a str>,
    pub(crate) items: Parts<'a>,
    pub(crate) values: Parts<'a>,
    /// What stands under keywords that are not understood, by keyword.
    pub(crate) opaque: BTreeMap<String, Parts<'a>>,
    /// Whether its values are those of one of our own enums, which are all open.
    is_open: bool,
    pub(crate) read_only: bool,
    pub(crate) write_only: bool,
    pub(crate) prose: Option<&'a str>,
    /// Where the values of the enum stand.
    pub(crate) enum_at: Option<Pointer>,
    /// Whether there were too many alternatives to keep them all.
    is_cut: bool,
}

/// Reads the schema at a node.
pub(super) fn shape<'a>(spec: &'a Spec, budget: &Budget, node: &'a Value, at: Pointer) -> Result<Shape<'a>, String> {
    Merge { spec, budget, within: Vec::new() }.shape(node, at)
}

/// Reads what stands in one place.
pub(super) fn merged<'a>(spec: &'a Spec, budget: &Budget, parts: &Parts<'a>) -> Result<Shape<'a>, String> {
    let mut merge = Merge { spec, budget, within: Vec::new() };
    let mut alternatives = Vec::new();
    for together in parts {
        let mut whole = Shape::default();
        for (node, at) in together {
            whole.and(merge.shape(node, at.clone())?);
        }
        alternatives.push(whole);
    }
    Ok(combine::either("alternatives", alternatives).unwrap_or_default())
}

/// Follows references and merges combinations.
struct Merge<'a, 'b> {
    spec: &'a Spec,
    budget: &'b Budget,
    /// The schemas that this one stands in.
    within: Vec<Pointer>,
}

impl<'a> Merge<'a, '_> {
    fn shape(&mut self, node: &'a Value, at: Pointer) -> Result<Shape<'a>, String> {
        if !spend(self.budget, 1 + weight(node)) {
            return Err(format!("the schema at {} multiplies without end", place(self.spec, &at)));
        }
        let depth = self.within.len();
        let (target, target_at) = follow(self.spec, node, at.clone())?;
        if self.within.contains(&target_at) {
            return Ok(Shape::default());
        }
        // What stands beside a `$ref` counts: OpenAPI 3.1 says so, and in 3.0 somebody meant it.
        let mut whole = Shape::default();
        let (mut node, mut at) = (node, at);
        while let Some(next) = step(self.spec, node, &at)? {
            if entries(Some(node)).count() > 1 {
                whole.and(self.said(node, &at)?);
            }
            (node, at) = next;
        }
        whole.and(self.said(target, &target_at)?);
        self.within.truncate(depth);
        match whole.is_cut {
            true => Err(format!("the schema at {} has too many alternatives", place(self.spec, &target_at))),
            false => Ok(whole),
        }
    }

    /// What one schema says, and those that it combines.
    fn said(&mut self, node: &'a Value, at: &Pointer) -> Result<Shape<'a>, String> {
        if self.within.len() > 2 * MAX_DEPTH {
            return Err(format!("the schema at {} is nested too deep", place(self.spec, at)));
        }
        let mut said = Shape::default();
        if self.within.contains(at) {
            return Ok(said);
        }
        self.within.push(at.clone());
        said.own(node, at);
        for (n, part) in array(node.get("allOf")).enumerate().filter(|(_, part)| is_schema(part)) {
            said.and(self.shape(part, at.push("allOf").push(n))?);
        }
        for key in ["oneOf", "anyOf"] {
            let mut alternatives = Vec::new();
            for (n, part) in array(node.get(key)).enumerate().filter(|(_, part)| is_schema(part)) {
                let part = self.shape(part, at.push(key).push(n))?;
                // One that is just null makes the whole nullable.
                if part.is_just_null() {
                    said.nullable = true;
                } else {
                    alternatives.push(part);
                }
            }
            combine::either(key, alternatives).into_iter().for_each(|either| said.and(either));
        }
        Ok(said)
    }
}

impl<'a> Shape<'a> {
    /// The keywords of one schema, without those that combine others.
    fn own(&mut self, node: &'a Value, at: &Pointer) {
        self.attributes.extend(keywords::attributes(keywords::SCHEMA, node));
        self.attributes.extend(bounds::bounds(node).map(|(name, bound)| (name.to_owned(), bound)));
        self.attributes.extend(coding(node));
        for (label, node, at) in keywords::opaque(node, at) {
            self.opaque.entry(label).or_default().push(vec![(node, at)]);
        }
        self.own_values(node, at);
        self.own_fields(node, at);
        self.own_discriminator(node);
        self.prose = text(node, "description");
    }

    /// Which values it may have.
    fn own_values(&mut self, node: &Value, at: &Pointer) {
        match node.get("type") {
            Some(Value::String(one)) => self.add_type(one),
            // YAML reads a bare `null` as null, not as its name.
            Some(Value::Null) => self.nullable = true,
            Some(Value::Array(several)) => several.iter().for_each(|one| self.add_type(one.as_str().unwrap_or("null"))),
            _ => {}
        }
        self.nullable |= is_true(node, "nullable");
        self.is_open |= is_true(node, "x-open-enum");
        let values = node.get("enum").and_then(Value::as_array).cloned();
        if let Some(mut values) = values.or_else(|| node.get("const").map(|value| vec![value.clone()])) {
            self.nullable |= values.iter().any(Value::is_null);
            values.retain(|value| !value.is_null());
            values.iter_mut().for_each(|value| *value = keywords::whole(value));
            values.sort_by_cached_key(Value::to_string);
            values.dedup();
            self.attributes.insert("enum".into(), values.into());
            self.enum_at = Some(at.push("enum"));
        }
    }

    /// What stands within it.
    fn own_fields(&mut self, node: &'a Value, at: &Pointer) {
        self.read_only |= is_true(node, "readOnly");
        self.write_only |= is_true(node, "writeOnly");
        for (name, property) in entries(node.get("properties")) {
            self.properties.insert(name, vec![vec![(property, at.push("properties").push(name))]]);
        }
        self.required.extend(array(node.get("required")).filter_map(Value::as_str));
        self.required_when_sent.extend(array(node.get("x-required-when-sent")).filter_map(Value::as_str));
        // Anything at all is what leaving these out means.
        let shaped = |key: &str| node.get(key).filter(|value| is_schema(value) && says_anything(value));
        self.items.extend(shaped("items").map(|items| vec![(items, at.push("items"))]));
        for key in ["additionalProperties", "unevaluatedProperties"] {
            match shaped(key) {
                Some(Value::Bool(false)) => drop(self.attributes.insert("closed".into(), true.into())),
                Some(values) if key == "additionalProperties" => self.values.push(vec![(values, at.push(key))]),
                Some(values) => self.opaque.entry(key.into()).or_default().push(vec![(values, at.push(key))]),
                None => {}
            }
        }
        // What has fields is an object, and what has items a list, said or not.
        if self.types.is_empty() && !self.properties.is_empty() {
            self.add_type("object");
        } else if self.types.is_empty() && !self.items.is_empty() {
            self.add_type("array");
        }
    }

    /// By which field alternatives are told apart, which other fields a field asks for.
    fn own_discriminator(&mut self, node: &Value) {
        if let Some(discriminator) = node.get("discriminator").filter(|node| node.is_object()) {
            self.attributes.extend(keywords::attributes(keywords::DISCRIMINATOR, discriminator));
            let name = text(discriminator, "propertyName").map(|name| ("discriminator".to_owned(), name.into()));
            self.attributes.extend(name);
            let last = |target: &Value| target.as_str().unwrap_or_default().rsplit('/').next().map(Value::from);
            let mapping = entries(discriminator.get("mapping"));
            self.say_map(
                "mapping",
                mapping.filter_map(|(value, target)| Some((value.into(), last(target)?))).collect(),
            );
        }
        let asked = entries(node.get("dependentRequired"));
        let asked = asked.map(|(field, others)| (field.to_owned(), combine::listed(others, others)));
        self.say_map("dependentRequired", asked.filter(|(_, others)| others != &json!([])).collect());
    }

    fn say_map(&mut self, name: &str, map: Map<String, Value>) {
        if !map.is_empty() {
            self.attributes.insert(name.to_owned(), map.into());
        }
    }

    fn add_type(&mut self, name: &str) {
        match name {
            "null" => self.nullable = true,
            other => drop(self.types.insert(other.to_owned())),
        }
    }

    /// Whether null is all that it may be.
    fn is_just_null(&self) -> bool {
        let says_nothing = self.attributes.iter().all(|(name, value)| name == "enum" && value == &json!([]));
        let holds_nothing = self.properties.is_empty() && self.items.is_empty() && self.values.is_empty();
        let is_bare = self.types.is_empty() && self.required.is_empty() && self.opaque.is_empty();
        self.nullable && says_nothing && holds_nothing && is_bare
    }

    /// Whether any text is all that it may be.
    fn is_any_text(&self) -> bool {
        self.types.len() == 1 && self.types.contains("string") && self.attributes.is_empty() && self.opaque.is_empty()
    }

    /// The types; those of its values, where it is not said.
    fn told_types(&self) -> BTreeSet<String> {
        let of_value = |value: &Value| match value {
            Value::String(_) => "string",
            Value::Bool(_) => "boolean",
            Value::Number(number) if number.is_f64() => "number",
            Value::Number(_) => "integer",
            Value::Array(_) => "array",
            _ => "object",
        };
        let of_values = || array(self.attributes.get("enum")).map(|value| of_value(value).to_owned()).collect();
        if self.types.is_empty() { of_values() } else { self.types.clone() }
    }

    /// What is to be said of it in one place.
    pub(crate) fn attributes(&self) -> Map<String, Value> {
        let mut attributes = self.attributes.clone();
        let types = self.told_types();
        let types: Vec<&str> = types.iter().map(String::as_str).collect();
        if !types.is_empty() {
            attributes.insert("type".into(), json!(types.join(" or ")));
        }
        if self.nullable {
            attributes.insert("nullable".into(), true.into());
        }
        if types == ["integer"] {
            bounds::for_integers(&mut attributes);
        }
        attributes
    }
}

/// How a text holds what is no text: 3.0 calls it a format.
fn coding(node: &Value) -> Map<String, Value> {
    let said = |key| text(node, key).map(str::to_lowercase);
    let (format, encoding, media) = (text(node, "format"), said("contentEncoding"), said("contentMediaType"));
    let is_base64 = encoding.as_deref() == Some("base64");
    let is_bytes = media.as_deref() == Some("application/octet-stream");
    let is_byte = is_base64 && matches!(format, None | Some("byte"));
    let is_binary = is_bytes && encoding.is_none() && matches!(format, None | Some("binary"));
    let format = if is_byte { Some("byte") } else { format.or(is_binary.then_some("binary")) };
    let attributes = [
        ("format", format.map(str::to_owned)),
        ("contentEncoding", encoding.filter(|_| !is_byte)),
        // What is inside is not said by `byte`; that it is bytes is.
        ("contentMediaType", media.filter(|_| !(is_binary || is_base64 && is_bytes))),
    ];
    attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect()
}

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

/// What stands in a schema itself, and is copied wherever that is referred to.
fn weight(node: &Value) -> usize {
    let length = |value: &Value| value.as_array().map(Vec::len).or_else(|| value.as_object().map(Map::len));
    entries(Some(node)).filter_map(|(_, value)| length(value)).sum()
}

/// What is none is told as such where it stands.
fn is_schema(node: &Value) -> bool {
    node.is_object() || node.is_boolean()
}

/// Where one `$ref` leads, if the node is one.
pub(crate) fn step<'a>(spec: &'a Spec, node: &'a Value, at: &Pointer) -> Result<Option<(&'a Value, Pointer)>, String> {
    spec.step(node, at).map_err(|end| dead_end(spec, &end))
}

/// Where a node and its pointer lead, if it is a `$ref`; an error says where the one stands that leads to nothing.
pub(crate) fn follow<'a>(spec: &'a Spec, node: &'a Value, at: Pointer) -> Result<(&'a Value, Pointer), String> {
    spec.follow(node, at).map_err(|end| dead_end(spec, &end))
}

fn dead_end(spec: &Spec, end: &DeadEnd<'_>) -> String {
    format!("`$ref: {}` at {} {}", end.reference, place(spec, &end.at), end.why)
}

/// "line 12, #/components/schemas/Thing"
fn place(spec: &Spec, at: &Pointer) -> String {
    spec.place(at.as_ref()).map_or_else(|| format!("#{at}"), |(line, _)| format!("line {line}, #{at}"))
}
