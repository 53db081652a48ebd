//! A traversal of every node that describes something.

use serde_json::Value;

use super::{NAMED, Pointer};

/// Keys whose content is data, not description.
const DATA: [&str; 9] = [
    "default",
    "enum",
    "example",
    "value",
    "x-enumDescriptions",
    "x-enum-names",
    "x-exactly-one-of",
    "x-lifecycle",
    "x-not-in-new",
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
/// Data is skipped, and names that authors choose are not taken for keywords: a property may be called `pattern`.
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
