//! Symmetry of the rules: each change has its opposite, and each rule about requests has one about responses.

use std::collections::{BTreeMap, BTreeSet};

use cashfree_vkyc_codegen::Spec;
use serde_json::{Map, Value, json};

use super::table::{RULES, TABLE};
use super::{Difference, What, verdict};
use crate::compare::{Surface, differences, judge, whole};

/// Words for a change and for its reversal. A rule without one of these words is its own opposite.
const OPPOSITES: [(&str, &str); 10] = [
    ("added", "removed"),
    ("introduced", "dropped"),
    ("tightened", "loosened"),
    ("narrowed", "widened"),
    ("grew", "shrank"),
    ("closed", "opened"),
    ("demanded", "waived"),
    ("became-required", "became-optional"),
    ("became-nullable", "no-longer-nullable"),
    ("no-longer-deprecated", "deprecated"),
];

/// The prefixes of rules about requests, and of those about responses.
const SIDES: [(&str, &str); 3] =
    [("parameter-", "response-header-"), ("request-", "response-header-"), ("request-", "response-")];

/// The counterparts that no rule has, and why none is needed.
const WITHOUT: [(&str, &str); 10] = [
    ("response-header-moved", "a header of a response has one place"),
    ("response-limit-tightened", "nobody checks a limit of what is received: `response-limit-changed` is for all"),
    ("response-limit-loosened", "as above"),
    ("response-pattern-changed", "as above"),
    ("response-closed", "as above: a reader takes more fields"),
    ("response-opened", "as above"),
    ("request-limit-changed", "a limit of what is sent is tightened or loosened, or is `request-detail-changed`"),
    ("response-encoding-changed", "forms are sent and never received; elsewhere it is `not-understood`"),
    ("response-body-added", "a response is there without a body, whose media type comes: `response-media-added`"),
    ("response-body-removed", "as above"),
];

/// The name of a rule without its condition (optional or required).
fn stem(name: &str) -> String {
    let came = ["added", "introduced"].map(|came| [format!("{came}-required"), format!("{came}-optional")]).concat();
    let due = came.iter().find(|came| name.ends_with(came.as_str()));
    let name = due.and_then(|_| name.rsplit_once('-')).map_or(name, |(name, _)| name);
    name.replace("-required-became-nullable", "-became-nullable")
}

/// The name of the reversed change.
fn opposite(stem: &str) -> String {
    let swapped = |from: &str, to: &str| {
        let rest = stem.strip_suffix(from)?;
        (rest.is_empty() || rest.ends_with('-')).then(|| format!("{rest}{to}"))
    };
    let mut pairs = OPPOSITES.iter().filter_map(|(one, other)| swapped(one, other).or_else(|| swapped(other, one)));
    pairs.next().unwrap_or_else(|| stem.to_owned())
}

/// The possible names of the rule for the other direction. Empty for a rule without a direction.
fn other_side(stem: &str) -> Vec<String> {
    let each = SIDES.iter().flat_map(|(sent, received)| [(sent, received), (received, sent)]);
    let found: Vec<_> = each.filter_map(|(from, to)| Some(format!("{to}{}", stem.strip_prefix(*from)?))).collect();
    // Only fields and headers of a response have a counterpart of this form.
    let is_header = stem.starts_with("response-header-");
    found.into_iter().filter(|name| !is_header || !name.starts_with("request-header-")).collect()
}

#[test]
fn every_rule_has_its_mirrors_or_a_reason_why_not() {
    let rows = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    assert_eq!(rows.count(), RULES.len(), "each row can be read, and a name is that of one rule");
    let names: BTreeSet<&str> = RULES.keys().copied().collect();
    let stems: BTreeSet<String> = names.iter().map(|name| stem(name)).collect();
    let mut missing = BTreeSet::new();
    for stem in &stems {
        let (back, sides) = (opposite(stem), other_side(stem));
        missing.extend((!stems.contains(&back)).then_some(back));
        let is_there = sides.is_empty() || sides.iter().any(|side| stems.contains(side));
        missing.extend(sides.last().filter(|_| !is_there).cloned());
    }
    let reasons: BTreeSet<String> = WITHOUT.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(missing, reasons, "each missing mirror is a rule to add or has a reason in WITHOUT, and no other has");
}

/// A place of each kind; only some kinds can be renamed or moved.
const PLACES: [(&str, bool, bool); 15] = [
    ("operation", false, false),
    ("server https://a.example", true, false),
    ("auth header x-key", true, false),
    ("query a", true, true),
    ("request application/json", false, false),
    ("request application/json: a", true, false),
    ("200", false, false),
    ("404", false, false),
    ("200 application/json", false, false),
    ("404 application/json: a", true, false),
    ("200 header x-a", true, false),
    ("callback done", false, false),
    ("state A / B", false, true),
    ("call GET /a", false, false),
    ("error Lost lost", false, false),
];

/// The attributes that have rules in some kind of place.
const ATTRIBUTES: &str = "required, deprecated, type, format, nullable, enum, default, alternatives, discriminator, mapping, \
    recursive, style, explode, media, closed, encoding a style, allowEmptyValue, allowReserved, maximum, \
    pattern, uniqueItems, dependentRequired, optional, scopes, flow a scopes, flow a tokenUrl, \
    openIdConnectUrl, taken unless chosen, variable a, method, answered with, url, advice, evidence, phase, \
    anything else";

/// Every name that a difference can get is in the table; without its row, the difference would be `not-understood`.
#[test]
fn every_name_of_a_difference_has_a_rule() {
    let values =
        [None, Some(json!(true)), Some(json!(7)), Some(json!("number")), Some(json!([{ "required": ["a"] }, 1]))];
    let said = [json!({}), json!({ "required": true, "optional": true }), json!({ "beside another": true })];
    for (place, is_renamed, is_moved) in PLACES {
        let whats = [What::Added, What::Removed, What::ValueAdded, What::ValueRemoved].into_iter();
        let whats = whats.chain(is_renamed.then_some(What::Renamed)).chain(is_moved.then_some(What::Moved));
        for what in whats.chain(ATTRIBUTES.split(", ").map(|name| What::Attribute(name.into()))) {
            for (before, after) in values.iter().flat_map(|before| values.iter().map(move |after| (before, after))) {
                for attributes in said.iter().filter_map(Value::as_object) {
                    let (before, after, attributes) = (before.clone(), after.clone(), attributes.clone());
                    let (operation, place, what) = (String::new(), place.to_owned(), what.clone());
                    let pointer = Default::default();
                    let difference = Difference { operation, place, what, before, after, attributes, pointer };
                    let name = verdict::name(&difference).map(|name| name.concat());
                    assert!(name.is_none_or(|name| RULES.contains_key(name.as_str())), "{difference:?}");
                }
            }
        }
    }
}

/// A document with one of everything.
const DOCUMENT: &str = "
openapi: 3.0.3
servers: [{ url: 'https://a.example/{mode}', variables: { mode: { enum: [one, two], default: one } } }, { url: 'https://b.example' }]
security: [{ Key: [] }, { Key: [], Token: [read] }]
paths:
  /thing:
    x-other: 1
    post:
      deprecated: true
      x-idempotent: true
      parameters:
        - { name: kind, in: query, required: true, schema: { type: string, enum: [A, B], default: A } }
        - { name: ids, in: query, style: form, explode: false, schema: { type: array, maxItems: 3, uniqueItems: true, items: { type: integer } } }
        - { name: x-proof, in: header, allowReserved: true, schema: { type: string, pattern: ^a$ } }
      requestBody:
        required: true
        content:
          application/json: { schema: { $ref: '#/components/schemas/Order' } }
          multipart/form-data: { schema: { type: object, properties: { file: { type: string } } }, encoding: { file: { contentType: text/csv } } }
      responses:
        '200':
          headers:
            X-Request-Id: { required: true, schema: { type: string } }
            X-Limit: { schema: { type: integer } }
            X-List: { schema: { type: array, items: { type: string } } }
          content:
            application/json: { schema: { $ref: '#/components/schemas/Order' } }
            text/csv: {}
        '202': { content: { application/json: { schema: { type: object } } } }
        '404':
          content:
            application/json: { schema: { type: object, properties: { code: { type: string, enum: [lost] } } } }
            text/plain: {}
      callbacks:
        done: { '{$request.body#/url}': { post: { requestBody: { content: { application/json: { schema: { type: object, properties: { id: { type: integer } } } } } }, responses: { '200': {} } } } }
    get: { responses: { '200': {} } }
x-webhooks:
  happened: { post: { requestBody: { content: { application/json: { schema: { type: object, required: [id], properties: { id: { type: integer } } } } } }, responses: { '200': {} } } }
x-lifecycle:
  rows:
    - { status: OPEN, phase: call, advice: Wait., evidence: sample }
    - { status: OPEN, sub_status: LATE, phase: call, advice: Wait., evidence: sample }
components:
  responses:
    Lost: { content: { application/json: { examples: { lost: { value: { code: lost }, x-advice: Look. } } } } }
  securitySchemes:
    Key: { type: apiKey, in: header, name: x-key }
    Token: { type: oauth2, flows: { clientCredentials: { tokenUrl: 'https://t.example', scopes: { read: R, write: W } } } }
  schemas:
    Sms: { type: object, properties: { by: { type: string }, number: { type: string } } }
    Email: { type: object, properties: { by: { type: string }, address: { type: string } } }
    Order:
      type: object
      additionalProperties: false
      required: [id, amount]
      properties:
        id: { type: integer, format: int64, minimum: 1, maximum: 9223372036854775807 }
        amount: { type: number, multipleOf: 4, nullable: true }
        note: { type: string, nullable: true, minLength: 2, maxLength: 9, description: Words. }
        state: { type: string, enum: [OPEN, CLOSED], deprecated: true }
        tags: { type: array, items: { type: string } }
        by_name: { type: object, additionalProperties: { type: string } }
        open: { anyOf: [{ type: string, enum: [A, B] }, { type: string }] }
        either: { anyOf: [{ type: string, maxLength: 3 }, { type: string, pattern: ^a }, { type: integer }] }
        due: { type: object, anyOf: [{ required: [a] }, { required: [b] }], properties: { a: { type: string }, b: { type: string } } }
        channel:
          oneOf: [{ $ref: '#/components/schemas/Sms' }, { $ref: '#/components/schemas/Email' }]
          discriminator: { propertyName: by, mapping: { sms: '#/components/schemas/Sms', email: '#/components/schemas/Email' } }
        parent: { $ref: '#/components/schemas/Order' }
        odd: { not: { type: integer } }
        read: { type: string, readOnly: true }
        sent: { type: string, writeOnly: true }
";

/// A smaller and a larger value of each keyword than in the document, for every schema.
fn keywords() -> Map<String, Value> {
    let keywords = json!({
        "type": ["string", "integer", "number", "object", "array", "boolean"],
        "format": ["int32", "date"],
        "nullable": [true],
        "enum": [["OPEN"], ["A", "B", "C"], [1, 2]],
        "default": ["A", 7],
        "deprecated": [true],
        "required": [["id"], ["a", "b"]],
        "readOnly": [true],
        "writeOnly": [true],
        "maxLength": [5, 10], "minLength": [1, 3], "pattern": ["^b$"],
        "maximum": [9_223_372_036_854_775_806_i64, 18_446_744_073_709_551_615_u64, 3, 2.5],
        "minimum": [0, 2], "exclusiveMinimum": [0, true], "multipleOf": [1, 2, 8],
        "maxItems": [2, 4], "uniqueItems": [true], "minProperties": [1],
        "additionalProperties": [false, { "type": "integer" }],
        "items": [{ "type": "integer" }],
        "dependentRequired": [{ "a": ["b"] }],
        "anyOf": [[{ "required": ["a"] }, { "required": ["b"] }], [{ "maxLength": 2 }, { "pattern": "^c" }], [{ "type": "integer" }, { "type": "string" }]],
        "oneOf": [[{ "required": ["a"] }, { "required": ["b"] }]],
        "allOf": [[{ "maxLength": 2, "minimum": 7 }]],
        "discriminator": [{ "propertyName": "by" }, { "propertyName": "of", "mapping": { "x": "Sms" } }],
        "not": [{ "type": "string" }],
        "frobnicate": [1],
        "contentEncoding": ["base64"],
    });
    keywords.as_object().cloned().unwrap_or_default()
}

/// The parts of the document without schemas, or with schemas that add nothing to the others.
const WITHOUT_SCHEMAS: [&str; 19] = [
    "/securitySchemes/",
    "/callbacks/",
    "/x-webhooks/",
    "/Email",
    "/Sms/properties",
    "/due/properties",
    "/either/anyOf/1",
    "/either/anyOf/2",
    "/open/anyOf/1",
    "/by_name/",
    "/tags/items",
    "/properties/read",
    "/properties/file",
    "/parameters/2/",
    "/X-Request-Id/",
    "/X-List/schema/items",
    "/202/",
    "/404/",
    "/odd/not",
];

/// Values of a keyword for every object with a certain key: parameters, bodies, operations and other objects of OpenAPI.
const OTHERS: [(&str, &str, &[&str]); 16] = [
    ("in", "required", &["true", "false"]),
    ("in", "deprecated", &["true"]),
    ("in", "in", &["\"query\"", "\"header\"", "\"cookie\""]),
    ("in", "style", &["\"deepObject\""]),
    ("in", "explode", &["true", "false"]),
    ("in", "allowReserved", &["true"]),
    ("content", "required", &["true", "false"]),
    ("responses", "deprecated", &["true"]),
    ("responses", "security", &["[]", "[{\"Key\": []}]", "[{\"Key\": [], \"Token\": [\"read\", \"write\"]}]"]),
    ("schema", "required", &["true", "false"]),
    ("schema", "deprecated", &["true"]),
    ("schema", "explode", &["true"]),
    ("enum", "default", &["\"two\""]),
    ("post", "put", &["{}"]),
    ("x-idempotent", "x-idempotent", &["false"]),
    ("tokenUrl", "tokenUrl", &["\"https://u.example\""]),
];

/// The document with each single edit from these tables and from the document itself.
fn mutants() -> Vec<(String, Value)> {
    let base = Spec::parse("base.yaml", DOCUMENT).unwrap().root().clone();
    let mut pointers = vec![String::new()];
    let mut at = 0;
    while let Some(pointer) = pointers.get(at).cloned() {
        let escape = |key: &String| key.replace('~', "~0").replace('/', "~1");
        match base.pointer(&pointer) {
            Some(Value::Object(map)) => pointers.extend(map.keys().map(|key| format!("{pointer}/{}", escape(key)))),
            Some(Value::Array(list)) => pointers.extend((0..list.len()).map(|n| format!("{pointer}/{n}"))),
            _ => {}
        }
        at += 1;
    }
    let mut found = vec![("nothing".to_owned(), base.clone())];
    let mut edit = |what: String, pointer: &str, edit: &dyn Fn(&mut Value)| {
        let mut mutant = base.clone();
        edit(mutant.pointer_mut(pointer).unwrap());
        found.push((format!("{pointer} {what}"), mutant));
    };
    for pointer in &pointers {
        match base.pointer(pointer).unwrap() {
            Value::Object(map) => {
                for (n, key) in map.keys().enumerate() {
                    edit(format!("without {key}"), pointer, &|node| drop(node.as_object_mut().unwrap().remove(key)));
                    let name = if n % 2 == 0 { format!("{key}s") } else { "something_else".to_owned() };
                    edit(format!("{key} as {name}"), pointer, &|node| {
                        let value = node.as_object_mut().unwrap().remove(key).unwrap();
                        node[&name] = value;
                    });
                }
                let is_schema = ["type", "anyOf"].iter().any(|key| map.contains_key(*key))
                    && !WITHOUT_SCHEMAS.iter().any(|part| pointer.contains(part));
                for (keyword, values) in keywords().iter().filter(|_| is_schema) {
                    for value in values.as_array().unwrap() {
                        edit(format!("with {keyword}: {value}"), pointer, &|node| node[keyword] = value.clone());
                    }
                }
                for (_, keyword, values) in OTHERS.iter().filter(|(key, ..)| map.contains_key(*key)) {
                    for value in values.iter().map(|value| serde_json::from_str::<Value>(value).unwrap()) {
                        edit(format!("with {keyword}: {value}"), pointer, &|node| node[*keyword] = value.clone());
                    }
                }
            }
            Value::Array(list) => {
                for n in 0..list.len() {
                    edit(format!("without {n}"), pointer, &|node| drop(node.as_array_mut().unwrap().remove(n)));
                }
            }
            Value::String(text) => edit("longer".into(), pointer, &|node| *node = format!("{text}s").into()),
            _ => {}
        }
    }
    found
}

/// The number of changes of each stem from one document to another.
fn stems(old: &Surface, new: &Surface, map: impl Fn(String) -> String) -> BTreeMap<String, usize> {
    let mut found = BTreeMap::new();
    for change in judge(differences(old, new)) {
        *found.entry(map(stem(change.rule.name))).or_default() += 1;
    }
    found
}

/// Compares two documents in both directions: each change appears reversed, under the opposite name.
#[test]
fn a_reversed_change_has_the_opposite_rule() {
    let surface = |document: Value| whole(&Spec::parse("m", &document.to_string()).unwrap()).ok();
    let mutants: Vec<_> =
        mutants().into_iter().filter_map(|(what, document)| Some((what, surface(document)?))).collect();
    assert!(mutants.len() > 1000, "{}", mutants.len());
    let (mut wrong, mut seen) = (String::new(), BTreeSet::new());
    for (n, (what, mutant)) in mutants.iter().enumerate() {
        // One edit; for every third mutant, two at a time.
        let others = mutants.get(n * 7919 % mutants.len()).filter(|_| n % 3 == 0);
        for (other, base) in mutants.first().into_iter().chain(others) {
            let (there, back) = (stems(base, mutant, |stem| opposite(&stem)), stems(mutant, base, |stem| stem));
            seen.extend(back.keys().flat_map(|stem| [stem.clone(), opposite(stem)]));
            if there != back {
                wrong += &format!("{other} to {what}\n  there and back {there:?}\n  back           {back:?}\n");
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {}\n{wrong}", wrong.lines().count() / 3, mutants.len());
    let all: BTreeSet<_> = RULES.keys().map(|name| stem(name)).collect();
    let unseen: Vec<_> = all.difference(&seen).collect();
    assert!(unseen.is_empty(), "no edit makes a change of these: {unseen:?}");
}
