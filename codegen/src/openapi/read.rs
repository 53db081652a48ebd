//! YAML text to a JSON value, with the line and column of every node.
//!
//! All others work on [`Spec::root`] and name nodes by JSON pointer; [`Spec::finding`] turns a pointer back into a place in
//! the file. Anchors and merge keys are what they stand for. Duplicate keys, anchors that explode and more
//! than one document are refused here.

use std::collections::BTreeMap;
use std::path::Path;

use saphyr::{LoadableYamlNode, MarkedYaml, Scalar, YamlData};
use serde_json::{Number, Value};

use super::{Finding, Pointer, SpecError};

/// Deeper nesting than any OpenAPI file has; a bound for the recursion.
const MAX_DEPTH: usize = 100;

/// The key by which YAML 1.1 takes the entries of another mapping over; tools that write OpenAPI still use it.
const MERGE: &str = "<<";

/// A spec as it was read: a JSON value, and where each node stood in the file.
#[derive(Clone, Debug)]
pub struct Spec {
    file: String,
    root: Value,
    places: BTreeMap<String, (usize, usize)>,
}

impl Spec {
    /// Reads the spec at `path`.
    ///
    /// # Errors
    /// When the file cannot be read, or is not one YAML mapping without duplicate keys.
    pub fn read(path: &Path) -> Result<Self, SpecError> {
        let file = path.display().to_string();
        match std::fs::read_to_string(path) {
            Ok(text) => Self::parse(&file, &text),
            Err(error) => Err(Finding {
                file,
                place: None,
                pointer: String::new(),
                message: format!("the file cannot be read: {error}"),
                cure: "check the path, and that the file is UTF-8 text".into(),
            }
            .into()),
        }
    }

    /// Reads a spec from text; `file` is what messages call it.
    ///
    /// # Errors
    /// When the text is not one YAML mapping without duplicate keys.
    pub fn parse(file: &str, text: &str) -> Result<Self, SpecError> {
        let mut spec = Self { file: file.to_owned(), root: Value::Null, places: BTreeMap::new() };
        let documents = MarkedYaml::load_from_str(text).map_err(|error| Finding {
            file: file.to_owned(),
            place: Some((error.marker().line(), error.marker().col() + 1)),
            pointer: String::new(),
            message: format!("this is not valid YAML: {}", error.info()),
            cure: "mend the YAML at this line; a key may stand only once in a mapping".into(),
        })?;
        let [document] = documents.as_slice() else {
            return Err(spec.not_one_document(documents.len()));
        };
        spec.root = spec.convert(document, &Pointer::root(), 0)?;
        match spec.root {
            Value::Object(_) => Ok(spec),
            _ => Err(spec.not_one_document(0)),
        }
    }

    /// The document.
    #[must_use]
    pub fn root(&self) -> &Value {
        &self.root
    }

    /// The node at a JSON pointer.
    #[must_use]
    pub fn at(&self, pointer: &str) -> Option<&Value> {
        self.root.pointer(pointer)
    }

    /// Line and column of the node at a JSON pointer, or of its nearest parent that has one.
    #[must_use]
    pub fn place(&self, pointer: &str) -> Option<(usize, usize)> {
        self.finding(pointer, "", "").place
    }

    /// A finding at `pointer`, with the place of that node or of its nearest parent that has one.
    pub(crate) fn finding(
        &self,
        pointer: impl AsRef<str>,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) -> Finding {
        let pointer = pointer.as_ref();
        let mut nearest = pointer;
        let place = loop {
            match (self.places.get(nearest), nearest.rfind('/')) {
                (Some(place), _) => break Some(*place),
                (None, Some(cut)) => nearest = nearest.get(..cut).unwrap_or_default(),
                (None, None) => break None,
            }
        };
        let (message, cure) = (message.into(), cure.into());
        Finding { file: self.file.clone(), place, pointer: pointer.to_owned(), message, cure }
    }

    fn not_one_document(&self, count: usize) -> SpecError {
        let message = match count {
            0 => "the file holds no OpenAPI document".to_owned(),
            n => format!("the file holds {n} YAML documents"),
        };
        self.finding("", message, "write one mapping that starts with `openapi: 3.0.3`").into()
    }

    fn convert(&mut self, node: &MarkedYaml<'_>, at: &Pointer, depth: usize) -> Result<Value, Finding> {
        let start = node.span.start;
        self.places.insert(at.to_string(), (start.line(), start.col() + 1));
        if depth > MAX_DEPTH {
            return Err(self.finding(at, "the nesting is too deep", "split the schema with `$ref`"));
        }
        match &node.data {
            YamlData::Value(scalar) => self.scalar(scalar, at),
            YamlData::Tagged(_, inner) => self.convert(inner, at, depth + 1),
            YamlData::Sequence(items) => {
                let items = items.iter().enumerate();
                items.map(|(n, item)| self.convert(item, &at.push(n), depth + 1)).collect()
            }
            YamlData::Mapping(entries) => {
                // Sorted, so that the output is the same whether or not somebody turned on serde_json's `preserve_order`.
                let mut map = BTreeMap::new();
                let mut merged = BTreeMap::new();
                for (key, value) in entries {
                    let key = self.key(key, at)?;
                    if key == MERGE {
                        merged = self.merged(value, at, depth)?;
                        continue;
                    }
                    let child = at.push(&key);
                    let value = self.convert(value, &child, depth + 1)?;
                    if map.insert(key, value).is_some() {
                        return Err(self.finding(&child.0, "this key stands twice", "keep one of the two"));
                    }
                }
                // What stands in the mapping itself goes before what is merged into it.
                merged.extend(map);
                Ok(Value::Object(merged.into_iter().collect()))
            }
            YamlData::BadValue | YamlData::Alias(_) | YamlData::Representation(..) => {
                Err(self.finding(at, "this value does not fit its YAML tag", "remove the tag or quote the value"))
            }
        }
    }

    /// What a merge key brings: the entries of a mapping, or of several, of which the earlier go before the later.
    fn merged(
        &mut self,
        node: &MarkedYaml<'_>,
        at: &Pointer,
        depth: usize,
    ) -> Result<BTreeMap<String, Value>, Finding> {
        let at = at.push(MERGE);
        let sources = match self.convert(node, &at, depth + 1)? {
            Value::Array(several) => several,
            one => vec![one],
        };
        let mut merged = BTreeMap::new();
        for source in sources.into_iter().rev() {
            let Value::Object(entries) = source else {
                let cure = "let it name mappings, as in `<<: *base`, or write the entries out";
                return Err(self.finding(&at, "a merge key merges something else than mappings", cure));
            };
            merged.extend(entries);
        }
        Ok(merged)
    }

    fn scalar(&self, scalar: &Scalar<'_>, at: &Pointer) -> Result<Value, Finding> {
        Ok(match scalar {
            Scalar::Null => Value::Null,
            Scalar::Boolean(b) => Value::Bool(*b),
            Scalar::Integer(n) => Value::from(*n),
            Scalar::FloatingPoint(x) => Number::from_f64(x.into_inner()).map(Value::Number).ok_or_else(|| {
                self.finding(at, "JSON has no such number", "quote the value, or write a finite number")
            })?,
            Scalar::String(s) => Value::String(s.to_string()),
        })
    }

    /// A mapping's key as text. Unquoted response codes (`200:`) are integers in YAML and names in OpenAPI.
    fn key(&self, key: &MarkedYaml<'_>, at: &Pointer) -> Result<String, Finding> {
        match &key.data {
            YamlData::Value(Scalar::String(s)) => Ok(s.to_string()),
            YamlData::Value(Scalar::Integer(n)) => Ok(n.to_string()),
            _ => Err(self.finding(at, "a key here is not text", "quote the key")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_texts_and_unquoted_response_codes_keep_their_json_meaning() {
        let spec = Spec::parse("s.yaml", "a: 1\nb: \"1\"\nc: [true, ~, 1.5]\n200: x\n").unwrap();
        assert_eq!(spec.root(), &serde_json::json!({"a": 1, "b": "1", "c": [true, null, 1.5], "200": "x"}));
    }

    #[test]
    fn a_finding_knows_the_line_of_its_node_or_of_the_nearest_parent() {
        let spec = Spec::parse("s.yaml", "a:\n  b/c: 1\n").unwrap();
        assert_eq!(spec.finding("/a/b~1c", "m", "c").place, Some((2, 8)));
        assert_eq!(spec.finding("/a/b~1c/missing/too", "m", "c").place, Some((2, 8)));
    }

    #[test]
    fn anchors_and_merge_keys_are_what_they_stand_for() {
        let text = "a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, y: 3}\nd:\n  <<: [{x: 7}, *a]\n  z: 4\n";
        let spec = Spec::parse("s.yaml", text).unwrap();
        assert_eq!(spec.at("/b"), spec.at("/a"));
        assert_eq!(spec.at("/c"), Some(&serde_json::json!({"x": 1, "y": 3})));
        assert_eq!(spec.at("/d"), Some(&serde_json::json!({"x": 7, "y": 2, "z": 4})));
        let error = Spec::parse("s.yaml", "a: {<<: 7}\n").unwrap_err().to_string();
        assert!(error.starts_with("s.yaml:1:9 #/a/<<: a merge key"), "{error}");
    }

    #[test]
    fn what_is_not_one_mapping_is_refused_with_place_and_cure() {
        for (text, says) in [
            ("", "holds no OpenAPI document"),
            ("# only a comment\n", "holds no OpenAPI document"),
            ("- a\n", "holds no OpenAPI document"),
            ("a: 1\n---\nb: 2\n", "holds 2 YAML documents"),
            ("a: [1\n", "not valid YAML"),
            ("a: 1\na: 2\n", "not valid YAML"),
            ("? [a]\n: 1\n", "a key here is not text"),
            ("a: .nan\n", "no such number"),
        ] {
            let error = Spec::parse("s.yaml", text).unwrap_err().to_string();
            assert!(
                error.starts_with("s.yaml") && error.contains(says) && error.contains("cure: "),
                "{text:?}: {error}"
            );
        }
    }

    #[test]
    fn endless_nesting_is_an_error_and_not_a_crash() {
        let error = Spec::parse("s.yaml", &format!("a: {}{}", "[".repeat(5000), "]".repeat(5000))).unwrap_err();
        assert!(error.to_string().contains("cure: "), "{error}");
    }
}
