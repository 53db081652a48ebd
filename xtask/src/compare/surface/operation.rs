//! One operation: parameters, bodies, answers; and what the API sends, webhooks and callbacks, a field of which is a gift like that
//! of an answer.

use cashfree_vkyc_codegen::openapi::{METHODS, Pointer, array, entries, is_true, text};
use serde_json::{Map, Value};

use super::super::keywords::{
    self, HEADER, KEYWORD, MEDIA_TYPE, OPERATION, PARAMETER, PATH_ITEM, REQUEST_BODY, RESPONSE,
};
use super::super::schema::{Shape, follow, listed, shape};
use super::fields::{Direction, Under};
use super::{Attributes, Opened, Read, Reader, followed, open};

/// Where a parameter may stand.
const PLACES: [&str; 4] = ["query", "path", "header", "cookie"];

/// Parameters of these names have no effect, as OpenAPI has it.
const IGNORED: [&str; 3] = ["accept", "content-type", "authorization"];

impl<'a> Reader<'a> {
    /// Reads the operation of a path.
    pub(super) fn path(&mut self, path: &'a Value, path_at: &Pointer, method: &str) -> Read {
        let (Some(node), at) = (path.get(method), path_at.push(method)) else { return Ok(()) };
        let root = self.spec.root();
        self.whole.extend(keywords::attributes(OPERATION, node));
        self.servers([node, path, root].into_iter().find_map(|node| node.get("servers")));
        self.auth(node.get("security").or_else(|| root.get("security")))?;
        self.parameters(path.get("parameters"), &path_at.push("parameters"))?;
        self.parameters(node.get("parameters"), &at.push("parameters"))?;
        if let Some(body) = node.get("requestBody") {
            let mut body = open(self.spec, REQUEST_BODY, body, at.push("requestBody"))?;
            body.attributes.insert("required".into(), is_true(body.node, "required").into());
            self.content(&body, "request", &body.attributes, Direction::Sent)?;
        }
        self.responses(node.get("responses"), &at.push("responses"))?;
        self.callbacks(node.get("callbacks"), &at.push("callbacks"))?;
        if is_true(node, "deprecated") {
            self.add("deprecated".into(), &at, Map::new(), None);
        }
        Ok(())
    }

    fn responses(&mut self, responses: Option<&'a Value>, at: &Pointer) -> Read {
        for (status, response) in entries(responses).filter(|(status, _)| !status.starts_with("x-")) {
            let response = open(self.spec, RESPONSE, response, at.push(status))?;
            // `2xx` and `2XX` are one thing; `default` is a word.
            let is_number = status.starts_with(|c: char| c.is_ascii_digit());
            let status = if is_number { status.to_uppercase() } else { status.into() };
            let Opened { node, at, attributes } = &response;
            self.add(status.clone(), at, attributes.clone(), text(node, "description"));
            for (name, header) in entries(node.get("headers")) {
                let place = format!("{status} header {}", name.to_lowercase());
                if !place.ends_with(" content-type") {
                    let mut header = open(self.spec, HEADER, header, at.push("headers").push(name))?;
                    header.attributes.extend(style(header.node, "header"));
                    self.value(place, header, Direction::Received)?;
                }
            }
            self.content(&response, &status, &Map::new(), Direction::Received)?;
        }
        Ok(())
    }

    fn parameters(&mut self, parameters: Option<&'a Value>, at: &Pointer) -> Read {
        for (n, parameter) in array(parameters).enumerate() {
            let mut parameter = open(self.spec, PARAMETER, parameter, at.push(n))?;
            let (node, place) = (parameter.node, place_of(parameter.node));
            // Said already as what proves who calls, or of no effect.
            let ignored = place.strip_prefix("header ").is_some_and(|name| IGNORED.contains(&name));
            if ignored || self.items.contains_key(&format!("auth {place}")) {
                continue;
            }
            parameter.attributes.extend(style(node, text(node, "in").unwrap_or_default()));
            parameter.attributes.insert("required".into(), is_true(node, "required").into());
            // What its path says of it goes whole, fields and all.
            if self.items.contains_key(&place) {
                let fields = format!("{place}: ");
                self.items.retain(|other, _| !other.starts_with(&fields));
            }
            self.value(place, parameter, Direction::Sent)?;
        }
        Ok(())
    }

    /// What a parameter or header holds, with what is said beside its schema.
    pub(super) fn value(&mut self, place: String, of: Opened<'a>, direction: Direction) -> Read {
        let Opened { node, at, attributes: beside } = of;
        let media = entries(node.get("content")).next();
        let (schema, schema_at) = match media {
            Some((media, content)) => (content.get("schema"), at.push("content").push(media).push("schema")),
            None => (node.get("schema"), at.push("schema")),
        };
        let (mut whole, mut above) = (Shape::default(), Vec::new());
        if let Some(schema) = schema {
            whole = shape(self.spec, &self.budget, schema, schema_at.clone())?;
            above.push(follow(self.spec, schema, schema_at)?.1);
        }
        let mut attributes = whole.attributes();
        attributes.extend(media.map(|(media, _)| ("media".to_owned(), media_type(media).into())));
        attributes.extend(beside);
        self.add(place.clone(), &at, attributes, text(node, "description")).enum_pointer = whole.enum_at.clone();
        self.fields(&whole, &mut Under { place: &format!("{place}: "), direction, above }, "", 0)
    }

    /// The bodies of a request or response, and their fields. `about` is said of each.
    pub(super) fn content(&mut self, of: &Opened<'a>, place: &str, about: &Attributes, direction: Direction) -> Read {
        let Opened { node, at, .. } = of;
        if entries(node.get("content")).next().is_none() {
            // What is not understood of a body without content has no place of its own.
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
            self.add(format!("{place} {media}"), &at, attributes, None);
            if let Some(schema) = content.get("schema") {
                let whole = shape(self.spec, &self.budget, schema, at.push("schema"))?;
                let (_, target) = follow(self.spec, schema, at.push("schema"))?;
                let item = self.add(format!("{place} {media}: ."), &target, whole.attributes(), None);
                item.enum_pointer.clone_from(&whole.enum_at);
                let above = vec![target];
                self.fields(&whole, &mut Under { place: &format!("{place} {media}: "), direction, above }, "", 0)?;
            }
        }
        Ok(())
    }

    /// Reads a request that the API sends. `head` begins the names of its places. Returns what is said of it as a whole, and where
    /// it stands.
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
            // Who signs is said by its headers; of the rest, only that it is there.
            for key in ["security", "callbacks", "servers"].into_iter().filter(|key| node.get(key).is_some()) {
                whole.insert(format!("{KEYWORD}{key}"), true.into());
            }
            if is_true(node, "deprecated") {
                whole.insert("deprecated".into(), true.into());
            }
            let answers: Value = entries(node.get("responses")).map(|(status, _)| status).collect();
            whole.insert("answered with".into(), listed(&answers, &answers));
            self.received_headers(node, &at, head)?;
            if let Some(body) = node.get("requestBody") {
                let body = open(self.spec, REQUEST_BODY, body, at.push("requestBody"))?;
                self.content(&body, head, &body.attributes, Direction::Received)?;
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

    /// What the API sends on behalf of an operation: `callback done`, and what is in it.
    pub(super) fn callbacks(&mut self, callbacks: Option<&'a Value>, at: &Pointer) -> Read {
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
                self.add(place, &at, whole, None);
            }
        }
        Ok(())
    }
}

/// "query reference_id"
pub(super) fn place_of(parameter: &Value) -> String {
    let name = text(parameter, "name").unwrap_or_default();
    match text(parameter, "in").unwrap_or_default() {
        "header" => format!("header {}", name.to_lowercase()),
        place if PLACES.contains(&place) => format!("{place} {name}"),
        other => format!("elsewhere {other} {name}"),
    }
}

/// How a value is written, where that is not as usual: a list after one name, or the name again for each.
fn style(node: &Value, place: &str) -> Map<String, Value> {
    let usual = if ["query", "cookie"].contains(&place) { "form" } else { "simple" };
    let style = text(node, "style").unwrap_or(usual);
    let explodes = node.get("explode").and_then(Value::as_bool);
    let style_name = (style != usual).then(|| ("style".to_owned(), style.into()));
    let explodes = explodes.filter(|explodes| *explodes != (style == "form"));
    style_name.into_iter().chain(explodes.map(|explodes| ("explode".to_owned(), explodes.into()))).collect()
}

/// How the fields of a form are written: `encoding photo contentType`.
fn encoding(content: &Value) -> Map<String, Value> {
    let of_field = |(field, node): (&str, &Value)| {
        keywords::of_part(&format!("encoding {field}"), keywords::attributes(keywords::ENCODING, node))
            .collect::<Vec<_>>()
    };
    entries(content.get("encoding")).flat_map(of_field).collect()
}

/// A media type as it is compared: capitals, white space and the character set make no difference.
fn media_type(text: &str) -> String {
    let text = text.to_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_owned();
    let mut others: Vec<_> = parts.filter(|part| !part.is_empty() && !part.starts_with("charset")).collect();
    others.sort_unstable();
    others.into_iter().fold(name, |whole, part| whole + ";" + part)
}
