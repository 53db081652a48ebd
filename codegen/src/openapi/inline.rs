//! Names for inline schemas: an inline object or enum is moved to `components/schemas`, with a name that is made from its place. Later
//! passes then handle named schemas only.
//!
//! ```text
//! Order.properties.parcel: { type: object, properties: … } ─▶ OrderParcel, and a reference to it
//! ```
//!
//! A finding in such a schema has the new pointer and the original line.

use std::collections::VecDeque;

use heck::ToUpperCamelCase as _;
use serde_json::{Map, Value, json};

use super::{Pointer, Spec, entries, text};

/// Keys that stay at the original place, because they describe the place and not the schema.
const OF_THE_PLACE: [&str; 9] = [
    "description",
    "example",
    "nullable",
    "readOnly",
    "x-absent-is-unknown",
    "x-echoed-by",
    "x-evidence",
    "x-numbered-by",
    "x-sensitive",
];

impl Spec {
    /// The same document, with a name for every object and every enum.
    #[must_use]
    pub fn with_names(&self) -> Self {
        let mut named = self.clone();
        // Bodies come first, so that their inner schemas are named after them.
        for operation in self.operations() {
            let id = text(operation.node, "operationId").unwrap_or_default().to_upper_camel_case();
            let request = operation.at.push("requestBody");
            let responses = operation.at.push("responses");
            let answers =
                entries(operation.node.get("responses")).map(|(status, _)| (responses.push(status), "Answer"));
            for (at, what) in answers.chain([(request, "Request")]) {
                let schema = at.push("content").push("application/json").push("schema");
                named.name_one(&schema, &format!("{id}{what}"));
                named.name_one(&schema.push("items"), &format!("{id}{what}Item"));
            }
        }
        let mut pending: VecDeque<String> = named.schemas().into_iter().map(|(name, ..)| name.to_owned()).collect();
        while let Some(name) = pending.pop_front() {
            let at = Pointer::of(["components", "schemas", &name]);
            for (place, name) in places(named.at(at.as_ref()), &at, &name) {
                pending.extend(named.name_one(&place, &name));
            }
        }
        named
    }

    /// Moves the schema at a pointer to `components/schemas` if it needs a name. Returns its name.
    fn name_one(&mut self, at: &Pointer, wanted: &str) -> Option<String> {
        let node = self.at(at.as_ref()).filter(|node| needs_a_name(node))?.as_object()?.clone();
        let free = |name: &String| self.schema(name).is_none();
        let name = std::iter::once(wanted.to_owned()).chain((2..).map(|n| format!("{wanted}{n}"))).find(free)?;
        let (mut rest, mut schema): (Map<_, _>, Map<_, _>) =
            node.into_iter().partition(|(key, _)| OF_THE_PLACE.contains(&key.as_str()));
        schema.extend(rest.get("description").map(|words| ("description".to_owned(), words.clone())));
        rest.insert("allOf".into(), json!([{ "$ref": format!("#/components/schemas/{name}") }]));
        self.name_schema(at, &name, schema.into(), rest.into());
        Some(name)
    }
}

/// Whether a schema has properties or an enum. typify makes a type of it even without `type: object`, which the lint requires.
fn needs_a_name(node: &Value) -> bool {
    (node.get("properties").is_some() || node.get("enum").is_some()) && node.get("$ref").is_none()
}

/// The places where a schema may contain inline schemas, with the names for them.
fn places(schema: Option<&Value>, at: &Pointer, name: &str) -> Vec<(Pointer, String)> {
    let mut found = Vec::new();
    for (property, node) in entries(schema.and_then(|schema| schema.get("properties"))) {
        let (mut at, mut name) =
            (at.push("properties").push(property), format!("{name}{}", property.to_upper_camel_case()));
        let mut node = Some(node);
        // Lists of lists and maps of lists, at any depth.
        while let Some(inner) = node {
            found.push((at.clone(), name.clone()));
            let key =
                ["items", "additionalProperties"].into_iter().find(|key| inner.get(*key).is_some_and(Value::is_object));
            let Some(key) = key.filter(|_| !needs_a_name(inner)) else { break };
            (at, name, node) = (at.push(key), format!("{name}Item"), inner.get(key));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_inline_schema_gets_the_name_of_its_place() {
        let text = "paths:\n  /a:\n    post:\n      operationId: makeOrder\n      requestBody:\n        content:\n          application/json:\n            schema:\n              type: object\n              description: An order.\n              properties:\n                parcel: { type: object, description: P., x-evidence: sample, properties: { kind: { type: string, enum: [A] } } }\n                lines: { type: array, items: { type: object, properties: { n: { type: integer } } } }\n                plain: { type: string }\ncomponents: { schemas: { MakeOrderRequestLinesItem: { type: object } } }\n";
        let spec = Spec::parse("s.yaml", text).unwrap().with_names();
        let names: Vec<_> = spec.schemas().into_iter().map(|(name, ..)| name.to_owned()).collect();
        assert_eq!(
            names,
            [
                "MakeOrderRequest",
                "MakeOrderRequestLinesItem",
                "MakeOrderRequestLinesItem2",
                "MakeOrderRequestParcel",
                "MakeOrderRequestParcelKind"
            ]
        );
        let parcel = spec.at("/components/schemas/MakeOrderRequest/properties/parcel").unwrap();
        let reference = json!([{ "$ref": "#/components/schemas/MakeOrderRequestParcel" }]);
        assert_eq!(*parcel, json!({ "allOf": reference, "description": "P.", "x-evidence": "sample" }));
        assert_eq!(
            spec.at("/components/schemas/MakeOrderRequest/properties/plain"),
            Some(&json!({ "type": "string" }))
        );
        let kind = "/components/schemas/MakeOrderRequestParcelKind/enum/0";
        assert_eq!((spec.at(kind), spec.place(kind).map(|(line, _)| line)), (Some(&json!("A")), Some(12)));
    }

    #[test]
    fn a_document_without_inline_schemas_is_unchanged() {
        let text = crate::tests::FIXTURE;
        let spec = Spec::parse("s.yaml", text).unwrap();
        assert_eq!(spec.with_names().root(), spec.root());
    }
}
