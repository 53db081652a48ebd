//! Lists the schemas and the operations of the spec for the tests, so that a new one needs no line in any test.

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use cashfree_vkyc_codegen::Spec;
use cashfree_vkyc_codegen::openapi::{Operation, array, entries, is_true, reference_name, text};
use heck::ToSnakeCase as _;
use serde_json::Value;

fn main() -> Result<(), Box<dyn Error>> {
    let file = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../spec/vkyc.yaml");
    println!("cargo::rerun-if-changed=build.rs\ncargo::rerun-if-changed={}", file.display());
    let spec = Spec::read(&file)?.with_names();
    let schemas =
        entries(spec.at("/components/schemas")).map(|(name, _)| format!("{name:?} => {},\n", ty(&spec, name)));
    let operations = spec.operations();
    let calls = operations.iter().map(|operation| call(&spec, operation));
    let text = format!(
        "/// Passes `name => type,` of each schema to a macro.\n\
         macro_rules! schemas {{ ($visit:ident) => {{ $visit! {{ {} }} }} }}\n\
         /// Passes the call of an operation to a macro, with the required arguments only.\n\
         macro_rules! call {{ ($client:expr, $operation:expr, $made:ident) => {{ match $operation {{ {} \
         other => panic!(\"the spec has no operation {{other}}\") }} }} }}\n\
         pub(crate) use {{call, schemas}};\n\
         /// Every type of the spec has one public path, which is in one of these modules.\n\
         mod spec_types {{ #[allow(unused_imports)] pub(crate) use cashfree_vkyc::{{*, operations::*, webhook::*}}; }}\n",
        schemas.collect::<String>(),
        calls.collect::<String>(),
    );
    fs::write(Path::new(&env::var("OUT_DIR")?).join("spec.rs"), text)?;
    Ok(())
}

/// The Rust type of a named schema.
fn ty(spec: &Spec, schema: &str) -> String {
    let node = spec.at(&format!("/components/schemas/{schema}")).unwrap_or_default();
    format!("crate::spec_types::{}", text(node, "x-rust-name").unwrap_or(schema))
}

/// An arm of a `match` on the id of an operation.
fn call(spec: &Spec, operation: &Operation<'_>) -> String {
    let id = text(operation.node, "operationId").unwrap_or_default();
    let definition = |name: &Value| spec.at(&format!("/x-exactly-one-of/{}/of/0", name.as_str()?));
    let choices =
        array(operation.node.get("x-exactly-one-of")).filter_map(|name| Some((name.as_str()?, definition(name)?)));
    let choices = choices.map(|(choice, field)| {
        let (field, id_type) = (text(field, "field").unwrap_or_default(), text(field, "type").unwrap_or_default());
        argument(id, &choice.to_snake_case(), field, &ty(spec, id_type))
    });
    let parameters = array(operation.node.get("parameters")).map(|parameter| spec.resolve(parameter));
    let required = parameters.filter(|node| is_true(node, "required") && !is_true(node, "x-transport"));
    let required = required.map(|node| {
        let (name, schema) = (text(node, "name").unwrap_or_default(), node.get("schema").unwrap_or_default());
        let ty = reference_name(schema).map_or_else(|| plain(schema).to_owned(), |name| ty(spec, name));
        argument(id, &name.to_snake_case(), name, &ty)
    });
    let body = operation.node.get("requestBody").map(|body| spec.resolve(body));
    let body = body.and_then(|body| reference_name(body.pointer("/content/application~1json/schema")?));
    let body = body.map(|name| {
        let value =
            format!("crate::support::example::typed::<{}>({name:?}, ::serde_json::json!({{}}))", ty(spec, name));
        format!(".body({value})")
    });
    let arguments: String = choices.chain(required).chain(body).collect();
    format!("{id:?} => $made!($client.operations().{}(){arguments}.send()),\n", id.to_snake_case())
}

fn argument(operation: &str, setter: &str, name: &str, ty: &str) -> String {
    let value = format!("crate::support::example::argument({operation:?}, {name:?})");
    format!(".{setter}(::serde_json::from_value::<{ty}>({value}).unwrap())")
}

/// The Rust type of a value that has no named schema.
fn plain(schema: &Value) -> &'static str {
    match (text(schema, "type"), text(schema, "format")) {
        (Some("integer"), Some("int32")) => "i32",
        (Some("integer"), _) => "i64",
        (Some("number"), _) => "f64",
        (Some("boolean"), _) => "bool",
        (Some("string"), Some("timestamp" | "date" | "date-time")) => "crate::spec_types::Timestamp",
        (Some("string"), _) => "String",
        _ => "crate::spec_types::NumberOrText",
    }
}
