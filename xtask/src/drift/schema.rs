//! What a schema comes to, once references are followed and combinations are merged.
//!
//! `allOf` is everything that its parts say; `oneOf` and `anyOf` are what at least one says, where promised is only what all
//! promise; a part that is just null makes the whole nullable, as `nullable` and `type: [x, "null"]` do.

use std::collections::{BTreeMap, BTreeSet};

use cashfree_vkyc_codegen::Spec;
use serde_json::{Map, Value, json};

/// Keywords that limit a value.
pub(crate) const LIMITS: [&str; 12] = [
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
];

/// Keywords that are facts as they stand, besides the limits.
const PLAIN: [&str; 3] = ["format", "default", "uniqueItems"];

/// Deeper than any schema; a bound for the recursion.
pub(crate) const MAX_DEPTH: usize = 40;

/// What a schema comes to, once references are followed and combinations are merged.
#[derive(Clone, Default)]
pub(crate) struct Shape<'a> {
    types: BTreeSet<String>,
    pub(crate) nullable: bool,
    attributes: Map<String, Value>,
    pub(crate) properties: BTreeMap<&'a str, (&'a Value, String)>,
    pub(crate) required: BTreeSet<&'a str>,
    pub(crate) items: Option<(&'a Value, String)>,
    pub(crate) values: Option<(&'a Value, String)>,
    pub(crate) prose: String,
    /// Where the values of the enum stand.
    pub(crate) enum_at: Option<String>,
}

/// Follows references and merges combinations.
pub(crate) fn shape<'a>(
    spec: &'a Spec,
    node: &'a Value,
    at: String,
    within: &mut Vec<String>,
) -> Result<Shape<'a>, String> {
    let beside = text(node, "description").to_owned();
    let (node, at) = follow(spec, node, at)?;
    let mut whole = Shape::default();
    if within.contains(&at) || within.len() > MAX_DEPTH {
        return Ok(whole);
    }
    within.push(at.clone());
    whole.own(node, &at);
    for (n, part) in list(node.get("allOf")).enumerate() {
        whole.and(shape(spec, part, format!("{at}/allOf/{n}"), within)?);
    }
    for key in ["oneOf", "anyOf"] {
        let mut either: Option<Shape<'a>> = None;
        for (n, part) in list(node.get(key)).enumerate() {
            let part = shape(spec, part, format!("{at}/{key}/{n}"), within)?;
            if part.types.is_empty() && part.nullable && part.properties.is_empty() {
                whole.nullable = true;
                continue;
            }
            either = Some(match either {
                Some(before) => before.or(part),
                None => part,
            });
        }
        if let Some(either) = either {
            whole.and(either);
        }
    }
    within.pop();
    if !beside.is_empty() {
        whole.prose = beside;
    }
    Ok(whole)
}

impl<'a> Shape<'a> {
    /// The keywords of one schema, without those that combine others.
    fn own(&mut self, node: &'a Value, at: &str) {
        match node.get("type") {
            Some(Value::String(one)) => self.add_type(one),
            // YAML reads a bare `null` as null, not as its name.
            Some(Value::Array(several)) => several.iter().for_each(|one| self.add_type(one.as_str().unwrap_or("null"))),
            _ => {}
        }
        self.nullable |= node.get("nullable").and_then(Value::as_bool) == Some(true);
        for key in PLAIN.iter().chain(&LIMITS) {
            if let Some(value) = node.get(*key).filter(|value| !value.is_null()) {
                self.attributes.insert((*key).to_owned(), value.clone());
            }
        }
        let values = node.get("enum").and_then(Value::as_array).cloned();
        if let Some(mut values) = values.or_else(|| node.get("const").map(|value| vec![value.clone()])) {
            self.nullable |= values.iter().any(Value::is_null);
            values.retain(|value| !value.is_null());
            values.sort_by_key(Value::to_string);
            values.dedup();
            self.attributes.insert("enum".into(), values.into());
            self.enum_at = Some(format!("{at}/enum"));
        }
        ["deprecated", "readOnly", "writeOnly"].iter().for_each(|flag| self.flag(node, flag));
        for (name, property) in entries(node.get("properties")) {
            self.properties.insert(name, (property, format!("{at}/properties/{}", escape(name))));
        }
        self.required.extend(list(node.get("required")).filter_map(Value::as_str));
        self.items = node.get("items").map(|items| (items, format!("{at}/items")));
        match node.get("additionalProperties") {
            Some(Value::Bool(false)) => drop(self.attributes.insert("closed".into(), true.into())),
            // Anything at all is what leaving it out means.
            Some(values) if ["type", "$ref", "allOf", "oneOf", "anyOf"].iter().any(|key| values.get(key).is_some()) => {
                self.values = Some((values, format!("{at}/additionalProperties")));
            }
            _ => {}
        }
        if self.types.is_empty() && !self.properties.is_empty() {
            self.add_type("object");
        }
        self.prose = text(node, "description").to_owned();
    }

    /// Takes over a keyword that is true or not there.
    pub(crate) fn flag(&mut self, node: &Value, name: &str) {
        if node.get(name).and_then(Value::as_bool) == Some(true) {
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
        self.types.extend(other.types);
        self.nullable |= other.nullable;
        self.attributes.extend(other.attributes);
        self.properties.extend(other.properties);
        self.required.extend(other.required);
        self.items = self.items.take().or(other.items);
        self.values = self.values.take().or(other.values);
        self.enum_at = self.enum_at.take().or(other.enum_at);
        if self.prose.is_empty() {
            self.prose = other.prose;
        }
    }

    /// What at least one says; promised is only what both promise.
    fn or(mut self, other: Self) -> Self {
        self.types.extend(other.types);
        self.nullable |= other.nullable;
        let both = |name: &str, value: &Value| match (name, other.attributes.get(name)) {
            ("enum", Some(more)) => {
                let mut values: Vec<_> = list(Some(value)).chain(list(Some(more))).cloned().collect();
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
        for (name, property) in other.properties {
            self.properties.entry(name).or_insert(property);
        }
        self.items = self.items.or(other.items);
        self.values = self.values.or(other.values);
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

/// Where a node and its pointer lead, if it is a `$ref`.
pub(crate) fn follow<'a>(spec: &'a Spec, node: &'a Value, at: String) -> Result<(&'a Value, String), String> {
    let (mut node, mut at) = (node, at);
    for _ in 0..MAX_DEPTH {
        let Some(reference) = node.get("$ref") else { return Ok((node, at)) };
        let reference = reference.as_str().unwrap_or_default();
        let Some(pointer) = reference.strip_prefix('#') else {
            return Err(format!("`$ref: {reference}` at {} leads to another file", place(spec, &at)));
        };
        let Some(target) = spec.at(pointer) else {
            return Err(format!("`$ref: {reference}` at {} leads nowhere", place(spec, &at)));
        };
        (node, at) = (target, pointer.to_owned());
    }
    Err(format!("the `$ref` at {} leads back to itself", place(spec, &at)))
}

/// "line 12, #/components/schemas/Thing"
fn place(spec: &Spec, at: &str) -> String {
    spec.place(at).map_or_else(|| format!("#{at}"), |(line, _)| format!("line {line}, #{at}"))
}

pub(crate) fn entries(node: Option<&Value>) -> impl Iterator<Item = (&str, &Value)> {
    node.and_then(Value::as_object).into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

pub(crate) fn list(node: Option<&Value>) -> impl Iterator<Item = &Value> {
    node.and_then(Value::as_array).into_iter().flatten()
}

pub(crate) fn text<'a>(node: &'a Value, key: &str) -> &'a str {
    node.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// One step of a JSON pointer.
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
