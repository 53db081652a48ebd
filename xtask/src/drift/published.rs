//! `spec/published.yaml`, what Cashfree was last seen to publish, and `spec/deviations.yaml`, where we differ on purpose.

use std::collections::BTreeMap;
use std::path::Path;

use cashfree_vkyc_codegen::openapi::{Spec, array, entries, text};
use serde_json::{Map, Value};

use crate::drift::compare::Difference;
use crate::drift::facts::{Facts, Item};

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
            let said = |key| text(node, key).unwrap_or_default().to_owned();
            let source = Source { source: said("source"), date: said("date"), sha256: said("sha256") };
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
                    let words = item.words.iter().map(|(word, print)| (word.clone(), Value::from(print.as_str())));
                    fact.insert("words".into(), Value::Object(words.collect()));
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
    let words =
        entries(words.as_ref()).map(|(word, print)| (word.to_owned(), print.as_str().unwrap_or_default().into()));
    let words = words.collect();
    Item { attributes, words, ..Item::default() }
}

/// One way in which our spec differs from what is published, on purpose.
#[derive(Clone, Debug)]
pub(crate) struct Deviation {
    /// "GET /vkyc: 200 application/json: user_reference_id"; a `*` stands for any text without a space.
    pub(crate) place: String,
    /// The attribute, or "presence", "moved", "renamed", "enum value".
    pub(crate) what: String,
    /// What Cashfree publishes: the value, null for nothing, or [`ANYTHING`].
    before: Value,
    /// What our spec says, in the same way.
    after: Value,
}

/// Stands for any value, in `before` and `after`. Null does not: a deviation by which Cashfree publishes nothing must not
/// explain what Cashfree publishes one day.
const ANYTHING: &str = "*";

/// Reads `deviations.yaml`; every entry must say why, and on what evidence.
pub(crate) fn deviations(file: &Path) -> Result<Vec<Deviation>, String> {
    if !file.exists() {
        return Ok(Vec::new());
    }
    let document = Spec::read(file).map_err(|error| error.to_string())?;
    let mut found = Vec::new();
    for (n, node) in array(document.root().get("deviations")).enumerate() {
        let said =
            |key| text(node, key).ok_or_else(|| format!("{}: #/deviations/{n}: `{key}` is missing", file.display()));
        for key in ["why", "evidence"] {
            said(key)?;
        }
        let side = |key: &str| {
            node.get(key).cloned().ok_or_else(|| {
                format!(
                    "{}: #/deviations/{n}: `{key}` is missing: write the value, null for nothing, or \"{ANYTHING}\" for anything",
                    file.display()
                )
            })
        };
        found.push(Deviation {
            place: said("where")?.to_owned(),
            what: said("what")?.to_owned(),
            before: side("before")?,
            after: side("after")?,
        });
    }
    Ok(found)
}

impl Deviation {
    /// Whether this explains a difference from our spec (before) to what is published (after).
    pub(crate) fn explains(&self, difference: &Difference) -> bool {
        let place = format!("{}: {}", difference.operation, difference.place);
        let fits = |expected: &Value, found: &Option<Value>| {
            expected == ANYTHING || found.as_ref().unwrap_or(&Value::Null) == expected
        };
        matches(&self.place, &place)
            && self.what == difference.what.word()
            && fits(&self.before, &difference.after)
            && fits(&self.after, &difference.before)
    }
}

/// Whether a text fits a pattern in which each `*` stands for any text without a space: "GET /vkyc: 4*" is the responses, and
/// not what is in them.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    let word = text.find(' ').unwrap_or(text.len());
    let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]).take_while(|at| *at <= word);
    ends.filter_map(|at| text.get(at..)).any(|text| matches(rest, text))
}
