//! Every keyword of OpenAPI 3.0 and 3.1 and of JSON Schema, and how it is compared.
//!
//! A keyword is compared, or it does not affect users of the crate, for a reason in its row. Every other keyword is reported as
//! `not-understood` where two documents differ in it. That includes a keyword without a row, and one whose value has the wrong
//! form. The tables are in `tables.tsv`: the readers use them, and `cargo xtask spec keywords` prints them.

use std::collections::HashMap;
use std::sync::LazyLock;

use cashfree_vkyc_codegen::openapi::{Pointer, array, entries};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::project;

/// An object of OpenAPI, by its title in `tables.tsv`.
pub(super) type Object = &'static str;

const EVERYWHERE: Object = "Every object";
pub(super) const DOCUMENT: Object = "The document";
pub(super) const SERVER: Object = "A server";
pub(super) const SERVER_VARIABLE: Object = "A variable of a server";
pub(super) const PATH_ITEM: Object = "A path";
pub(super) const OPERATION: Object = "An operation, a webhook, a callback";
pub(super) const PARAMETER: Object = "A parameter";
pub(super) const REQUEST_BODY: Object = "The body of a request";
pub(super) const MEDIA_TYPE: Object = "A media type";
pub(super) const ENCODING: Object = "The encoding of a field of a form";
pub(super) const RESPONSE: Object = "A response";
pub(super) const HEADER: Object = "A header of a response";
pub(super) const SECURITY_SCHEME: Object = "A security scheme";
pub(super) const OAUTH_FLOWS: Object = "The flows of OAuth";
pub(super) const OAUTH_FLOW: Object = "A flow of OAuth";
pub(super) const SCHEMA: Object = "A schema";
pub(super) const DISCRIMINATOR: Object = "The discriminator of a schema";

/// Keywords of one object with the same treatment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// Separated by spaces.
    keywords: &'static str,
    form: Form,
    reading: Reading,
    /// The treatment, in words.
    words: &'static str,
}

/// The treatment of a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// Becomes an attribute of the same name, unchanged.
    Plain,
    /// Read by dedicated code.
    Compared,
    /// Does not affect users of the crate; the words of the row say why.
    Nothing,
    /// Reported as `not-understood` where two documents differ in it.
    NotUnderstood,
}

/// The form that the value of a keyword must have. Null means that the keyword is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Form {
    Any,
    Flag,
    Number,
    NumberOrFlag,
    Text,
    /// A name, or a list of names.
    Types,
    /// A list of names.
    Names,
    List,
    Map,
    Schema,
    /// A list of schemas.
    Schemas,
    /// Schemas by name.
    Named,
}

/// The prefix of the attribute for a keyword that is not understood.
pub(super) const KEYWORD: &str = "keyword ";

const TABLES: &str = include_str!("tables.tsv");

/// Each row with its object, in the order of the file.
fn rows() -> impl Iterator<Item = (Object, Row)> {
    let mut object = "";
    TABLES.lines().filter_map(move |line| {
        object = line.strip_prefix("## ").unwrap_or(object);
        Some((object, Row::read(line)?))
    })
}

impl Row {
    fn read(line: &'static str) -> Option<Self> {
        let (keywords, rest) = line.split_once('\t')?;
        let (form, treatment) = rest.split_once('\t')?;
        let (reading, words) = match treatment {
            "plain" => (Reading::Plain, "compared"),
            "compared" => (Reading::Compared, "compared"),
            "not understood" => (Reading::NotUnderstood, "**not understood**"),
            nothing => (Reading::Nothing, nothing),
        };
        Some(Self { keywords, form: serde_json::from_value(form.into()).ok()?, reading, words })
    }
}

/// Each keyword of an object, with its row.
fn keywords() -> impl Iterator<Item = ((Object, &'static str), Row)> {
    rows().flat_map(|(object, row)| row.keywords.split(' ').map(move |keyword| ((object, keyword), row)))
}

static ROWS: LazyLock<HashMap<(Object, &str), Row>> = LazyLock::new(|| keywords().collect());

/// The row of a keyword in an object.
pub(super) fn row_of(object: Object, keyword: &str) -> Option<Row> {
    ROWS.get(&(object, keyword)).or_else(|| ROWS.get(&(EVERYWHERE, keyword))).copied()
}

/// The attributes of an object: its plain keywords, and those that are not understood. The latter have a row that says so, no
/// row, or the wrong form; without a row or with the wrong form, a fingerprint replaces the value, because it may be prose.
/// Schemas are left to [`opaque`].
pub(super) fn attributes(object: Object, node: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    match node {
        Value::Object(_) | Value::Null | Value::Bool(true) => {}
        Value::Bool(false) => drop(found.insert(format!("{KEYWORD}false"), true.into())),
        other => drop(found.insert(format!("{KEYWORD}(no mapping)"), fingerprint(other))),
    }
    let keywords = entries(Some(node)).filter(|(keyword, value)| !keyword.starts_with("x-") && !value.is_null());
    for (keyword, value) in keywords {
        let not_understood = format!("{KEYWORD}{keyword}");
        let (name, said) = match row_of(object, keyword) {
            Some(Row { reading: Reading::Nothing, .. }) => continue,
            Some(Row { reading, form, .. }) if form.fits(value) => match (reading, form) {
                (Reading::Plain, _) if says_something(keyword, value) => (keyword.to_owned(), as_compared(value)),
                (Reading::NotUnderstood, Form::Schema | Form::Schemas | Form::Named) => continue,
                (Reading::NotUnderstood, _) => (not_understood, as_compared(value)),
                _ => continue,
            },
            _ => (not_understood, fingerprint(value)),
        };
        found.insert(name, said);
    }
    found
}

/// Prefixes attributes with the name of their part: `tokenUrl` of a flow is `flow password tokenUrl`.
pub(super) fn of_part(part: &str, attributes: Map<String, Value>) -> impl Iterator<Item = (String, Value)> {
    attributes.into_iter().map(move |(name, value)| match name.strip_prefix(KEYWORD) {
        Some(keyword) => (format!("{KEYWORD}{part} {keyword}"), value),
        None => (format!("{part} {name}"), value),
    })
}

/// The keywords beside a `$ref` to an object of OpenAPI. The standard ignores them, but the author meant something.
pub(super) fn beside_reference(node: &Value) -> Map<String, Value> {
    let is_reference = node.get("$ref").is_some();
    let is_told =
        |keyword: &str| !keyword.starts_with("x-") && keyword != "$ref" && row_of(EVERYWHERE, keyword).is_none();
    let others = entries(Some(node)).filter(|(keyword, _)| is_reference && is_told(keyword));
    others.map(|(keyword, value)| (format!("{KEYWORD}{keyword} beside $ref"), fingerprint(value))).collect()
}

/// The schemas under keywords of a schema that are not understood: the keyword with a distinguishing name, the schema, and its
/// pointer.
pub(super) fn opaque<'a>(node: &'a Value, at: &Pointer) -> Vec<(String, &'a Value, Pointer)> {
    let mut found = Vec::new();
    for (keyword, value) in entries(Some(node)) {
        let Some(row) = row_of(SCHEMA, keyword).filter(|row| row.reading == Reading::NotUnderstood) else { continue };
        let at = at.push(keyword);
        match row.form {
            form if !form.fits(value) => {}
            // `not: {}` forbids every value; an empty schema under the other keywords restricts nothing.
            Form::Schema if !says_anything(value) && !["contains", "not"].contains(&keyword) => {}
            Form::Schema => found.push((keyword.to_owned(), value, at)),
            Form::Schemas => found
                .extend(array(Some(value)).enumerate().map(|(n, part)| (format!("{keyword} {n}"), part, at.push(n)))),
            Form::Named => found
                .extend(entries(Some(value)).map(|(name, part)| (format!("{keyword} {name}"), part, at.push(name)))),
            _ => {}
        }
    }
    found
}

/// Whether a schema restricts its values. An absent schema allows anything.
pub(super) fn says_anything(node: &Value) -> bool {
    let restricts = |(keyword, value): (&str, &Value)| {
        let row = row_of(SCHEMA, keyword);
        let is_nothing = row.is_some_and(|row| row.reading == Reading::Nothing);
        // An empty list of parts or fields restricts nothing, but an empty `enum` and an empty `not` do.
        let is_empty = value == &Value::Object(Map::new()) || value == &Value::Array(Vec::new());
        let is_empty = is_empty && !["enum", "not", "contains", "const", "default"].contains(&keyword);
        let says = says_something(keyword, value) && keyword != "nullable" && !is_empty;
        says && !is_nothing && !keyword.starts_with("x-")
    };
    match node {
        Value::Object(_) => entries(Some(node)).any(restricts),
        other => !matches!(other, Value::Null | Value::Bool(true)),
    }
}

/// Whether the value of a keyword differs in meaning from its absence.
fn says_something(keyword: &str, value: &Value) -> bool {
    let is_length = ["minLength", "minItems", "minProperties"].contains(&keyword);
    let is_off = !["default", "explode"].contains(&keyword) && value == &Value::Bool(false);
    let is_zero = is_length && value.as_f64() == Some(0.0);
    !(value.is_null() || is_off || is_zero)
}

/// A value for comparison: `50.0` becomes 50. A fingerprint replaces a default that is a sentence or a compound value, because it
/// may be a sample.
fn as_compared(value: &Value) -> Value {
    match value {
        Value::Array(_) | Value::Object(_) => fingerprint(value),
        Value::String(text) if text.contains(char::is_whitespace) => fingerprint(value),
        _ => whole(value),
    }
}

/// `50.0` is 50.
pub(super) fn whole(value: &Value) -> Value {
    match value.as_f64() {
        #[allow(clippy::cast_possible_truncation, reason = "whole, and exactly representable")]
        Some(number) if value.is_f64() && number.fract() == 0.0 && number.abs() < 9e15 => (number as i64).into(),
        _ => value.clone(),
    }
}

/// Replaces a value that may be prose. The record may only show that it changed.
fn fingerprint(value: &Value) -> Value {
    project::fingerprint(&value.to_string()).into()
}

impl Form {
    fn fits(self, value: &Value) -> bool {
        let is_name = |value: &Value| value.is_string() || value.is_null();
        let is_schema = |value: &Value| value.is_object() || value.is_boolean() || value.is_null();
        value.is_null()
            || match self {
                Self::Any => true,
                Self::Flag => value.is_boolean(),
                Self::Number => value.is_number(),
                Self::NumberOrFlag => value.is_number() || value.is_boolean(),
                Self::Text => value.is_string(),
                Self::Types => value.is_string() || value.as_array().is_some_and(|list| list.iter().all(is_name)),
                Self::Names => value.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
                Self::List => value.is_array(),
                Self::Map => value.is_object(),
                Self::Schema => is_schema(value),
                Self::Schemas => value.as_array().is_some_and(|list| list.iter().all(is_schema)),
                Self::Named => value.as_object().is_some_and(|map| map.values().all(is_schema)),
            }
    }
}

const HEAD: &str = "# How drift treats each keyword\n\nWhere two documents differ in a keyword that is not understood, is not listed here, or \
has the wrong form, drift reports `not-understood`, and a person reads it.\n";

/// The tables as Markdown.
pub(crate) fn table() -> String {
    let (mut out, mut last) = (HEAD.to_owned(), "");
    for (object, Row { keywords, words, .. }) in rows() {
        if object != last {
            out += &format!("\n## {object}\n\n| keyword | |\n|---|---|\n");
            last = object;
        }
        out += &format!("| `{}` | {words} |\n", keywords.replace(' ', "`, `"));
    }
    out
}

#[cfg(test)]
mod tests;
