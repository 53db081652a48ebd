//! The whole pipeline on a small spec: what it writes, that it always writes the same, and that it never panics.

use crate::{Generated, Spec, SpecError, generate};

pub(crate) const FIXTURE: &str = include_str!("fixture.yaml");

fn run(text: &str) -> Result<Generated, SpecError> {
    generate(&Spec::parse("s.yaml", text)?)
}

/// The fixture with one edit.
pub(crate) fn edited(old: &str, new: &str) -> String {
    assert!(FIXTURE.contains(old), "{old:?} is not in the fixture");
    FIXTURE.replacen(old, new, 1)
}

/// Source without white space, to look for pieces of it.
fn squeezed(source: &str) -> String {
    source.split_whitespace().collect()
}

fn assert_has(source: &str, pieces: &[&str]) {
    let source = squeezed(source);
    for piece in pieces {
        assert!(source.contains(&squeezed(piece)), "{piece} is not in the generated source");
    }
}

#[test]
fn fields_are_read_by_their_type() {
    let types = run(FIXTURE).unwrap().types;
    assert_has(
        &types,
        &[
            "#[serde(default, deserialize_with = \"crate::wire::decode::optional\", skip_serializing_if = \"Option::is_none\")] pub name:",
            "pub secret: ::std::option::Option<crate::wire::Sensitive<String>>",
            "pub when: ::std::option::Option<crate::wire::Timestamp>",
            "#[serde(default, deserialize_with = \"crate::wire::decode::optional_other\", skip_serializing_if = \"Option::is_none\")] pub tags:",
            "deserialize_with = \"crate::wire::decode::or_default\", skip_serializing_if = \"crate::model::generated::State::is_empty\")] pub state:",
            "#[serde(rename = \"type\", default, deserialize_with = \"crate::wire::decode::optional\", ",
            "#[serde(flatten, deserialize_with = \"crate::wire::decode::extra\")] pub extra:",
        ],
    );
}

#[test]
fn debug_redacts_what_is_sensitive_whatever_its_type() {
    let types = run(FIXTURE).unwrap().types;
    assert_has(
        &types,
        &[
            ".field(\"number\", &self.number.as_ref().map(|_| crate::wire::sensitive::Redacted)",
            ".field(\"extra\", &crate::wire::sensitive::NamesOnly(&self.extra))",
            ".field(\"secret\", &self.secret)",
        ],
    );
    assert!(!squeezed(&types).contains("derive(Clone,Debug,Default,PartialEq"));
}

#[test]
fn an_operation_ends_where_its_request_is_built_and_keeps_nothing_of_progenitors_client() {
    let operations = run(FIXTURE).unwrap().operations;
    assert_has(
        &operations,
        &[
            "pub fn send(self) -> Call<types::Thing> { Call::new(self.client, &GET_THING, self.request()) }",
            "id: \"getThing\", method: ::http::Method::GET, path: \"/thing\", name: \"GET /thing\", success: 200u16, idempotent: true",
            "fn request(self) -> Result<Request<types::Thing>, Error>",
            "let request = client.begin(&GET_THING)?.query(",
            "move |answer: &types::Thing| { let arguments = [",
            "\"thing_id\", crate::wire::contradicts(&thing_id, &answer.name)",
            "/// Which.\n pub fn thing_id",
            "pub struct Operations(pub(crate) Transport);",
            "static OPERATIONS: &[&Operation] = &[&builder::GET_THING];",
            "pub fn get_thing(&self) -> builder::GetThing<'_> { builder::GetThing::new(&self.0) }",
        ],
    );
    for gone in
        ["pub fn new(", "unwrap()", "api-version", "pub mod prelude", "\"abc\"", "baseurl", "struct Client", "Hooks"]
    {
        assert!(!operations.contains(gone), "{gone} is in the generated source");
    }
}

#[test]
fn names_and_limits_are_constants() {
    let types = run(FIXTURE).unwrap().types;
    assert_has(
        &types,
        &[
            "const SANDBOX_URL: &str = \"https://h.example/v\";",
            "const HEADER_X_ID: &str = \"x-id\";",
            "const HEADER_X_REQUEST_ID: &str = \"x-request-id\";",
            "const DEFAULT_X_API_VERSION: &str = \"2024-12-01\";",
            "const THING_ID_MAX: usize = 9usize;",
            "const THING_ID_CHARACTERS: &[(char, char)] = &[('a', 'z')];",
            "const SAMPLE_THING_SAMPLE: &str = \"{\\\"name\\\":\\\"n\\\"}\";",
            "http_status: 404u16, type_: Some(\"t\"), code: Some(\"gone_away\"), meaning: \"It is gone.\", advice: None",
        ],
    );
}

#[test]
fn a_request_body_keeps_the_builders_that_it_needs() {
    let post = "
    post:
      operationId: makeThing
      x-idempotent: false
      summary: Makes a thing.
      requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }
      responses:
        '200': { description: Made., content: { application/json: { schema: { $ref: '#/components/schemas/Thing' } } } }
        '404': { $ref: '#/components/responses/NotFound' }
components:\n";
    let generated = run(&edited("\ncomponents:\n", post)).unwrap();
    assert_has(&generated.operations, &["pub fn make_thing(&self)", "types::builder::Thing"]);
    assert_has(&generated.types, &["pub mod builder"]);
}

#[test]
fn the_same_bytes_in_give_the_same_bytes_out() {
    let first = run(FIXTURE).unwrap();
    for _ in 0..5 {
        assert_eq!(run(FIXTURE).unwrap(), first);
    }
}

#[test]
fn what_only_progenitor_refuses_is_an_error_and_not_a_panic() {
    for (old, new) in [
        ("in: query\n", "in: query\n          style: spaceDelimited\n"),
        ("in: query\n", "in: query\n          explode: 7\n"),
        ("description: Here it is.", "description: [Here, it, is]"),
    ] {
        let error = run(&edited(old, new)).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.starts_with("s.yaml") && error.contains("cure: "), "{new:?}: {error}");
    }
}

/// Cuts and swaps bytes of a valid spec: whatever comes of it, it is a value or a readable error.
#[test]
fn a_damaged_spec_never_panics() {
    let lines: Vec<&str> = FIXTURE.lines().collect();
    for removed in 0..lines.len() {
        let text: Vec<&str> = lines.iter().enumerate().filter(|(n, _)| *n != removed).map(|(_, line)| *line).collect();
        if let Err(error) = run(&text.join("\n")) {
            assert!(error.findings().iter().all(|finding| !finding.cure.is_empty()), "{error}");
        }
    }
    for cut in (0..FIXTURE.len()).step_by(37).filter(|cut| FIXTURE.is_char_boundary(*cut)) {
        let _ = run(&FIXTURE[..cut]);
    }
    for (from, to) in
        [("type: string", "type: 7"), ("schema:", "schema: null #"), ("{", "["), ("$ref", "ref"), ("object", "string")]
    {
        let _ = run(&FIXTURE.replace(from, to));
    }
}

#[test]
fn webhooks_give_headers_defaults_fields_and_samples() {
    let types = run(FIXTURE).unwrap().types;
    assert_has(
        &types,
        &[
            "const HEADER_X_MARK: &str = \"x-mark\";",
            "const DEFAULT_X_MARK: &str = \"1\";",
            "const FIELD_THING_SECRET: &str = \"secret\";",
            "const SAMPLE_THING_MOVED: &str = \"{\\\"name\\\":\\\"m\\\"}\";",
        ],
    );
}

/// `lint` and `emit` know `openapi` and not each other, and `openapi` knows neither: the root puts them together.
#[test]
fn the_rooms_import_in_one_direction() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (room, closed) in [("openapi", &["emit", "lint"][..]), ("lint", &["emit"]), ("emit", &["lint"])] {
        for file in std::fs::read_dir(source.join(room)).unwrap().map(|entry| entry.unwrap().path()) {
            let text = if file.is_file() { std::fs::read_to_string(&file).unwrap() } else { continue };
            let broken = closed.iter().find(|other| text.contains(&format!("crate::{other}")));
            assert_eq!(broken, None, "{} knows a room that it should not", file.display());
        }
    }
}

/// What is nested as deep as the reader allows is generated, or refused in words, on the smallest stack that a build script
/// may have: one megabyte, on Windows.
#[test]
fn what_is_as_deep_as_the_reader_allows_is_no_trouble_later() {
    let nested = |depth: usize, open: &str, close: &str| open.repeat(depth) + "{ type: string }" + &close.repeat(depth);
    let list = |depth| nested(depth, "{ type: array, items: ", " }");
    let map = |depth| nested(depth, "{ type: object, additionalProperties: ", " }");
    let all = |depth| nested(depth, "{ allOf: [", "] }");
    let object = |depth| nested(depth, "{ type: object, properties: { a: ", " } }");
    let data = |depth| nested(depth, "{ a: [", "] }");
    let call = |depth| nested(depth, "{ a: { '{$url}': { get: { responses: {}, callbacks: ", " } } } }");
    let (items, example) = ("items: { type: string }", "example: n");
    let json = "schema: { $ref: \"#/components/schemas/Thing\" }\n              examples";
    let header = "schema: { type: string } }\n  responses";
    let body = "summary: Gets a thing.\n";
    type Text<'a> = Box<dyn Fn(usize) -> String + 'a>;
    let texts: Vec<Text<'_>> = vec![
        Box::new(|depth| edited(items, &format!("items: {}", list(depth)))),
        Box::new(|depth| edited(items, &format!("items: {}", map(depth)))),
        Box::new(|depth| edited(items, &format!("items: {}", all(depth)))),
        Box::new(|depth| edited(items, &format!("items: {}", object(depth)))),
        Box::new(|depth| edited(example, &format!("example: {}", data(depth)))),
        Box::new(|depth| edited(items, &format!("items: {{ enum: [{}] }}", data(depth)))),
        Box::new(|depth| edited(json, &json.replacen("{ $ref: \"#/components/schemas/Thing\" }", &list(depth), 1))),
        Box::new(|depth| edited(header, &format!("schema: {} }}\n  responses", list(depth)))),
        Box::new(|depth| {
            let content =
                format!("requestBody: {{ content: {{ application/json: {{ schema: {} }} }} }}", object(depth));
            edited(body, &format!("{body}      {content}\n"))
        }),
        Box::new(|depth| edited(body, &format!("{body}      callbacks: {}\n", call(depth)))),
    ];
    for text in texts {
        let deepest = (1..100).take_while(|depth| Spec::parse("s.yaml", &text(*depth)).is_ok()).last().unwrap();
        for depth in [2, 7, 8, deepest] {
            let text = text(depth);
            let work = move || match run(&text) {
                Ok(generated) => assert!(!generated.types.is_empty()),
                Err(error) => assert!(error.to_string().contains("cure: "), "{error}"),
            };
            std::thread::Builder::new().stack_size(1024 * 1024).spawn(work).unwrap().join().unwrap();
        }
    }
}
