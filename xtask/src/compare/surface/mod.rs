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
//! | `operation.rs` | one operation: parameters, bodies, answers; webhooks and callbacks |
//! | `fields.rs` | what a schema holds, place by place |
//! | `access.rs` | where one may call, and who |
//! | `wrapper.rs` | what the wrapper makes of it, by our own keys |

mod access;
mod fields;
mod operation;
mod wrapper;

use std::collections::{BTreeMap, BTreeSet};

use cashfree_vkyc_codegen::openapi::{METHODS, Pointer, Spec, entries};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::keywords::{self, Object, PATH_ITEM};
use super::place::OPERATION;
use super::schema::{Budget, MAX_STEPS, follow, spend, step};
use crate::project::sha256;
pub(super) use access::CHOSEN;
pub(crate) use wrapper::{lifecycle, wrapper};

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
    /// Where the values of its enum stand, if it has some.
    #[serde(skip)]
    pub(crate) enum_pointer: Option<Pointer>,
    /// Where its fields are described, if that is elsewhere.
    #[serde(skip)]
    pub(crate) inner_pointer: Option<Pointer>,
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

/// What is said of a thing, by name.
type Attributes = Map<String, Value>;

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
        let (item, _) = follow(spec, item, Pointer::of(["paths", path]))?;
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
    // That it ends is found out first.
    follow(spec, node, at.clone())?;
    let mut opened = Opened { node, at, attributes: Map::new() };
    while let Some((node, at)) = step(spec, opened.node, &opened.at)? {
        opened.attributes.extend(keywords::beside_reference(opened.node));
        (opened.node, opened.at) = (node, at);
    }
    Ok(opened)
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
    /// Whether something was left out: then nothing that was read counts.
    is_too_large: bool,
    /// What is said of the operation as a whole.
    whole: Map<String, Value>,
}

impl<'a> Reader<'a> {
    fn new(spec: &'a Spec, whole: Map<String, Value>) -> Self {
        Self { spec, budget: Budget::new(MAX_STEPS), items: Items::new(), is_too_large: false, whole }
    }

    /// All that was read; `at` is where the operation stands.
    fn items(mut self, at: &Pointer) -> Read<Items> {
        if !self.whole.is_empty() {
            let whole = std::mem::take(&mut self.whole);
            self.add(OPERATION.to_owned(), at, whole, None);
        }
        match self.is_too_large {
            true => Err(format!("what stands at #{at} is too large, or has too long a name")),
            false => Ok(self.items),
        }
    }

    fn add(&mut self, place: String, at: &Pointer, attributes: Map<String, Value>, prose: Option<&str>) -> &mut Item {
        if place.len() > MAX_NAME || !spend(&self.budget, 1 + attributes.len()) {
            self.is_too_large = true;
            return self.items.entry(String::new()).or_default();
        }
        let words = words(prose.unwrap_or_default());
        let item = Item { attributes, pointer: at.clone(), words, ..Item::default() };
        // What stands twice is what it was told last: an operation's parameter goes before its path's.
        let entry = self.items.entry(place).or_default();
        *entry = item;
        entry
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
    let sentences: Vec<String> = prose
        .split(['.', ';', '!', '?'])
        .map(|sentence| sentence.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    let telling = |spellings: &[&str]| {
        let uses = |sentence: &&String| spellings.iter().any(|spelling| sentence.contains(spelling));
        let said: Vec<&str> = sentences.iter().filter(uses).map(String::as_str).collect();
        (!said.is_empty()).then(|| sha256(&said.join(". ")).chars().take(12).collect())
    };
    WORDS.iter().filter_map(|(word, spellings)| Some(((*word).to_owned(), telling(spellings)?))).collect()
}
