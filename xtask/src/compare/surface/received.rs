//! What the API sends: webhooks, and callbacks of an operation. A field of it is a gift, like that of an answer.

use cashfree_vkyc_codegen::openapi::{METHODS, Pointer, array, entries, is_true};
use serde_json::{Map, Value};

use super::super::keywords::{self, KEYWORD};
use super::super::schema::listed;
use super::fields::Direction;
use super::operation::place_of;
use super::{Opened, Reader, followed, open};

impl<'a> Reader<'a> {
    /// Reads a request that the API sends. `head` begins the names of its places. Returns what is said of it as a whole, and where
    /// it stands.
    pub(super) fn received(
        &mut self,
        item: &'a Value,
        at: Pointer,
        head: &str,
    ) -> Result<(Map<String, Value>, Pointer), String> {
        let Opened { node: item, at, attributes: mut whole } = open(self.spec, keywords::PATH_ITEM, item, at)?;
        let methods: Vec<_> = METHODS.into_iter().filter(|method| item.get(method).is_some()).collect();
        if methods.iter().any(|method| *method != "post") {
            whole.insert("method".into(), methods.join(" or ").to_uppercase().into());
        }
        self.received_headers(item, &at, head)?;
        for method in methods {
            let (Some(node), at) = (item.get(method), at.push(method)) else { continue };
            whole.extend(keywords::attributes(keywords::OPERATION, node));
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
                let body = open(self.spec, keywords::REQUEST_BODY, body, at.push("requestBody"))?;
                self.content(&body, head, &body.attributes, Direction::Received)?;
            }
        }
        Ok((whole, at))
    }

    fn received_headers(&mut self, node: &'a Value, at: &Pointer, head: &str) -> Result<(), String> {
        for (n, parameter) in array(node.get("parameters")).enumerate() {
            let mut parameter = open(self.spec, keywords::PARAMETER, parameter, at.push("parameters").push(n))?;
            if is_true(parameter.node, "required") {
                parameter.attributes.insert("required".into(), true.into());
            }
            self.value(format!("{head} {}", place_of(parameter.node)), parameter, Direction::Received)?;
        }
        Ok(())
    }

    /// What the API sends on behalf of an operation: `callback done`, and what is in it.
    pub(super) fn callbacks(&mut self, callbacks: Option<&'a Value>, at: &Pointer) -> Result<(), String> {
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
