//! How large and how small a number may be.
//!
//! OpenAPI 3.0 says `minimum: 5, exclusiveMinimum: true` for what 3.1 says as `exclusiveMinimum: 5`. Here both are the
//! attribute `minimum` with the text `> 5`, so that a limit is one thing, however it is written.

use serde_json::{Map, Value};

use crate::compare::keywords::whole;

/// The two ends, each with its keywords and the mark of a limit that is itself not allowed.
const ENDS: [(&str, &str, &str); 2] = [("minimum", "exclusiveMinimum", ">"), ("maximum", "exclusiveMaximum", "<")];

/// The attributes `minimum` and `maximum` of a schema.
pub(super) fn bounds(node: &Value) -> impl Iterator<Item = (&'static str, Value)> {
    ENDS.into_iter().filter_map(|(name, exclusive, mark)| {
        let inclusive = node.get(name).filter(|value| value.is_number()).map(whole);
        let outside = |limit: &Value| Value::from(format!("{mark} {limit}"));
        let bound = match (inclusive, node.get(exclusive)) {
            (Some(limit), Some(Value::Bool(true))) => outside(&limit),
            (Some(limit), Some(other)) if other.is_number() => tighter(name, &limit, &outside(&whole(other))),
            (None, Some(other)) if other.is_number() => outside(&whole(other)),
            (limit, _) => limit?,
        };
        Some((name, bound))
    })
}

/// Of two limits that both hold, the one that allows less.
pub(super) fn tighter(name: &str, ours: &Value, theirs: &Value) -> Value {
    if allows_less(name, ours, theirs) { theirs.clone() } else { ours.clone() }
}

/// Whether the second of two limits allows less than the first. For all limits that are numbers.
pub(crate) fn allows_less(name: &str, before: &Value, after: &Value) -> bool {
    let (Some((old, was_outside)), Some((new, is_outside))) = (read(before), read(after)) else { return false };
    let goes_in = is_outside && !was_outside;
    match name.get(..3) {
        Some("max") => new < old || (new <= old && goes_in),
        Some("min") => new > old || (new >= old && goes_in),
        // A step of which the other is a multiple allows more.
        _ => !is_whole(old / new),
    }
}

/// `0.3 / 0.1` is 3 for our purpose.
fn is_whole(quotient: f64) -> bool {
    (quotient - quotient.round()).abs() < 1e-9 && quotient.round() != 0.0
}

/// A limit, and whether it is itself not allowed.
fn read(limit: &Value) -> Option<(f64, bool)> {
    let outside = || limit.as_str()?.get(2..)?.parse().ok();
    limit.as_f64().map(|limit| (limit, false)).or_else(|| outside().map(|limit| (limit, true)))
}

/// For whole numbers, more than 0 is 1 or more.
pub(super) fn for_integers(attributes: &mut Map<String, Value>) {
    for (name, _, mark) in ENDS {
        let Some((limit, is_outside)) = attributes.get(name).and_then(read) else { continue };
        let inner = match (mark, is_outside) {
            (">", true) => limit.floor() + 1.0,
            (">", false) => limit.ceil(),
            (_, true) => limit.ceil() - 1.0,
            (_, false) => limit.floor(),
        };
        // Beyond that, a float no longer tells neighbours apart.
        if inner.abs() < 9e15 {
            attributes.insert(name.to_owned(), whole(&Value::from(inner)));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_limit_is_one_thing_however_it_is_written() {
        let read = |node: Value| bounds(&node).collect::<Vec<_>>();
        for node in [
            json!({"minimum": 5, "exclusiveMinimum": true}),
            json!({"exclusiveMinimum": 5.0}),
            json!({"minimum": 4, "exclusiveMinimum": 5}),
            json!({"minimum": 5, "exclusiveMinimum": 5}),
        ] {
            assert_eq!(read(node), [("minimum", json!("> 5"))]);
        }
        assert_eq!(read(json!({"maximum": 3, "exclusiveMaximum": 4})), [("maximum", json!(3))]);
        assert_eq!(read(json!({"exclusiveMaximum": true, "exclusiveMinimum": false})), []);
        let mut whole = Map::from_iter([("minimum".to_owned(), json!("> 0")), ("maximum".to_owned(), json!("< 7.5"))]);
        for_integers(&mut whole);
        assert_eq!(Value::Object(whole), json!({"minimum": 1, "maximum": 7}));
    }

    #[test]
    fn what_allows_less_is_told_from_what_allows_more() {
        for (name, old, new, less) in [
            ("maximum", json!(10), json!("< 10"), true),
            ("maximum", json!("< 10"), json!(10), false),
            ("maximum", json!(10), json!("< 12"), false),
            ("minimum", json!("> 1"), json!(2), true),
            ("minLength", json!(2), json!(1), false),
            ("multipleOf", json!(0.3), json!(0.1), false),
            ("multipleOf", json!(0.1), json!(0.3), true),
            ("multipleOf", json!(4), json!(6), true),
        ] {
            assert_eq!(allows_less(name, &old, &new), less, "{name} {old} {new}");
        }
    }
}
