//! The statements of one schema, and the bounds of numbers.

use std::collections::{BTreeMap, BTreeSet};

use cashfree_vkyc_codegen::openapi::{Pointer, array, entries, is_true, text};
use serde_json::{Map, Number, Value, json};

use crate::compare::keywords::{self, says_anything, whole};

/// The schemas of one place: alternatives, each a list of schemas that all apply.
pub(crate) type Parts<'a> = Vec<Vec<(&'a Value, Pointer)>>;

/// The meaning of a schema after references are followed and combinations are merged.
#[derive(Clone, Default)]
pub(crate) struct Shape<'a> {
    pub(super) types: BTreeSet<String>,
    pub(crate) nullable: bool,
    pub(super) attributes: Map<String, Value>,
    pub(crate) properties: BTreeMap<&'a str, Parts<'a>>,
    pub(crate) required: BTreeSet<&'a str>,
    /// The fields that one of our own schemas requires in requests only.
    pub(crate) required_when_sent: BTreeSet<&'a str>,
    pub(crate) items: Parts<'a>,
    pub(crate) values: Parts<'a>,
    /// The schemas under keywords that are not understood, by keyword.
    pub(crate) opaque: BTreeMap<String, Parts<'a>>,
    pub(crate) read_only: bool,
    pub(crate) write_only: bool,
    pub(crate) prose: Option<&'a str>,
    /// The samples in the schema itself.
    pub(crate) samples: Vec<&'a Value>,
    /// The first schema that lists the values or fields.
    pub(crate) described_at: Option<Pointer>,
    /// The targets of the references in this place.
    pub(crate) targets: Vec<Pointer>,
    /// Whether there were too many alternatives to keep all.
    pub(super) is_cut: bool,
}

impl<'a> Shape<'a> {
    /// The keywords of one schema, without those that combine schemas.
    pub(super) fn own(node: &'a Value, at: &Pointer) -> Self {
        let attributes = keywords::attributes(keywords::SCHEMA, node);
        let samples = node.get("example").into_iter().chain(array(node.get("examples"))).collect();
        let mut own = Self { attributes, samples, prose: text(node, "description"), ..Self::default() };
        own.attributes.extend(bounds(node).map(|(name, bound)| (name.to_owned(), bound)));
        own.attributes.extend(coding(node));
        for (label, node, at) in keywords::opaque(node, at) {
            own.opaque.entry(label).or_default().push(vec![(node, at)]);
        }
        let describes = ["enum", "const", "properties"].iter().any(|key| node.get(key).is_some());
        own.described_at = describes.then(|| at.clone());
        own.own_values(node);
        own.own_fields(node, at);
        own.own_discriminator(node);
        own
    }

    /// Reads the allowed values.
    fn own_values(&mut self, node: &Value) {
        match node.get("type") {
            Some(Value::String(one)) => self.add_type(one),
            // YAML reads a bare `null` as null, not as the name of a type.
            Some(Value::Null) => self.nullable = true,
            Some(Value::Array(several)) => several.iter().for_each(|one| self.add_type(one.as_str().unwrap_or("null"))),
            _ => {}
        }
        self.nullable |= is_true(node, "nullable");
        let values = node.get("enum").and_then(Value::as_array).cloned();
        if let Some(mut values) = values.or_else(|| node.get("const").map(|value| vec![value.clone()])) {
            self.nullable |= values.iter().any(Value::is_null);
            values.retain(|value| !value.is_null());
            values.iter_mut().for_each(|value| *value = keywords::whole(value));
            values.sort_by_cached_key(Value::to_string);
            values.dedup();
            self.attributes.insert("enum".into(), values.into());
        }
    }

    /// Reads the fields and items.
    fn own_fields(&mut self, node: &'a Value, at: &Pointer) {
        self.read_only |= is_true(node, "readOnly");
        self.write_only |= is_true(node, "writeOnly");
        for (name, property) in entries(node.get("properties")) {
            self.properties.insert(name, vec![vec![(property, at.push("properties").push(name))]]);
        }
        self.required.extend(array(node.get("required")).filter_map(Value::as_str));
        self.required_when_sent.extend(array(node.get("x-required-when-sent")).filter_map(Value::as_str));
        // An unrestricted schema means the same as an absent one.
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
        // A schema with fields describes an object, and one with items a list, with or without `type`.
        if self.types.is_empty() && !self.properties.is_empty() {
            self.add_type("object");
        } else if self.types.is_empty() && !self.items.is_empty() {
            self.add_type("array");
        }
    }

    /// Reads the discriminator, and the fields that another field requires.
    fn own_discriminator(&mut self, node: &Value) {
        if let Some(discriminator) = node.get("discriminator").filter(|node| node.is_object()) {
            self.attributes.extend(keywords::attributes(keywords::DISCRIMINATOR, discriminator));
            let name = text(discriminator, "propertyName").map(|name| ("discriminator".to_owned(), name.into()));
            self.attributes.extend(name);
        }
        let asked = entries(node.get("dependentRequired"));
        let asked = asked.map(|(field, others)| (field.to_owned(), listed(others, others)));
        let asked: Map<_, _> = asked.filter(|(_, others)| others != &json!([])).collect();
        self.attributes.extend((!asked.is_empty()).then(|| ("dependentRequired".to_owned(), asked.into())));
    }

    fn add_type(&mut self, name: &str) {
        match name {
            "null" => self.nullable = true,
            other => drop(self.types.insert(other.to_owned())),
        }
    }

    /// Whether it allows only null.
    pub(super) fn is_just_null(&self) -> bool {
        let says_nothing = self.attributes.iter().all(|(name, value)| name == "enum" && value == &json!([]));
        let holds_nothing = self.properties.is_empty() && self.items.is_empty() && self.values.is_empty();
        let is_bare = self.types.is_empty() && self.required.is_empty() && self.opaque.is_empty();
        self.nullable && says_nothing && holds_nothing && is_bare
    }

    /// Whether it allows every string and nothing else.
    pub(super) fn is_any_text(&self) -> bool {
        self.types.len() == 1 && self.types.contains("string") && self.attributes.is_empty() && self.opaque.is_empty()
    }

    /// Whether it lists strings.
    pub(super) fn is_enum_of_texts(&self) -> bool {
        self.attributes.contains_key("enum") && self.known_types().iter().eq(["string"])
    }

    /// The types; without `type`, the types of the values.
    pub(super) fn known_types(&self) -> BTreeSet<String> {
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

    /// The attributes of the schema in its place.
    pub(crate) fn attributes(&self) -> Map<String, Value> {
        let mut attributes = self.attributes.clone();
        let types = Vec::from_iter(self.known_types()).join(" or ");
        if self.nullable {
            attributes.insert("nullable".into(), true.into());
        }
        if types == "integer" {
            for_integers(&mut attributes);
        }
        if !types.is_empty() {
            attributes.insert("type".into(), types.into());
        }
        attributes
    }
}

/// The encoding of binary content in a string; OpenAPI 3.0 writes it as a format.
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
        // `byte` does not name the media type inside, only that it is binary.
        ("contentMediaType", media.filter(|_| !(is_binary || is_base64 && is_bytes))),
    ];
    attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect()
}

/// Whether a value is a schema. A value that is not one is reported at its own place.
pub(super) fn is_schema(node: &Value) -> bool {
    node.is_object() || node.is_boolean()
}

/// Two values, each single or a list, as one list.
pub(crate) fn listed(ours: &Value, theirs: &Value) -> Value {
    let each = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    let mut values = [each(ours), each(theirs)].concat();
    values.sort_by_cached_key(Value::to_string);
    values.dedup();
    values.into()
}

/// Both bounds: the keyword, its exclusive form, and the mark of an exclusive limit.
const ENDS: [(&str, &str, &str); 2] = [("minimum", "exclusiveMinimum", ">"), ("maximum", "exclusiveMaximum", "<")];

/// The attributes `minimum` and `maximum` of a schema. OpenAPI 3.0 writes `minimum: 5, exclusiveMinimum: true`, and 3.1 writes
/// `exclusiveMinimum: 5`. Both become the attribute `minimum` with the text `> 5`.
fn bounds(node: &Value) -> impl Iterator<Item = (&'static str, Value)> {
    ENDS.into_iter().filter_map(|(name, exclusive, mark)| {
        let inclusive = node.get(name).filter(|value| value.is_number()).map(whole);
        let outside = |limit: &Value| Value::from(format!("{mark} {limit}"));
        let bound = match (inclusive, node.get(exclusive)) {
            (Some(limit), Some(Value::Bool(true))) => outside(&limit),
            (Some(limit), Some(other)) if other.is_number() => tighter(name, &limit, &outside(&whole(other))),
            (None, Some(other)) if other.is_number() => outside(&whole(other)),
            (limit, _) => limit?,
        };
        Some((name, bound))
    })
}

/// The stricter of two limits.
pub(super) fn tighter(name: &str, ours: &Value, theirs: &Value) -> Value {
    if allows_less(name, ours, theirs) { theirs.clone() } else { ours.clone() }
}

/// Whether the second limit is stricter than the first. For all limits that are numbers.
pub(crate) fn allows_less(name: &str, before: &Value, after: &Value) -> bool {
    let (Some((old, was_outside)), Some((new, is_outside))) = (read(before), read(after)) else { return false };
    let goes_in = is_outside && !was_outside;
    match name.get(..3) {
        Some("max") => new < old || (new <= old && goes_in),
        Some("min") => new > old || (new >= old && goes_in),
        // A step of which the other is a multiple is less strict.
        _ => !is_whole(float(old) / float(new)),
    }
}

#[allow(clippy::cast_precision_loss, reason = "for quotients, which are compared with a tolerance")]
fn float((whole, rest): Exact) -> f64 {
    whole as f64 + rest
}

/// Treats `0.3 / 0.1` as 3.
fn is_whole(quotient: f64) -> bool {
    (quotient - quotient.round()).abs() < 1e-9 && quotient.round() != 0.0
}

/// An exact number: the integer below it, and the rest. A float cannot distinguish neighbours beyond 2^53.
type Exact = (i128, f64);

/// A limit, and whether it is exclusive.
fn read(limit: &Value) -> Option<(Exact, bool)> {
    let outside = limit.as_str().and_then(|text| text.get(2..)?.parse().ok());
    let number = outside.as_ref().or(limit.as_number())?;
    #[allow(clippy::cast_possible_truncation, reason = "saturates beyond any limit of an API")]
    let of_float = |float: f64| (float.floor() as i128, float - float.floor());
    let exact = number.as_i128().map(|whole| (whole, 0.0)).or_else(|| number.as_f64().map(of_float))?;
    Some((exact, outside.is_some()))
}

/// For integers, more than 0 is 1 or more, and each is a multiple of 1.
pub(super) fn for_integers(attributes: &mut Map<String, Value>) {
    for (name, _, mark) in ENDS {
        let Some(((floor, rest), is_outside)) = attributes.get(name).and_then(read) else { continue };
        let has_rest = i128::from(rest > 0.0);
        let inner = match (mark, is_outside) {
            (">", true) => floor + 1,
            (">", false) => floor + has_rest,
            (_, true) => floor - 1 + has_rest,
            (_, false) => floor,
        };
        if let Some(inner) = Number::from_i128(inner) {
            attributes.insert(name.to_owned(), inner.into());
        }
    }
    if attributes.get("multipleOf").and_then(Value::as_f64).is_some_and(|step| is_whole(1.0 / step)) {
        attributes.remove("multipleOf");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_notations_of_a_limit_are_equal() {
        let read = |node: Value| bounds(&node).collect::<Vec<_>>();
        for node in [
            json!({"minimum": 5, "exclusiveMinimum": true}),
            json!({"exclusiveMinimum": 5.0}),
            json!({"minimum": 4, "exclusiveMinimum": 5}),
            json!({"minimum": 5, "exclusiveMinimum": 5}),
        ] {
            assert_eq!(read(node), [("minimum", json!("> 5"))]);
        }
        assert_eq!(read(json!({"maximum": 3, "exclusiveMaximum": 4})), [("maximum", json!(3))]);
        assert_eq!(read(json!({"exclusiveMaximum": true, "exclusiveMinimum": false})), []);
        let mut whole = Map::from_iter([("minimum".to_owned(), json!("> 0")), ("maximum".to_owned(), json!("< 7.5"))]);
        for_integers(&mut whole);
        assert_eq!(Value::Object(whole), json!({"minimum": 1, "maximum": 7}));
        let limits =
            [("minimum", json!(-0.5)), ("maximum", json!("< 9223372036854775807")), ("multipleOf", json!(0.5))];
        let mut whole = limits.map(|(name, limit)| (name.to_owned(), limit)).into_iter().collect();
        for_integers(&mut whole);
        assert_eq!(Value::Object(whole), json!({"minimum": 0, "maximum": i64::MAX - 1}));
    }

    #[test]
    fn stricter_limits_are_distinguished_from_looser_ones() {
        for (name, old, new, less) in [
            ("maximum", json!(10), json!("< 10"), true),
            ("maximum", json!("< 10"), json!(10), false),
            ("maximum", json!(10), json!("< 12"), false),
            ("minimum", json!("> 1"), json!(2), true),
            ("minLength", json!(2), json!(1), false),
            ("multipleOf", json!(0.3), json!(0.1), false),
            ("multipleOf", json!(0.1), json!(0.3), true),
            ("multipleOf", json!(4), json!(6), true),
            ("maximum", json!(i64::MAX), json!(i64::MAX - 1), true),
            ("maximum", json!(i64::MAX - 1), json!(i64::MAX), false),
            ("maximum", json!(u64::MAX), json!(u64::MAX - 1), true),
            ("minimum", json!(i64::MIN), json!(i64::MIN + 1), true),
            ("maximum", json!(i64::MAX), json!("< 9223372036854775807"), true),
            ("maximum", json!(9_007_199_254_740_993_i64), json!(9_007_199_254_740_992.5), true),
        ] {
            assert_eq!(allows_less(name, &old, &new), less, "{name} {old} {new}");
        }
    }
}
