//! Every node of a document that describes something.

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

/// Calls `visit` for every mapping that describes something, outer ones first; data and the names that authors choose are
/// passed over: a property may be called `pattern`.
pub(crate) fn walk(root: &Value, visit: &mut dyn FnMut(&Value, &Pointer)) {
    step(root, &Pointer::root(), visit);
}

fn step(node: &Value, at: &Pointer, visit: &mut dyn FnMut(&Value, &Pointer)) {
    match node {
        Value::Object(map) => {
            visit(node, at);
            for (key, value) in map.iter().filter(|(key, _)| !DATA.contains(&key.as_str())) {
                let at = at.push(key);
                match value {
                    Value::Object(names) if NAMED.contains(&key.as_str()) => {
                        names.iter().for_each(|(name, value)| step(value, &at.push(name), visit));
                    }
                    _ => step(value, &at, visit),
                }
            }
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(n, item)| step(item, &at.push(n), visit)),
        _ => {}
    }
}
