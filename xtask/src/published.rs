//! `spec/published.yaml`: the record of Cashfree's pages as last seen.

use std::collections::BTreeMap;
use std::path::Path;

use cashfree_vkyc_codegen::openapi::{Spec, entries};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::compare::{Items, Surface};
use crate::printed;
use crate::project::{PUBLISHED, Result};
use crate::report::Form;

/// The record of Cashfree's pages as last seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Published {
    /// Operation → the page's address, the date of reading, and the page's SHA-256.
    pub(crate) pages: BTreeMap<String, Source>,
    pub(crate) surface: Surface,
    /// State ("STATUS / SUB_STATUS") → SHA-256 of its advice.
    pub(crate) states: BTreeMap<String, String>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Source {
    pub(crate) source: String,
    pub(crate) date: String,
    pub(crate) sha256: String,
}

const HEAD: &str = "\
# Cashfree's pages as last seen: facts only, no prose. Written by `cargo xtask spec drift --update PAGE` and
# `cargo xtask spec states --update PAGE`; do not edit by hand. Differences from our spec are in deviations.yaml.
";

impl Published {
    /// Reads the file; a missing file is empty.
    pub(crate) fn read(file: &Path) -> std::result::Result<Self, String> {
        if !file.exists() {
            return Ok(Self::default());
        }
        let document = Spec::read(file).map_err(|error| error.to_string())?;
        let unreadable = |error| format!("{}: {error}", file.display());
        let mut published = Self::default();
        for (name, operation) in entries(document.root().get("operations")) {
            published.pages.insert(name.to_owned(), Source::deserialize(operation).map_err(unreadable)?);
            let facts = Items::deserialize(operation.get("facts").unwrap_or(&Value::Null)).map_err(unreadable)?;
            published.surface.insert(name.to_owned(), facts);
        }
        let states = document.root().get("states").map(BTreeMap::deserialize).transpose();
        Ok(Self { states: states.map_err(unreadable)?.unwrap_or_default(), ..published })
    }

    /// Writes the file and prints that it did.
    pub(crate) fn write(&self, file: &Path, form: Form) -> Result {
        std::fs::write(file, self.text()).map_err(|error| format!("{}: {error}", file.display()))?;
        if form == Form::Text {
            println!("{PUBLISHED} is up to date; see: git diff {PUBLISHED}");
        }
        Ok(())
    }

    /// The contents of the file, with every value as JSON, which is YAML.
    pub(crate) fn text(&self) -> String {
        let json = |text: &str| printed::yaml(&text.into());
        let mut out = format!("{HEAD}operations:\n");
        for (operation, items) in &self.surface {
            let Source { source, date, sha256 } = self.pages.get(operation).cloned().unwrap_or_default();
            let [source, date, sha256] = [source, date, sha256].map(|text| json(&text));
            out +=
                &format!("  {operation}:\n    source: {source}\n    date: {date}\n    sha256: {sha256}\n    facts:\n");
            for (place, item) in items {
                let mut fact = item.attributes.clone();
                if !item.words.is_empty() {
                    fact.insert("words".into(), json!(item.words));
                }
                // YAML allows 1024 characters before a colon on its line.
                let place = json(place);
                let key = if place.len() > 1000 { format!("? {place}\n      ") } else { place };
                out += &format!("      {key}: {}\n", printed::yaml(&fact.into()));
            }
        }
        if !self.states.is_empty() {
            out += "states:\n";
            out.extend(self.states.iter().map(|(state, hash)| format!("  {}: {}\n", json(state), json(hash))));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Map;

    use super::*;
    use crate::compare::Item;
    use crate::tests::HOSTILE;
    use crate::tests::harmless;

    /// A page may contain any text, and the record of it must be readable again.
    #[test]
    fn hostile_text_survives_writing_and_reading() {
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
        published.write(file.path(), Form::Json).unwrap();
        let again = Published::read(file.path()).unwrap();
        assert_eq!(again.text(), published.text());
        harmless::for_terminals(&published.text());
        assert_eq!(again.surface["GET /vkyc"][&text], item);
        assert_eq!((&again.pages["GET /vkyc"], &again.states), (&source, &published.states));
    }
}
