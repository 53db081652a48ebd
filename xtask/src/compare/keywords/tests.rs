//! The tables match the readers: the test puts each keyword into an object of a small API and expects its report, or none.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use cashfree_vkyc_codegen::Spec;
use serde_json::json;

use super::*;
use crate::compare::between;

const FIXTURE: &str = include_str!("../../drift/tests/fixture.yaml");

/// The fixture, with one of each object that it lacks.
fn base() -> Value {
    let mut base = Spec::parse("fixture.yaml", FIXTURE).unwrap().root().clone();
    let mut put = |at: &str, key: &str, value: Value| {
        drop(base.pointer_mut(at).unwrap().as_object_mut().unwrap().insert(key.into(), value))
    };
    put("/servers/0", "url", json!("https://{env}.h.example/{base}"));
    put("/servers/0", "variables", json!({"env": {"enum": ["a", "b"], "default": "a"}, "base": {"default": "v"}}));
    let flows = json!({"password": {"tokenUrl": "https://h.example/t", "scopes": {}}});
    put("/components/securitySchemes", "Token", json!({"type": "oauth2", "flows": flows}));
    put("/paths/~1thing/get", "security", json!([{"Token": []}, {"ClientId": []}]));
    put("/components/schemas/Thing", "discriminator", json!({"propertyName": "state"}));
    let form = json!({"schema": {"type": "object"}, "encoding": {"photo": {"contentType": "image/png"}}});
    put("/paths/~1thing/post/requestBody/content", "multipart/form-data", form);
    base
}

/// The pointer of an object of each kind.
fn place(object: &str) -> &'static str {
    match object {
        "Every object" => "/paths/~1thing/get",
        "The document" => "",
        "A path" => "/paths/~1thing",
        "An operation, a webhook, a callback" => "/paths/~1thing/get",
        "A parameter" => "/paths/~1thing/get/parameters/3",
        "A header of a response" => "/paths/~1thing/get/responses/200/headers/X-Request-Id",
        "The body of a request" => "/paths/~1thing/post/requestBody",
        "A media type" => "/paths/~1thing/post/requestBody/content/application~1json",
        "The encoding of a field of a form" => {
            "/paths/~1thing/post/requestBody/content/multipart~1form-data/encoding/photo"
        }
        "A response" => "/paths/~1thing/get/responses/200",
        "A security scheme" => "/components/securitySchemes/Token",
        "The flows of OAuth" => "/components/securitySchemes/Token/flows",
        "A flow of OAuth" => "/components/securitySchemes/Token/flows/password",
        "A server" => "/servers/0",
        "A variable of a server" => "/servers/0/variables/base",
        "The discriminator of a schema" => "/components/schemas/Thing/discriminator",
        "A schema" => "/components/schemas/Thing/properties/link",
        other => panic!("{other}"),
    }
}

fn spec(document: &Value) -> Spec {
    Spec::parse("s.json", &document.to_string()).unwrap()
}

/// The rules that a keyword in an object triggers.
fn rules(object: &str, keyword: &str, value: Value) -> BTreeSet<&'static str> {
    static BASE: LazyLock<(Value, Spec)> = LazyLock::new(|| (base(), spec(&base())));
    let (old, old_spec) = &*BASE;
    let mut new = old.clone();
    new.pointer_mut(place(object)).unwrap().as_object_mut().unwrap().insert(keyword.into(), value);
    let changes = between(old_spec, &spec(&new)).map_err(|error| format!("{object} {keyword}: {error}"));
    changes.unwrap().iter().map(|change| change.rule.name).collect()
}

/// A meaningful value of the keyword's form.
fn sample(row: &Row) -> Value {
    match row.form {
        Form::Any | Form::Text | Form::Types => json!("seven"),
        Form::Flag => json!(true),
        Form::Number | Form::NumberOrFlag => json!(7),
        Form::Names | Form::List => json!(["seven"]),
        Form::Map => json!({"seven": ["eight"]}),
        Form::Schema => json!({"type": "boolean"}),
        Form::Schemas => json!([{"maxLength": 7}]),
        Form::Named => json!({"seven": {"type": "boolean"}}),
    }
}

/// A value that does not have the form.
fn misfit(form: Form) -> Option<Value> {
    match form {
        Form::Any => None,
        Form::Text | Form::Types | Form::Names | Form::List | Form::Schemas => Some(json!(7)),
        _ => Some(json!("seven")),
    }
}

const NOT_UNDERSTOOD: &str = "not-understood";

/// The keywords with this treatment.
fn treated(reading: Reading) -> impl Iterator<Item = (Object, &'static str, Row)> {
    keywords().filter(move |(_, row)| row.reading == reading).map(|((object, keyword), row)| (object, keyword, row))
}

#[test]
fn ignored_keywords_change_nothing_with_any_value() {
    for (object, keyword, row) in treated(Reading::Nothing) {
        // The reader of pages checks the version.
        for value in [sample(&row), json!("seven"), json!([7]), json!({"a": {"b": null}})] {
            assert_eq!(rules(object, keyword, value), BTreeSet::new(), "{object} {keyword}");
        }
    }
}

#[test]
fn keywords_that_are_not_understood_are_reported() {
    for (object, keyword, row) in treated(Reading::NotUnderstood) {
        assert_eq!(rules(object, keyword, sample(&row)), BTreeSet::from([NOT_UNDERSTOOD]), "{object} {keyword}");
    }
}

#[test]
fn an_unknown_keyword_is_reported_in_every_object() {
    for object in rows().map(|(object, _)| object).collect::<BTreeSet<_>>() {
        for value in [json!(7), json!("seven"), json!(false), json!({"type": "string"})] {
            assert_eq!(rules(object, "frobnicate", value), BTreeSet::from([NOT_UNDERSTOOD]), "{object}");
        }
        assert_eq!(rules(object, "frobnicate", Value::Null), BTreeSet::new(), "{object}");
        assert_eq!(rules(object, "x-frobnicate", json!(7)), BTreeSet::new(), "{object}");
    }
}

#[test]
fn a_keyword_of_the_wrong_form_is_reported() {
    for ((object, keyword), row) in keywords().filter(|(_, row)| row.reading != Reading::Nothing) {
        // Without one of these, the object does not exist; a `$ref` is refused.
        let is_needed = ["paths", "$ref", "components", "get", "security", "url", "servers", "flows"];
        let Some(value) = misfit(row.form).filter(|_| !is_needed.contains(&keyword)) else { continue };
        let found = rules(object, keyword, value);
        // Another `name` or `in` makes another parameter, and another `type` another authentication scheme.
        let is_its_name = object != SCHEMA && ["name", "in", "type"].contains(&keyword);
        assert!(found.contains(NOT_UNDERSTOOD) || (is_its_name && !found.is_empty()), "{object} {keyword}");
    }
}

/// Keywords marked as compared are compared: in the schema of a response field, and in objects with plain keywords.
#[test]
fn compared_keywords_are_compared() {
    let of_schemas = keywords().filter(|((object, _), row)| *object == SCHEMA && row.reading != Reading::Nothing);
    for ((_, keyword), row) in of_schemas {
        let value = match keyword {
            // Skips keywords that are already there or that need a target; a field of a response is read-only anyway.
            "type" => json!("integer"),
            "$ref" => json!("#/components/schemas/Owner"),
            "readOnly" => continue,
            "discriminator" => json!({"propertyName": "seven"}),
            "unevaluatedProperties" | "additionalProperties" => json!(false),
            _ => sample(&row),
        };
        assert_ne!(rules(SCHEMA, keyword, value), BTreeSet::new(), "{keyword}");
    }
    for (object, keyword, row) in treated(Reading::Plain) {
        assert_ne!(rules(object, keyword, sample(&row)), BTreeSet::new(), "{object} {keyword}");
    }
}

#[test]
fn each_line_of_the_tables_is_a_row_and_no_keyword_is_listed_twice_for_an_object() {
    assert_eq!(rows().count(), TABLES.lines().filter(|line| line.contains('\t')).count());
    assert_eq!(keywords().count(), ROWS.len());
}
