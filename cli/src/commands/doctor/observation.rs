//! Reduces a response to names, JSON types and words of enums. Other values are personal data and are dropped here.

use std::collections::{BTreeMap, BTreeSet};

use cashfree_vkyc::http::HeaderMap;
use cashfree_vkyc::{ApiError, VideoKyc, without_secrets};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::report::{Case, Observation};

/// The most fields of a response that are kept, and their depth.
const MOST_FIELDS: usize = 300;
const DEEPEST: usize = 8;
const LONGEST_WORD: usize = 64;
/// Replaces a name or a word that may be a value. The spec has no such name.
const WITHHELD: &str = "?";

/// `sent` is the body of the request, or the requested id.
pub(super) fn observe(
    case: Case,
    operation: &str,
    sent: &Value,
    http_status: u16,
    headers: &HeaderMap,
    limit: Option<u64>,
    body: &[u8],
) -> Observation {
    let body: Option<Value> = serde_json::from_slice(body).ok();
    let (mut sent_values, mut all_values) = (BTreeSet::new(), BTreeSet::new());
    values(sent, &mut sent_values);
    body.iter().chain([sent]).for_each(|value| values(value, &mut all_values));
    let mut fields = BTreeMap::new();
    match &body {
        Some(body @ Value::Object(_)) => shape(body, "", 0, &all_values, &mut fields),
        other => insert(&mut fields, ".", other.as_ref().map_or("no JSON", type_of)),
    }
    let word = |text: &str, is_known: bool| {
        let is_fit = is_known || text.is_empty() || (looks_like_a_word(text) && !sent_values.contains(text));
        if is_fit { text.to_owned() } else { WITHHELD.to_owned() }
    };
    let VideoKyc { status, sub_status, .. } = read(body.as_ref());
    let state = [word(status.as_str(), status.is_known()), word(sub_status.as_str(), sub_status.is_known())];
    let ApiError { type_, code, .. } = read(body.as_ref());
    let is_error = !(200..300).contains(&http_status) || type_.is_some() || code.is_some();
    let error = [type_.map(|text| word(&text, false)), code.map(|code| word(code.as_str(), code.is_known()))];
    Observation {
        case,
        operation: operation.to_owned(),
        sent: sent.as_object().into_iter().flat_map(|fields| fields.keys().cloned()).collect(),
        http_status,
        headers: headers.keys().map(ToString::to_string).collect(),
        limit,
        fields,
        state: (!status.is_empty()).then_some(state),
        error: is_error.then_some(error),
    }
}

/// The body as a type of the library; empty if it cannot be read as one.
fn read<T: DeserializeOwned + Default>(body: Option<&Value>) -> T {
    body.and_then(|body| T::deserialize(body).ok()).unwrap_or_default()
}

type Fields = BTreeMap<String, BTreeSet<String>>;

fn insert(fields: &mut Fields, path: &str, type_: &str) {
    if fields.len() < MOST_FIELDS || fields.contains_key(path) {
        fields.entry(path.to_owned()).or_default().insert(type_.to_owned());
    }
}

/// Adds the types of a value and of everything in it.
fn shape(value: &Value, path: &str, depth: usize, values: &BTreeSet<String>, fields: &mut Fields) {
    let mut add = |inner: &Value, path: String| {
        insert(fields, &path, type_of(inner));
        if depth < DEEPEST {
            shape(inner, &path, depth + 1, values, fields);
        }
    };
    match value {
        Value::Object(entries) => {
            for (name, inner) in entries {
                let name = if is_name(name) && !values.contains(name) { name } else { WITHHELD };
                add(inner, if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") });
            }
        }
        Value::Array(items) => items.iter().for_each(|item| add(item, format!("{path}[]"))),
        _ => {}
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Adds the texts and numbers in a value.
fn values(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(found.insert(text.clone())),
        Value::Number(number) => drop(found.insert(number.to_string())),
        Value::Array(items) => items.iter().for_each(|item| values(item, found)),
        Value::Object(fields) => fields.values().for_each(|inner| values(inner, found)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Whether a text can be a name: letters, `_` and `-`. A digit or a space may be part of an id, a phone or the name of a person.
fn is_name(text: &str) -> bool {
    text.len() <= LONGEST_WORD
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-'))
        && without_secrets(text) == text
}

/// Whether a text can be a word of an enum: a name, or one in capitals with digits.
fn looks_like_a_word(text: &str) -> bool {
    let is_capital = !text.contains(|c: char| c.is_ascii_lowercase());
    is_name(text)
        || (is_capital && text.len() <= LONGEST_WORD && is_name(&text.replace(|c: char| c.is_ascii_digit(), "")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn observed(body: &Value, sent: &Value) -> Observation {
        observe(Case::Known, "someOperation", sent, 200, &HeaderMap::new(), None, body.to_string().as_bytes())
    }

    #[test]
    fn the_types_of_a_body_are_kept_by_path() {
        let body = json!({ "a": 1, "b": { "c": null, "d": [1.5, "x", { "e": true }] } });
        let fields = observed(&body, &json!({ "sent": 1 })).fields;
        let expected = json!({
            "a": ["integer"], "b": ["object"], "b.c": ["null"], "b.d": ["array"], "b.d[]": ["number", "object", "string"],
            "b.d[].e": ["boolean"],
        });
        assert_eq!(serde_json::to_value(fields).unwrap(), expected);
        assert_eq!(
            serde_json::to_value(observed(&json!([1]), &Value::Null).fields).unwrap(),
            json!({ ".": ["array"] })
        );
    }

    #[test]
    fn a_name_or_word_that_may_be_a_value_is_withheld() {
        let body = json!({ "Asha Kumari": 1, "user42": 1, "asha": "kumari", "kumari": 1, "plain": 1, "status": "asha", "sub_status": "A 1" });
        let seen = observed(&body, &json!("asha"));
        assert_eq!(seen.fields.keys().collect::<Vec<_>>(), ["?", "plain", "status", "sub_status"]);
        assert_eq!(seen.state.unwrap(), ["?", "?"]);
        for (word, is_kept) in
            [("USER_LOST_2", true), ("user_lost", true), ("user_2", false), ("2", false), ("é", false)]
        {
            assert_eq!(looks_like_a_word(word), is_kept, "{word}");
        }
    }
}
