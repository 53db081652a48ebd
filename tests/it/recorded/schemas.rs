//! The JSON Schemas of the types, as users publish them.

use super::snapshot;
use crate::schema::rust_schemas;

#[test]
fn the_json_schema_of_each_type() {
    for (name, schema) in rust_schemas() {
        snapshot(&format!("schema__{name}"), &serde_json::to_string_pretty(&schema).unwrap());
    }
}
