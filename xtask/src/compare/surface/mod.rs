//! The *surface* of an API, as an OpenAPI document describes it: one [`Item`] for everything on the wire, under a plain name
//! ([`super::place`]).
//!
//! ```text
//! GET /vkyc
//!   auth header x-client-id                        {"type":"apiKey"}
//!   query reference_id                             {"required":false,"type":"string"}
//!   200 application/json: user_reference_id        {"required":false,"type":"integer","format":"int64"}
//! ```
//!
//! Two documents with the same meaning have the same surface. Order, prose, examples, tags and `$ref`s are dropped, `allOf` is
//! merged, and OpenAPI 3.0's `nullable` equals 3.1's `type: [x, null]`. [`super::keywords`] lists the keywords that count.
//!
//! | file | reads |
//! |---|---|
//! | `operation.rs` | one operation: parameters, bodies, responses, their schemas; webhooks and callbacks |
//! | `access.rs` | servers and authentication |

mod access;
mod operation;

use std::collections::{BTreeMap, BTreeSet};

use cashfree_vkyc_codegen::openapi::{METHODS, Pointer, Spec, array, entries, text};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::keywords::{self, Object, PATH_ITEM};
use super::place::OPERATION;
use super::schema::{Budget, MAX_STEPS, follow, spend};
use crate::project::fingerprint;
pub(super) use access::CHOSEN;
pub(super) use operation::header_of;

/// The surface of a document: operation ("GET /vkyc") → place → item.
pub(crate) type Surface = BTreeMap<String, Items>;
pub(crate) type Items = BTreeMap<String, Item>;

/// One item on the wire.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Item {
    #[serde(flatten)]
    pub(crate) attributes: Map<String, Value>,
    /// The pointer in its document, for people who edit it.
    #[serde(skip)]
    pub(crate) pointer: Pointer,
    /// The description of its values and fields, if it has a schema.
    #[serde(skip)]
    pub(crate) schema: Option<Pointer>,
    /// The texts of samples in this place. A sample proves that a value exists, but never that a value does not exist.
    #[serde(skip)]
    pub(crate) samples: BTreeSet<String>,
    /// The signal words in its description, each with a fingerprint of the sentences that use it.
    #[serde(default)]
    pub(crate) words: BTreeMap<String, String>,
}

impl Item {
    /// The evidence of a row of the lifecycle.
    pub(crate) fn evidence(&self) -> Option<&str> {
        self.attributes.get("evidence")?.as_str()
    }
}

/// The result of reading, or the reason why a document cannot be compared.
type Read<T = ()> = Result<T, String>;

/// The prefix of a webhook's name, in place of an operation's method.
pub(crate) const WEBHOOK: &str = "webhook ";

/// The keys of webhooks: the one of OpenAPI 3.1, and ours in 3.0.
const WEBHOOKS: [&str; 2] = ["webhooks", "x-webhooks"];

/// More items than any operation has; bounds schemas that multiply.
const MAX_ITEMS: usize = 10_000;

/// The longest name of a place in bytes. A name on record must stay readable.
const MAX_NAME: usize = 512;

/// The operations and webhooks of a document, by name.
pub(crate) fn names(spec: &Spec) -> Read<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    for (path, item) in paths(spec) {
        let (_, (item, _)) = follow(spec, item, Pointer::of(["paths", path]))?;
        found.extend(METHODS.into_iter().filter(|method| item.get(method).is_some()).map(|method| name(method, path)));
    }
    let webhooks = WEBHOOKS.into_iter().flat_map(|key| entries(spec.root().get(key)));
    found.extend(webhooks.map(|(name, _)| format!("{WEBHOOK}{name}")));
    Ok(found)
}

/// The paths, without keys that begin with `x-`.
fn paths(spec: &Spec) -> impl Iterator<Item = (&str, &Value)> {
    entries(spec.root().get("paths")).filter(|(path, _)| !path.starts_with("x-"))
}

/// A node after its `$ref`s are followed. Its attributes include those beside the `$ref`s.
struct Opened<'a> {
    node: &'a Value,
    at: Pointer,
    attributes: Map<String, Value>,
}

/// Follows the `$ref`s of one of OpenAPI's own objects.
fn open<'a>(spec: &'a Spec, object: Object, node: &'a Value, at: Pointer) -> Read<Opened<'a>> {
    let mut opened = followed(spec, node, at)?;
    opened.attributes.extend(keywords::attributes(object, opened.node));
    Ok(opened)
}

fn followed<'a>(spec: &'a Spec, node: &'a Value, at: Pointer) -> Read<Opened<'a>> {
    let (passed, (node, at)) = follow(spec, node, at)?;
    let attributes = passed.iter().flat_map(|(node, _)| keywords::beside_reference(node)).collect();
    Ok(Opened { node, at, attributes })
}

/// "GET /vkyc"
pub(crate) fn name(method: &str, path: &str) -> String {
    format!("{} {path}", method.to_uppercase())
}

/// The surface of a document, limited to the wanted operations and webhooks. Errors in the others are ignored.
pub(crate) fn surface(spec: &Spec, wanted: impl Fn(&str) -> bool) -> Read<Surface> {
    let mut found = Surface::new();
    let about_all = keywords::attributes(keywords::DOCUMENT, spec.root());
    for (path, item) in paths(spec) {
        let Opened { node: item, at, attributes } = open(spec, PATH_ITEM, item, Pointer::of(["paths", path]))?;
        for method in METHODS.into_iter().filter(|method| item.get(method).is_some() && wanted(&name(method, path))) {
            let mut reader = Reader::new(spec, about_all.clone());
            reader.whole.extend(attributes.clone());
            reader.path(item, &at, method)?;
            found.insert(name(method, path), reader.items(&at.push(method))?);
        }
    }
    for key in WEBHOOKS {
        for (name, item) in entries(spec.root().get(key)).filter(|(name, _)| wanted(&format!("{WEBHOOK}{name}"))) {
            let mut reader = Reader::new(spec, about_all.clone());
            let (whole, at) = reader.received(item, Pointer::of([key, name]), "received")?;
            reader.whole.extend(whole);
            found.insert(format!("{WEBHOOK}{name}"), reader.items(&at.push("post"))?);
        }
    }
    Ok(found)
}

/// Reads one operation or webhook.
struct Reader<'a> {
    spec: &'a Spec,
    budget: Budget,
    items: Items,
    /// Attributes of the operation as a whole.
    whole: Map<String, Value>,
}

impl<'a> Reader<'a> {
    fn new(spec: &'a Spec, whole: Map<String, Value>) -> Self {
        Self { spec, budget: Budget::new(MAX_STEPS), items: Items::new(), whole }
    }

    /// Everything that was read; `at` is the pointer of the operation.
    fn items(mut self, at: &Pointer) -> Read<Items> {
        if !self.whole.is_empty() {
            let whole = std::mem::take(&mut self.whole);
            self.add(OPERATION.to_owned(), at, whole, None)?;
        }
        Ok(self.items)
    }

    fn add(
        &mut self,
        place: String,
        at: &Pointer,
        attributes: Map<String, Value>,
        prose: Option<&str>,
    ) -> Read<&mut Item> {
        if place.len() > MAX_NAME || !spend(&self.budget, 1 + attributes.len()) {
            return Err(format!("the schema or object at #{at} is too large, or has too long a name"));
        }
        let words = words(prose.unwrap_or_default());
        // The later of two wins: an operation's parameter overrides its path's.
        let item = self.items.entry(place).or_default();
        *item = Item { attributes, pointer: at.clone(), words, ..Item::default() };
        Ok(item)
    }
}

impl Reader<'_> {
    /// Keeps the texts of a sample at their places.
    fn sample(&mut self, place: &str, value: &Value) -> Read {
        if !spend(&self.budget, 1) {
            return Err(format!("the samples at {place} are too large"));
        }
        // The first names of a body follow a space.
        let (at, dot) = if place.ends_with(": ") { (format!("{place}."), "") } else { (place.to_owned(), ".") };
        let Some(item) = self.items.get_mut(&at) else { return Ok(()) };
        match value {
            Value::String(text) => drop(item.samples.insert(text.clone())),
            Value::Array(list) => list.iter().try_for_each(|value| self.sample(&format!("{place}[]"), value))?,
            other => {
                entries(Some(other))
                    .try_for_each(|(name, value)| self.sample(&format!("{place}{dot}{name}"), value))?;
            }
        }
        Ok(())
    }
}

/// Signal words: when a description gains or loses one, the meaning often changed without the schema.
const WORDS: [(&str, &[&str]); 5] = [
    ("null", &["null"]),
    ("format", &["format"]),
    ("default", &["default"]),
    ("required", &["required", "mandatory", "optional"]),
    ("deprecated", &["deprecat"]),
];

/// The signal words in a description, each with a fingerprint of the sentences that use it. The record shows that they changed,
/// not their content. White space, capitals and other sentences are ignored.
fn words(prose: &str) -> BTreeMap<String, String> {
    let prose = prose.to_lowercase();
    let telling = |spellings: &[&str]| {
        let uses = |sentence: &&str| spellings.iter().any(|spelling| sentence.contains(spelling));
        let said = prose.split(['.', ';', '!', '?']).filter(uses);
        let said: Vec<_> = said.map(|sentence| Vec::from_iter(sentence.split_whitespace()).join(" ")).collect();
        (!said.is_empty()).then(|| fingerprint(&said.join(". ")))
    };
    WORDS.iter().filter_map(|(word, spellings)| Some(((*word).to_owned(), telling(spellings)?))).collect()
}

/// The items of the wrapper, under names in place of operations: retries of a call, meanings of states, advice after errors. Only
/// our own spec has them.
pub(crate) fn wrapper(spec: &Spec) -> Items {
    let mut found = lifecycle(spec);
    for operation in spec.operations() {
        let attributes = keep(operation.node, &["x-idempotent", "x-requests-per-minute"]);
        if !attributes.is_empty() {
            let place = format!("call {} {}", operation.method.to_uppercase(), operation.path);
            found.insert(place, Item { attributes, pointer: operation.at, ..Item::default() });
        }
    }
    for (response, node) in entries(spec.at("/components/responses")) {
        for (name, example) in entries(node.pointer("/content/application~1json/examples")) {
            let at = ["components", "responses", response, "content", "application/json", "examples", name];
            let attributes = keep(example, &["value", "x-advice"]);
            found.insert(
                format!("error {response} {name}"),
                Item { attributes, pointer: Pointer::of(at), ..Item::default() },
            );
        }
    }
    found
}

/// The rows of `x-lifecycle`: the wrapper's statements about each state. Users rely on them as on fields.
pub(crate) fn lifecycle(spec: &Spec) -> Items {
    let mut found = Items::new();
    for (n, row) in array(spec.at("/x-lifecycle/rows")).enumerate() {
        let attributes = keep(row, &["phase", "actor", "final", "event", "outcome", "advice", "evidence"]);
        let status = text(row, "status").unwrap_or_default();
        let sub_status = text(row, "sub_status").map_or_else(String::new, |name| format!(" / {name}"));
        let pointer = Pointer::of(["x-lifecycle", "rows"]).push(n);
        found.insert(format!("state {status}{sub_status}"), Item { attributes, pointer, ..Item::default() });
    }
    found
}

/// The attributes from our own keys, without their `x-`.
fn keep(node: &Value, keys: &[&str]) -> Map<String, Value> {
    keys.iter().filter_map(|key| Some((key.trim_start_matches("x-").to_owned(), node.get(*key)?.clone()))).collect()
}
