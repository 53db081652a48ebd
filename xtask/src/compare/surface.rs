//! The *surface* of an API, as an OpenAPI document describes it: one [`Item`] for everything that is on the wire, under a
//! plain name.
//!
//! ```text
//! GET /vkyc
//!   auth header x-client-id                        {"type":"apiKey"}
//!   query reference_id                             {"required":false,"type":"string"}
//!   200 application/json: user_reference_id        {"required":false,"type":"integer","format":"int64"}
//! ```
//!
//! Two documents that mean the same have the same surface: order, prose, examples, tags and `$ref`s leave no trace, `allOf` is
//! merged, and OpenAPI 3.0's `nullable` and 3.1's `type: [x, null]` are one thing.

use std::collections::BTreeMap;

use cashfree_vkyc_codegen::openapi::{METHODS, Pointer, Spec, array, entries, is_true, text};
use serde_json::{Map, Value};

use super::schema::{MAX_DEPTH, Parts, Shape, follow, merged, shape};
use crate::digest::sha256;

/// The surface of a document: operation ("GET /vkyc") → place → item.
pub(crate) type Surface = BTreeMap<String, Items>;
pub(crate) type Items = BTreeMap<String, Item>;

/// One thing that is on the wire.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Item {
    pub(crate) attributes: Map<String, Value>,
    /// Where it stands in its document, for people who edit it.
    pub(crate) pointer: Pointer,
    /// Where the values of its enum stand, if it has some.
    pub(crate) enum_pointer: Option<Pointer>,
    /// Where its fields are described, if that is elsewhere.
    pub(crate) inner_pointer: Option<Pointer>,
    /// Which telling words its description uses, each with a fingerprint of the sentences that do.
    pub(crate) words: BTreeMap<String, String>,
}

/// How the name of a webhook begins, where that of an operation has its method.
pub(crate) const WEBHOOK: &str = "webhook ";

/// The name under which stands what the wrapper makes of the API, where that of an operation would. No page has it.
pub(crate) const WRAPPER: &str = "wrapper";

/// What kind of thing a place names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Server,
    Auth,
    Parameter,
    RequestBody,
    RequestField,
    Response { success: bool },
    ResponseBody { success: bool },
    ResponseField,
    ResponseHeader,
    State,
    Call,
    KnownError,
}

impl Kind {
    /// The kind of thing that a place names.
    pub(crate) fn of(place: &str) -> Self {
        let (head, rest) = place.split_once(' ').unwrap_or((place, ""));
        match (head, rest) {
            ("server", _) => Self::Server,
            ("auth", _) => Self::Auth,
            ("state", _) => Self::State,
            ("call", _) => Self::Call,
            ("error", _) => Self::KnownError,
            ("query" | "path" | "header" | "cookie", _) => Self::Parameter,
            ("request", _) if rest.contains(": ") => Self::RequestField,
            ("request", _) => Self::RequestBody,
            (status, "") => Self::Response { success: status.starts_with('2') },
            (_, rest) if rest.starts_with("header ") => Self::ResponseHeader,
            (_, rest) if rest.contains(": ") => Self::ResponseField,
            (status, _) => Self::ResponseBody { success: !status.starts_with(['4', '5']) },
        }
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

/// More than any operation has; a bound for schemas that multiply.
const MAX_ITEMS: usize = 10_000;

/// The surface of a document; of one operation only, where `only` names it.
pub(crate) fn surface(spec: &Spec, only: Option<(&str, &str)>) -> Result<Surface, String> {
    let mut found = Surface::new();
    for (path, item) in entries(spec.root().get("paths")) {
        let (item, at) = follow(spec, item, Pointer::of(["paths", path]))?;
        for method in METHODS {
            let Some(node) = item.get(method) else { continue };
            if only.is_some_and(|(m, p)| (m, p) != (method, path)) {
                continue;
            }
            let mut reader = Reader { spec, items: Items::new() };
            reader.operation(item, &at, node, &at.push(method))?;
            found.insert(format!("{} {path}", method.to_uppercase()), reader.items);
        }
    }
    // What the API sends: a field of it is a gift, like that of an answer.
    for key in ["webhooks", "x-webhooks"] {
        for (name, item) in entries(spec.root().get(key)).filter(|_| only.is_none()) {
            let mut reader = Reader { spec, items: Items::new() };
            reader.webhook(item.get("post").unwrap_or(item), &Pointer::of([key, name, "post"]))?;
            found.insert(format!("{WEBHOOK}{name}"), reader.items);
        }
    }
    let wrapper = wrapper(spec);
    if only.is_none() && !wrapper.is_empty() {
        found.insert(WRAPPER.to_owned(), wrapper);
    }
    Ok(found)
}

/// What the wrapper makes of the API by our own keys, which users rely upon as on any field: whether a call is retried, what
/// is said of a state, what is advised after an error.
fn wrapper(spec: &Spec) -> Items {
    let mut found = states(spec);
    let keep = |node: &Value, keys: &[&str]| -> Map<String, Value> {
        keys.iter().filter_map(|key| Some((key.trim_start_matches("x-").to_owned(), node.get(*key)?.clone()))).collect()
    };
    for operation in spec.operations() {
        let attributes = keep(operation.node, &["x-idempotent", "x-requests-per-minute"]);
        if !attributes.is_empty() {
            let place = format!("call {} {}", operation.method.to_uppercase(), operation.path);
            found.insert(place, Item { attributes, pointer: operation.at, ..Item::default() });
        }
    }
    for (response, node) in entries(spec.at("/components/responses")) {
        for (name, example) in entries(node.pointer("/content/application~1json/examples")) {
            let at = Pointer::of(["components", "responses", response]);
            let pointer = at.push("content").push("application/json").push("examples").push(name);
            let attributes = keep(example, &["value", "x-advice"]);
            found.insert(format!("error {response} {name}"), Item { attributes, pointer, ..Item::default() });
        }
    }
    found
}

/// The rows of `x-lifecycle`: what the wrapper says of each state, which users rely upon as on any field.
fn states(spec: &Spec) -> Items {
    let mut found = Items::new();
    for (n, row) in array(spec.at("/x-lifecycle/rows")).enumerate() {
        let said = ["phase", "actor", "settled", "advice"].map(|key| (key.to_owned(), row.get(key).cloned()));
        let attributes = said.into_iter().filter_map(|(key, value)| Some((key, value?))).collect();
        let status = text(row, "status").unwrap_or_default();
        let sub_status = text(row, "sub_status").map_or_else(String::new, |name| format!(" / {name}"));
        let pointer = Pointer::of(["x-lifecycle", "rows"]).push(n);
        found.insert(format!("state {status}{sub_status}"), Item { attributes, pointer, ..Item::default() });
    }
    found
}

struct Reader<'a> {
    spec: &'a Spec,
    items: Items,
}

impl<'a> Reader<'a> {
    fn operation(&mut self, path: &'a Value, path_at: &Pointer, node: &'a Value, at: &Pointer) -> Result<(), String> {
        let root = self.spec.root();
        let servers = [node, path, root].into_iter().find_map(|node| node.get("servers"));
        for server in array(servers) {
            let url = text(server, "url").unwrap_or_default().trim_end_matches('/');
            self.add(format!("server {url}"), &Pointer::of(["servers"]), Map::new(), None);
        }
        self.auth(node.get("security").or_else(|| root.get("security")))?;
        self.parameters(path.get("parameters"), &path_at.push("parameters"))?;
        self.parameters(node.get("parameters"), &at.push("parameters"))?;
        if let Some(body) = node.get("requestBody") {
            let (body, at) = follow(self.spec, body, at.push("requestBody"))?;
            let required = is_true(body, "required");
            self.content(body, &at, "request", Map::from_iter([("required".into(), required.into())]))?;
        }
        for (status, response) in entries(node.get("responses")) {
            let (response, at) = follow(self.spec, response, at.push("responses").push(status))?;
            // `2xx` and `2XX` are one thing; `default` is a word.
            let status =
                if status.starts_with(|c: char| c.is_ascii_digit()) { status.to_uppercase() } else { status.into() };
            self.add(status.clone(), &at, Map::new(), text(response, "description"));
            for (name, header) in entries(response.get("headers")) {
                let (header, at) = follow(self.spec, header, at.push("headers").push(name))?;
                self.value(format!("{status} header {}", name.to_lowercase()), header, &at, None)?;
            }
            self.content(response, &at, &status, Map::new())?;
        }
        if is_true(node, "deprecated") {
            self.add("deprecated".into(), at, Map::new(), None);
        }
        Ok(())
    }

    fn webhook(&mut self, node: &'a Value, at: &Pointer) -> Result<(), String> {
        for (n, parameter) in array(node.get("parameters")).enumerate() {
            let (parameter, at) = follow(self.spec, parameter, at.push("parameters").push(n))?;
            let name = text(parameter, "name").unwrap_or_default().to_lowercase();
            self.value(format!("received header {name}"), parameter, &at, None)?;
        }
        match node.get("requestBody") {
            Some(body) => self.content(body, &at.push("requestBody"), "received", Map::new()),
            None => Ok(()),
        }
    }

    /// What proves who calls. Where there are alternatives, what is not in all of them is optional.
    fn auth(&mut self, security: Option<&'a Value>) -> Result<(), String> {
        let mut requirements = Vec::new();
        for requirement in array(security) {
            let mut proofs = BTreeMap::new();
            for (name, _) in entries(Some(requirement)) {
                let (place, at, kind) = self.scheme(name)?;
                proofs.insert(place, (at, kind));
            }
            requirements.push(proofs);
        }
        for (place, (at, kind)) in requirements.iter().flatten() {
            let mut attributes = Map::from_iter([("type".into(), (*kind).into())]);
            if requirements.iter().any(|other| !other.contains_key(place)) {
                attributes.insert("optional".into(), true.into());
            }
            self.add(place.clone(), at, attributes, None);
        }
        Ok(())
    }

    /// Place, pointer and type of a security scheme.
    fn scheme(&self, name: &str) -> Result<(String, Pointer, &'a str), String> {
        let at = Pointer::of(["components", "securitySchemes", name]);
        let Some(scheme) = self.spec.at(at.as_ref()) else {
            return Err(format!("the security scheme `{name}` is named and not described"));
        };
        let (scheme, at) = follow(self.spec, scheme, at)?;
        let said = |key| text(scheme, key).unwrap_or_default();
        let kind = said("type");
        let place = match kind {
            "apiKey" => format!("auth {} {}", said("in"), said("name").to_lowercase()),
            "http" => format!("auth http {}", said("scheme").to_lowercase()),
            other => format!("auth {other}"),
        };
        Ok((place, at, kind))
    }

    fn parameters(&mut self, parameters: Option<&'a Value>, at: &Pointer) -> Result<(), String> {
        for (n, parameter) in array(parameters).enumerate() {
            let (parameter, at) = follow(self.spec, parameter, at.push(n))?;
            let place_in = text(parameter, "in").unwrap_or_default();
            let name = text(parameter, "name").unwrap_or_default();
            let name = if place_in == "header" { name.to_lowercase() } else { name.to_owned() };
            // Said already as what proves who calls, or, as OpenAPI has it, of no effect.
            let ignored = place_in == "header" && ["accept", "content-type", "authorization"].contains(&name.as_str());
            if ignored || self.items.contains_key(&format!("auth {place_in} {name}")) {
                continue;
            }
            let required = is_true(parameter, "required");
            self.value(format!("{place_in} {name}"), parameter, &at, Some(("required".into(), required.into())))?;
        }
        Ok(())
    }

    /// What a parameter or header holds, with what is said beside its schema.
    fn value(
        &mut self,
        place: String,
        node: &'a Value,
        at: &Pointer,
        beside: Option<(String, Value)>,
    ) -> Result<(), String> {
        let mut whole = match node.get("schema") {
            Some(schema) => shape(self.spec, schema, at.push("schema"))?,
            None => Shape::default(),
        };
        whole.flag(node, "deprecated");
        let attributes = whole.attributes().into_iter().chain(beside).collect();
        self.add(place, at, attributes, text(node, "description")).enum_pointer = whole.enum_at;
        Ok(())
    }

    /// The bodies of a request or response, and their fields.
    fn content(&mut self, node: &'a Value, at: &Pointer, place: &str, body: Map<String, Value>) -> Result<(), String> {
        for (media, content) in entries(node.get("content")) {
            let at = at.push("content").push(media);
            let media = media.split(';').next().unwrap_or_default().trim().to_lowercase();
            self.add(format!("{place} {media}"), &at, body.clone(), None);
            if let Some(schema) = content.get("schema") {
                let whole = shape(self.spec, schema, at.push("schema"))?;
                let attributes = whole.attributes();
                let (_, target) = follow(self.spec, schema, at.push("schema"))?;
                self.add(format!("{place} {media}: ."), &target, attributes, None);
                self.fields(&whole, &format!("{place} {media}: "), "", 0, &mut Vec::new())?;
            }
        }
        Ok(())
    }

    fn fields(
        &mut self,
        of: &Shape<'a>,
        place: &str,
        path: &str,
        depth: usize,
        above: &mut Vec<Pointer>,
    ) -> Result<(), String> {
        if depth > MAX_DEPTH || self.items.len() > MAX_ITEMS {
            return Err(format!("the schema at {place}{path} is nested too deep, or too large"));
        }
        let dot = if path.is_empty() { "" } else { "." };
        let properties = of
            .properties
            .iter()
            .map(|(name, parts)| (format!("{path}{dot}{name}"), parts.clone(), Some(of.required.contains(name))));
        // Promised, and described nowhere.
        let bare = of.required.iter().filter(|name| !of.properties.contains_key(*name));
        let bare = bare.map(|name| (format!("{path}{dot}{name}"), Parts::new(), Some(true)));
        let items = (!of.items.is_empty()).then(|| (format!("{path}[]"), of.items.clone(), None));
        let values = (!of.values.is_empty()).then(|| (format!("{path}{{}}"), of.values.clone(), None));
        for (path, parts, required) in properties.chain(bare).chain(items).chain(values) {
            let at = parts.first().and_then(|together| together.first()).map(|(_, at)| at.clone()).unwrap_or_default();
            let mut targets = Vec::new();
            for (node, at) in parts.iter().flatten() {
                targets.push(follow(self.spec, node, at.clone())?.1);
            }
            let mut child = merged(self.spec, &parts)?;
            let mut attributes = child.attributes();
            if let Some(required) = required {
                attributes.insert("required".into(), required.into());
            }
            // A schema within itself: its fields stand above already.
            if targets.iter().any(|target| above.contains(target)) {
                attributes.insert("recursive".into(), true.into());
                child = Shape::default();
            }
            let first = child.properties.values().flatten().flatten().next();
            let inner = first.and_then(|(_, at)| at.parent()?.parent());
            let item = self.add(format!("{place}{path}"), &at, attributes, child.prose);
            (item.enum_pointer, item.inner_pointer) = (child.enum_at.clone(), inner);
            let depth_above = above.len();
            above.extend(targets);
            self.fields(&child, place, &path, depth + 1, above)?;
            above.truncate(depth_above);
        }
        Ok(())
    }

    fn add(
        &mut self,
        place: String,
        pointer: &Pointer,
        attributes: Map<String, Value>,
        prose: Option<&str>,
    ) -> &mut Item {
        let words = words(prose.unwrap_or_default());
        let item = Item { attributes, pointer: pointer.clone(), words, ..Item::default() };
        // What stands twice is what it was told last: an operation's parameter goes before its path's.
        let entry = self.items.entry(place).or_default();
        *entry = item;
        entry
    }
}

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
