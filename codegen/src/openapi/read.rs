//! A spec: [`Spec::root`] is the document, with JSON pointers to its nodes. [`Spec::finding`] turns a pointer into a place in the file.

use std::collections::BTreeMap;
use std::iter::successors;
use std::path::Path;

use serde_json::{Value, json};

use super::yaml::{Places, document};
use super::{Finding, Pointer, SpecError};

/// A spec: a JSON value, and the place of each node in the file.
#[derive(Clone, Debug)]
pub struct Spec {
    file: String,
    root: Value,
    places: Places,
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
            Err(error) => {
                let empty = Self { file, root: Value::Null, places: BTreeMap::new() };
                let help = "check the path, and that the file is UTF-8 text";
                Err(empty.finding("", format!("the file cannot be read: {error}"), help).into())
            }
        }
    }

    /// Reads a spec from text; `file` is its name in messages.
    ///
    /// # Errors
    /// When the text is not one YAML mapping without duplicate keys, or is nested too deep, or is too large.
    pub fn parse(file: &str, text: &str) -> Result<Self, SpecError> {
        let (root, places) = document(file, text).map_err(|finding| *finding)?;
        let spec = Self { file: file.to_owned(), root, places };
        match spec.root {
            Value::Object(_) => Ok(spec),
            _ => {
                let help = "write one mapping that starts with `openapi: 3.0.3`";
                Err(spec.finding("", "the file contains no OpenAPI document", help).into())
            }
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

    /// Moves the schema at a pointer to `components/schemas`, with the places of its nodes. `rest` replaces it.
    pub(super) fn name_schema(&mut self, at: &Pointer, name: &str, schema: Value, rest: Value) {
        if let Some(node) = self.root.pointer_mut(at.as_ref()) {
            *node = rest;
        }
        let schemas = child(&mut self.root, "components").and_then(|node| child(node, "schemas"));
        if let Some(Value::Object(schemas)) = schemas {
            schemas.insert(name.to_owned(), schema);
        }
        let to = Pointer::of(["components", "schemas", name]);
        let within = self.places.range(at.to_string()..);
        let within = within.map_while(|(pointer, place)| Some((pointer.strip_prefix(at.as_ref())?, *place)));
        let own = within.filter(|(rest, _)| rest.is_empty() || rest.starts_with('/'));
        let copied: Vec<_> = own.map(|(rest, place)| (format!("{to}{rest}"), place)).collect();
        self.places.extend(copied);
    }

    /// A finding at `pointer`, with the place of that node or of its nearest parent that has one.
    pub(crate) fn finding(
        &self,
        pointer: impl AsRef<str>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Finding {
        let pointer = pointer.as_ref();
        let mut ancestors = successors(Some(pointer), |pointer| pointer.rsplit_once('/').map(|(parent, _)| parent));
        let place = ancestors.find_map(|pointer| self.places.get(pointer)).copied();
        let (message, help) = (message.into(), help.into());
        Finding { file: self.file.clone(), place, pointer: pointer.to_owned(), message, help }
    }
}

/// The mapping under `key`, which is added if it is missing.
fn child<'a>(node: &'a mut Value, key: &str) -> Option<&'a mut Value> {
    Some(node.as_object_mut()?.entry(key).or_insert_with(|| json!({})))
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
    fn an_alias_has_the_value_of_its_anchor() {
        let spec = Spec::parse("s.yaml", "a: &a {x: &x 1, y: *x}\nb: [*a, *x]\n").unwrap();
        assert_eq!(spec.root(), &serde_json::json!({"a": {"x": 1, "y": 1}, "b": [{"x": 1, "y": 1}, 1]}));
        assert_eq!((spec.place("/b/0/x"), spec.place("/b/1")), (spec.place("/a/x"), Some((2, 9))));
    }

    #[test]
    fn merge_keys_include_the_entries_of_mappings() {
        let text = "a: &a {x: 1, y: 2}\nc: {<<: *a, y: 3}\nd:\n  <<: [{x: 7}, *a]\n  z: 4\n";
        let spec = Spec::parse("s.yaml", text).unwrap();
        assert_eq!(spec.at("/c"), Some(&serde_json::json!({"x": 1, "y": 3})));
        assert_eq!(spec.at("/d"), Some(&serde_json::json!({"x": 7, "y": 2, "z": 4})));
        let error = Spec::parse("s.yaml", "a: {<<: 7}\n").unwrap_err().to_string();
        assert!(error.starts_with("s.yaml:1:5 #/a/<<: a merge key"), "{error}");
    }

    #[test]
    fn an_invalid_file_is_refused_with_place_and_help() {
        for (text, says) in [
            ("", "contains no OpenAPI document"),
            ("# only a comment\n", "contains no OpenAPI document"),
            ("- a\n", "contains no OpenAPI document"),
            ("a: 1\n---\nb: 2\n", "contains more than one YAML document"),
            ("a: [1\n", "not valid YAML"),
            ("a: 1\na: 2\n", "this key occurs twice"),
            ("1: 1\n'1': 2\n", "this key occurs twice"),
            ("a: {<<: {b: 1}, <<: {c: 2}}\n", "this key occurs twice"),
            ("a: !!int b\n", "with a YAML tag is not supported"),
            ("a: &a [*a]\n", "the alias is inside the node that it names"),
            ("? {b: 1}\n: 1\n", "a key here is not text"),
            ("1.5: 1\n", "a key here is not text"),
            ("a: &a [1]\n? *a\n: 1\n", "a key here is not text"),
            ("? [a]\n: 1\n", "a key here is not text"),
            ("a: .nan\n", "no such number"),
        ] {
            let error = Spec::parse("s.yaml", text).unwrap_err().to_string();
            assert!(
                error.starts_with("s.yaml") && error.contains(says) && error.contains("help: "),
                "{text:?}: {error}"
            );
        }
    }
}
