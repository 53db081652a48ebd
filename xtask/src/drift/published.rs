//! `spec/published.yaml`, what Cashfree was last seen to publish, and `spec/deviations.yaml`, where we differ on purpose.

use std::collections::BTreeMap;
use std::path::Path;

use cashfree_vkyc_codegen::Spec;
use serde_json::{Map, Value};

use crate::drift::compare::Difference;
use crate::drift::facts::{Facts, Item};
use crate::drift::schema::{entries, list, text};

/// What Cashfree was last seen to publish.
#[derive(Clone, Debug, Default)]
pub(crate) struct Published {
    /// Operation → where its page is, when it was read, and the page's SHA-256.
    pub(crate) pages: BTreeMap<String, Source>,
    pub(crate) facts: Facts,
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
            let source = Source {
                source: text(node, "source").into(),
                date: text(node, "date").into(),
                sha256: text(node, "sha256").into(),
            };
            published.pages.insert(operation.to_owned(), source);
            let items = entries(node.get("facts")).map(|(place, fact)| (place.to_owned(), item(fact))).collect();
            published.facts.insert(operation.to_owned(), items);
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
        for (operation, items) in &self.facts {
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
                    fact.insert("words".into(), item.words.iter().cloned().collect());
                }
                out += &format!("      {}: {}\n", json(place), Value::Object(fact));
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
    Value::from(text).to_string()
}

fn item(fact: &Value) -> Item {
    let mut attributes: Map<String, Value> = fact.as_object().cloned().unwrap_or_default();
    let words = attributes.remove("words");
    let words = list(words.as_ref()).filter_map(Value::as_str).map(str::to_owned).collect();
    Item { attributes, pointer: String::new(), words }
}

/// One way in which our spec differs from what is published, on purpose.
#[derive(Clone, Debug)]
pub(crate) struct Deviation {
    /// "GET /vkyc: 200 application/json: user_reference_id"; a `*` at the end stands for whatever follows.
    pub(crate) place: String,
    /// The attribute, or "presence", "moved", "renamed", "enum".
    pub(crate) what: String,
    /// What Cashfree publishes; `None` for whatever it is.
    before: Option<Value>,
    /// What our spec says; `None` for whatever it is.
    after: Option<Value>,
}

/// Reads `deviations.yaml`; every entry must say why, and on what evidence.
pub(crate) fn deviations(file: &Path) -> Result<Vec<Deviation>, String> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let document = Spec::read(file).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    for (n, node) in list(document.root().get("deviations")).enumerate() {
        for key in ["where", "what", "why", "evidence"] {
            if text(node, key).trim().is_empty() {
                return Err(format!("{}: #/deviations/{n}: `{key}` is missing", file.display()));
            }
        }
        found.push(Deviation {
            place: text(node, "where").to_owned(),
            what: text(node, "what").to_owned(),
            before: node.get("before").cloned(),
            after: node.get("after").cloned(),
        });
    }
    Ok(found)
}

impl Deviation {
    /// Whether this explains a difference from our spec (before) to what is published (after).
    pub(crate) fn explains(&self, difference: &Difference) -> bool {
        let place = format!("{}: {}", difference.operation, difference.place);
        let is_here = match self.place.strip_suffix('*') {
            Some(start) => place.starts_with(start),
            None => self.place == place,
        };
        let fits = |expected: &Option<Value>, found: &Option<Value>| match expected {
            Some(expected) => found.as_ref().unwrap_or(&Value::Null) == expected,
            None => true,
        };
        is_here
            && self.what == difference.what.word()
            && fits(&self.before, &difference.after)
            && fits(&self.after, &difference.before)
    }
}
