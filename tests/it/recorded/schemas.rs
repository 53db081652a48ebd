//! The JSON Schemas of the types, as users publish them.

use serde_json::Value;

use super::snapshot;
use crate::schema::rust_schemas;

/// Each type on its own: a type that it refers to has a snapshot too.
#[test]
fn the_json_schema_of_each_type_matches_its_snapshot() {
    let schemas = rust_schemas();
    let titles: Vec<Value> = schemas.iter().map(|(_, schema)| schema.get("title").unwrap().clone()).collect();
    for (name, mut schema) in schemas {
        let definitions = schema.remove("$defs").unwrap_or_default();
        for title in definitions.as_object().into_iter().flat_map(|definitions| definitions.keys()) {
            assert!(titles.contains(&title.as_str().into()), "{name} refers to {title}, which has no snapshot");
        }
        snapshot(&format!("schema__{name}"), &serde_json::to_string_pretty(&schema).unwrap());
    }
}
