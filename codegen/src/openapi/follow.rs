//! Where a `$ref` leads.

use std::fmt;

use serde_json::Value;

use super::{Pointer, Spec};

/// More references in a row than any document has.
const MAX_STEPS: usize = 40;

/// A `$ref` that leads to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeadEnd<'a> {
    /// The node whose `$ref` it is: the last of the row.
    pub at: Pointer,
    /// What the `$ref` says.
    pub reference: &'a str,
    /// What is wrong with it.
    pub why: Why,
}

/// Why a `$ref` leads to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Why {
    /// It names another file, or is no text.
    OtherFile,
    /// Nothing stands there.
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
    /// The node that `node`, which stands `at`, stands for, and where that is: itself, or what its `$ref`s lead to.
    ///
    /// # Errors
    /// With the `$ref` that leads to nothing.
    pub fn follow<'a>(&'a self, node: &'a Value, at: Pointer) -> Result<(&'a Value, Pointer), DeadEnd<'a>> {
        let (mut node, mut at) = (node, at);
        for _ in 0..MAX_STEPS {
            let Some(reference) = node.get("$ref") else { return Ok((node, at)) };
            let reference = reference.as_str().unwrap_or_default();
            let Some(pointer) = reference.strip_prefix('#') else {
                return Err(DeadEnd { at, reference, why: Why::OtherFile });
            };
            let Some(target) = self.at(pointer) else { return Err(DeadEnd { at, reference, why: Why::Nowhere }) };
            (node, at) = (target, Pointer(pointer.to_owned()));
        }
        let reference = node.get("$ref").and_then(Value::as_str).unwrap_or_default();
        Err(DeadEnd { at, reference, why: Why::Circle })
    }

    /// The node that `node` stands for, or itself where its `$ref` leads to nothing.
    #[must_use]
    pub fn resolve<'a>(&'a self, node: &'a Value) -> &'a Value {
        self.follow(node, Pointer::root()).map_or(node, |(target, _)| target)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_followed_to_their_end_or_to_what_is_wrong() {
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
}
