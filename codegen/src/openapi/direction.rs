//! The directions of schemas: sent schemas are strict, read schemas are lenient, and some are both.
//!
//! ```text
//! request bodies ─▶ sent ───────┐
//!                               ├─▶ Directions: a schema and all that it refers to
//! responses, webhooks ─▶ read ──┘
//! ```

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Described, Spec, text, walk};

/// The names of the schemas that are sent, and of those that are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directions {
    sent: BTreeSet<String>,
    read: BTreeSet<String>,
    /// The bodies of webhooks, if no response contains them.
    webhooks: BTreeSet<String>,
}

impl Directions {
    pub(crate) fn is_sent(&self, schema: &str) -> bool {
        self.sent.contains(schema)
    }

    pub(crate) fn is_read(&self, schema: &str) -> bool {
        self.read.contains(schema)
    }

    /// Whether it is sent and never read.
    pub(crate) fn is_sent_only(&self, schema: &str) -> bool {
        self.is_sent(schema) && !self.is_read(schema)
    }

    /// Whether `required` is kept: in schemas that are only sent, and in bodies of webhooks. Any field of a response may be absent.
    pub(crate) fn keeps_required(&self, schema: &str) -> bool {
        self.is_sent_only(schema) || self.webhooks.contains(schema)
    }
}

impl Spec {
    /// The directions of the named schemas.
    pub(crate) fn directions(&self) -> Directions {
        let mut directions = Directions::default();
        for operation in self.operations() {
            if let Some(body) = operation.node.get("requestBody") {
                self.collect(self.resolve(body), &mut directions.sent);
            }
            for response in self.responses(&operation) {
                self.collect(response.node, &mut directions.read);
            }
        }
        for hook in self.webhooks() {
            // A body that is also a response is lenient.
            let body = self.body(&hook).map(|(name, _)| name).filter(|name| !directions.is_read(name));
            directions.webhooks.extend(body.map(str::to_owned));
            self.collect(hook.node, &mut directions.read);
        }
        directions
    }

    /// Adds every schema that a node refers to, directly or through other schemas.
    fn collect(&self, node: &Value, found: &mut BTreeSet<String>) {
        let mut pending = vec![node];
        while let Some(node) = pending.pop() {
            walk(node, &mut |Described { node, .. }| {
                let name = text(node, "$ref").and_then(|reference| reference.strip_prefix("#/components/schemas/"));
                if let Some(name) = name.filter(|name| found.insert((*name).to_owned())) {
                    pending.extend(self.schema(name));
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_may_have_the_name_of_a_keyword() {
        let properties: String = ["default", "example", "examples"]
            .map(|name| format!("{name}: {{$ref: '#/components/schemas/{}'}}", name.to_uppercase()))
            .join(", ");
        let text = format!(
            "paths: {{/a: {{post: {{requestBody: {{content: {{application/json: {{\
             schema: {{$ref: '#/components/schemas/Sent'}}, example: {{$ref: '#/components/schemas/DATA'}}}}}}}}}}}}}}\n\
             components: {{schemas: {{Sent: {{properties: {{{properties}}}}}, DEFAULT: {{}}, EXAMPLE: {{}}, EXAMPLES: {{}}, DATA: {{}}}}}}\n"
        );
        let spec = Spec::parse("s.yaml", &text).unwrap();
        let directions = spec.directions();
        let sent = ["DEFAULT", "EXAMPLE", "EXAMPLES", "DATA"].map(|schema| directions.is_sent(schema));
        assert_eq!(sent, [true, true, true, false]);
    }

    #[test]
    fn a_schema_has_the_directions_of_those_that_refer_to_it() {
        let body = |schema: &str| {
            format!("{{content: {{application/json: {{schema: {{$ref: '#/components/schemas/{schema}'}}}}}}}}")
        };
        let text = format!(
            "paths: {{/a: {{post: {{requestBody: {}, responses: {{'200': {}}}}}}}}}\n\
             x-webhooks: {{h: {{post: {{requestBody: {}}}}}}}\n\
             components: {{schemas: {{\
             Sent: {{properties: {{b: {{$ref: '#/components/schemas/Both'}}}}}}, \
             Read: {{properties: {{b: {{items: {{$ref: '#/components/schemas/Both'}}}}, s: {{$ref: '#/components/schemas/Read'}}}}}}, \
             Both: {{}}, Frame: {{}}, Alone: {{}}}}}}\n",
            body("Sent"),
            body("Read"),
            body("Frame"),
        );
        let spec = Spec::parse("s.yaml", &text).unwrap();
        let directions = spec.directions();
        let sent: Vec<_> =
            ["Sent", "Read", "Both", "Frame", "Alone"].into_iter().filter(|s| directions.is_sent(s)).collect();
        assert_eq!(sent, ["Sent", "Both"]);
        assert!(directions.is_sent_only("Sent") && !directions.is_sent_only("Both"));
        assert!(directions.keeps_required("Sent") && directions.keeps_required("Frame"));
        assert!(!directions.keeps_required("Both") && !directions.keeps_required("Read"));
    }
}
