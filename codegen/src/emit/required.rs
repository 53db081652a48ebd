//! How the required fields of a request are passed.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::openapi::{OpenEnum, Spec, is_true, reference_name, required_when_sent, text};

/// The value of a field whose enum has only one, so that no caller has to pass it. `None` where other values may be sent too.
pub(super) fn only_value<'a>(spec: &'a Spec, property: &Value) -> Option<(OpenEnum<'a>, &'a str)> {
    let open_enum = spec.open_enum(reference_name(property)?).filter(|e| !is_true(e.node, "x-accepts-unknown"))?;
    let mut values = open_enum.values();
    let only = values.next().filter(|_| values.next().is_none())?;
    Some((open_enum, only))
}

/// Whether they are set by name, because a caller could swap arguments of `new`: more than three of them, or two of one type.
/// A text, a time and a date are one type here: each is made from a `&str`.
pub(super) fn is_set_by_name(spec: &Spec, schema: &Value) -> bool {
    let required = required_when_sent(schema).filter_map(|name| schema.get("properties")?.get(name));
    let required = required.filter(|property| only_value(spec, property).is_none());
    let types: Vec<_> = required.map(|property| reference_name(property).or_else(|| text(property, "type"))).collect();
    types.len() > 3 || types.iter().collect::<BTreeSet<_>>().len() < types.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn arguments_that_could_be_swapped_are_set_by_name() {
        let (text, time) = (json!({"type": "string"}), json!({"type": "string", "format": "timestamp"}));
        let (number, id) = (json!({"type": "integer"}), json!({"allOf": [{"$ref": "#/components/schemas/Id"}]}));
        let spec = Spec::parse("s.yaml", "openapi: 3.0.3").unwrap();
        for (properties, expected) in [
            (vec![], false),
            (vec![&text], false),
            (vec![&text, &number, &id], false),
            (vec![&text, &time], true),
            (vec![&id, &id], true),
            (vec![&text, &number, &id, &json!({"type": "boolean"})], true),
        ] {
            let names: Vec<_> = (0..properties.len()).map(|n| n.to_string()).collect();
            let fields: serde_json::Map<_, _> = names.iter().cloned().zip(properties.into_iter().cloned()).collect();
            let schema = json!({"required": names, "properties": fields});
            assert_eq!(is_set_by_name(&spec, &schema), expected, "{schema}");
        }
    }
}
