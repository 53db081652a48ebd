//! One operation: parameters, bodies and responses, with the contents of their schemas, place by place. Also webhooks and
//! callbacks, whose fields count as response fields.

use std::collections::BTreeSet;

use cashfree_vkyc_codegen::openapi::{METHODS, Pointer, Spec, array, entries, is_true, text};
use serde_json::{Map, Value};

use super::super::keywords::{
    self, HEADER, KEYWORD, MEDIA_TYPE, OPERATION, PARAMETER, PATH_ITEM, REQUEST_BODY, RESPONSE,
};
use super::super::schema::{MAX_DEPTH, Parts, Shape, follow, listed, shape};
use super::{MAX_ITEMS, Opened, Read, Reader, followed, open};

/// The allowed values of a parameter's `in`.
const PLACES: [&str; 4] = ["query", "path", "header", "cookie"];

/// OpenAPI ignores header parameters of these names. It also ignores `authorization`, but Cashfree uses that for a required
/// header.
const IGNORED: [&str; 2] = ["accept", "content-type"];

impl<'a> Reader<'a> {
    /// Reads the operation of a path.
    pub(super) fn path(&mut self, path: &'a Value, path_at: &Pointer, method: &str) -> Read {
        let (Some(node), at) = (path.get(method), path_at.push(method)) else { return Ok(()) };
        let root = self.spec.root();
        self.whole.extend(keywords::attributes(OPERATION, node));
        self.servers([node, path, root].into_iter().find_map(|node| node.get("servers")))?;
        self.auth(node.get("security").or_else(|| root.get("security")))?;
        self.parameters(path.get("parameters"), &path_at.push("parameters"))?;
        self.parameters(node.get("parameters"), &at.push("parameters"))?;
        if let Some(body) = node.get("requestBody") {
            let mut body = open(self.spec, REQUEST_BODY, body, at.push("requestBody"))?;
            body.attributes.insert("required".into(), is_true(body.node, "required").into());
            self.content(&body, "request", Direction::Sent)?;
        }
        self.responses(node.get("responses"), &at.push("responses"))?;
        self.callbacks(node.get("callbacks"), &at.push("callbacks"))
    }

    fn responses(&mut self, responses: Option<&'a Value>, at: &Pointer) -> Read {
        for (status, response) in entries(responses).filter(|(status, _)| !status.starts_with("x-")) {
            let mut response = open(self.spec, RESPONSE, response, at.push(status))?;
            // `2xx` and `2XX` are equal; `default` is a word.
            let is_number = status.starts_with(|c: char| c.is_ascii_digit());
            let status = if is_number { status.to_uppercase() } else { status.into() };
            let (node, about) = (response.node, std::mem::take(&mut response.attributes));
            self.add(status.clone(), &response.at, about, text(node, "description"))?;
            for (name, header) in entries(node.get("headers")) {
                let place = format!("{status} header {}", name.to_lowercase());
                if !place.ends_with(" content-type") {
                    let mut header = open(self.spec, HEADER, header, response.at.push("headers").push(name))?;
                    header.attributes.extend(style(header.node, "header"));
                    self.value(place, header, Direction::Received)?;
                }
            }
            self.content(&response, &status, Direction::Received)?;
        }
        Ok(())
    }

    fn parameters(&mut self, parameters: Option<&'a Value>, at: &Pointer) -> Read {
        for (n, parameter) in array(parameters).enumerate() {
            let mut parameter = open(self.spec, PARAMETER, parameter, at.push(n))?;
            let (node, place) = (parameter.node, place_of(parameter.node));
            let ignored = place.strip_prefix("header ").is_some_and(|name| IGNORED.contains(&name));
            // An authentication scheme already describes it.
            if ignored || self.items.keys().any(|proof| header_of(proof) == Some(&place)) {
                continue;
            }
            parameter.attributes.extend(style(node, text(node, "in").unwrap_or_default()));
            parameter.attributes.insert("required".into(), is_true(node, "required").into());
            // An operation's parameter replaces the path's completely, with its fields.
            if self.items.contains_key(&place) {
                let fields = format!("{place}: ");
                self.items.retain(|other, _| !other.starts_with(&fields));
            }
            self.value(place, parameter, Direction::Sent)?;
        }
        Ok(())
    }

    /// The contents of a parameter or header, with the statements beside its schema.
    fn value(&mut self, place: String, of: Opened<'a>, direction: Direction) -> Read {
        let Opened { node, at, attributes: beside } = of;
        let media = entries(node.get("content")).next();
        let (schema, schema_at) = match media {
            Some((media, content)) => (content.get("schema"), at.push("content").push(media).push("schema")),
            None => (node.get("schema"), at.push("schema")),
        };
        let parts: Parts<'_> = schema.map(|schema| vec![(schema, schema_at)]).into_iter().collect();
        let mut whole = shape(self.spec, &self.budget, &parts)?;
        let mut above = vec![std::mem::take(&mut whole.targets)];
        let mut attributes = whole.attributes();
        attributes.extend(media.map(|(media, _)| ("media".to_owned(), media_type(media).into())));
        attributes.extend(beside);
        // A single value is written the same way with and without `explode`.
        let is_one = |kind: &str| ["string", "integer", "number", "boolean"].contains(&kind);
        if attributes.get("type").and_then(Value::as_str).is_some_and(|kinds| kinds.split(" or ").all(is_one)) {
            attributes.remove("explode");
        }
        let fields = format!("{place}: ");
        self.add(place.clone(), &at, attributes, text(node, "description"))?.schema.clone_from(&whole.described_at);
        let samples = whole.samples.iter().copied().chain(samples(self.spec, node, &at));
        samples.into_iter().try_for_each(|sample| self.sample(&place, sample))?;
        self.fields(&whole, &fields, direction, &mut above)
    }

    /// The bodies of a request or response, and their fields.
    fn content(&mut self, of: &Opened<'a>, place: &str, direction: Direction) -> Read {
        let Opened { node, at, attributes: about } = of;
        if entries(node.get("content")).next().is_none() {
            // Keywords that are not understood, in a body without content, have no place of their own; the operation carries
            // them.
            self.whole.extend(about.clone().into_iter().filter(|(name, _)| name.starts_with(KEYWORD)));
        }
        for (media, content) in entries(node.get("content")) {
            let at = at.push("content").push(media);
            let media = media_type(media);
            let mut attributes = about.clone();
            attributes.extend(keywords::attributes(MEDIA_TYPE, content));
            if media.starts_with("multipart/") || media.starts_with("application/x-www-form-urlencoded") {
                attributes.extend(encoding(content));
            }
            self.add(format!("{place} {media}"), &at, attributes, None)?;
            if let Some(schema) = content.get("schema") {
                let mut whole = shape(self.spec, &self.budget, &vec![vec![(schema, at.push("schema"))]])?;
                let targets = std::mem::take(&mut whole.targets);
                let (fields, schema_at) = (format!("{place} {media}: "), targets.first().unwrap_or(&at).clone());
                self.add(format!("{fields}."), &schema_at, whole.attributes(), None)?
                    .schema
                    .clone_from(&whole.described_at);
                self.fields(&whole, &fields, direction, &mut vec![targets])?;
                let samples = whole.samples.iter().copied().chain(samples(self.spec, content, &at));
                samples.into_iter().try_for_each(|sample| self.sample(&fields, sample))?;
            }
        }
        Ok(())
    }

    /// Reads a request that the API sends. `head` is the prefix of its places. Returns the attributes of the request as a whole,
    /// and its pointer.
    pub(super) fn received(&mut self, item: &'a Value, at: Pointer, head: &str) -> Read<(Map<String, Value>, Pointer)> {
        let Opened { node: item, at, attributes: mut whole } = open(self.spec, PATH_ITEM, item, at)?;
        let methods: Vec<_> = METHODS.into_iter().filter(|method| item.get(method).is_some()).collect();
        if methods.iter().any(|method| *method != "post") {
            whole.insert("method".into(), methods.join(" or ").to_uppercase().into());
        }
        self.received_headers(item, &at, head)?;
        for method in methods {
            let (Some(node), at) = (item.get(method), at.push(method)) else { continue };
            whole.extend(keywords::attributes(OPERATION, node));
            // The headers describe the signature. For the other keys, only their presence counts.
            for key in ["security", "callbacks", "servers"].into_iter().filter(|key| node.get(key).is_some()) {
                whole.insert(format!("{KEYWORD}{key}"), true.into());
            }
            let answers: Value = entries(node.get("responses")).map(|(status, _)| status).collect();
            whole.insert("answered with".into(), listed(&answers, &answers));
            self.received_headers(node, &at, head)?;
            if let Some(body) = node.get("requestBody") {
                let body = open(self.spec, REQUEST_BODY, body, at.push("requestBody"))?;
                self.content(&body, head, Direction::Received)?;
            }
        }
        Ok((whole, at))
    }

    fn received_headers(&mut self, node: &'a Value, at: &Pointer, head: &str) -> Read {
        for (n, parameter) in array(node.get("parameters")).enumerate() {
            let mut parameter = open(self.spec, PARAMETER, parameter, at.push("parameters").push(n))?;
            if is_true(parameter.node, "required") {
                parameter.attributes.insert("required".into(), true.into());
            }
            self.value(format!("{head} {}", place_of(parameter.node)), parameter, Direction::Received)?;
        }
        Ok(())
    }

    /// The requests that the API sends for an operation: `callback done`, and their contents.
    fn callbacks(&mut self, callbacks: Option<&'a Value>, at: &Pointer) -> Read {
        for (name, callback) in entries(callbacks) {
            let Opened { node: callback, at, attributes } = followed(self.spec, callback, at.push(name))?;
            let urls: Vec<_> = entries(Some(callback)).filter(|(url, _)| !url.starts_with("x-")).collect();
            for (url, item) in &urls {
                let plain = |text: &str| text.replace(char::is_whitespace, "");
                let name = if urls.len() == 1 { plain(name) } else { plain(&format!("{name}@{url}")) };
                let place = format!("callback {name}");
                let (mut whole, at) = self.received(item, at.push(url), &place)?;
                whole.insert("url".into(), (*url).into());
                whole.extend(attributes.clone());
                self.add(place, &at, whole, None)?;
            }
        }
        Ok(())
    }
}

/// The samples of a media type or a parameter: `example`, and `examples` with their references.
fn samples<'a>(spec: &'a Spec, of: &'a Value, at: &Pointer) -> Vec<&'a Value> {
    let opened = |(name, example)| Some(follow(spec, example, at.push("examples").push(name)).ok()?.1.0);
    let examples = entries(of.get("examples")).filter_map(opened).filter_map(|example| example.get("value"));
    of.get("example").into_iter().chain(examples).collect()
}

/// The parameter of an authentication scheme: `Authorization`, or for an API key its own place.
pub(crate) fn header_of(proof: &str) -> Option<&str> {
    let key = proof.strip_prefix("auth ")?;
    Some(if key.contains(' ') && !key.starts_with("http ") { key } else { "header authorization" })
}

/// "query reference_id"
fn place_of(parameter: &Value) -> String {
    let name = text(parameter, "name").unwrap_or_default();
    match text(parameter, "in").unwrap_or_default() {
        "header" => format!("header {}", name.to_lowercase()),
        place if PLACES.contains(&place) => format!("{place} {name}"),
        other => format!("elsewhere {other} {name}"),
    }
}

/// The serialisation of a value if it is not the default: a list after one name, or the name repeated for each value.
fn style(node: &Value, place: &str) -> Map<String, Value> {
    let usual = if ["query", "cookie"].contains(&place) { "form" } else { "simple" };
    let style = text(node, "style").unwrap_or(usual);
    let explodes = node.get("explode").and_then(Value::as_bool);
    let style_name = (style != usual).then(|| ("style".to_owned(), style.into()));
    let explodes = explodes.filter(|explodes| *explodes != (style == "form"));
    style_name.into_iter().chain(explodes.map(|explodes| ("explode".to_owned(), explodes.into()))).collect()
}

/// The serialisation of the fields of a form: `encoding photo contentType`.
fn encoding(content: &Value) -> Map<String, Value> {
    let of_field = |(field, node): (&str, &Value)| {
        keywords::of_part(&format!("encoding {field}"), keywords::attributes(keywords::ENCODING, node))
            .collect::<Vec<_>>()
    };
    entries(content.get("encoding")).flat_map(of_field).collect()
}

/// A media type for comparison, without capitals, white space and the character set.
fn media_type(text: &str) -> String {
    let text = text.to_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_owned();
    let mut others: Vec<_> = parts.filter(|part| !part.is_empty() && !part.starts_with("charset")).collect();
    others.sort_unstable();
    others.into_iter().fold(name, |whole, part| whole + ";" + part)
}

/// The direction. Requests have no `readOnly` fields, and responses have no `writeOnly` fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Direction {
    Sent,
    Received,
}

/// The schemas that contain one, by depth.
type Above = Vec<Vec<Pointer>>;

/// A field: its full name, its schemas, and whether it is required if that is known.
type Field<'a> = (String, Parts<'a>, Option<bool>);

impl<'a> Reader<'a> {
    /// Adds the contents of a schema. `place` is the prefix of their names, `above` the schemas that contain it.
    fn fields(&mut self, of: &Shape<'a>, place: &str, direction: Direction, above: &mut Above) -> Read {
        if above.len() > MAX_DEPTH || self.items.len() > MAX_ITEMS {
            return Err(format!("the schema at {place} is nested too deep, or too large"));
        }
        for (place, parts, required) in fields_of(of, place, direction) {
            let mut child = shape(self.spec, &self.budget, &parts)?;
            let targets = std::mem::take(&mut child.targets);
            // Only a field has a direction, and only a field may be required.
            let is_left_out = if direction == Direction::Sent { child.read_only } else { child.write_only };
            if is_left_out && required.is_some() {
                continue;
            }
            let mut attributes = child.attributes();
            attributes.extend(required.map(|required| ("required".to_owned(), Value::from(required))));
            // A schema within itself: its fields are already listed.
            let is_recursive =
                !targets.is_empty() && targets.iter().all(|target| above.iter().flatten().any(|above| above == target));
            if is_recursive {
                attributes.insert("recursive".into(), true.into());
                child = Shape::default();
            }
            let at = parts.first().and_then(|together| together.first()).map(|(_, at)| at.clone()).unwrap_or_default();
            self.add(place.clone(), &at, attributes, child.prose)?.schema.clone_from(&child.described_at);
            above.push(targets);
            self.fields(&child, &place, direction, above)?;
            above.pop();
            child.samples.iter().try_for_each(|sample| self.sample(&place, sample))?;
        }
        Ok(())
    }
}

/// The fields of an object, the items of a list, the values of a mapping, and the keywords that are not understood.
fn fields_of<'a>(of: &Shape<'a>, place: &str, direction: Direction) -> Vec<Field<'a>> {
    let is_sent = direction == Direction::Sent;
    let is_required = |name: &str| of.required.contains(name) || is_sent && of.required_when_sent.contains(name);
    // The first names of a body or parameter follow a space.
    let dot = if place.ends_with(": ") { "" } else { "." };
    let described = of.properties.iter();
    let described =
        described.map(|(name, parts)| (format!("{place}{dot}{name}"), parts.clone(), Some(is_required(name))));
    // Required, but not described.
    let bare = of.required.iter().filter(|name| !of.properties.contains_key(*name));
    let bare = bare.map(|name| (format!("{place}{dot}{name}"), Parts::new(), Some(true)));
    let items = (!of.items.is_empty()).then(|| (format!("{place}[]"), of.items.clone(), None));
    let values = (!of.values.is_empty()).then(|| (format!("{place}{{}}"), of.values.clone(), None));
    let opaque = of.opaque.iter().flat_map(|(label, schemas)| {
        let number = |n: usize| if n == 0 { String::new() } else { format!(" ({})", n + 1) };
        // A schema with two references is one schema.
        let mut known = BTreeSet::new();
        let new = schemas.iter().filter(move |schema| known.insert(schema.first().map(|(_, at)| at.clone())));
        new.enumerate().map(move |(n, schema)| (format!("{place}<{label}{}>", number(n)), vec![schema.clone()], None))
    });
    described.chain(bare).chain(items).chain(values).chain(opaque).collect()
}
