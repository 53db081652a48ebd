//! Every field of the library's tables is printed, so that a new field of the spec appears without a change in `cli/`.

use cashfree_vkyc::{Field, User, VideoKyc};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::outside::at;
use crate::support::{World, answering, http};

/// An object with a value for each field, of the right type: nothing is left in `extra`.
fn with_every_field<T: DeserializeOwned>(fields: &[Field], extra: fn(&T) -> &Map<String, Value>) -> Map<String, Value> {
    let value_of = |field: &Field| {
        let kinds = [json!(format!("text_{}", field.name)), json!(4711), json!([{}]), json!({})];
        let is_read = |value: &Value| {
            let read = serde_json::from_value::<T>(json!({ field.name: value }));
            read.is_ok_and(|read| extra(&read).is_empty())
        };
        let value = kinds.into_iter().find(is_read);
        (field.name.to_owned(), value.unwrap_or_else(|| panic!("no type fits {}", field.name)))
    };
    fields.iter().map(value_of).collect()
}

fn verification() -> Map<String, Value> {
    with_every_field::<VideoKyc>(VideoKyc::FIELDS, |vkyc| &vkyc.extra)
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Compares the output of a command with the table: as text and as JSON, with and without redaction.
fn shows_every_field(fields: &[Field], mut body: Map<String, Value>, command: &[&str]) {
    body.insert("brand_new".to_owned(), "canary".into());
    let url = answering(http("200 OK", "", &Value::from(body.clone()).to_string()));
    for shows in [false, true] {
        let options: &[&str] = if shows { &["--show-sensitive"] } else { &[] };
        let text = at(&url, &[command, options].concat()).exits(0).stdout;
        let json = at(&url, &[command, options, &["--json"]].concat()).exits(0).stdout;
        let json: Value = serde_json::from_str(&json).unwrap();
        for field in fields {
            let is_redacted = field.is_sensitive && !shows;
            let value = if is_redacted { "[redacted]".to_owned() } else { text_of(&body[field.name]) };
            assert_eq!(text_of(&json[field.name]), value, "{}", field.name);
            assert!(text.lines().any(|line| line == format!("{}\t{value}", field.label)), "{}: {text}", field.name);
        }
        assert!(!text.contains("canary"), "a field that the spec does not have: {text}");
    }
}

#[test]
fn a_verification_shows_every_field_of_its_table() {
    shows_every_field(VideoKyc::FIELDS, verification(), &["status", "text_verification_id"]);
}

#[test]
fn a_customer_shows_every_field_of_the_table() {
    let body = with_every_field::<User>(User::FIELDS, |user| &user.extra);
    shows_every_field(User::FIELDS, body, &["user", "show", "text_user_id"]);
}

/// A sweep has the same fields as columns, without those that are personal data.
#[test]
fn a_sweep_has_every_field_that_is_not_sensitive() {
    let world = World::new();
    world.sandbox.put(serde_json::from_value(verification().into()).unwrap());
    for arguments in [&["sweep", "--json"][..], &["sweep"]] {
        let ran = world.run_with(arguments, "text_verification_id\n").exits(0);
        for field in VideoKyc::FIELDS {
            assert_eq!(ran.stdout.contains(field.name), !field.is_sensitive, "{}: {}", field.name, ran.stdout);
        }
    }
}
