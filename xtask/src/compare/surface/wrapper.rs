//! What the wrapper makes of the API by our own keys, which users rely upon as on any field: whether a call is retried, what
//! is said of a state, what is advised after an error. Of our own spec only: no page speaks of it, and the samples of a page
//! are none of it.

use cashfree_vkyc_codegen::openapi::{Pointer, Spec, array, entries, text};
use serde_json::{Map, Value};

use super::{Item, Items};

/// The items of the wrapper, by the names that stand where those of operations' places would.
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
            let at = Pointer::of(["components", "responses", response]);
            let pointer = at.push("content").push("application/json").push("examples").push(name);
            let attributes = keep(example, &["value", "x-advice"]);
            found.insert(format!("error {response} {name}"), Item { attributes, pointer, ..Item::default() });
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
