//! A traversal of every node that describes something, and the resolution of `$ref`s.

use std::fmt;

use serde_json::Value;

use super::{Pointer, Spec};

/// Keys whose content is data, not description.
const DATA: [&str; 8] =
    ["default", "enum", "example", "value", "x-enumDescriptions", "x-exactly-one-of", "x-lifecycle", "x-not-in-new"];

/// Mappings whose keys are names that the author chose, not keywords.
const NAMED: [&str; 15] = [
    "callbacks",
    "content",
    "encoding",
    "examples",
    "headers",
    "links",
    "parameters",
    "paths",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
    "variables",
    "x-webhooks",
];

/// A mapping that describes something.
#[derive(Clone, Copy)]
pub(crate) struct Described<'a> {
    pub(crate) node: &'a Value,
    pub(crate) at: &'a Pointer,
    /// The keyword that holds the node: `properties` for each property, `schema` for a parameter's schema.
    pub(crate) role: &'a str,
}

/// Calls `visit` for every mapping that describes something, outer ones first.
///
/// Data is skipped. Names that authors choose are not keywords: a property may be called `pattern`.
pub(crate) fn walk(root: &Value, visit: &mut dyn FnMut(Described<'_>)) {
    step(root, &Pointer::root(), "", visit);
}

fn step(node: &Value, at: &Pointer, role: &str, visit: &mut dyn FnMut(Described<'_>)) {
    match node {
        Value::Object(map) => {
            visit(Described { node, at, role });
            for (key, value) in map.iter().filter(|(key, _)| !DATA.contains(&key.as_str())) {
                let at = at.push(key);
                match value {
                    Value::Object(names) if NAMED.contains(&key.as_str()) => {
                        names.iter().for_each(|(name, value)| step(value, &at.push(name), key, visit));
                    }
                    _ => step(value, &at, key, visit),
                }
            }
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(n, item)| step(item, &at.push(n), role, visit)),
        _ => {}
    }
}

/// A longer chain of references than any document has.
const MAX_STEPS: usize = 40;

/// A `$ref` that cannot be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadEnd<'a> {
    /// The node that contains the `$ref`: the last of a chain.
    pub at: Pointer,
    /// The value of the `$ref`.
    pub reference: &'a str,
    /// The reason.
    pub why: Why,
}

/// The reason why a `$ref` cannot be resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// It names another file, or is not text.
    OtherFile,
    /// There is no such node.
    Nowhere,
    /// It leads back to itself.
    Circle,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::OtherFile => "leads to another file",
            Self::Nowhere => "leads nowhere",
            Self::Circle => "leads back to itself",
        })
    }
}

impl Spec {
    /// Resolves `node` at pointer `at`: returns itself or the target of its `$ref`s, with the pointer.
    ///
    /// # Errors
    /// With the `$ref` that leads to nothing.
    pub fn follow<'a>(&'a self, node: &'a Value, at: Pointer) -> Result<(&'a Value, Pointer), DeadEnd<'a>> {
        let (mut node, mut at) = (node, at);
        for _ in 0..MAX_STEPS {
            match self.step(node, &at)? {
                Some(next) => (node, at) = next,
                None => return Ok((node, at)),
            }
        }
        let reference = node.get("$ref").and_then(Value::as_str).unwrap_or_default();
        Err(DeadEnd { at, reference, why: Why::Circle })
    }

    /// The target of the `$ref` of `node` at pointer `at`, with its pointer; `None` if there is no `$ref`.
    ///
    /// # Errors
    /// With the `$ref` that leads to nothing.
    pub fn step<'a>(&'a self, node: &'a Value, at: &Pointer) -> Result<Option<(&'a Value, Pointer)>, DeadEnd<'a>> {
        let Some(reference) = node.get("$ref") else { return Ok(None) };
        let reference = reference.as_str().unwrap_or_default();
        let dead_end = |why| DeadEnd { at: at.clone(), reference, why };
        let pointer = reference.strip_prefix('#').ok_or_else(|| dead_end(Why::OtherFile))?;
        // A fragment of a URL is percent-encoded, but some documents contain an unencoded `%`.
        let names = [percent_decoded(pointer), Some(pointer.to_owned())];
        let found = names.into_iter().flatten().find_map(|pointer| Some((self.at(&pointer)?, Pointer(pointer))));
        found.map(Some).ok_or_else(|| dead_end(Why::Nowhere))
    }

    /// Resolves `node`. Returns itself if its `$ref` cannot be resolved.
    #[must_use]
    pub fn resolve<'a>(&'a self, node: &'a Value) -> &'a Value {
        self.follow(node, Pointer::root()).map_or(node, |(target, _)| target)
    }
}

/// Decodes a percent-encoded fragment of a URL; `None` if it is malformed or not UTF-8.
fn percent_decoded(fragment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut parts = fragment.split('%');
    bytes.extend(parts.next()?.bytes());
    for part in parts {
        bytes.push(u8::from_str_radix(part.get(..2)?, 16).ok()?);
        bytes.extend(part.get(2..)?.bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_followed_to_their_end_or_to_the_problem() {
        let text =
            "a: {$ref: '#/b'}\nb: {$ref: '#/c~1d'}\nc/d: 7\ne: {$ref: '#/f'}\ng: {$ref: x.yaml}\nh: {$ref: '#/h'}\n";
        let spec = Spec::parse("s.yaml", text).unwrap();
        let follow = |name: &str| {
            let at = Pointer::root().push(name);
            spec.follow(spec.at(at.as_ref()).unwrap(), at).map(|(node, at)| (node.clone(), at.to_string()))
        };
        assert_eq!(follow("a"), Ok((7.into(), "/c~1d".to_owned())));
        for (name, reference, why) in
            [("e", "#/f", Why::Nowhere), ("g", "x.yaml", Why::OtherFile), ("h", "#/h", Why::Circle)]
        {
            assert_eq!(follow(name), Err(DeadEnd { at: Pointer::root().push(name), reference, why }));
        }
        assert!(spec.resolve(spec.at("/h").unwrap()).get("$ref").is_some());
    }

    #[test]
    fn a_fragment_may_be_percent_encoded() {
        let text = "a b: {'x{y}': 1}\n100%: 2\n100%41: 3\nr: ['#/a%20b/x%7By%7d', '#/a b/x{y}', '#/100%', '#/100%2541', '#/%ff']\n";
        let spec = Spec::parse("s.yaml", text).unwrap();
        let references: Vec<_> = crate::openapi::array(spec.at("/r")).collect();
        let follow = |reference: &Value| {
            let node = serde_json::json!({ "$ref": reference });
            spec.follow(&node, Pointer::root()).map(|(node, at)| (node.clone(), at.to_string())).map_err(|end| end.why)
        };
        let found: Vec<_> = references.into_iter().map(follow).collect();
        let place = |value: i32, at: &str| Ok((value.into(), at.to_owned()));
        let inner = place(1, "/a b/x{y}");
        assert_eq!(found, [inner.clone(), inner, place(2, "/100%"), place(3, "/100%41"), Err(Why::Nowhere)]);
    }
}
