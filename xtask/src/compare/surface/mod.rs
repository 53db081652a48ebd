//! The *surface* of an API, as an OpenAPI document describes it: one [`Item`] for everything that is on the wire, under a
//! plain name ([`super::place`]).
//!
//! ```text
//! GET /vkyc
//!   auth header x-client-id                        {"type":"apiKey"}
//!   query reference_id                             {"required":false,"type":"string"}
//!   200 application/json: user_reference_id        {"required":false,"type":"integer","format":"int64"}
//! ```
//!
//! Two documents that mean the same have the same surface: order, prose, examples, tags and `$ref`s leave no trace, `allOf` is
//! merged, and OpenAPI 3.0's `nullable` and 3.1's `type: [x, null]` are one thing. Which keywords leave a trace stands in
//! [`super::keywords`].
//!
//! | file | what it reads |
//! |---|---|
//! | `operation.rs` | one operation: parameters, bodies, answers, their schemas; webhooks and callbacks |
//! | `access.rs` | where one may call, and who |

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

/// One thing that is on the wire.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub(crate) struct Item {
    #[serde(flatten)]
    pub(crate) attributes: Map<String, Value>,
    /// Where it stands in its document, for people who edit it.
    #[serde(skip)]
    pub(crate) pointer: Pointer,
    /// Where its values and fields are described, if it has a schema.
    #[serde(skip)]
    pub(crate) schema: Option<Pointer>,
    /// The texts that samples show here. A sample proves that a value exists, and never that one does not.
    #[serde(skip)]
    pub(crate) samples: BTreeSet<String>,
    /// Which telling words its description uses, each with a fingerprint of the sentences that do.
    #[serde(default)]
    pub(crate) words: BTreeMap<String, String>,
}

impl Item {
    /// How well a row of the lifecycle is known.
    pub(crate) fn evidence(&self) -> Option<&str> {
        self.attributes.get("evidence")?.as_str()
    }
}

/// What was read, or why a document cannot be compared.
type Read<T = ()> = Result<T, String>;

/// How the name of a webhook begins, where that of an operation has its method.
pub(crate) const WEBHOOK: &str = "webhook ";

/// The keys under which webhooks stand: 3.1's, and ours in 3.0.
const WEBHOOKS: [&str; 2] = ["webhooks", "x-webhooks"];

/// More than any operation has; a bound for schemas that multiply.
const MAX_ITEMS: usize = 10_000;

/// Longer than any name of a place, in bytes: what goes on record must be read again.
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

/// The paths; what begins with `x-` is none.
fn paths(spec: &Spec) -> impl Iterator<Item = (&str, &Value)> {
    entries(spec.root().get("paths")).filter(|(path, _)| !path.starts_with("x-"))
}

/// The object that a node stands for. Its attributes include what stood beside the `$ref`s that lead there.
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

/// The surface of a document, of the operations and webhooks that are wanted. What is wrong with others is not looked at.
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
    /// What is said of the operation as a whole.
    whole: Map<String, Value>,
}

impl<'a> Reader<'a> {
    fn new(spec: &'a Spec, whole: Map<String, Value>) -> Self {
        Self { spec, budget: Budget::new(MAX_STEPS), items: Items::new(), whole }
    }

    /// All that was read; `at` is where the operation stands.
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
        // Of two, the last: an operation's parameter goes before its path's.
        let item = self.items.entry(place).or_default();
        *item = Item { attributes, pointer: at.clone(), words, ..Item::default() };
        Ok(item)
    }
}

impl Reader<'_> {
    /// Keeps the texts of a sample at the places that hold them.
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

/// Words whose coming and going in a description often means a change that the schema does not show.
const WORDS: [(&str, &[&str]); 5] = [
    ("null", &["null"]),
    ("format", &["format"]),
    ("default", &["default"]),
    ("required", &["required", "mandatory", "optional"]),
    ("deprecated", &["deprecat"]),
];

/// The telling words in a description, each with a fingerprint of the sentences that use it: what they say is not on
/// record, only that it changed. White space, capitals and the other sentences leave no trace.
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

/// The items of the wrapper, by the names that stand where those of operations' places would: whether a call is retried, what is said of
/// a state, what is advised after an error. Of our own spec only: no page speaks of it.
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

/// The rows of `x-lifecycle`: what the wrapper says of each state, which users rely upon as on any field.
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

/// The attributes that are our own keys, without their `x-`.
fn keep(node: &Value, keys: &[&str]) -> Map<String, Value> {
    keys.iter().filter_map(|key| Some((key.trim_start_matches("x-").to_owned(), node.get(*key)?.clone()))).collect()
}
