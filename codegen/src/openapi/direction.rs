//! Which way the schemas travel: what we send is strict, what we read is lenient, and some go both ways.
//!
//! ```text
//! request bodies ─▶ sent ─────┐
//!                             ├─▶ Directions: a schema and all that it refers to
//! answers, webhooks ─▶ read ──┘
//! ```

use std::collections::BTreeSet;

use serde_json::Value;

use super::{NAMED, Pointer, Spec, array};

/// The names of the schemas that are sent, and of those that are read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Directions {
    sent: BTreeSet<String>,
    read: BTreeSet<String>,
    /// The bodies of webhooks themselves, which no answer holds.
    webhooks: BTreeSet<String>,
}

impl Directions {
    pub(crate) fn is_sent(&self, schema: &str) -> bool {
        self.sent.contains(schema)
    }

    pub(crate) fn is_read(&self, schema: &str) -> bool {
        self.read.contains(schema)
    }

    /// Whether it is sent and never read: then nothing lenient is due.
    pub(crate) fn is_sent_only(&self, schema: &str) -> bool {
        self.is_sent(schema) && !self.is_read(schema)
    }

    /// Whether `required` holds for who reads it: of what is sent, and of the frame of a webhook. An answer may always hold less.
    pub(crate) fn keeps_required(&self, schema: &str) -> bool {
        self.is_sent_only(schema) || self.webhooks.contains(schema)
    }
}

impl Spec {
    /// Which way the schemas travel.
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
            // What is also an answer is as lenient as one.
            let frame = hook.schema_name().filter(|name| !directions.is_read(name)).map(str::to_owned);
            directions.webhooks.extend(frame);
            self.collect(hook.node, &mut directions.read);
        }
        directions
    }

    /// Adds every schema that a node refers to, and those that these refer to.
    fn collect(&self, node: &Value, found: &mut BTreeSet<String>) {
        match node {
            Value::Object(map) => {
                let name = map.get("$ref").and_then(Value::as_str).and_then(schema_of);
                if let Some(name) = name.filter(|name| found.insert((*name).to_owned())) {
                    let at = Pointer::of(["components", "schemas", name]);
                    self.at(at.as_ref()).into_iter().for_each(|node| self.collect(node, found));
                }
                for (key, value) in
                    map.iter().filter(|(key, _)| !["example", "examples", "default"].contains(&key.as_str()))
                {
                    match value {
                        // The keys are names that authors choose: a property may be called `default`.
                        Value::Object(names) if NAMED.contains(&key.as_str()) => {
                            names.values().for_each(|value| self.collect(value, found));
                        }
                        _ => self.collect(value, found),
                    }
                }
            }
            Value::Array(_) => array(Some(node)).for_each(|value| self.collect(value, found)),
            _ => {}
        }
    }
}

/// The schema that a reference leads to.
fn schema_of(reference: &str) -> Option<&str> {
    reference.strip_prefix("#/components/schemas/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_that_is_called_like_a_keyword_leads_on() {
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
    fn a_schema_travels_the_ways_of_those_that_refer_to_it() {
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
