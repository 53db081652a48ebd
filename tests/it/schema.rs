//! The JSON Schema of the Rust types (feature `schemars`) and the spec agree, field by field, so that neither can drift
//! from the other. Both sides are brought to the same small shape and compared whole.

use std::collections::BTreeMap;

use cashfree_vkyc::webhook::Event;
use cashfree_vkyc::{
    AadhaarAddress, AadhaarDetails, ApiError, AuthenticatedUser, ErrorCode, EventType, Gender, IdentifierType,
    Initiate, NewUser, NotificationType, Product, ReferenceId, SdkToken, SecurityQuestion, Status, SubStatus,
    TokenMetadata, TokenRequest, User, UserChanges, UserId, UserReferenceId, VerificationId, VideoKyc,
};
use schemars::{JsonSchema, Schema, schema_for};
use serde_json::Value;

use crate::support;

/// The properties of a field that both sides describe.
#[derive(Debug, PartialEq)]
struct Field {
    kind: String,
    known_values: Vec<String>,
    required: bool,
}

type Fields = BTreeMap<String, Field>;

/// Types that are sent and received: a reader requires no field.
const BOTH_WAYS: [&str; 3] = ["AadhaarAddress", "AadhaarDetails", "SecurityQuestion"];

/// The schemas whose Rust types are public, by their name in the spec.
pub(crate) fn rust_schemas() -> Vec<(&'static str, Schema)> {
    fn schema<T: JsonSchema>(name: &'static str) -> (&'static str, Schema) {
        (name, schema_for!(T))
    }
    vec![
        schema::<AadhaarAddress>("AadhaarAddress"),
        schema::<AadhaarDetails>("AadhaarDetails"),
        schema::<AuthenticatedUser>("AuthenticatedUser"),
        schema::<Gender>("Gender"),
        schema::<IdentifierType>("IdentifierType"),
        schema::<Initiate>("InitiateRequest"),
        schema::<NewUser>("NewUser"),
        schema::<NotificationType>("NotificationType"),
        schema::<Product>("Product"),
        schema::<ReferenceId>("ReferenceId"),
        schema::<SdkToken>("SdkToken"),
        schema::<SecurityQuestion>("SecurityQuestion"),
        schema::<TokenMetadata>("TokenMetadata"),
        schema::<TokenRequest>("TokenRequest"),
        schema::<User>("User"),
        schema::<UserChanges>("UserChanges"),
        schema::<UserId>("UserId"),
        schema::<UserReferenceId>("UserReferenceId"),
        schema::<VerificationId>("VerificationId"),
        schema::<VideoKyc>("VideoKyc"),
        schema::<ApiError>("ApiError"),
        schema::<Status>("KycStatus"),
        schema::<SubStatus>("KycSubStatus"),
        schema::<ErrorCode>("ErrorCode"),
        schema::<Event>("VideoKycEvent"),
        schema::<EventType>("KycEventType"),
    ]
}

#[test]
fn every_schema_of_the_spec_has_a_public_type() {
    let spec = support::spec();
    let mut in_spec: Vec<_> =
        spec.at("/components/schemas").unwrap().as_object().unwrap().keys().map(String::as_str).collect();
    let mut in_rust: Vec<_> = rust_schemas().into_iter().map(|(name, _)| name).collect();
    in_spec.sort_unstable();
    in_rust.sort_unstable();
    assert_eq!(in_spec, in_rust, "re-export the type in src/lib.rs and list it here");
}

#[test]
fn the_types_and_the_spec_agree_field_by_field() {
    let spec = support::spec();
    for (name, schema) in rust_schemas() {
        let node = spec.at(&format!("/components/schemas/{name}")).unwrap();
        let resolve = |node: &Value| {
            let wrapped = node.pointer("/allOf/0").or_else(|| node.pointer("/anyOf/0")).unwrap_or(node);
            spec.resolve(wrapped).clone()
        };
        let mut in_spec = fields_of_spec(node, &resolve);
        in_spec.values_mut().for_each(|field| field.required &= !BOTH_WAYS.contains(&name));
        assert_eq!(fields_of_rust(schema.as_value()), in_spec, "{name}");
    }
}

fn fields_of_spec(node: &Value, resolve: &dyn Fn(&Value) -> Value) -> Fields {
    let required: Vec<_> = node["required"].as_array().into_iter().flatten().collect();
    let mut fields: Fields = properties(node)
        .map(|(name, property)| {
            let target = resolve(property);
            let type_ = target["type"].as_str().or_else(|| target.pointer("/oneOf/0/type")?.as_str());
            let kind = kind(type_, property["format"].as_str().filter(|format| *format == "timestamp"));
            let field =
                Field { kind, known_values: texts(&target["enum"]), required: required.contains(&&Value::from(name)) };
            (name.to_owned(), field)
        })
        .collect();
    if node.get("enum").is_some() {
        fields
            .insert(String::new(), Field { kind: "string".into(), known_values: texts(&node["enum"]), required: true });
    }
    fields
}

fn fields_of_rust(schema: &Value) -> Fields {
    let required: Vec<_> = schema["required"].as_array().into_iter().flatten().collect();
    let mut fields: Fields = properties(schema)
        .map(|(name, property)| {
            // `Option` of a named type is `anyOf: [$ref, null]`.
            let option = property["anyOf"]
                .as_array()
                .and_then(|options| options.iter().find(|option| option.get("$ref").is_some()));
            let reference = option.unwrap_or(property)["$ref"].as_str();
            let target = reference.and_then(|r| schema.pointer(r.strip_prefix('#')?)).unwrap_or(property);
            let type_ = match &target["type"] {
                Value::Array(types) => types.iter().find(|type_| *type_ != "null").and_then(Value::as_str),
                type_ => type_.as_str(),
            };
            let kind = kind(type_, target["format"].as_str().filter(|format| *format == "timestamp"));
            let field = Field { kind, known_values: known(target), required: required.contains(&&Value::from(name)) };
            (name.to_owned(), field)
        })
        .collect();
    if !known(schema).is_empty() {
        fields.insert(String::new(), Field { kind: "string".into(), known_values: known(schema), required: true });
    }
    fields
}

fn properties(node: &Value) -> impl Iterator<Item = (&str, &Value)> {
    node["properties"].as_object().into_iter().flatten().map(|(name, property)| (name.as_str(), property))
}

fn kind(type_: Option<&str>, format: Option<&str>) -> String {
    format!("{} {}", type_.unwrap_or("anything"), format.unwrap_or("")).trim().to_owned()
}

fn known(schema: &Value) -> Vec<String> {
    texts(&schema["anyOf"][0]["enum"])
}

fn texts(values: &Value) -> Vec<String> {
    values.as_array().into_iter().flatten().map(|value| value.as_str().unwrap().to_owned()).collect()
}
