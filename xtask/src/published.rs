//! `spec/published.yaml`: what Cashfree was last seen to publish.

use std::collections::BTreeMap;
use std::path::Path;

use cashfree_vkyc_codegen::openapi::{Spec, entries, text};
use serde_json::{Map, Value};

use crate::compare::{Item, Surface};
use crate::printed;

/// What Cashfree was last seen to publish.
#[derive(Clone, Debug, Default)]
pub(crate) struct Published {
    /// Operation → where its page is, when it was read, and the page's SHA-256.
    pub(crate) pages: BTreeMap<String, Source>,
    pub(crate) surface: Surface,
    /// State ("STATUS / SUB_STATUS") → SHA-256 of its advice.
    pub(crate) states: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Source {
    pub(crate) source: String,
    pub(crate) date: String,
    pub(crate) sha256: String,
}

const HEAD: &str = "\
# What Cashfree was last seen to publish: facts only, no prose. Written by `cargo xtask spec drift --update PAGE` and
# `cargo xtask spec states --update PAGE`; do not edit by hand. What our spec says otherwise stands in deviations.yaml.
";

impl Published {
    /// Reads the file; one that is not there is empty.
    pub(crate) fn read(file: &Path) -> Result<Self, String> {
        if !file.exists() {
            return Ok(Self::default());
        }
        let document = Spec::read(file).map_err(|error| error.to_string())?;
        let mut published = Self::default();
        for (operation, node) in entries(document.root().get("operations")) {
            let said = |key| text(node, key).unwrap_or_default().to_owned();
            let source = Source { source: said("source"), date: said("date"), sha256: said("sha256") };
            published.pages.insert(operation.to_owned(), source);
            let items = entries(node.get("facts")).map(|(place, fact)| (place.to_owned(), item(fact))).collect();
            published.surface.insert(operation.to_owned(), items);
        }
        for (state, hash) in entries(document.root().get("states")) {
            published.states.insert(state.to_owned(), hash.as_str().unwrap_or_default().to_owned());
        }
        Ok(published)
    }

    /// The file, with every value as JSON, which is YAML.
    pub(crate) fn write(&self, file: &Path) -> Result<(), String> {
        std::fs::write(file, self.text()).map_err(|error| format!("{}: {error}", file.display()))
    }

    pub(crate) fn text(&self) -> String {
        let mut out = format!("{HEAD}operations:\n");
        for (operation, items) in &self.surface {
            let Source { source, date, sha256 } = self.pages.get(operation).cloned().unwrap_or_default();
            out += &format!(
                "  {operation}:\n    source: {}\n    date: {}\n    sha256: {}\n    facts:\n",
                json(&source),
                json(&date),
                json(&sha256)
            );
            for (place, item) in items {
                let mut fact = item.attributes.clone();
                if !item.words.is_empty() {
                    let words = item.words.iter().map(|(word, print)| (word.clone(), Value::from(print.as_str())));
                    fact.insert("words".into(), Value::Object(words.collect()));
                }
                // YAML allows 1024 characters before a colon on its line.
                let place = json(place);
                let key = if place.len() > 1000 { format!("? {place}\n      ") } else { place };
                out += &format!("      {key}: {}\n", printed::yaml(&fact.into()));
            }
        }
        if !self.states.is_empty() {
            out += "states:\n";
            for (state, hash) in &self.states {
                out += &format!("  {}: {}\n", json(state), json(hash));
            }
        }
        out
    }
}

fn json(text: &str) -> String {
    printed::yaml(&text.into())
}

fn item(fact: &Value) -> Item {
    let mut attributes: Map<String, Value> = fact.as_object().cloned().unwrap_or_default();
    let words = attributes.remove("words");
    let words =
        entries(words.as_ref()).map(|(word, print)| (word.to_owned(), print.as_str().unwrap_or_default().into()));
    let words = words.collect();
    Item { attributes, words, ..Item::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harmless;
    use crate::tests::HOSTILE;

    /// What a page says may be anything, and the record of it is read again.
    #[test]
    fn whatever_a_page_says_is_read_as_it_was_written() {
        let text = format!(
            "{HOSTILE} \u{7f}\u{80}\u{9f}\u{ad}\u{200b}\u{e0041}\u{fffd}\u{ffff}\u{10ffff} \\ \" ' : # - ? \t ."
        );
        let mut published = Published::default();
        let source = Source { source: text.clone(), date: text.clone(), sha256: text.clone() };
        published.pages.insert("GET /vkyc".into(), source.clone());
        let attributes = Map::from_iter([
            ("pattern".into(), text.as_str().into()),
            (text.clone(), Value::from([text.as_str()].as_slice())),
        ]);
        let words = BTreeMap::from([(text.clone(), text.clone())]);
        let item = Item { attributes, words, ..Item::default() };
        published.surface.insert("GET /vkyc".into(), [(text.clone(), item.clone())].into());
        published.surface.get_mut("GET /vkyc").unwrap().insert("\u{7}".repeat(512), item.clone());
        published.states.insert(text.clone(), text.clone());
        let file = tempfile::NamedTempFile::new().unwrap();
        published.write(file.path()).unwrap();
        let again = Published::read(file.path()).unwrap();
        assert_eq!(again.text(), published.text());
        harmless::for_terminals(&published.text());
        assert_eq!(again.surface["GET /vkyc"][&text], item);
        assert_eq!((&again.pages["GET /vkyc"], &again.states), (&source, &published.states));
    }
}
